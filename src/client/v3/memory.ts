/** Which message ids of a session were seen, so that a replay shows nothing twice. Bounded, but what somebody still shows is never forgotten. */

const LIMIT = 20_000;

export class MessageMemory {
  /** Ids that the caller holds on screen or in its cache; as many as these are, they stay. */
  readonly #held = new Set<string>();
  /** In the order of arrival; the oldest goes first. */
  readonly #recent = new Set<string>();
  readonly #limit: number;
  /** Of the last message taken: where a new subscription goes on. */
  lastId: string | undefined;
  /** The latest time stamp seen, in seconds by the service's clock. */
  newest = 0;
  /** True once everything that the session held before is known here. */
  complete = false;

  constructor(limit: number = LIMIT) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#held.size + this.#recent.size;
  }

  has(id: string): boolean {
    return this.#held.has(id) || this.#recent.has(id);
  }

  /** Remembers an id that came over the wire. False when it was known. An empty id cannot be told from another: always new. */
  add(id: string): boolean {
    if (id === '') return true;
    if (this.#held.size > 0 && this.#held.has(id)) return false;
    const before = this.#recent.size;
    this.#recent.add(id);
    if (this.#recent.size === before) return false;
    if (this.#recent.size > this.#limit) this.#evict();
    return true;
  }

  /** Pins ids that the caller shows. */
  hold(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#recent.delete(id);
      this.#held.add(id);
    }
  }

  /** A quarter at once: taking the first of a large Set again and again is slow. */
  #evict(): void {
    const keep = Math.ceil(this.#limit * 0.75);
    for (const oldest of this.#recent) {
      if (this.#recent.size <= keep) return;
      this.#recent.delete(oldest);
    }
  }
}
