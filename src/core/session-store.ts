/** The states of all sessions of one connection, and the one door through which they change. Owned by SessionManager. */

import type { Disposable } from './disposable.ts';
import { Emitter, type Event } from './emitter.ts';
import type { Message, SessionInfo } from './model.ts';
import type { LocalFacts } from './session-local.ts';
import type { SessionChange } from './session-model.ts';
import {
  type PendingAttachment,
  type SessionAction,
  type SessionState,
  initialState,
  reduce,
} from './session-state.ts';

export class SessionStore implements Disposable {
  readonly #states = new Map<string, SessionState>();
  /** Counts questions to the service, and what comes and goes here. */
  #clock = 0;
  /** By session: the time of the last question about it, or of its coming or going here. */
  readonly #asked = new Map<string, number>();
  readonly #changes: Emitter<SessionChange>;

  constructor(onListenerError: (error: unknown) => void) {
    this.#changes = new Emitter(onListenerError);
  }

  get onDidChange(): Event<SessionChange> {
    return this.#changes.event;
  }

  get(sessionId: string): SessionState | undefined {
    return this.#states.get(sessionId);
  }

  ids(): readonly string[] {
    return [...this.#states.keys()];
  }

  all(): readonly SessionState[] {
    return [...this.#states.values()];
  }

  infos(): readonly SessionInfo[] {
    return this.all().map(({ info }) => info);
  }

  /** The one used last first. */
  byLastUse(): readonly SessionState[] {
    return this.all().toSorted((a, b) => b.info.updatedAt - a.info.updatedAt || a.info.id.localeCompare(b.info.id));
  }

  /** Applies an action and tells the readers; unknown sessions and actions without effect are silent. */
  apply(sessionId: string, action: SessionAction): void {
    const before = this.#states.get(sessionId);
    if (before === undefined) return;
    const state = reduce(before, action);
    if (state === before) return;
    this.#states.set(sessionId, state);
    this.#changes.fire({ sessionId, action, state });
  }

  /** Shows, updates or (without an entry) takes away an upload on its way. */
  setPending(sessionId: string, id: string, entry: PendingAttachment | undefined): void {
    const state = this.#states.get(sessionId);
    if (state === undefined) return;
    const at = state.pending.findIndex((other) => other.id === id);
    if (at < 0 && entry === undefined) return;
    const pending = state.pending.slice();
    if (at >= 0) pending.splice(at, 1, ...(entry === undefined ? [] : [entry]));
    else if (entry !== undefined) pending.push(entry);
    this.apply(sessionId, { type: 'pending', pending });
  }

  /** Takes what the service says of a session, known or new. A turn that runs here outweighs the list's status. */
  learn(info: SessionInfo): void {
    const known = this.#states.get(info.id);
    if (known === undefined) {
      // Made here or resumed: a list that was asked for before does not know it.
      if (!this.#asked.has(info.id)) this.#touch(info.id);
      this.#states.set(info.id, initialState(info));
      return;
    }
    this.apply(info.id, { type: 'info', info });
  }

  /** A session that only this machine knows of so far; the service's word comes later. */
  restore(info: SessionInfo): void {
    if (!this.#states.has(info.id)) this.#states.set(info.id, initialState(info));
  }

  /**
   * For a question to the service that may be overtaken by a later one: false when its answer is old, or its session is gone. An old answer
   * would take away a file that was attached meanwhile.
   */
  asking(sessionId: string): () => boolean {
    const ticket = this.#touch(sessionId);
    return () => this.#asked.get(sessionId) === ticket && this.#states.has(sessionId);
  }

  /**
   * For the question for the whole list: tells of each session whether the answer is the newest word on it, and then refuses older ones. It is
   * not where the session was asked about, made or deleted here meanwhile: an old list would undo that.
   */
  askingAll(): (sessionId: string) => boolean {
    this.#clock += 1;
    const start = this.#clock;
    return (sessionId) => {
      if ((this.#asked.get(sessionId) ?? 0) > start) return false;
      this.#asked.set(sessionId, start);
      return true;
    };
  }

  /** A session that came from a file, with all that is known of it. */
  adopt(info: SessionInfo, messages: readonly Message[], facts: LocalFacts): void {
    this.restore(info);
    this.apply(info.id, { type: 'local', facts });
    this.apply(info.id, { type: 'history', messages });
  }

  /** What is here is the whole transcript. */
  settle(sessionId: string): void {
    this.apply(sessionId, { type: 'history', messages: this.get(sessionId)?.messages ?? [] });
  }

  /** Told before it goes, so that an open panel says "deleted" and keeps what it shows. */
  forget(sessionId: string): void {
    this.apply(sessionId, { type: 'status', status: 'deleted' });
    this.#touch(sessionId);
    this.#states.delete(sessionId);
  }

  /** Marks a session that the service no longer has; its transcript stays readable. Other errors change nothing. */
  markGone(sessionId: string, code: unknown): void {
    if (code === 'expired') this.apply(sessionId, { type: 'status', status: 'expired' });
    else if (code === 'notFound') this.apply(sessionId, { type: 'status', status: 'deleted' });
  }

  clear(): void {
    this.#asked.clear();
    this.#states.clear();
  }

  dispose(): void {
    this.#changes.dispose();
  }

  #touch(sessionId: string): number {
    this.#clock += 1;
    this.#asked.set(sessionId, this.#clock);
    return this.#clock;
  }
}
