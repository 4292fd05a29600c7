/** What is kept of sessions on this machine, so that the tree and the panels show at once. The service stays the truth. */

import type { LineAnchor } from './attach-lines.ts';
import type { Attachment, Message, SessionInfo } from './model.ts';
import type { LocalFacts } from './session-local.ts';
import type { SessionOptions } from './session-options.ts';
import type { QueuedPrompt } from './session-state.ts';

/** How an attached file left: for "changed since attached", re-attach and the mapping back of a selection. Never sent anywhere. */
export interface AttachmentOrigin {
  readonly attachmentId: string;
  /** URI of the source as text; undefined for pasted bytes. */
  readonly uri?: string | undefined;
  readonly workspaceFolder?: string | undefined;
  /** 1-based, inclusive; only for selections. */
  readonly lines?: readonly [number, number] | undefined;
  /** Finds those lines again after edits above them. */
  readonly anchor?: LineAnchor | undefined;
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
  /** What the user chose for its prompts; absent = nothing. */
  readonly options?: SessionOptions | undefined;
  /** Prompts that left from here and whose arrival is not certain. */
  readonly undelivered: readonly string[];
  /** Milliseconds since the epoch: the last look of the user, for the unread mark. */
  readonly seenAt: number;
  /** What only this machine knows. */
  readonly local?: LocalFacts | undefined;
}

/** What the tree needs of a session: everything but the messages. Cheap to read however long the session is. */
export type CachedHead = Omit<CachedSession, 'messages'> & { readonly messageCount: number };

/** Why there is nothing to change: `damaged` = it was kept, but nothing of it could be read; `absent` = it never was, or was deleted. */
export type CacheGap = 'absent' | 'damaged';

/**
 * A cache of one account at one endpoint. Several windows use it at the same time: `update` is atomic across processes, nothing is lost.
 * Methods reject with SecGeminiError when the disk refuses (full, read-only); what was there before then stays intact.
 */
export interface SessionCache {
  /** Every readable session; a damaged one is set aside and reported, never fatal. */
  list(): Promise<readonly CachedSession[]>;
  /** The same without messages: for the tree at start. */
  heads(): Promise<readonly CachedHead[]>;
  read(sessionId: string): Promise<CachedSession | undefined>;
  /**
   * Reads, changes and writes under a lock. `change` must be quick and pure; returning undefined (or the same object) leaves the file as it
   * is. Resolves with what is kept afterwards.
   */
  update(
    sessionId: string,
    change: (current: CachedSession | undefined, gap: CacheGap | undefined) => CachedSession | undefined,
  ): Promise<CachedSession | undefined>;
  /** Deletes the session's folder with everything in it. */
  remove(sessionId: string): Promise<void>;
  /** Deletes every session of this account (sign-out). */
  clear(): Promise<void>;
  /** The bytes that were sent, by their hash; undefined when they are not kept. */
  openSent(sessionId: string, sha256: string): AsyncIterable<Uint8Array> | undefined;
  /** Keeps the bytes that are being sent: passes them through and commits them when the stream ends well. */
  keepSent(sessionId: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}
