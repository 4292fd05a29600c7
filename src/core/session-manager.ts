/** The only place that changes session state. Readers (tree, panel, status) listen; commands call. The service is the truth. */

import type { CreateSessionOptions, Prompt, SecGeminiClient, SessionPatch } from './client.ts';
import { type Disposable, DisposableStore } from './disposable.ts';
import type { ClearedUpload } from './egress.ts';
import { Emitter } from './emitter.ts';
import { SecGeminiError, errorInfo, isSecGeminiError, toSecGeminiError } from './errors.ts';
import type { SessionEvent, TurnOutcome } from './events.ts';
import { type Log, silentLog } from './log.ts';
import type { Message, SessionInfo } from './model.ts';
import type { SessionChange, SessionModel } from './session-model.ts';
import { type SessionAction, type SessionState, initialState, reduce } from './session-state.ts';

export interface SessionManagerOptions {
  /** Makes a uuid; prompts carry it over the wire. */
  readonly newId: () => string;
  /** Milliseconds since the epoch, for what is shown only. */
  readonly now: () => number;
  readonly log?: Log | undefined;
}

/** What happens to a session list as a whole. */
export type ListState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'failed'; readonly error: SecGeminiError };

interface Running {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export class SessionManager implements SessionModel, Disposable {
  readonly #options: SessionManagerOptions;
  readonly #log: Log;
  readonly #states = new Map<string, SessionState>();
  readonly #running = new Map<string, Running>();
  readonly #opening = new Map<string, Promise<void>>();
  readonly #store = new DisposableStore();
  readonly #changes: Emitter<SessionChange>;
  readonly #listChanges: Emitter<void>;
  #client: SecGeminiClient | undefined;
  /** Counts sign-ins, so that an answer to an earlier one is dropped. */
  #epoch = 0;
  #list: ListState = { kind: 'empty' };

  constructor(options: SessionManagerOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    const report = (error: unknown): void => this.#log.error('A listener of the session manager failed', error);
    this.#changes = this.#store.add(new Emitter<SessionChange>(report));
    this.#listChanges = this.#store.add(new Emitter<void>(report));
  }

  get onDidChange(): Emitter<SessionChange>['event'] {
    return this.#changes.event;
  }

  /** Fires when sessions come, go or change their place, and when the list starts or stops loading. */
  get onDidChangeList(): Emitter<void>['event'] {
    return this.#listChanges.event;
  }

  get list(): ListState {
    return this.#list;
  }

  get client(): SecGeminiClient | undefined {
    return this.#client;
  }

  /** Switches to another connection (or none). What runs is ended as interrupted; the sessions of the old one are forgotten here. */
  setClient(client: SecGeminiClient | undefined): void {
    if (client === this.#client) return;
    this.#epoch += 1;
    for (const run of this.#running.values()) run.abort.abort();
    this.#running.clear();
    this.#opening.clear();
    this.#client = client;
    this.#states.clear();
    this.#setList({ kind: 'empty' });
  }

  state(sessionId: string): SessionState | undefined {
    return this.#states.get(sessionId);
  }

  /** All sessions, the one used last first. */
  sessions(): readonly SessionState[] {
    return [...this.#states.values()].sort(
      (a, b) => b.info.updatedAt - a.info.updatedAt || a.info.id.localeCompare(b.info.id),
    );
  }

  /** Asks the service for the list. A failure keeps what is shown and is told in `list`. */
  async refresh(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    const epoch = this.#epoch;
    this.#setList({ kind: 'loading' });
    try {
      const found = new Map<string, SessionInfo>();
      let pageToken: string | undefined;
      do {
        const page = await client.listSessions({ pageToken });
        for (const info of page.sessions) found.set(info.id, info);
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined);
      if (epoch !== this.#epoch) return;
      for (const id of [...this.#states.keys()]) if (!found.has(id) && !this.#running.has(id)) this.#forget(id);
      for (const info of found.values()) this.#learn(info);
      this.#setList({ kind: 'loaded' });
    } catch (error) {
      if (epoch === this.#epoch) this.#setList({ kind: 'failed', error: toSecGeminiError(error) });
    }
  }

  /** Creates a session on the service. Rejects with what the service says; nothing is kept then. */
  async create(options: CreateSessionOptions = {}): Promise<SessionInfo> {
    const info = await this.#require().createSession(options);
    this.#learn(info);
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
    this.#learn(info);
    this.#listChanges.fire();
    return info;
  }

  /** Changes name, description or time to live on the service. Rejects with what the service says; the old values then stay. */
  async update(sessionId: string, patch: SessionPatch): Promise<void> {
    const info = await this.#require().updateSession(sessionId, patch);
    this.#learn(info);
  }

  /** Deletes on the service, then here. A session that the service no longer knows is only forgotten. */
  async delete(sessionId: string): Promise<void> {
    const client = this.#require();
    this.#running.get(sessionId)?.abort.abort();
    try {
      await client.deleteSession(sessionId);
    } catch (error) {
      if (!isSecGeminiError(error, 'notFound') && !isSecGeminiError(error, 'expired')) throw error;
    }
    this.#forget(sessionId);
    this.#listChanges.fire();
  }

  async open(sessionId: string): Promise<void> {
    const state = this.#states.get(sessionId);
    if (state === undefined || state.history === 'loaded') return;
    const already = this.#opening.get(sessionId);
    if (already !== undefined) return already;
    const opening = this.#loadHistory(sessionId).finally(() => this.#opening.delete(sessionId));
    this.#opening.set(sessionId, opening);
    return opening;
  }

  async send(sessionId: string, text: string): Promise<void> {
    if (text.trim() === '')
      throw new SecGeminiError('invalidArgument', 'The message is empty.', { action: 'Type a question first.' });
    this.#require();
    const state = this.#requireState(sessionId);
    const prompt: Prompt = { id: this.#options.newId(), text };
    if (state.turn.phase !== 'idle' && state.turn.phase !== 'waiting') {
      this.#apply(sessionId, { type: 'queue', queue: [...state.queue, prompt] });
      return;
    }
    this.#startTurn(sessionId, prompt);
  }

  async stop(sessionId: string): Promise<void> {
    const run = this.#running.get(sessionId);
    if (run === undefined) return;
    this.#apply(sessionId, { type: 'stopping' });
    run.abort.abort();
    await run.done;
  }

  async sendAgain(sessionId: string, promptId: string): Promise<void> {
    const state = this.#requireState(sessionId);
    const delivery = state.delivery[promptId];
    const message = state.messages.find((other) => other.id === promptId);
    if (message === undefined || (delivery !== 'unknown' && delivery !== 'failed'))
      throw new SecGeminiError('invalidArgument', 'This message needs no sending again.', {
        action: 'Write a new one.',
      });
    this.#apply(sessionId, { type: 'remove', messageId: promptId });
    await this.send(sessionId, message.content);
  }

  removeQueued(sessionId: string, promptId: string): void {
    const state = this.#states.get(sessionId);
    if (state !== undefined)
      this.#apply(sessionId, { type: 'queue', queue: state.queue.filter((prompt) => prompt.id !== promptId) });
  }

  markSeen(sessionId: string): void {
    if (this.#states.has(sessionId)) this.#apply(sessionId, { type: 'seen' });
  }

  /**
   * Sends files that the gate has cleared, one after another, and shows each under its session as soon as the service has it.
   * Rejects at the first that fails; those before it stay attached, none is half attached.
   */
  async attach(
    sessionId: string,
    uploads: readonly ClearedUpload[],
    options: { signal?: AbortSignal | undefined; onProgress?: (sentBytes: number, totalBytes: number) => void } = {},
  ): Promise<void> {
    const client = this.#require();
    this.#requireState(sessionId);
    const total = uploads.reduce((bytes, upload) => bytes + upload.size, 0);
    let before = 0;
    for (const upload of uploads) {
      options.signal?.throwIfAborted();
      const pendingId = this.#options.newId();
      const show = (sentBytes: number): void =>
        this.#setPending(sessionId, pendingId, { id: pendingId, name: upload.name, size: upload.size, sentBytes });
      show(0);
      try {
        const attachment = await client.attach(sessionId, upload, {
          signal: options.signal,
          onProgress: (sentBytes) => {
            show(sentBytes);
            options.onProgress?.(before + sentBytes, total);
          },
        });
        const state = this.#states.get(sessionId);
        if (state !== undefined)
          this.#apply(sessionId, {
            type: 'attachments',
            attachments: [...state.attachments.filter((other) => other.id !== attachment.id), attachment],
          });
      } finally {
        this.#setPending(sessionId, pendingId, undefined);
      }
      before += upload.size;
    }
    await this.#refreshInfo(sessionId);
  }

  /** Takes a file off the session on the service. */
  async detach(sessionId: string, attachmentId: string): Promise<void> {
    await this.#require().detach(sessionId, attachmentId);
    const state = this.#states.get(sessionId);
    if (state !== undefined)
      this.#apply(sessionId, {
        type: 'attachments',
        attachments: state.attachments.filter((other) => other.id !== attachmentId),
      });
    await this.#refreshInfo(sessionId);
  }

  dispose(): void {
    this.setClient(undefined);
    this.#store.dispose();
  }

  async #loadHistory(sessionId: string): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    const epoch = this.#epoch;
    this.#apply(sessionId, { type: 'historyLoading' });
    try {
      const [info, messages] = await Promise.all([client.getSession(sessionId), client.history(sessionId)]);
      if (epoch !== this.#epoch || !this.#states.has(sessionId)) return;
      this.#apply(sessionId, { type: 'info', info });
      this.#apply(sessionId, { type: 'history', messages });
      this.#apply(sessionId, { type: 'seen' });
      if (turnIsOpen(messages) && !this.#running.has(sessionId)) this.#resumeTurn(sessionId, client, messages);
    } catch (error) {
      if (epoch !== this.#epoch) return;
      this.#apply(sessionId, { type: 'historyFailed', error: errorInfo(error) });
      this.#markGone(sessionId, error);
    }
  }

  #startTurn(sessionId: string, prompt: Prompt): void {
    const client = this.#require();
    this.#apply(sessionId, { type: 'turnStart', prompt: this.#promptMessage(sessionId, prompt) });
    this.#run(sessionId, (signal) => client.stream(sessionId, prompt, { signal }));
  }

  #resumeTurn(sessionId: string, client: SecGeminiClient, messages: readonly Message[]): void {
    const knownIds = new Set(messages.map((message) => message.id));
    this.#apply(sessionId, { type: 'turnResume' });
    // A client that finds nothing to listen to ends without a word: the turn was over after all.
    this.#run(sessionId, (signal) => client.listen(sessionId, { signal, knownIds }), 'completed');
  }

  /** `silent`: the outcome of a stream that ends without saying how. */
  #run(
    sessionId: string,
    start: (signal: AbortSignal) => AsyncIterable<SessionEvent>,
    silent: TurnOutcome = 'interrupted',
  ): void {
    const abort = new AbortController();
    const epoch = this.#epoch;
    const done = this.#consume(sessionId, epoch, abort.signal, start, silent).finally(() => {
      if (this.#running.get(sessionId)?.abort === abort) this.#running.delete(sessionId);
      if (epoch === this.#epoch) this.#afterTurn(sessionId);
    });
    this.#running.set(sessionId, { abort, done });
  }

  async #consume(
    sessionId: string,
    epoch: number,
    signal: AbortSignal,
    start: (signal: AbortSignal) => AsyncIterable<SessionEvent>,
    silent: TurnOutcome,
  ): Promise<void> {
    let ended = false;
    const apply = (event: SessionEvent): void => {
      // What was Stop'ped is over for the reader even when the iterable still has something to say.
      if (epoch !== this.#epoch || ended) return;
      ended = event.type === 'turnEnd';
      this.#apply(sessionId, event);
      if (event.type === 'turnEnd' && event.error !== undefined) this.#markGone(sessionId, event.error);
    };
    try {
      for await (const event of start(signal)) {
        if (signal.aborted && event.type !== 'turnEnd' && event.type !== 'delivery') continue;
        apply(signal.aborted && event.type === 'turnEnd' ? { type: 'turnEnd', outcome: 'stopped' } : event);
      }
      if (!ended) apply({ type: 'turnEnd', outcome: signal.aborted ? 'stopped' : silent });
    } catch (error) {
      if (signal.aborted) apply({ type: 'turnEnd', outcome: 'stopped' });
      else {
        this.#log.warn(`A turn broke: ${toSecGeminiError(error).message}`);
        apply({ type: 'turnEnd', outcome: 'failed', error: errorInfo(error) });
      }
    }
    if (signal.aborted && epoch === this.#epoch && this.#client?.capabilities.cancel === false)
      this.#apply(sessionId, { type: 'notice', text: STOPPED_LISTENING });
  }

  #afterTurn(sessionId: string): void {
    const state = this.#states.get(sessionId);
    if (state === undefined) return;
    const next = state.queue[0];
    if (next !== undefined && state.turn.phase === 'idle' && state.turn.outcome === 'completed') {
      this.#apply(sessionId, { type: 'queue', queue: state.queue.slice(1) });
      this.#startTurn(sessionId, next);
    } else {
      void this.#refreshInfo(sessionId);
    }
  }

  /** Brings name, expiry, usage and files up to date. Failing is harmless: the next refresh comes. */
  async #refreshInfo(sessionId: string): Promise<void> {
    const client = this.#client;
    const epoch = this.#epoch;
    if (client === undefined) return;
    try {
      const info = await client.getSession(sessionId);
      if (epoch !== this.#epoch || !this.#states.has(sessionId)) return;
      this.#apply(sessionId, {
        type: 'info',
        info: this.#running.has(sessionId) ? { ...info, status: 'running' } : info,
      });
    } catch (error) {
      if (epoch === this.#epoch) this.#markGone(sessionId, error);
    }
  }

  /** A session that the service no longer has stays readable here and is marked, never an empty panel. */
  #markGone(sessionId: string, error: unknown): void {
    const code = error instanceof SecGeminiError ? error.code : (error as { code?: unknown } | undefined)?.code;
    if (code === 'expired') this.#apply(sessionId, { type: 'status', status: 'expired' });
    else if (code === 'notFound') this.#apply(sessionId, { type: 'status', status: 'deleted' });
  }

  #promptMessage(sessionId: string, prompt: Prompt): Message {
    return {
      id: prompt.id,
      sessionId,
      kind: 'prompt',
      sender: 'user',
      author: 'You',
      title: '',
      content: prompt.text,
      render: 'text',
      mimeType: 'text/plain',
      status: 'complete',
      createdAt: this.#options.now(),
    };
  }

  #setPending(sessionId: string, id: string, entry: SessionState['pending'][number] | undefined): void {
    const state = this.#states.get(sessionId);
    if (state === undefined) return;
    const at = state.pending.findIndex((other) => other.id === id);
    const pending = state.pending.slice();
    if (at >= 0) pending.splice(at, 1, ...(entry === undefined ? [] : [entry]));
    else if (entry !== undefined) pending.push(entry);
    this.#apply(sessionId, { type: 'pending', pending });
  }

  #learn(info: SessionInfo): void {
    const known = this.#states.get(info.id);
    if (known === undefined) {
      this.#states.set(info.id, initialState(info));
      return;
    }
    this.#apply(info.id, { type: 'info', info: this.#running.has(info.id) ? { ...info, status: 'running' } : info });
  }

  #forget(sessionId: string): void {
    this.#running.get(sessionId)?.abort.abort();
    const state = this.#states.get(sessionId);
    if (state === undefined) return;
    // Told before it goes, so that an open panel says "deleted" and keeps what it shows.
    this.#apply(sessionId, { type: 'status', status: 'deleted' });
    this.#states.delete(sessionId);
  }

  #apply(sessionId: string, action: SessionAction): void {
    const before = this.#states.get(sessionId);
    if (before === undefined) return;
    const state = reduce(before, action);
    if (state === before) return;
    this.#states.set(sessionId, state);
    this.#changes.fire({ sessionId, action, state });
  }

  #setList(list: ListState): void {
    this.#list = list;
    this.#listChanges.fire();
  }

  #require(): SecGeminiClient {
    if (this.#client !== undefined) return this.#client;
    throw new SecGeminiError('unavailable', 'Not connected to Sec-Gemini.', {
      action: 'Start the local sandbox or set an API key; your text is kept.',
    });
  }

  #requireState(sessionId: string): SessionState {
    const state = this.#states.get(sessionId);
    if (state !== undefined) return state;
    throw new SecGeminiError('notFound', 'This session is not known here.');
  }
}

const STOPPED_LISTENING =
  'Stopped listening. This protocol cannot cancel: the service may still finish the answer; it then shows when the session is opened again.';

/** True when the last prompt has no end behind it: the turn may still run on the service. */
function turnIsOpen(messages: readonly Message[]): boolean {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const kind = messages[index]?.kind;
    if (kind === 'end' || kind === 'failure' || kind === 'error') return false;
    if (kind === 'prompt') return true;
  }
  return false;
}
