import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { Heights } from '../../../src/webview/heights.ts';

const height = fc.integer({ min: 0, max: 900 });
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), at: fc.nat(60), value: height }),
  fc.record({ do: fc.constant('push' as const), at: fc.constant(0), value: height }),
  fc.record({
    do: fc.constant('splice' as const),
    at: fc.nat(60),
    remove: fc.nat(5),
    add: fc.array(height, { maxLength: 5 }),
  }),
);

describe('heights of rows', () => {
  it('sums and finds like a plain array (1,000 generated histories)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(9000), (steps, y) => {
        const heights = new Heights();
        let plain: number[] = [];
        for (const change of steps) {
          if (change.do === 'push') {
            heights.push(change.value);
            plain.push(change.value);
          } else if (change.do === 'set') {
            heights.set(change.at, change.value);
            if (change.at < plain.length) plain[change.at] = change.value;
          } else {
            const at = Math.min(change.at, plain.length);
            const remove = Math.min(change.remove, plain.length - at);
            heights.splice(at, remove, change.add);
            plain = plain.toSpliced(at, remove, ...change.add);
          }
          assert.equal(heights.length, plain.length);
        }
        let sum = 0;
        let found = 0;
        for (const [index, value] of plain.entries()) {
          assert.equal(heights.offset(index), sum);
          if (sum <= y) found = index;
          sum += value;
        }
        assert.equal(heights.total, sum);
        assert.equal(heights.find(y), found);
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
});
