/**
 * Who gets which message of a v1 session. The protocol names no last message on reconnect, so this is the rule: what nobody was there to
 * hear waits for the next who only listens; who asks hears its own turn alone until that ends (its reading stops at the first end), and
 * everything after that; who comes to listen when all is said gets the last end once more.
 */
import type { StoredMessage } from '../state/model.ts';

export interface Listener {
  /** Sends one text frame. */
  send(text: string): void;
  /** Pending while the other side does not read fast enough. */
  readonly drained: Promise<void> | undefined;
  /** Asked for 206 pieces. */
  readonly wantsPieces: boolean;
  /** Cuts the connection without a goodbye. */
  drop(): void;
}

interface Entry {
  /** The turn that it asked for and that has not ended. */
  own: string | undefined;
  /** Undefined once it is known whether this listener asks or only listens; until then what it may have missed. */
  waiting: Queued[] | undefined;
  served: boolean;
}

interface Queued {
  readonly order: number;
  readonly turn: string;
  readonly text: string;
}

/** The history has them anyway: this many are kept for who comes back. */
const MOST_QUEUED = 10_000;

export class Delivery {
  readonly #listeners = new Map<Listener, Entry>();
  #missed: Queued[] = [];
  #order = 0;
  #lastEnd: string | undefined;

  /** `lastEnd`: the end of the session's last turn, if it has had one: a client cut off by a restart may still wait for it. */
  constructor(lastEnd?: StoredMessage) {
    this.#lastEnd = lastEnd === undefined ? undefined : JSON.stringify(lastEnd);
  }

  get size(): number {
    return this.#listeners.size;
  }

  add(listener: Listener): void {
    this.#listeners.set(listener, { own: undefined, waiting: [], served: false });
  }

  remove(listener: Listener): void {
    const entry = this.#listeners.get(listener);
    this.#listeners.delete(listener);
    if (entry?.waiting !== undefined && this.#ready().length === 0) this.#queue(this.#missed, ...entry.waiting);
  }

  /** The listener asked; it hears this turn from its beginning. What was missed before is not for it. */
  asked(listener: Listener, turn: string): void {
    const entry = this.#listeners.get(listener);
    if (entry === undefined) return;
    entry.own = turn;
    entry.waiting = undefined;
    entry.served = true;
    this.#missed = [];
  }

  /** The listener only listens: it gets what was missed, then what comes. */
  listens(listener: Listener): void {
    const entry = this.#listeners.get(listener);
    if (entry?.waiting === undefined) return;
    const queued = [...this.#missed, ...entry.waiting].sort((a, b) => a.order - b.order);
    this.#missed = [];
    entry.waiting = undefined;
    for (const { text } of queued) this.#send(listener, entry, text);
  }

  /** When nothing has come and nothing runs: the end of the last turn once more. */
  repeatEnd(listener: Listener): void {
    const entry = this.#listeners.get(listener);
    if (entry !== undefined && !entry.served && this.#lastEnd !== undefined) this.#send(listener, entry, this.#lastEnd);
  }

  /** A message of a turn, whole. `isEnd`: the last one. */
  publish(turn: string, message: StoredMessage, isEnd: boolean): void {
    const text = JSON.stringify(message);
    if (isEnd) this.#lastEnd = text;
    const queued = { order: this.#order++, turn, text };
    let heard = false;
    for (const [listener, entry] of this.#listeners) {
      if (entry.waiting !== undefined || (entry.own !== undefined && entry.own !== turn)) continue;
      this.#send(listener, entry, text);
      if (isEnd && entry.own === turn) entry.own = undefined;
      heard = true;
    }
    if (!heard) this.#queue(this.#missed, queued);
    else for (const { waiting } of this.#listeners.values()) if (waiting !== undefined) this.#queue(waiting, queued);
  }

  /** A 206 piece: only for who asked for pieces and is here now; the whole follows for everybody. */
  publishPiece(turn: string, message: StoredMessage): void {
    const text = JSON.stringify(message);
    for (const [listener, { waiting, own }] of this.#listeners) {
      if (waiting === undefined && listener.wantsPieces && (own === undefined || own === turn)) listener.send(text);
    }
  }

  get wantsPieces(): boolean {
    return [...this.#listeners.keys()].some((listener) => listener.wantsPieces);
  }

  /** Sends to one listener only, and returns it: who asked for this turn, else the first who only listens; undefined when there is neither. */
  sendToOne(turn: string, text: string): Listener | undefined {
    const ready = this.#ready();
    const chosen = ready.find(([, { own }]) => own === turn) ?? ready.find(([, { own }]) => own === undefined);
    chosen?.[0].send(text);
    return chosen?.[0];
  }

  /** Resolves when every listener of this turn reads fast enough. */
  async drained(turn: string): Promise<void> {
    const slow = [...this.#listeners].flatMap(([{ drained }, { own }]) =>
      drained !== undefined && (own ?? turn) === turn ? [drained] : [],
    );
    if (slow.length > 0) await Promise.all(slow);
  }

  /** Cuts every connection of the session. */
  dropAll(): void {
    for (const listener of [...this.#listeners.keys()]) {
      this.remove(listener);
      listener.drop();
    }
  }

  #ready(): [Listener, Entry][] {
    return [...this.#listeners].filter(([, { waiting }]) => waiting === undefined);
  }

  #send(listener: Listener, entry: Entry, text: string): void {
    entry.served = true;
    listener.send(text);
  }

  #queue(queue: Queued[], ...more: readonly Queued[]): void {
    queue.push(...more);
    if (queue.length > MOST_QUEUED) queue.splice(0, queue.length - MOST_QUEUED);
  }
}
