/** A prompt on its way out is written down before it leaves, and what became of it afterwards (Show What Left). */

import { errorInfo } from './errors.ts';
import type { SessionEvent } from './events.ts';
import type { LedgerEntry } from './ledger.ts';

export interface PromptRecord {
  settle(outcome: Exclude<LedgerEntry['outcome'], 'started'>): Promise<void>;
}

/**
 * Yields what `stream` says, once the record stands. Without a record the prompt is not sent: the turn fails and the text stays.
 * It counts as sent from the moment it was handed to the network.
 */
export async function* recordedStream(
  promptId: string,
  record: () => Promise<PromptRecord>,
  stream: () => AsyncIterable<SessionEvent>,
): AsyncGenerator<SessionEvent, void, void> {
  let written: PromptRecord;
  try {
    written = await record();
  } catch (error) {
    yield { type: 'delivery', promptId, state: 'failed' };
    yield { type: 'turnEnd', outcome: 'failed', error: errorInfo(error) };
    return;
  }
  let left = false;
  try {
    for await (const event of stream()) {
      left ||=
        event.type === 'delivery'
          ? !['failed', 'sending'].includes(event.state)
          : event.type === 'message' || event.type === 'piece';
      yield event;
    }
  } finally {
    // A record that cannot be completed still says "started": that it may have left.
    await written.settle(left ? 'sent' : 'failed').catch(() => undefined);
  }
}
