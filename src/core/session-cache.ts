/** What is kept of sessions on this machine, so that the tree and the panels show at once. The service stays the truth. */

import type { Attachment, Message, SessionInfo } from './model.ts';
import type { QueuedPrompt } from './session-state.ts';

/** How an attached file left: for "changed since attached", re-attach and the mapping back of a selection. Never sent anywhere. */
export interface AttachmentOrigin {
  readonly attachmentId: string;
  /** URI of the source as text; undefined for pasted bytes. */
  readonly uri?: string | undefined;
  readonly workspaceFolder?: string | undefined;
  /** 1-based, inclusive; only for selections. */
  readonly lines?: readonly [number, number] | undefined;
  /** Lower-case hex of the source's bytes when they were sent, before any redaction. */
  readonly sourceSha256?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One session as it is kept. `messages` may lack what arrived after the last write; history fills the gap by id. */
export interface CachedSession {
  readonly info: SessionInfo;
  readonly messages: readonly Message[];
  readonly attachments: readonly Attachment[];
  readonly origins: readonly AttachmentOrigin[];
  readonly draft: string;
  readonly queue: readonly QueuedPrompt[];
  /** Prompts that left from here and whose arrival is not certain. */
  readonly undelivered: readonly string[];
  /** Milliseconds since the epoch: the last look of the user, for the unread mark. */
  readonly seenAt: number;
}

/**
 * A cache of one account at one endpoint. Several windows use it at the same time: `update` is atomic across processes, nothing is lost.
 * Methods reject with SecGeminiError when the disk refuses (full, read-only); what was there before then stays intact.
 */
export interface SessionCache {
  /** Every readable session; a damaged one is set aside and reported, never fatal. */
  list(): Promise<readonly CachedSession[]>;
  read(sessionId: string): Promise<CachedSession | undefined>;
  /** Reads, changes and writes under a lock. `change` must be quick and pure; returning undefined leaves the file as it is. */
  update(sessionId: string, change: (current: CachedSession | undefined) => CachedSession | undefined): Promise<void>;
  /** Deletes the session's folder with everything in it. */
  remove(sessionId: string): Promise<void>;
  /** Deletes every session of this account (sign-out). */
  clear(): Promise<void>;
  /** The bytes that were sent, by their hash; undefined when they are not kept. */
  openSent(sessionId: string, sha256: string): AsyncIterable<Uint8Array> | undefined;
  /** Keeps the bytes that are being sent: passes them through and commits them when the stream ends well. */
  keepSent(sessionId: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}
