import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lineAnchor, locateLines, splitLines } from '../../../src/core/attach-lines.ts';

const FILE = Array.from({ length: 60 }, (_line, index) => (index % 5 === 4 ? '' : `line ${index + 1}`));
const anchor = lineAnchor(FILE, 10, 20);

describe('lines of an attached selection', () => {
  it('are found where they were', () => {
    assert.deepEqual(locateLines(FILE, anchor, 10), { first: 10, last: 20, same: true });
  });

  it('are found after edits above and below', () => {
    const edited = ['new', 'newer', ...FILE.slice(0, 5), ...FILE.slice(8), 'tail'];
    assert.deepEqual(locateLines(edited, anchor, 10), { first: 9, last: 19, same: true });
  });

  it('are found after any lines were put above them', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (above, first) => {
        const last = first + 9;
        const clean = above.map((line) => line.replaceAll(/[\r\n]/g, ''));
        const found = locateLines([...clean, ...FILE], lineAnchor(FILE, first, last), first);
        assert.equal(found?.same, true);
        assert.deepEqual([...clean, ...FILE].slice((found?.first ?? 0) - 1, found?.last), FILE.slice(first - 1, last));
      }),
    );
  });

  it('are found with a change inside, and told as changed', () => {
    const edited = ['above', ...FILE.slice(0, 13), 'changed', 'and one more', ...FILE.slice(14)];
    assert.deepEqual(locateLines(edited, anchor, 10), { first: 11, last: 22, same: false });
  });

  it('are found when their first or last line changed', () => {
    const first = FILE.with(9, 'other');
    assert.deepEqual(locateLines(first, anchor, 10), { first: 10, last: 20, same: false });
    const last = FILE.with(19, 'other');
    assert.deepEqual(locateLines(last, anchor, 10), { first: 10, last: 20, same: false });
  });

  it('of several equal places the one with the same neighbours is taken, then the nearest', () => {
    const file = ['a', '{', 'x', '}', 'b', '{', 'x', '}', 'c'];
    const second = lineAnchor(file, 6, 8);
    assert.deepEqual(locateLines(['new', ...file], second, 6), { first: 7, last: 9, same: true });
    const same = ['{', 'x', '}', '{', 'x', '}', '{', 'x', '}'];
    assert.equal(locateLines(same, lineAnchor(['{', 'x', '}'], 1, 3), 7)?.first, 7);
  });

  it('that are gone are not invented', () => {
    assert.equal(locateLines(['something', 'else', 'altogether'], anchor, 10), undefined);
    assert.equal(locateLines([], anchor, 10), undefined);
    assert.equal(locateLines([...FILE.slice(0, 5), ...FILE.slice(40)], anchor, 10), undefined);
  });

  it('long selections are compared to their last line, short hashes or not', () => {
    const long = Array.from({ length: 5000 }, (_line, index) => `entry ${index}`);
    const whole = lineAnchor(long, 1, 5000);
    assert.ok(JSON.stringify(whole).length < 1000);
    assert.equal(locateLines(long.with(2500, 'changed'), whole, 1)?.same, false);
    assert.equal(locateLines(['new', ...long], whole, 1)?.same, true);
  });

  it('do not keep the text itself', () => {
    assert.ok(!JSON.stringify(lineAnchor(['password = hunter2'], 1, 1)).includes('hunter2'));
  });

  it('lines end as the editor ends them', () => {
    assert.deepEqual(splitLines('a\r\nb\nc\rd'), ['a', 'b', 'c', 'd']);
  });
});
