/**
 * One prompt being worked on, whatever the protocol. It lives in the store, not in a connection: a client may leave and come back, and a
 * turn that the end of the process cut short is played again from the same prompt and files. What it had said is then not said twice, and
 * what had come back from outside (tool results, decisions) is not asked for twice.
 */
import type { Answer, EngineContext, EngineStep } from '../engine/types.ts';
import type { Clock } from '../state/clock.ts';
import type { StoredFile, StoredMessage, StoredSession, StoredTurn } from '../state/model.ts';
import type { Store } from '../state/store.ts';

/** How a turn ended. `stopped`: the process ends, the turn stays in the state and goes on at the next start. */
export type Outcome = 'done' | 'failed' | 'cancelled' | 'stopped';

/** What the engine's context has from the protocol. */
export type WireContext = Pick<
  EngineContext,
  'protocol' | 'clientTools' | 'reports' | 'callTool' | 'confirm' | 'clarify' | 'hold' | 'takePlaces'
>;

/** What a protocol makes of a turn. Each call may wait for slow listeners; nothing is called after `end`. */
export interface TurnWire {
  begin(turn: Turn): void;
  /** After `begin`, before `context` is asked: what has to be looked up first. */
  prepare?(turn: Turn): Promise<void>;
  step(turn: Turn, step: EngineStep): void | Promise<void>;
  /** `error` tells why it failed. Called for done, failed and cancelled. */
  end(turn: Turn, outcome: Exclude<Outcome, 'stopped'>, error?: unknown): void;
  /** Sends what `emit` has stored to whoever listens. */
  publish(turn: Turn, message: StoredMessage): void;
  /** What the engine may ask of this protocol and client; `turn.ask` makes the answers last. */
  context(turn: Turn): WireContext;
}

export interface TurnInit {
  readonly store: Store;
  readonly clock: Clock;
  readonly session: StoredSession;
  readonly stored: StoredTurn;
  readonly prompt: string;
  readonly earlierPrompts: readonly string[];
  /** More to look at than the session's files, e.g. an attached log. */
  readonly moreFiles: readonly StoredFile[];
  readonly wire: TurnWire;
}

class Cancelled extends Error {
  override readonly name = 'AbortError';
}

export class Turn {
  readonly session: StoredSession;
  readonly stored: StoredTurn;
  readonly prompt: string;
  /** Resolves when the turn has ended, whatever the outcome; never rejects. */
  readonly ended: Promise<Outcome>;
  readonly #init: TurnInit;
  readonly #abort = new AbortController();
  #said = 0;
  #asked = 0;
  #stopping: 'cancelled' | 'stopped' = 'cancelled';
  #held: Promise<void> | undefined;
  #paused: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(init: TurnInit, answer: Answer) {
    this.#init = init;
    this.session = init.session;
    this.stored = init.stored;
    this.prompt = init.prompt;
    // In a later task: whoever starts the turn may first register it.
    this.ended = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#run(answer));
  }

  get id(): string {
    return this.stored.id;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isPaused(): boolean {
    return this.#paused !== undefined;
  }

  /** True while a turn that was cut short only repeats what it had said before. */
  get isReplaying(): boolean {
    return this.#said < this.stored.said.length;
  }

  /** The turn stops at its next step or wait, until `resume`. */
  pause(): void {
    this.#paused ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Resolves when the step that cannot be cut is over; undefined where none is at work. */
  get held(): Promise<void> | undefined {
    return this.#held;
  }

  /** A step that only the end of the process cuts: whoever pauses or cancels waits for `held`. */
  async hold(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    try {
      await this.#sleep(milliseconds);
    } finally {
      this.#held = undefined;
      resolve();
    }
    await this.wait(0);
  }

  /** Ends the turn; `end` is told `cancelled`. */
  cancel(): void {
    this.#abort.abort(new Cancelled('The turn was cancelled.'));
    this.resume();
  }

  /** Leaves the turn unfinished, to go on at the next start. */
  stop(): void {
    this.#stopping = 'stopped';
    this.cancel();
  }

  /** Adds a message to the history and publishes it; while replaying, gives back the one that was said then. */
  emit(make: () => StoredMessage): StoredMessage {
    const id = this.stored.said[this.#said];
    if (id !== undefined) {
      this.#said += 1;
      const known = this.session.messages.find((message) => message.id === id);
      if (known !== undefined) return known;
    }
    const message = make();
    this.#init.store.addMessage(this.session, message, this.id);
    this.#said = this.stored.said.length;
    this.#init.wire.publish(this, message);
    return message;
  }

  /** The last message that the turn has said. */
  get lastSaid(): StoredMessage | undefined {
    const id = this.stored.said.at(-1);
    return id === undefined ? undefined : this.session.messages.findLast((message) => message.id === id);
  }

  /** From here on everything is new: for an end that has to be said in any case. */
  finishReplay(): void {
    this.#said = this.stored.said.length;
  }

  /** Asks somebody outside once: `run` gets the number of the question, the same after a restart; its answer is kept. */
  async ask<T>(run: (question: number) => Promise<T>): Promise<T> {
    const question = this.#asked++;
    if (question < this.stored.answers.length) return this.stored.answers[question] as T;
    const answer = await this.race(run(question));
    this.#init.store.addAnswer(this.session, this.stored, answer);
    return answer;
  }

  /** `promise`, or a rejection as soon as the turn is cancelled. */
  async race<T>(promise: Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(this.signal.reason as Error);
    this.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([promise, aborted]);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
    }
  }

  /** Waits; at once while replaying. Paused turns wait here too. */
  async wait(milliseconds: number): Promise<void> {
    await this.#sleep(milliseconds);
    while (this.#paused !== undefined) await this.race(this.#paused.promise);
    this.signal.throwIfAborted();
  }

  async #sleep(milliseconds: number): Promise<void> {
    this.signal.throwIfAborted();
    if (this.isReplaying || milliseconds <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const forget = this.#init.clock.after(milliseconds, resolve);
    try {
      await this.race(promise);
    } finally {
      forget();
    }
  }

  async #run(answer: Answer): Promise<Outcome> {
    const { wire, store, session, stored, earlierPrompts, moreFiles } = this.#init;
    let outcome: Outcome = 'done';
    let failure: unknown;
    try {
      wire.begin(this);
      await wire.prepare?.(this);
      const files = [...session.files.filter((file) => stored.files.includes(file.id)), ...moreFiles];
      const context: EngineContext = {
        ...wire.context(this),
        files,
        earlierPrompts,
        signal: this.signal,
        pause: (ms) => this.wait(ms),
      };
      for await (const step of answer(this.prompt, context)) {
        await this.wait(0);
        await wire.step(this, step);
        if (step.type === 'fail') {
          outcome = 'failed';
          break;
        }
      }
    } catch (error) {
      outcome = this.signal.aborted ? this.#stopping : 'failed';
      failure = error;
    }
    if (outcome === 'stopped') return outcome;
    try {
      wire.end(this, outcome, failure);
      store.endTurn(session, stored);
    } catch {
      // A full session or a full disk: what could tell of it needs room itself.
    }
    return outcome;
  }
}
