/** The only place that changes session state. Readers (tree, panel, status) listen; commands call. The service is the truth. */

import type { CreateSessionOptions, SecGeminiClient, SessionPatch } from './client.ts';
import { type Disposable, DisposableStore } from './disposable.ts';
import type { ClearedUpload } from './egress.ts';
import { Emitter, type Event } from './emitter.ts';
import { SecGeminiError, errorInfo, toSecGeminiError } from './errors.ts';
import { type Log, silentLog } from './log.ts';
import type { Message, SessionInfo } from './model.ts';
import { type KeptSessions, SessionKeeper } from './session-keeper.ts';
import { type LocalFacts, isImportedId, requireGoing, requireLive } from './session-local.ts';
import type { ListState, SessionChange, SessionModel } from './session-model.ts';
import type { LocalAction, SessionState } from './session-state.ts';
import { deleteKnown, terminate } from './session-end.ts';
import { divideCreate, dividePatch } from './session-make.ts';
import { generatedName } from './session-name.ts';
import { clientFor } from './session-protocol.ts';
import { SessionListing, markMissing } from './session-listing.ts';
import { type SessionOptions, checkedOptions } from './session-options.ts';
import { SessionRefresh } from './session-refresh.ts';
import { type HowToSend, sendPrompt } from './session-send.ts';
import { SessionStore } from './session-store.ts';
import { type ReviewPrompt, Turns, type TurnsOptions, takeQueued, turnIsOpen, unsentPrompt } from './turns.ts';
import { steer } from './turn-steering.ts';
import { type UploadOptions, sendUploads } from './uploads.ts';

export interface SessionManagerOptions extends Pick<TurnsOptions, 'recordPrompt' | 'reviewWaiting' | 'systemInfo'> {
  /** Makes a uuid; prompts carry it over the wire. */
  readonly newId: () => string;
  /** Milliseconds since the epoch, for what is shown only. */
  readonly now: () => number;
  /** What may be sent instead of a text: the gate's answer, after a question where it holds secrets. Rejects when nothing may. */
  readonly reviewPrompt?: ReviewPrompt | undefined;
  readonly log?: Log | undefined;
}

export class SessionManager implements SessionModel, Disposable {
  readonly #options: SessionManagerOptions;
  readonly #log: Log;
  readonly #opening = new Map<string, Promise<void>>();
  readonly #refreshing: SessionRefresh;
  readonly #owned = new DisposableStore();
  readonly #store: SessionStore;
  readonly #listChanges: Emitter<void>;
  #client: SecGeminiClient | undefined;
  #turns: Turns | undefined;
  #kept: KeptSessions | undefined;
  #keeper: SessionKeeper | undefined;
  /** What the connection before this one still writes: nothing is read back before. */
  #leaving: Promise<void> | undefined;
  #listing = new SessionListing();
  /** Counts sign-ins, so that an answer to an earlier one is dropped. */
  #epoch = 0;
  #list: ListState = { kind: 'empty' };

  constructor(options: SessionManagerOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    const report = (error: unknown): void => this.#log.error('A listener of the session manager failed', error);
    this.#store = this.#owned.add(new SessionStore(report));
    this.#refreshing = new SessionRefresh(this.#store, () => this.#client);
    this.#listChanges = this.#owned.add(new Emitter<void>(report));
  }

  get onDidChange(): Event<SessionChange> {
    return this.#store.onDidChange;
  }

  /** Fires when sessions come, go or change their place, and when the list starts or stops loading. */
  get onDidChangeList(): Event<void> {
    return this.#listChanges.event;
  }

  get list(): ListState {
    return this.#list;
  }

  get client(): SecGeminiClient | undefined {
    return this.#client;
  }

  /** What the list covers and says beside the sessions. */
  get listing(): Omit<SessionListing, 'load'> {
    return this.#listing;
  }

  /** Switches to another connection: what runs is interrupted, the old one's sessions are forgotten. Without a client the kept can be read. */
  setClient(client: SecGeminiClient | undefined, kept?: KeptSessions): void {
    if (client === this.#client && kept === this.#kept) return;
    this.#epoch += 1;
    this.#turns?.close();
    this.#opening.clear();
    this.#keeper?.dispose();
    this.#leaving = this.#keeper
      ?.flush()
      .catch((error: unknown) => this.#log.error('Keeping the last changes failed', error));
    this.#store.clear();
    this.#listing = new SessionListing();
    this.#client = client;
    this.#kept = kept;
    this.#keeper =
      kept === undefined ? undefined : new SessionKeeper(kept, this.#store, { now: this.#options.now, log: this.#log });
    this.#turns =
      client === undefined
        ? undefined
        : new Turns({
            ...this.#options,
            client,
            store: this.#store,
            log: this.#log,
            onIdle: (sessionId) => void this.refreshSession(sessionId),
          });
    this.#setList({ kind: 'empty' });
  }

  /** Shows what this machine kept of the sessions, before the service has answered. */
  async restore(): Promise<void> {
    const epoch = this.#epoch;
    await this.#leaving;
    await this.#keeper?.restore();
    if (epoch === this.#epoch) this.#listChanges.fire();
  }

  /** Sign-out: deletes what is kept of this account's sessions on this machine. */
  async clearKept(): Promise<void> {
    const keeper = this.#keeper;
    this.#keeper = undefined;
    this.#kept = undefined;
    await keeper?.clear();
  }

  /** Resolves when everything worth keeping is on disk. */
  async flush(): Promise<void> {
    await this.#keeper?.flush();
  }

  state(sessionId: string): SessionState | undefined {
    return this.#store.get(sessionId);
  }

  /** All sessions, the one used last first. */
  sessions(): readonly SessionState[] {
    return this.#store.byLastUse();
  }

  /** Asks the service for the list. A failure keeps what is shown and is told in `list`. */
  async refresh(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    const epoch = this.#epoch;
    this.#setList({ kind: 'loading' });
    try {
      const isNews = this.#store.askingAll();
      const found = await this.#listing.load(client, this.#store.infos());
      if (epoch !== this.#epoch) return;
      const facts = { kept: this.#keeper !== undefined, spoken: client.protocol, now: this.#options.now() };
      const canMiss = (id: string): boolean => isNews(id) && this.#turns?.isRunning(id) !== true;
      if (!this.#listing.hasMore) markMissing(this.#store, found, canMiss, facts);
      for (const info of found.values()) if (isNews(info.id)) this.#store.learn(info);
      this.#setList({ kind: 'loaded' });
    } catch (error) {
      if (epoch === this.#epoch) this.#setList({ kind: 'failed', error: toSecGeminiError(error) });
    }
  }

  /** Asks how many jobs run. Failing is harmless: the next refresh tells. */
  async refreshJobs(): Promise<void> {
    if (this.#client !== undefined && (await this.#listing.refreshJobs(this.#client))) this.#listChanges.fire();
  }

  /** Creates a session on the service. Rejects with what the service says; nothing is kept then. */
  async create(options: CreateSessionOptions = {}, chosen: SessionOptions = {}): Promise<SessionInfo> {
    const client = this.#require();
    const made = divideCreate(client, options, chosen);
    const names = this.#store.infos().map((info) => info.name);
    const name = options.name ?? generatedName(client.capabilities, new Date(this.#options.now()), names);
    const info = await client.createSession({ ...made.forService, name });
    this.#store.learn(info);
    if (made.options !== undefined) this.#store.apply(info.id, { type: 'options', options: made.options });
    if (made.facts !== undefined) this.#store.apply(info.id, { type: 'local', facts: made.facts });
    this.#listChanges.fire();
    return info;
  }

  /** Finds a session by id on the service and shows it in the list. Rejects with `notFound` or `expired`. */
  async resume(sessionId: string): Promise<SessionInfo> {
    const id = sessionId.trim();
    if (id === '')
      throw new SecGeminiError('invalidArgument', 'The session id is empty.', {
        action: 'Paste the id of the session.',
      });
    const info = await this.#require().getSession(id);
    this.#store.learn(info);
    this.#listChanges.fire();
    return info;
  }

  /** Shows a session that came from a file; it is kept on this machine and never asked of a service. */
  adopt(info: SessionInfo, messages: readonly Message[], facts: LocalFacts): void {
    this.#store.adopt(info, messages, facts);
    this.#listChanges.fire();
  }

  /** Remembers facts about a session on this machine; undefined takes one away. */
  setFacts(sessionId: string, facts: LocalFacts): void {
    this.#store.apply(sessionId, { type: 'local', facts });
    this.#listChanges.fire();
  }

  /** Changes name, description or time to live. Rejects with what the service says; the old values then stay. */
  async update(sessionId: string, patch: SessionPatch): Promise<void> {
    const client = this.#requireGoing(sessionId);
    const { forService, facts } = dividePatch(client, patch);
    if (forService !== undefined) {
      const isLatest = this.#store.asking(sessionId);
      const info = await client.updateSession(sessionId, forService);
      if (isLatest()) this.#store.learn(info);
      else await this.refreshSession(sessionId);
    }
    if (facts !== undefined) this.setFacts(sessionId, facts);
  }

  /** Changes what goes along with the prompts of a session. Throws `invalidArgument` for a word that the wire cannot carry. */
  setOptions(sessionId: string, options: SessionOptions): void {
    this.#store.apply(sessionId, { type: 'options', options: checkedOptions(options) ?? {} });
  }

  /** Deletes on the service, then here. A session that the service no longer knows is only forgotten. */
  async delete(sessionId: string): Promise<void> {
    if (!isImportedId(sessionId)) {
      const client = this.#require(sessionId);
      const stopped = this.#turns?.stop(sessionId);
      await deleteKnown(client, sessionId);
      await stopped;
    }
    this.#store.forget(sessionId);
    await this.#keeper?.remove(sessionId);
    this.#listChanges.fire();
  }

  /** Ends a session for good; see session-end.ts. */
  async terminate(sessionId: string): Promise<void> {
    await terminate({ sessions: this, store: this.#store, now: this.#options.now }, sessionId);
    this.#listChanges.fire();
  }

  async open(sessionId: string): Promise<void> {
    const state = this.#store.get(sessionId);
    if (state === undefined || state.history === 'loaded') return;
    const already = this.#opening.get(sessionId);
    if (already !== undefined) return already;
    const opening = this.#loadHistory(sessionId).finally(() => this.#opening.delete(sessionId));
    this.#opening.set(sessionId, opening);
    return opening;
  }

  /** Asks the service for the whole transcript again, unless a turn runs (it brings its messages itself). Errors end up in the state. */
  async reload(sessionId: string): Promise<void> {
    if (this.#turns?.isRunning(sessionId) === true || isImportedId(sessionId)) return this.open(sessionId);
    await (this.#opening.get(sessionId) ?? this.#loadHistory(sessionId));
  }

  async send(sessionId: string, text: string, ...[promptId, asked, place]: HowToSend): Promise<void> {
    const parts = {
      store: this.#store,
      turns: () => this.#turns,
      reviewPrompt: this.#options.reviewPrompt,
      client: () => this.#requireGoing(sessionId),
      state: () => this.#requireState(sessionId),
    };
    await sendPrompt(parts, sessionId, text, promptId ?? this.#options.newId(), asked ?? {}, place);
  }

  async stop(sessionId: string): Promise<void> {
    await this.#turns?.stop(sessionId);
  }

  async steer(sessionId: string, what: 'pause' | 'continue'): Promise<void> {
    await steer({ client: this.#requireGoing(sessionId), store: this.#store }, sessionId, what);
  }

  /** Listens to a turn that the service goes on with, e.g. after an approval. */
  followTurn(sessionId: string): void {
    this.#turns?.follow(sessionId);
  }

  async sendAgain(sessionId: string, promptId: string): Promise<void> {
    const state = this.#requireState(sessionId);
    const message = unsentPrompt(state, promptId);
    // Sent first: what the user then keeps after all must not be gone.
    await this.send(sessionId, message.content, undefined, state.local?.extras?.[promptId], 'again');
    this.#store.apply(sessionId, { type: 'remove', messageId: promptId });
  }

  setDraft(sessionId: string, text: string): void {
    this.#store.apply(sessionId, { type: 'draft', text });
  }

  removeQueued(sessionId: string, promptId: string): string | undefined {
    return takeQueued(this.#store, sessionId, promptId)?.text;
  }

  async sendQueued(sessionId: string, promptId: string): Promise<void> {
    // Only the history tells whether something runs that has to be stopped for it.
    await this.#opening.get(sessionId);
    if (this.#requireGoing(sessionId) !== undefined) await this.#turns?.sendQueued(sessionId, promptId);
  }

  markSeen(sessionId: string): void {
    if (this.#store.get(sessionId) !== undefined) this.#store.apply(sessionId, { type: 'seen' });
  }

  /**
   * Sends files that the gate has cleared, one after another, and shows each under its session as soon as the service has it.
   * Rejects at the first that fails; those before it stay attached, none is half attached.
   */
  async attach(sessionId: string, uploads: readonly ClearedUpload[], options?: UploadOptions): Promise<void> {
    const client = this.#requireGoing(sessionId);
    this.#requireState(sessionId);
    const parts = { client, store: this.#store, keeper: this.#keeper, newId: this.#options.newId };
    await sendUploads(parts, sessionId, uploads, options);
    await this.refreshSession(sessionId);
  }

  /** The bytes of an attachment as they were sent from this machine; undefined when they are not kept here. */
  openSent(sessionId: string, sha256: string): AsyncIterable<Uint8Array> | undefined {
    return this.#keeper?.openSent(sessionId, sha256);
  }

  /** What only this machine knows: an attachment's origin, how its source stands now, a line for the conversation, a local tool's call. */
  note(sessionId: string, action: LocalAction): void {
    this.#store.apply(sessionId, action);
  }

  /** Takes a file off the session on the service. */
  async detach(sessionId: string, attachmentId: string): Promise<void> {
    await this.#require(sessionId).detach(sessionId, attachmentId);
    const left = (this.#store.get(sessionId)?.attachments ?? []).filter(({ id }) => id !== attachmentId);
    this.#store.apply(sessionId, { type: 'attachments', attachments: left });
    await this.refreshSession(sessionId);
  }

  dispose(): void {
    this.setClient(undefined);
    this.#owned.dispose();
  }

  async #loadHistory(sessionId: string): Promise<void> {
    const epoch = this.#epoch;
    await this.#keeper?.read(sessionId);
    if (isImportedId(sessionId)) return this.#store.settle(sessionId);
    const client = this.#client;
    if (client === undefined || epoch !== this.#epoch) return;
    this.#store.apply(sessionId, { type: 'historyLoading' });
    try {
      this.#require(sessionId);
      const isLatest = this.#store.asking(sessionId);
      const [info, messages] = await Promise.all([client.getSession(sessionId), client.history(sessionId)]);
      if (epoch !== this.#epoch || this.#store.get(sessionId) === undefined) return;
      if (isLatest()) this.#store.apply(sessionId, { type: 'info', info });
      else await this.#refreshing.settled(sessionId);
      this.#store.apply(sessionId, { type: 'history', messages });
      this.#store.apply(sessionId, { type: 'seen' });
      if (turnIsOpen(messages)) this.#turns?.resume(sessionId, messages);
    } catch (error) {
      if (epoch !== this.#epoch) return;
      this.#store.apply(sessionId, { type: 'historyFailed', error: errorInfo(error) });
      this.#store.markGone(sessionId, toSecGeminiError(error).code);
    }
  }

  /** Brings name, expiry, usage and files up to date; resolves when the newest answer is here. Failing is harmless. */
  refreshSession(sessionId: string): Promise<void> {
    return this.#refreshing.refresh(sessionId);
  }

  #setList(list: ListState): void {
    this.#list = list;
    this.#listChanges.fire();
  }

  /** The client, for a session when it is named. Throws where there is none, for an imported session and for the other protocol's. */
  #require(sessionId?: string): SecGeminiClient {
    if (sessionId !== undefined) requireLive(sessionId);
    return clientFor(this.#client, sessionId === undefined ? undefined : this.#store.get(sessionId)?.info);
  }

  /** The same for what changes a session: a terminated one can only be read. */
  #requireGoing(sessionId: string): SecGeminiClient {
    requireGoing(sessionId, this.#store.get(sessionId)?.local);
    return this.#require(sessionId);
  }

  #requireState(sessionId: string): SessionState {
    const state = this.#store.get(sessionId);
    if (state !== undefined) return state;
    throw new SecGeminiError('notFound', 'This session is not known here.');
  }
}
