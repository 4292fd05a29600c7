/** What leaves beside prompts and files (a skill, a session that becomes public) is written down first, and completed after. */

import { createHash, randomUUID } from 'node:crypto';
import { LedgerRecord } from '../core/egress-record.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Services } from './services.ts';

type What = Pick<LedgerEntry, 'kind' | 'name' | 'destination' | 'rule'> &
  Partial<Pick<LedgerEntry, 'sessionId' | 'sessionName'>>;

/** Runs `send` once the entry stands. Rejects with `storage` when it cannot be written: then nothing was sent; else as `send` does. */
export async function recordedSend<T>(
  { ledger, log }: Pick<Services, 'ledger' | 'log'>,
  what: What,
  text: string,
  send: () => Promise<T>,
): Promise<T> {
  const newHash = (algorithm: string) => {
    const hash = createHash(algorithm);
    return { update: (bytes: Uint8Array) => void hash.update(bytes), digest: () => hash.digest('hex') };
  };
  const record = new LedgerRecord(
    { ledger, log, newHash },
    {
      id: randomUUID(),
      at: Date.now(),
      sessionId: '',
      sessionName: '',
      ...what,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
      outcome: 'started',
    },
  );
  await record.start();
  try {
    const result = await send();
    await record.settle('sent');
    return result;
  } catch (error) {
    await record.settle('failed');
    throw error;
  }
}
