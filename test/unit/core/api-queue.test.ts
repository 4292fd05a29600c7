import assert from 'node:assert/strict';
import { EventQueue } from '../../../src/core/api-queue.ts';

function queue(size: number): { events: EventQueue<string>; recovered: (readonly string[])[]; ends: () => number } {
  const recovered: (readonly string[])[] = [];
  let ends = 0;
  const events = new EventQueue<string>({
    size,
    overflow: () => 'OVERFLOW',
    recover: (missed) => {
      recovered.push(missed);
      events.push('HISTORY');
    },
    onEnd: () => (ends += 1),
  });
  return { events, recovered, ends: () => ends };
}

async function read(events: EventQueue<string>, count: number): Promise<string[]> {
  const got: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const { value } = await events.next();
    if (value !== undefined) got.push(value);
  }
  return got;
}

describe("a reader's queue of events", () => {
  it('gives events in order, to a reader that waits and to one that comes later', async () => {
    const { events } = queue(10);
    const first = events.next();
    events.push('a');
    events.push('b');
    assert.deepEqual(await first, { done: false, value: 'a' });
    assert.deepEqual(await read(events, 1), ['b']);
  });

  it('tells of an overflow exactly once, and then of all that was left out', async () => {
    const { events, recovered } = queue(2);
    for (const event of ['a', 'b', 'c', 'd', 'e']) events.push(event);
    assert.deepEqual(await read(events, 4), ['a', 'b', 'OVERFLOW', 'HISTORY']);
    assert.deepEqual(recovered, [['c', 'd', 'e']]);
    events.push('f');
    assert.deepEqual(await read(events, 1), ['f']);
    for (const event of ['1', '2', '3']) events.push(event);
    assert.deepEqual(await read(events, 4), ['1', '2', 'OVERFLOW', 'HISTORY']);
  });

  it('never overflows at size 0', async () => {
    const { events, recovered } = queue(0);
    for (let at = 0; at < 20_000; at += 1) events.push(`${at}`);
    assert.equal((await read(events, 20_000)).at(-1), '19999');
    assert.deepEqual(recovered, []);
  });

  it('ends once, for waiting readers too', async () => {
    const { events, ends } = queue(1);
    const waiting = events.next();
    events.end();
    await events.return();
    assert.equal((await waiting).done, true);
    assert.equal((await events.next()).done, true);
    events.push('late');
    assert.equal((await events.next()).done, true);
    assert.equal(ends(), 1);
  });
});
