/**
 * A call runs at most once per call id (trust.md F18): who asks again gets the kept result; who asks while it runs waits with the first. A
 * run that a lost connection cut before anything left may begin anew only when its tool says that twice is as good as once.
 */

/** Calls remembered. */
const MOST = 500;
/** Characters of kept results. */
const MOST_CHARACTERS = 8 * 1024 * 1024;

interface Entry<T> {
  readonly done: Promise<T>;
  /** Undefined while it runs. */
  size: number | undefined;
}

export class CallJournal<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #sizeOf: (result: T) => number;
  #kept = 0;

  constructor(sizeOf: (result: T) => number) {
    this.#sizeOf = sizeOf;
  }

  /** `again` is asked about a run that was cut: undefined forgets it, so that the next call of this id runs. */
  once(id: string, run: () => Promise<T>, again: (result: T) => boolean): Promise<T> {
    const known = this.#entries.get(id);
    if (known !== undefined) return known.done;
    const entry: Entry<T> = { done: run(), size: undefined };
    this.#entries.set(id, entry);
    entry.done.then(
      (result) => {
        if (again(result)) {
          this.#entries.delete(id);
          return;
        }
        entry.size = this.#sizeOf(result);
        this.#kept += entry.size;
        this.#trim();
      },
      () => this.#entries.delete(id),
    );
    return entry.done;
  }

  /** The oldest that are over go first; what runs stays. */
  #trim(): void {
    for (const [id, { size }] of this.#entries) {
      if (this.#entries.size <= MOST && this.#kept <= MOST_CHARACTERS) return;
      if (size === undefined) continue;
      this.#entries.delete(id);
      this.#kept -= size;
    }
  }
}
