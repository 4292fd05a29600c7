// Whose bytes went to the local sandbox: prompts, files and tools alike say so in the record, also when they are settled later.
import assert from 'node:assert/strict';
import type { LedgerEntry } from '../../../src/core/ledger.ts';
import { Places } from '../../../src/host/places.ts';
import type { Connection } from '../../../src/core/connection.ts';

const SANDBOX = 'http://127.0.0.1:4711';
const IN_WORDS = `the local sandbox on this machine (${SANDBOX})`;
const connectionTo = (origin: string, isSandbox: boolean) =>
  ({ client: { origin }, isSandbox }) as unknown as Pick<Connection, 'isSandbox' | 'client'>;

describe('places', () => {
  it('names the local sandbox, and every other origin as it is', () => {
    const places = new Places(connectionTo(SANDBOX, true));
    assert.equal(places.name(SANDBOX), IN_WORDS);
    assert.equal(places.name(IN_WORDS), IN_WORDS);
    assert.equal(places.name('https://service.invalid'), 'https://service.invalid');
    assert.equal(new Places(connectionTo(SANDBOX, false)).name(SANDBOX), SANDBOX);
  });

  it('writes it into the record, of prompts too, and of what is settled after the editor went elsewhere', async () => {
    const written: LedgerEntry[] = [];
    const connection = { ...connectionTo(SANDBOX, true) };
    const ledger = new Places(connection).ledger({
      append: async (entry) => void written.push(entry),
      read: async () => written,
      clear: async () => undefined,
    });
    const entry: LedgerEntry = {
      id: '1',
      at: 1,
      kind: 'prompt',
      sessionId: 's',
      sessionName: 'Session',
      destination: SANDBOX,
      name: 'hello',
      bytes: 5,
      sha256: '',
      rule: 'sent by the user',
      outcome: 'started',
    };
    await ledger.append(entry);
    Object.assign(connection, connectionTo('https://service.invalid', false));
    await ledger.append({ ...entry, outcome: 'sent' });
    assert.deepEqual(
      (await ledger.read()).map(({ destination, outcome }) => [destination, outcome]),
      [
        [IN_WORDS, 'started'],
        [IN_WORDS, 'sent'],
      ],
    );
  });
});
