/** Between the session manager and what is kept on this machine: shows it at once after a start, and keeps every change from then on. */

import type { Disposable } from './disposable.ts';
import { type Log, silentLog } from './log.ts';
import type { CachedSession, SessionCache } from './session-cache.ts';
import type { SessionChange } from './session-model.ts';
import type { SessionState } from './session-state.ts';
import type { SessionStore } from './session-store.ts';

/** Writes soon, many changes as one; implemented by the host's CacheWriter. */
export interface SessionRecorder {
  /** What was read and is shown now: the next `save` is a change of it. */
  remember(session: CachedSession): void;
  save(session: CachedSession): void;
  remove(sessionId: string): Promise<void>;
  flush(): Promise<void>;
  /** Ends; nothing is written afterwards. */
  discard(): Promise<void>;
}

export interface KeptSessions {
  readonly cache: SessionCache;
  readonly recorder: SessionRecorder;
}

/** Actions that change nothing worth keeping. */
const PASSING: ReadonlySet<string> = new Set([
  'connection',
  'pending',
  'historyLoading',
  'historyFailed',
  'stopping',
  'kept',
  'source',
]);

export class SessionKeeper implements Disposable {
  readonly #kept: KeptSessions;
  readonly #store: SessionStore;
  readonly #now: () => number;
  readonly #log: Log;
  readonly #listener: Disposable;
  /** Read in full in this window. */
  readonly #read = new Set<string>();

  constructor(kept: KeptSessions, store: SessionStore, options: { now: () => number; log?: Log | undefined }) {
    this.#kept = kept;
    this.#store = store;
    this.#now = options.now;
    this.#log = options.log ?? silentLog;
    this.#listener = store.onDidChange((change) => this.#keep(change));
  }

  /** Puts every kept session into the store, without its messages. A cache that cannot be read is no reason not to work. */
  async restore(): Promise<void> {
    try {
      for (const head of await this.#kept.cache.heads()) {
        const session = { ...head, messages: [] };
        // Without this, a draft or a queue that is emptied before `read` would come back from the file.
        this.#kept.recorder.remember(session);
        this.#store.restore({ ...head.info, attachments: head.attachments });
        this.#store.apply(head.info.id, { type: 'kept', session });
      }
    } catch (error) {
      this.#log.error('The kept sessions cannot be read', error);
    }
  }

  /** Shows the kept messages of one session, once. */
  async read(sessionId: string): Promise<void> {
    if (this.#read.has(sessionId)) return;
    this.#read.add(sessionId);
    try {
      const session = await this.#kept.cache.read(sessionId);
      if (session === undefined) return;
      this.#kept.recorder.remember(session);
      this.#store.apply(sessionId, { type: 'kept', session });
    } catch (error) {
      this.#log.error('A kept session cannot be read', error);
    }
  }

  /** The bytes that were sent; undefined when they are not kept here. */
  openSent(sessionId: string, sha256: string): AsyncIterable<Uint8Array> | undefined {
    return this.#kept.cache.openSent(sessionId, sha256);
  }

  /** Passes bytes on their way out through and keeps them. */
  keepSent(sessionId: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return this.#kept.cache.keepSent(sessionId, bytes);
  }

  /** Deletes what is kept of a session, its files included. */
  async remove(sessionId: string): Promise<void> {
    await this.#kept.recorder.remove(sessionId);
  }

  /** Sign-out: transcripts and kept files of this account go. */
  async clear(): Promise<void> {
    this.#listener.dispose();
    await this.#kept.recorder.discard();
    await this.#kept.cache.clear();
  }

  async flush(): Promise<void> {
    await this.#kept.recorder.flush();
  }

  dispose(): void {
    this.#listener.dispose();
  }

  #keep({ action, state }: SessionChange): void {
    if (PASSING.has(action.type) || state.info.status === 'deleted') return;
    this.#kept.recorder.save(toCached(state, this.#now()));
  }
}

function toCached(state: SessionState, now: number): CachedSession {
  return {
    info: state.info,
    messages: state.messages,
    attachments: state.attachments,
    origins: state.origins,
    draft: state.draft,
    queue: state.queue,
    ...(state.options === undefined ? {} : { options: state.options }),
    undelivered: Object.keys(state.delivery).filter((id) => state.delivery[id] !== 'delivered'),
    seenAt: state.unread === 0 ? now : 0,
    ...(state.local === undefined ? {} : { local: state.local }),
  };
}
