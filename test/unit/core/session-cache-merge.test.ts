import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { mergeCachedSession } from '../../../src/core/session-cache-merge.ts';
import type { Message } from '../../../src/core/model.ts';
import type { CachedSession } from '../../../src/core/session-cache.ts';
import { cached, seed, text } from '../host/storage/support.ts';

const ids = (session: CachedSession): string => session.messages.map(({ id }) => id).join(' ');
const of = (...names: readonly string[]): CachedSession => cached('s1', { messages: names.map((id) => text(id)) });

describe('merge of cached sessions', () => {
  it('keeps what each window added, behind what it followed', () => {
    const base = of('a', 'b');
    assert.equal(ids(mergeCachedSession(base, of('a', 'b', 'c'), of('a', 'x', 'b', 'y'))), 'a x b y c');
    assert.equal(ids(mergeCachedSession(base, of('c'), of('z', 'a', 'b'))), 'z c');
    assert.equal(ids(mergeCachedSession(undefined, of('a', 'c'), of('b', 'c', 'd'))), 'b a c d');
  });

  it('does this window’s removals, and does not bring back what another removed', () => {
    const base = of('a', 'b', 'c');
    const ours = { ...base, messages: base.messages.filter(({ id }) => id !== 'a'), draft: 'x' };
    assert.equal(ids(mergeCachedSession(base, ours, of('a', 'b'))), 'b');
  });

  it('keeps the whole message, whoever has it', () => {
    const piece = cached('s1', { messages: [text('a', 'Hel', { status: 'streaming' })] });
    const longer = cached('s1', { messages: [text('a', 'Hello', { status: 'streaming' })] });
    const whole = cached('s1', { messages: [text('a', 'Hello!')] });
    for (const [ours, theirs, content] of [
      [piece, whole, 'Hello!'],
      [whole, piece, 'Hello!'],
      [piece, longer, 'Hello'],
      [longer, piece, 'Hello'],
    ] as const)
      assert.equal(mergeCachedSession(undefined, ours, theirs).messages[0]?.content, content);
    assert.equal(mergeCachedSession(piece, piece, whole).messages[0]?.content, 'Hello!');
  });

  it('keeps the draft that was changed, the last look, the newer facts and unknown fields', () => {
    const base = cached('s1', { draft: 'old', seenAt: 5 });
    const newer = { ...base.info, name: 'Renamed', updatedAt: 9 };
    const theirs = { ...base, draft: 'typed there', seenAt: 7, info: newer, future: 1 };
    const merged = mergeCachedSession(base, { ...base, seenAt: 6 }, theirs);
    assert.deepEqual(merged, theirs);
    assert.equal(mergeCachedSession(base, { ...base, draft: 'typed here' }, theirs).draft, 'typed here');
    assert.equal(mergeCachedSession(base, { ...base, draft: '' }, base).draft, '', 'sent here');
  });

  it('takes a prompt out of the queue and out of the undelivered ones for everybody', () => {
    const base = cached('s1', { queue: [{ id: 'q', text: '?' }], undelivered: ['p'] });
    const theirs = { ...cached('s1'), queue: [...base.queue, { id: 'r', text: '!' }], undelivered: ['p', 'o'] };
    const merged = mergeCachedSession(base, { ...base, queue: [], undelivered: [] }, theirs);
    assert.deepEqual([merged.queue, merged.undelivered], [[{ id: 'r', text: '!' }], ['o']]);
  });

  it('loses no message of any window, whatever the order of their writes', () => {
    const windows = 3;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(windows - 1), fc.boolean()), { maxLength: 40 }), (steps) => {
        let kept: CachedSession | undefined;
        const memory = Array.from({ length: windows }, () => of());
        const bases: (CachedSession | undefined)[] = Array.from({ length: windows });
        const all = new Set<string>();
        steps.forEach(([window, write], step) => {
          const mine = memory[window] ?? of();
          if (write) {
            kept = mergeCachedSession(bases[window], mine, kept);
            bases[window] = mine;
          } else {
            all.add(`${window}-${step}`);
            memory[window] = { ...mine, messages: [...mine.messages, text(`${window}-${step}`)] };
          }
        });
        memory.forEach((mine, window) => (kept = mergeCachedSession(bases[window], mine, kept)));
        assert.deepEqual(new Set(kept?.messages.map(({ id }) => id)), all);
        assert.equal(kept?.messages.length, all.size);
        for (const mine of memory) {
          const order: readonly Message[] | undefined = kept?.messages.filter(({ id }) =>
            mine.messages.some((one) => one.id === id),
          );
          assert.deepEqual(order, mine.messages);
        }
      }),
      { seed: seed(), numRuns: 500 },
    );
  });

  it('merges 10,000 messages without trouble', () => {
    const names = Array.from({ length: 10_000 }, (_, n) => `m${n}`);
    const merged = mergeCachedSession(of(...names.slice(0, 5000)), of(...names.slice(0, 6000), 'x'), of(...names));
    assert.equal(merged.messages.length, 10_001);
  });
});
