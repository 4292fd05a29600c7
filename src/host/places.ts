/** Where bytes go, in words: the local sandbox is named, where its address alone would say little. */

import type { Connection } from '../core/connection.ts';
import type { Ledger } from '../core/ledger.ts';

export class Places {
  readonly #connection: Pick<Connection, 'isSandbox' | 'client'>;
  /** Its origin stays known: what was begun with it may be settled when the editor has gone elsewhere. */
  #sandbox: string | undefined;

  constructor(connection: Pick<Connection, 'isSandbox' | 'client'>) {
    this.#connection = connection;
  }

  /** Of an origin; what is in words already stays as it is. */
  name(destination: string): string {
    const { isSandbox, client } = this.#connection;
    if (isSandbox && client !== undefined) this.#sandbox = client.origin;
    return destination === this.#sandbox ? `the local sandbox on this machine (${destination})` : destination;
  }

  /** The same record, with every destination in words. */
  ledger(ledger: Ledger): Ledger {
    return {
      append: (entry) => ledger.append({ ...entry, destination: this.name(entry.destination) }),
      read: (sessionId) => ledger.read(sessionId),
      clear: () => ledger.clear(),
    };
  }
}
