/** The turns of one connection: at most one runs per session, what is sent meanwhile waits in its queue, Stop ends one. */

import type { TurnControl } from './client-agent.ts';
import type { Prompt, SecGeminiClient } from './client.ts';
import { SecGeminiError, errorInfo, toSecGeminiError } from './errors.ts';
import type { SessionEvent, TurnOutcome } from './events.ts';
import { quotaWords } from './job-quota.ts';
import type { Log } from './log.ts';
import type { Message } from './model.ts';
import { type PromptRecord, recordedStream } from './recorded-stream.ts';
import { readOnlyWords } from './session-local.ts';
import { type SystemInfo, promptMeta } from './session-options.ts';
import { extrasMeta, forgetExtras, unusedWarning } from './prompt-extras.ts';
import type { SessionState } from './session-state.ts';
import type { SessionStore } from './session-store.ts';
import { WORKING } from './session-view.ts';

interface PromptPlace {
  readonly sessionId: string;
  readonly sessionName: string;
  readonly destination: string;
}

/** `meta`: what goes along with the text. */
export type RecordPrompt = (about: PromptPlace, text: string, meta?: Prompt['meta']) => Promise<PromptRecord>;

export type ReviewPrompt = (about: PromptPlace, text: string) => Promise<string>;

/** Like `ReviewPrompt` for a text that waited: a string at once where this window knows the answer, e.g. not after a reload. */
export type ReviewWaiting = (about: PromptPlace, text: string) => string | Promise<string>;

export interface TurnsOptions {
  readonly client: SecGeminiClient;
  readonly store: SessionStore;
  readonly log: Log;
  /** Milliseconds since the epoch, for what is shown only. */
  readonly now: () => number;
  /** Writes a prompt down before it leaves; see recordedStream. */
  readonly recordPrompt?: RecordPrompt | undefined;
  /** What may be sent instead of a prompt that waited. Rejects when nothing may: it then goes on waiting. */
  readonly reviewWaiting?: ReviewWaiting | undefined;
  /** What this machine is, for sessions whose user turned that on. */
  readonly systemInfo?: SystemInfo | undefined;
  /** A turn has ended and no other follows it: the session may look different on the service now. */
  readonly onIdle: (sessionId: string) => void;
}

/** `head`: it stood at the head of the queue already. `again`: it was written before all that waits, and goes before it. */
export type QueuePlace = 'last' | 'head' | 'again';

interface Running {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export class Turns {
  readonly #options: TurnsOptions;
  readonly #running = new Map<string, Running>();
  /** Sessions whose next waiting prompt the user keeps for now: what is written after it need not wait behind it. */
  readonly #keptBack = new Set<string>();
  /** Prompts in queues that are sent once more. */
  readonly #again = new Set<string>();
  #closed = false;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  isRunning(sessionId: string): boolean {
    return this.#running.has(sessionId);
  }

  /** Sends now, or queues behind the running turn. */
  send(sessionId: string, prompt: Prompt, place: QueuePlace = 'last'): void {
    const { store, client, now } = this.#options;
    const state = store.get(sessionId);
    if (state === undefined) return;
    // Between the end of a turn and the next of the queue: what comes now waits behind it too.
    const before = place === 'again' ? state.queue.filter(({ id }) => this.#again.has(id)) : state.queue;
    const isNext =
      place !== 'head' && state.turn.outcome === 'completed' && before.length > 0 && !this.#keptBack.has(sessionId);
    if (this.#running.has(sessionId) || isNext) {
      if (place === 'again') this.#again.add(prompt.id);
      const behind = state.queue.filter((other) => !before.includes(other));
      store.apply(sessionId, { type: 'queue', queue: [...before, prompt, ...behind] });
      return;
    }
    this.#again.delete(prompt.id);
    this.#keptBack.delete(sessionId);
    store.apply(sessionId, { type: 'turnStart', prompt: promptMessage(sessionId, prompt, now()) });
    const { recordPrompt, systemInfo } = this.#options;
    // As the options are now: a prompt that waited in the queue goes with what was chosen meanwhile.
    const meta =
      client.capabilities.promptOptions === true
        ? promptMeta(state.options, systemInfo, extrasMeta(state.local?.extras?.[prompt.id]))
        : undefined;
    const whole: Prompt =
      meta === undefined ? prompt : { ...prompt, meta, systemInfo: state.options?.systemInfo === true };
    const stream = (signal: AbortSignal): AsyncIterable<SessionEvent> => client.stream(sessionId, whole, { signal });
    const about = this.#place(state);
    this.#run(
      sessionId,
      recordPrompt === undefined
        ? stream
        : (signal) =>
            recordedStream(
              prompt.id,
              () => recordPrompt(about, prompt.text, meta),
              () => stream(signal),
            ),
      'interrupted',
    );
  }

  /** Picks up a turn that runs on the service, after a reload or from another window. */
  resume(sessionId: string, messages: readonly Message[]): void {
    if (this.#running.has(sessionId)) return;
    const { store, client } = this.#options;
    const knownIds = new Set(messages.map((message) => message.id));
    store.apply(sessionId, { type: 'turnResume' });
    // A client that finds nothing to listen to ends without a word: the turn was over after all.
    this.#run(sessionId, (signal) => client.listen(sessionId, { signal, knownIds }), 'completed');
  }

  /** Ends the running turn as far as the protocol can; resolves when it is over here. */
  async stop(sessionId: string): Promise<void> {
    const run = this.#running.get(sessionId);
    const { client, store, log } = this.#options;
    if (run === undefined) {
      // Handed to the user (an approval, a question): the service still has a job to end.
      if (store.get(sessionId)?.turn.phase === 'waiting' && client.turns !== undefined) {
        await client.turns.cancel(sessionId);
        this.follow(sessionId);
        // What the service says of the end is the answer to Stop, not an error.
        store.apply(sessionId, { type: 'stopping' });
        await this.#running.get(sessionId)?.done;
      }
      return;
    }
    store.apply(sessionId, { type: 'stopping' });
    if (client.turns === undefined) run.abort.abort();
    else await this.#cancel(sessionId, run, client.turns, log);
    await run.done;
  }

  /** Puts a queued prompt first, ends what runs, and sends it. Rejects with `notFound` when it is not in the queue. */
  async sendQueued(sessionId: string, promptId: string): Promise<void> {
    const { store } = this.#options;
    // Asked before anything is stopped for it.
    await this.#clear(sessionId, promptId);
    const first = takeQueued(store, sessionId, promptId);
    const rest = store.get(sessionId)?.queue;
    if (first === undefined || rest === undefined)
      throw new SecGeminiError('notFound', 'This message is no longer in the queue.', {
        action: 'It was sent already.',
      });
    // First in the queue and not out of it: a turn that ends by itself in the meantime sends it too, and only once.
    store.apply(sessionId, { type: 'queue', queue: [first, ...rest] });
    await this.stop(sessionId);
    await this.#running.get(sessionId)?.done;
    const prompt = takeQueued(store, sessionId, promptId);
    if (prompt !== undefined) this.send(sessionId, prompt, 'head');
  }

  /** Listens to a turn that goes on at the service, e.g. after an approval. */
  follow(sessionId: string): void {
    this.resume(sessionId, this.#options.store.get(sessionId)?.messages ?? []);
  }

  /** The service ends the turn and says so on the stream; one that does not is no longer listened to. */
  async #cancel(sessionId: string, run: Running, turns: TurnControl, log: Log): Promise<void> {
    const timer = setTimeout(() => run.abort.abort(), CANCEL_MS);
    try {
      if (!(await turns.cancel(sessionId))) run.abort.abort();
      await run.done;
    } catch (error) {
      log.warn(`Cancelling failed: ${toSecGeminiError(error).message}`);
      run.abort.abort();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends everything without a word: the connection is over. */
  close(): void {
    this.#closed = true;
    for (const run of this.#running.values()) run.abort.abort();
    this.#running.clear();
  }

  /** `silent`: the outcome of a stream that ends without saying how. */
  #run(sessionId: string, start: (signal: AbortSignal) => AsyncIterable<SessionEvent>, silent: TurnOutcome): void {
    const abort = new AbortController();
    const done = this.#consume(sessionId, abort.signal, start, silent).finally(() => {
      if (this.#running.get(sessionId)?.abort === abort) this.#running.delete(sessionId);
      if (!this.#closed && !this.#running.has(sessionId)) this.#afterTurn(sessionId);
    });
    this.#running.set(sessionId, { abort, done });
  }

  async #consume(
    sessionId: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => AsyncIterable<SessionEvent>,
    silent: TurnOutcome,
  ): Promise<void> {
    const { store, log, client } = this.#options;
    let ended = false;
    let stopping = false;
    let said = false;
    let refused: string | undefined;
    const apply = (event: SessionEvent): void => {
      // What was stopped is over for the reader even when the iterable still has something to say.
      if (this.#closed || ended) return;
      ended = event.type === 'turnEnd';
      // Whoever hears of the end may send at once.
      if (ended) this.#running.delete(sessionId);
      stopping ||= store.get(sessionId)?.turn.phase === 'stopping';
      const shown = stopping ? asStopped(event) : event;
      said ||= shown !== event;
      if (event.type === 'delivery' && event.state === 'failed') refused = event.promptId;
      store.apply(sessionId, shown);
      if (event.type === 'turnEnd' && event.error?.code === 'rateLimited' && refused !== undefined) {
        store.apply(sessionId, { type: 'rejected', promptId: refused, reason: event.error.message });
        void this.#explain(sessionId, refused);
      }
      if (event.type === 'turnEnd') store.markGone(sessionId, event.error?.code);
      if (event.type === 'turnEnd' && event.outcome === 'completed') this.#checkExtras(sessionId);
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
        log.warn(`A turn broke: ${toSecGeminiError(error).message}`);
        apply({ type: 'turnEnd', outcome: 'failed', error: errorInfo(error) });
      }
    }
    if (this.#closed || !stopping || said) return;
    const completed = store.get(sessionId)?.turn.outcome === 'completed';
    // A Stop that came too late stopped nothing.
    if (!completed)
      store.apply(sessionId, { type: 'notice', text: client.capabilities.cancel ? STOPPED : STOPPED_LISTENING });
  }

  /** An answer that left out what it had to use gets a line that says so. */
  #checkExtras(sessionId: string): void {
    const { store } = this.#options;
    const state = store.get(sessionId);
    const promptId = state?.turn.promptId;
    if (state === undefined || promptId === undefined || state.local?.extras?.[promptId] === undefined) return;
    const warning = unusedWarning(state);
    if (warning !== undefined) store.apply(sessionId, { type: 'message', message: warning });
    store.apply(sessionId, { type: 'local', facts: forgetExtras(state.local, promptId) });
  }

  /**
   * A refusal by the limit of jobs says so, with the numbers. One by a job of this very session, unknown here until now, is followed by
   * listening to it: what waits goes on behind it.
   */
  async #explain(sessionId: string, promptId: string): Promise<void> {
    const { store, client, log } = this.#options;
    try {
      const isBusy = WORKING.has((await client.getSession(sessionId)).status);
      if (isBusy && !this.#closed && store.get(sessionId)?.turn.phase === 'idle') return this.follow(sessionId);
      const reason = quotaWords((await client.listSessions({ limit: 1 })).jobs)?.long;
      const queue = store.get(sessionId)?.queue ?? [];
      if (reason !== undefined && !this.#closed)
        store.apply(sessionId, {
          type: 'queue',
          queue: queue.map((prompt) => (prompt.id === promptId ? { ...prompt, reason } : prompt)),
        });
    } catch (error) {
      log.info(`The counts of jobs could not be asked: ${toSecGeminiError(error).code}`);
    }
  }

  #afterTurn(sessionId: string): void {
    const { store, onIdle, log } = this.#options;
    const state = store.get(sessionId);
    if (state === undefined) return;
    const next = state.queue[0];
    const isOver = readOnlyWords(sessionId, state.local) !== undefined;
    // After a failure or a Stop the queue waits for the user: its prompts were written for another answer.
    if (next === undefined || isOver || state.turn.outcome !== 'completed') return onIdle(sessionId);
    const cleared = this.#clear(sessionId, next.id);
    if (cleared === undefined) {
      store.apply(sessionId, { type: 'queue', queue: state.queue.slice(1) });
      return this.send(sessionId, next, 'head');
    }
    // It waits on while it is looked through or asked about; whoever sends, edits or removes something meanwhile has the last word.
    void cleared.then(
      () => {
        if (!this.#closed && !this.#running.has(sessionId) && store.get(sessionId)?.queue[0]?.id === next.id)
          this.#afterTurn(sessionId);
      },
      (error: unknown) => {
        this.#keptBack.add(sessionId);
        log.warn(`A waiting message was not sent: ${toSecGeminiError(error).message}`);
        if (!this.#closed) onIdle(sessionId);
      },
    );
  }

  /**
   * Puts what may be sent in the place of a waiting prompt. Undefined when it is known already; otherwise resolves when it is, and rejects when
   * the user keeps it. After a reload nobody in this window has agreed to it yet.
   */
  #clear(sessionId: string, promptId: string): Promise<void> | undefined {
    const { store, reviewWaiting } = this.#options;
    const state = store.get(sessionId);
    const waiting = state?.queue.find(({ id }) => id === promptId);
    if (state === undefined || waiting === undefined || reviewWaiting === undefined) return undefined;
    const cleared = reviewWaiting(this.#place(state), waiting.text);
    if (typeof cleared === 'string') return undefined;
    return cleared.then((text) => {
      const queue = store.get(sessionId)?.queue ?? [];
      if (text !== waiting.text && queue.includes(waiting))
        store.apply(sessionId, {
          type: 'queue',
          queue: queue.map((each) => (each === waiting ? { ...each, text } : each)),
        });
    });
  }

  #place({ info }: SessionState): PromptPlace {
    return { sessionId: info.id, sessionName: info.name, destination: this.#options.client.origin };
  }
}

/** Takes a prompt out of a session's queue; undefined when it is not there. */
export function takeQueued(store: SessionStore, sessionId: string, promptId: string): Prompt | undefined {
  const queue = store.get(sessionId)?.queue ?? [];
  const taken = queue.find((prompt) => prompt.id === promptId);
  if (taken !== undefined) store.apply(sessionId, { type: 'queue', queue: queue.filter((prompt) => prompt !== taken) });
  return taken;
}

/** A prompt that did not arrive, or of which nobody knows. Throws `invalidArgument` for any other. */
export function unsentPrompt(state: SessionState, promptId: string): Message {
  const delivery = state.delivery[promptId];
  const message = state.messages.find((other) => other.id === promptId);
  if (message !== undefined && (delivery === 'unknown' || delivery === 'failed')) return message;
  throw new SecGeminiError('invalidArgument', 'This message needs no sending again.', { action: 'Write a new one.' });
}

/** How long a service may take to confirm a Stop. */
const CANCEL_MS = 15_000;

const STOPPED = 'Stopped. What arrived is kept.';

const STOPPED_LISTENING =
  'Stopped listening. This protocol cannot cancel: the service may still finish the answer; it then shows when the session is opened again.';

function promptMessage(sessionId: string, prompt: Prompt, now: number): Message {
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
    createdAt: now,
  };
}

/** A service that cancels ends the turn with a failure (v3): what the user asked for is no error. */
function asStopped(event: SessionEvent): SessionEvent {
  if (event.type !== 'message' || event.message.kind !== 'failure') return event;
  const { error: _error, ...message } = event.message;
  return {
    ...event,
    message: {
      ...message,
      kind: 'notice',
      title: '',
      content: STOPPED,
      render: 'text',
      status: 'complete',
    },
  };
}

/** True when the last prompt has no end behind it: the turn may still run on the service. */
export function turnIsOpen(messages: readonly Message[]): boolean {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const kind = messages[index]?.kind;
    if (kind === 'end' || kind === 'failure' || kind === 'error') return false;
    if (kind === 'prompt') return true;
  }
  return false;
}
