/** Rows of long ago, asked of the host by ranges as the reader comes near them. */

import type { Row } from '../panel/protocol.ts';
import type { Store } from './store.ts';

export type LoadRows = (
  from: number,
  count: number,
) => Promise<{ readonly from: number; readonly rows: readonly Row[]; readonly total: number }>;

const CHUNK = 50;
/** Rows asked for before they come near the view. */
const AHEAD = 20;

export class History {
  readonly #store: Store;
  readonly #load: LoadRows;
  readonly #onLoaded: () => void;
  readonly #loading = new Set<number>();

  /** `onLoaded` hears of each range that came. */
  constructor(store: Store, load: LoadRows, onLoaded: () => void) {
    this.#store = store;
    this.#load = load;
    this.#onLoaded = onLoaded;
  }

  /** These rows are in view: what of them and around them is not here is asked for. */
  want(first: number, last: number): void {
    const end = Math.min(this.#store.length - 1, last + AHEAD);
    for (let index = Math.max(0, first - AHEAD); index <= end; index += 1) {
      if (this.#store.row(index) !== undefined) continue;
      const chunk = Math.floor(index / CHUNK);
      if (this.#loading.has(chunk)) continue;
      this.#loading.add(chunk);
      void this.#ask(chunk)
        .catch(() => undefined)
        .finally(() => this.#loading.delete(chunk));
    }
  }

  /** Rows of a stretch. Rejects when the host does not answer. */
  async rows(first: number, last: number): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (let index = first; index <= last; index += 1) {
      if (this.#store.row(index) === undefined) await this.#ask(Math.floor(index / CHUNK));
      const row = this.#store.row(index);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  async #ask(chunk: number): Promise<void> {
    const { from, rows, total } = await this.#load(chunk * CHUNK, CHUNK);
    this.#store.fill(from, rows, total);
    this.#onLoaded();
  }
}
