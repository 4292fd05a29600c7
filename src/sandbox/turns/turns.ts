/** Every turn that runs. The one owner of them: it ends the turns of a session that is removed, and all of them when the process ends. */
import type { Answer } from '../engine/types.ts';
import type { Clock } from '../state/clock.ts';
import { Refusal } from '../state/model.ts';
import type { StoredFile, StoredSession, StoredTurn } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { Turn } from './turn.ts';
import type { TurnWire } from './turn.ts';

/** A client that stops listening and asks again leaves the old turn running; this many may. */
const MOST_PER_SESSION = 8;
const MOST = 64;

export interface TurnStart {
  readonly session: StoredSession;
  /** Id of the message that asks; it is in the history already. */
  readonly id: string;
  readonly prompt: string;
  readonly earlierPrompts: readonly string[];
  readonly moreFiles?: readonly StoredFile[] | undefined;
  readonly wire: TurnWire;
  /** What the wire needs to go on after a restart. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** The turn as the state file has it, to go on with. */
  readonly stored?: StoredTurn | undefined;
}

export class Turns {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #answer: Answer;
  readonly #running = new Map<StoredSession, Map<string, Turn>>();

  constructor(store: Store, clock: Clock, answer: Answer) {
    this.#store = store;
    this.#clock = clock;
    this.#answer = answer;
    store.onRemoved((session) => this.of(session).forEach((turn) => turn.cancel()));
  }

  get count(): number {
    let sum = 0;
    for (const turns of this.#running.values()) sum += turns.size;
    return sum;
  }

  /** The session's running turns, oldest first. */
  of(session: StoredSession): Turn[] {
    return [...(this.#running.get(session)?.values() ?? [])];
  }

  /** Throws Refusal 429 when one more turn would be too many; ask it before the prompt goes into the history. */
  checkRoom(session: StoredSession): void {
    if (this.of(session).length >= MOST_PER_SESSION)
      throw new Refusal(429, `The session works on ${MOST_PER_SESSION} prompts already`);
    if (this.count >= MOST) throw new Refusal(429, `The sandbox works on ${MOST} prompts already`);
  }

  start(start: TurnStart): Turn {
    const { session, id, prompt, earlierPrompts, wire } = start;
    const stored = start.stored ?? this.#store.startTurn(session, id, start.options ?? {});
    const init = {
      store: this.#store,
      clock: this.#clock,
      session,
      stored,
      prompt,
      earlierPrompts,
      moreFiles: start.moreFiles ?? [],
      wire,
    };
    const turn = new Turn(init, this.#answer);
    const turns = this.#running.get(session) ?? new Map<string, Turn>();
    this.#running.set(session, turns.set(id, turn));
    void turn.ended.then(() => {
      turns.delete(id);
      if (turns.size === 0) this.#running.delete(session);
    });
    return turn;
  }

  /** Leaves every turn as it is in the state and resolves when none runs any more. */
  async stop(): Promise<void> {
    const all = [...this.#running.values()].flatMap((turns) => [...turns.values()]);
    for (const turn of all) turn.stop();
    await Promise.all(all.map((turn) => turn.ended));
  }
}
