/** What one call has still to send, between many who put and one that pulls. */

/** After so many messages in a row everybody else gets a turn. */
const BATCH = 64;

export class Outbox<T> {
  readonly #queue: T[] = [];
  readonly #pull: () => T | undefined;
  #ended = false;
  #error: Error | undefined;
  #news: PromiseWithResolvers<void> | undefined;

  /** `pull` gives what is only made when there is room for it; asked when nothing else is left. */
  constructor(pull: () => T | undefined = () => undefined) {
    this.#pull = pull;
  }

  put(message: T): void {
    if (!this.#ended) this.#queue.push(message);
    this.wake();
  }

  putFirst(message: T): void {
    if (!this.#ended) this.#queue.unshift(message);
    this.wake();
  }

  /** There may be something to pull. */
  wake(): void {
    this.#news?.resolve();
    this.#news = undefined;
  }

  /** What is queued still goes out, then the call ends: well, or with the error. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.wake();
  }

  async *messages(): AsyncGenerator<T, void, void> {
    for (let sent = 1; ;) {
      const next = this.#queue.shift() ?? (this.#ended ? undefined : this.#pull());
      if (next !== undefined) {
        yield next;
        if (sent++ % BATCH === 0) await new Promise((resolve) => setImmediate(resolve));
      } else if (this.#ended) {
        if (this.#error !== undefined) throw this.#error;
        return;
      } else {
        this.#news ??= Promise.withResolvers();
        await this.#news.promise;
      }
    }
  }
}
