/** Ownership: every resource has one owner, and registering after disposal disposes at once. */

export interface Disposable {
  dispose(): void;
}

/** Owns disposables and frees them in reverse order; one that throws does not keep the others alive. */
export class DisposableStore implements Disposable {
  readonly #items = new Set<Disposable>();
  #disposed = false;

  get isDisposed(): boolean {
    return this.#disposed;
  }

  /** Takes ownership. After disposal the item is freed at once, so a late registration cannot leak. */
  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.add(item);
    return item;
  }

  /** Frees one item now. */
  release(item: Disposable): void {
    if (this.#items.delete(item)) item.dispose();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const items = [...this.#items].reverse();
    this.#items.clear();
    const failures: unknown[] = [];
    for (const item of items) {
      try {
        item.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some resources could not be freed.');
  }
}

export function toDisposable(dispose: () => void): Disposable {
  return { dispose };
}
