/** A bounded hand-over between a socket that pushes and a generator that pulls (F20). */

/** Beyond either, the socket is paused until half of it is read. */
const MAX_ITEMS = 1_000;
const MAX_WEIGHT = 16 * 1024 * 1024;

export class Mailbox<T> {
  readonly #items: { readonly value: T; readonly weight: number }[] = [];
  #head = 0;
  #weight = 0;
  #full = false;
  #wake: (() => void) | undefined;
  readonly #onFull: (full: boolean) => void;

  constructor(onFull: (full: boolean) => void) {
    this.#onFull = onFull;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  put(value: T, weight = 0): void {
    this.#items.push({ value, weight });
    this.#weight += weight;
    if (!this.#full && (this.length >= MAX_ITEMS || this.#weight >= MAX_WEIGHT)) {
      this.#full = true;
      this.#onFull(true);
    }
    this.#wake?.();
  }

  /** The next item, or undefined when there is none now. */
  take(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    this.#weight -= item.weight;
    // Cutting the front off once in a while keeps taking cheap.
    if (this.#head >= 512 || this.#head === this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    if (this.#full && this.length <= MAX_ITEMS / 2 && this.#weight <= MAX_WEIGHT / 2) {
      this.#full = false;
      this.#onFull(false);
    }
    return item.value;
  }

  /** Resolves when there is something to take. Only one may wait at a time. */
  ready(): Promise<void> {
    if (this.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
