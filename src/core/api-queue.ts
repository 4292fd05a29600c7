/** A bounded queue of events for one reader: what runs over is told exactly once, and made up for when the reader has caught up. Pure. */

export interface EventQueueOptions<T> {
  /** Events that may wait; 0 = unbounded. */
  readonly size: number;
  /** The one event that tells of an overflow. */
  readonly overflow: () => T;
  /** The reader has read everything up to the overflow: what it needs to know all that was left out. */
  readonly recover: (missed: readonly T[]) => void;
  readonly onEnd?: (() => void) | undefined;
}

/** What was left out is only needed for its sessions; this bounds what is remembered of it. */
const MAX_MISSED = 10_000;

export class EventQueue<T> implements AsyncIterableIterator<T, void> {
  readonly #options: EventQueueOptions<T>;
  #waiting: T[] = [];
  #readers: ((result: IteratorResult<T, void>) => void)[] = [];
  /** Undefined while nothing ran over. */
  #missed: T[] | undefined;
  #ended = false;

  constructor(options: EventQueueOptions<T>) {
    this.#options = options;
  }

  push(event: T): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: event });
      return;
    }
    if (this.#missed !== undefined) {
      if (this.#missed.length < MAX_MISSED) this.#missed.push(event);
      return;
    }
    const { size, overflow } = this.#options;
    if (size > 0 && this.#waiting.length >= size) {
      this.#missed = [event];
      this.#waiting.push(overflow());
    } else this.#waiting.push(event);
  }

  /** No more events; what waits can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
    this.#options.onEnd?.();
  }

  async next(): Promise<IteratorResult<T, void>> {
    const event = this.#waiting.shift();
    if (event !== undefined) {
      const missed = this.#missed;
      if (this.#waiting.length === 0 && missed !== undefined) {
        this.#missed = undefined;
        this.#options.recover(missed);
      }
      return { done: false, value: event };
    }
    if (this.#ended) return { done: true, value: undefined };
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.#waiting = [];
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
