import assert from 'node:assert/strict';
import { SecGeminiError } from '../../../src/core/errors.ts';
import type { SessionEvent } from '../../../src/core/events.ts';
import { recordedStream } from '../../../src/core/recorded-stream.ts';

async function collect(stream: AsyncIterable<SessionEvent>): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe('a recorded prompt', () => {
  it('is written down before it leaves, and completed after', async () => {
    const order: string[] = [];
    const events = await collect(
      recordedStream(
        'p',
        async () => {
          order.push('record');
          return { settle: async (outcome) => void order.push(outcome) };
        },
        async function* () {
          order.push('stream');
          yield { type: 'delivery', promptId: 'p', state: 'sent' };
          yield { type: 'turnEnd', outcome: 'completed' };
        },
      ),
    );
    assert.deepEqual(order, ['record', 'stream', 'sent']);
    assert.equal(events.length, 2);
  });

  it('does not leave when it cannot be written down', async () => {
    let streamed = false;
    const events = await collect(
      recordedStream(
        'p',
        async () => {
          throw new SecGeminiError('storage', 'The disk is full.');
        },
        async function* () {
          streamed = true;
          yield { type: 'turnEnd', outcome: 'completed' };
        },
      ),
    );
    assert.equal(streamed, false);
    assert.deepEqual(
      events.map((event) => event.type),
      ['delivery', 'turnEnd'],
    );
  });

  it('is said to have failed when nothing was handed to the network', async () => {
    const outcomes: string[] = [];
    await collect(
      recordedStream(
        'p',
        async () => ({ settle: async (outcome) => void outcomes.push(outcome) }),
        async function* () {
          yield { type: 'connection', state: 'connecting' };
          yield { type: 'delivery', promptId: 'p', state: 'failed' };
          yield { type: 'turnEnd', outcome: 'failed' };
        },
      ),
    );
    assert.deepEqual(outcomes, ['failed']);
  });
});
