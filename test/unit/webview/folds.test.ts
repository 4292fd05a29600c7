import assert from 'node:assert/strict';
import { ALL_FOLDED, isOpen, readFolds, withOpen } from '../../../src/webview/folds.ts';

describe('what is folded', () => {
  it('is remembered per row, against what holds for all', () => {
    const one = withOpen(ALL_FOLDED, 'a', true);
    assert.deepEqual([isOpen(one, 'a'), isOpen(one, 'b')], [true, false]);
    assert.equal(withOpen(one, 'a', true), one);
    assert.deepEqual(withOpen(one, 'a', false), ALL_FOLDED);
    const all = withOpen({ all: true, except: [] }, 'a', false);
    assert.deepEqual([isOpen(all, 'a'), isOpen(all, 'b')], [false, true]);
  });

  it('keeps the latest 500 rows', () => {
    let folds = ALL_FOLDED;
    for (let row = 0; row < 501; row += 1) folds = withOpen(folds, row.toString(), true);
    assert.deepEqual([isOpen(folds, '0'), isOpen(folds, '1'), isOpen(folds, '500')], [false, true, true]);
  });

  it('comes back from the page state, and from anything else as folded', () => {
    const folds = withOpen(ALL_FOLDED, 'a', true);
    assert.deepEqual(readFolds(JSON.parse(JSON.stringify(folds))), folds);
    for (const value of [undefined, null, 3, {}, { all: 1, except: [] }, { all: true, except: 'x' }])
      assert.deepEqual(readFolds(value), ALL_FOLDED);
    assert.deepEqual(readFolds({ all: false, except: ['a', 3, null] }), { all: false, except: ['a'] });
  });
});
