/** The page's cache of what the host said. It can be thrown away at any time: a snapshot rebuilds it. */

import type { Change, PanelStatus, Row, Snapshot } from '../panel/protocol.ts';

export interface StoreListener {
  onReset(): void;
  /** `removed`: what stood there, as far as it was loaded. */
  onSplice(index: number, removed: readonly (Row | undefined)[], add: number): void;
  /** `old`: what stood there, where something did. */
  onRow(index: number, row: Row, old: Row | undefined): void;
  onText(index: number, row: Row, text: string): void;
  onStatus(status: PanelStatus): void;
}

export class Store {
  #rows: (Row | undefined)[] = [];
  #status: PanelStatus | undefined;
  readonly #listener: StoreListener;

  constructor(listener: StoreListener) {
    this.#listener = listener;
  }

  get length(): number {
    return this.#rows.length;
  }

  get status(): PanelStatus | undefined {
    return this.#status;
  }

  /** undefined for a row that was not asked for yet. */
  row(index: number): Row | undefined {
    return this.#rows[index];
  }

  /** The last loaded row of that kind; the end of a conversation is always loaded. */
  lastOf(kind: Row['kind']): Row | undefined {
    return this.#rows.findLast((row) => row?.kind === kind);
  }

  reset(snapshot: Snapshot): void {
    this.#rows = Array.from<Row | undefined>({ length: snapshot.total });
    for (const [offset, row] of snapshot.rows.entries()) this.#rows[snapshot.from + offset] = row;
    this.#status = snapshot.status;
    this.#listener.onReset();
    this.#listener.onStatus(snapshot.status);
  }

  /** Rows of history that were asked for. They are dropped when the list has changed its length since. */
  fill(from: number, rows: readonly Row[], total: number): void {
    if (total !== this.#rows.length) return;
    for (const [offset, row] of rows.entries()) {
      const index = from + offset;
      if (index < this.#rows.length && this.#rows[index] === undefined) {
        this.#rows[index] = row;
        this.#listener.onRow(index, row, undefined);
      }
    }
  }

  /** False when a change does not fit what is here: then the page must ask for a snapshot. */
  apply(changes: readonly Change[]): boolean {
    for (const change of changes) {
      switch (change.type) {
        case 'status':
          this.#status = change.status;
          this.#listener.onStatus(change.status);
          break;
        case 'row':
          if (change.index >= this.#rows.length) return false;
          this.#replace(change.index, change.row);
          break;
        case 'grown': {
          if (change.index >= this.#rows.length) return false;
          const row = this.#rows[change.index];
          if (row === undefined) break;
          if (row.id !== change.id) return false;
          this.#replace(change.index, { ...change.row, content: row.content + change.text });
          break;
        }
        case 'text': {
          if (change.index >= this.#rows.length) return false;
          const row = this.#rows[change.index];
          // A row that was never loaded will come whole when it is.
          if (row === undefined) break;
          if (row.id !== change.id) return false;
          const grown = { ...row, content: row.content + change.text };
          this.#rows[change.index] = grown;
          this.#listener.onText(change.index, grown, change.text);
          break;
        }
        case 'splice': {
          if (change.index + change.remove > this.#rows.length) return false;
          const removed = this.#rows.splice(change.index, change.remove, ...change.rows);
          this.#listener.onSplice(change.index, removed, change.rows.length);
          break;
        }
      }
    }
    return true;
  }

  #replace(index: number, row: Row): void {
    const old = this.#rows[index];
    this.#rows[index] = row;
    this.#listener.onRow(index, row, old);
  }
}
