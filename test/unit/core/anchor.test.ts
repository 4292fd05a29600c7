import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type LineEdit,
  type LineRange,
  afterEdit,
  anchorOfSnippet,
  isSame,
  linesOf,
  locate,
  makeAnchor,
} from '../../../src/core/anchor.ts';

const URI = 'file:///ws/app.py';
const FILE = Array.from({ length: 60 }, (_line, index) =>
  index % 6 === 5 ? '' : `    value_${index + 1} = compute(${index + 1}, other_${index % 7})`,
);
const at = (lines: readonly string[], first: number, last: number) => makeAnchor(URI, linesOf(lines), { first, last });
const anchor = at(FILE, 10, 14);

describe('a content anchor', () => {
  it('is exact where nothing changed, and moved after edits above', () => {
    assert.deepEqual(locate(linesOf(FILE), anchor), { first: 10, last: 14, confidence: 'exact' });
    const moved = ['# new', '# newer', ...FILE];
    assert.deepEqual(locate(linesOf(moved), anchor), { first: 12, last: 16, confidence: 'moved' });
  });

  it('takes other indentation for the same code', () => {
    const indented = FILE.map((line) => line.replace(/^ {4}/, '\t\t'));
    assert.deepEqual(locate(linesOf(indented), anchor), { first: 10, last: 14, confidence: 'exact' });
  });

  it('is only likely when its code changed, and keeps its place', () => {
    const edited = ['# above', ...FILE.slice(0, 11), '    changed = True', '    and_one_more = 1', ...FILE.slice(12)];
    assert.deepEqual(locate(linesOf(edited), anchor), { first: 11, last: 16, confidence: 'likely' });
    const one = at(FILE, 20, 20);
    const renamed = FILE.with(19, '    value_20 = compute_safely(20, other_5)');
    assert.deepEqual(locate(linesOf(['', ...renamed]), one), { first: 21, last: 21, confidence: 'likely' });
  });

  it('finds one edited line by its words when its neighbours are gone too', () => {
    const one = at(FILE, 20, 20);
    const elsewhere = ['x', 'y', '    value_20 = compute(20, other_9)', 'z'];
    assert.deepEqual(locate(linesOf(elsewhere), one), { first: 3, last: 3, confidence: 'likely' });
  });

  it('is lost when its code is gone, and invents nothing', () => {
    assert.equal(locate(linesOf(['something', 'else', 'altogether']), anchor).confidence, 'lost');
    assert.equal(locate(linesOf([...FILE.slice(0, 9), ...FILE.slice(14)]), anchor).confidence, 'lost');
    assert.equal(locate(linesOf(FILE.with(19, 'raise SystemExit')), at(FILE, 20, 20)).confidence, 'lost');
    assert.deepEqual(locate(linesOf([]), anchor), { first: 1, last: 1, confidence: 'lost' });
  });

  it('of equal places takes the one with the same neighbours; where nothing tells them apart it says likely', () => {
    const file = ['a', '{', 'x', '}', 'b', '{', 'x', '}', 'c'];
    assert.deepEqual(locate(linesOf(['new', ...file]), at(file, 6, 8)), { first: 7, last: 9, confidence: 'moved' });
    const same = Array.from({ length: 9 }, (_line, index) => ['{', 'x', '}'][index % 3] ?? '');
    assert.equal(locate(linesOf(['top', ...same]), at(['{', 'x', '}'], 1, 3), 7).confidence, 'likely');
  });

  it('says nothing of blank lines that it cannot know', () => {
    assert.notEqual(locate(linesOf(['', 'a', '', 'b', '']), at(['q', '', 'r'], 2, 2)).confidence, 'exact');
  });

  it('is found after any lines were put above, below and in it (random edits)', () => {
    const lines = fc.array(fc.stringMatching(/^[a-z (){};=]{0,20}$/), { maxLength: 30 });
    fc.assert(
      fc.property(
        lines,
        lines,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 8 }),
        (above, below, from, size) => {
          fc.pre(FILE.slice(from - 1, from + size - 1).some((line) => line !== ''));
          const edited = [...above, ...FILE, ...below];
          const found = locate(linesOf(edited), at(FILE, from, from + size - 1));
          const wanted = FILE.slice(from - 1, from + size - 1);
          assert.deepEqual(edited.slice(found.first - 1, found.last), wanted);
          assert.equal(found.confidence, above.length === 0 ? 'exact' : 'moved');
        },
      ),
    );
  });

  it('stays within the file and never throws, whatever the file became', () => {
    const lines = fc.array(fc.string({ maxLength: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(lines, lines, fc.nat(80), fc.nat(80), (was, is, a, b) => {
        const found = locate(linesOf(is), at(was, a, a + b));
        assert.ok(found.first >= 1 && found.last >= found.first && found.last <= Math.max(1, is.length));
      }),
    );
  });

  it('of a quotation ignores the line numbers that somebody else gave', () => {
    const snippet = `\n${FILE[20] ?? ''}\n${FILE[21] ?? ''}\n\n`;
    assert.deepEqual(locate(linesOf(FILE), anchorOfSnippet(URI, snippet, 999)), {
      first: 21,
      last: 22,
      confidence: 'moved',
    });
    assert.equal(locate(linesOf(FILE), anchorOfSnippet(URI, 'not in this file at all', 3)).confidence, 'lost');
    assert.equal(locate(linesOf(FILE), anchorOfSnippet(URI, '', 3)).confidence, 'lost');
  });

  it('copes with 100,000 lines and ranges as long as the file; the record stays small', function () {
    // It ends; how fast is the bench's question. A busy machine takes more than mocha's 2 s.
    this.timeout(30_000);
    const long = Array.from({ length: 100_000 }, (_line, index) => `entry ${index} of the long list (${index % 10})`);
    const middle = at(long, 50_000, 50_010);
    assert.deepEqual(locate(linesOf(['new', ...long]), middle), { first: 50_001, last: 50_011, confidence: 'moved' });
    const changed = long.with(50_003, 'entry of another list');
    assert.equal(locate(linesOf(changed), middle).confidence, 'likely');
    const whole = at(long, 1, 100_000);
    assert.ok(JSON.stringify(whole).length < 4000);
    assert.equal(locate(linesOf(long), whole).confidence, 'exact');
    assert.equal(locate(linesOf(long.with(50_000, 'changed')), whole).confidence, 'likely');
    // Equal lines everywhere: no candidate is worth more than another, and the answer still comes.
    const equal = Array.from({ length: 100_000 }, () => 'x = 1');
    assert.equal(locate(linesOf(['y', ...equal]), at(equal, 70_000, 70_100), 60_000).confidence, 'likely');
    assert.equal(locate(linesOf(equal), at(equal, 20_000, 80_000)).confidence, 'exact');
  });

  it('keeps no text', () => {
    assert.ok(!JSON.stringify(at(['password = "hunter2"'], 1, 1)).includes('hunter2'));
  });
});

describe('a range under edits', () => {
  const text = (lines: readonly string[]): string => lines.join('\n');
  const edited = (lines: readonly string[], { start, end, text: put }: LineEdit): string[] => {
    const offset = ({ line, character }: LineEdit['start']): number =>
      lines.slice(0, line).reduce((sum, other) => sum + other.length + 1, 0) + character;
    const whole = text(lines);
    return (whole.slice(0, offset(start)) + put + whole.slice(offset(end))).split('\n');
  };
  const place = (line: number, character: number) => ({ line, character });

  it('moves with lines that come and go above it, also at its very edge', () => {
    const range = { first: 5, last: 7 };
    assert.deepEqual(afterEdit(range, { start: place(0, 0), end: place(0, 0), text: 'a\nb\n' }), { first: 7, last: 9 });
    assert.deepEqual(afterEdit(range, { start: place(4, 0), end: place(4, 0), text: 'a\n' }), { first: 6, last: 8 });
    assert.deepEqual(afterEdit(range, { start: place(1, 0), end: place(3, 0), text: '' }), { first: 3, last: 5 });
    assert.deepEqual(afterEdit(range, { start: place(3, 0), end: place(4, 0), text: '' }), { first: 4, last: 6 });
    assert.deepEqual(afterEdit(range, { start: place(7, 0), end: place(7, 0), text: 'a\nb' }), range);
  });

  it('grows and shrinks with edits in it, and is gone when all of it is', () => {
    const range = { first: 5, last: 7 };
    assert.deepEqual(afterEdit(range, { start: place(5, 2), end: place(5, 2), text: '\n\n' }), { first: 5, last: 9 });
    assert.deepEqual(afterEdit(range, { start: place(4, 3), end: place(6, 1), text: '' }), { first: 5, last: 5 });
    assert.equal(afterEdit(range, { start: place(4, 0), end: place(7, 0), text: '' }), undefined);
    assert.equal(afterEdit(range, { start: place(2, 0), end: place(9, 0), text: '' }), undefined);
  });

  it('still holds its code after random edits outside of it', () => {
    const lines = Array.from({ length: 20 }, (_line, index) => `line ${index}`);
    const marked: LineRange = { first: 8, last: 11 };
    const wanted = makeAnchor(URI, linesOf(lines), marked);
    const edit = fc.record({
      isAbove: fc.boolean(),
      from: fc.nat(6),
      to: fc.nat(6),
      text: fc.constantFrom('', 'x', '\n', 'a\nb\n', 'one\n\ntwo'),
    });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), (edits) => {
        let now = lines;
        let range: LineRange | undefined = marked;
        for (const { isAbove, from, to, text: put } of edits) {
          if (range === undefined) break;
          const low = isAbove ? 0 : range.last;
          const high = isAbove ? range.first - 2 : now.length - 1;
          if (high < low) continue;
          const a = Math.min(low + Math.min(from, to), high);
          const b = Math.min(low + Math.max(from, to), high);
          const change = { start: place(a, 0), end: place(b, (now[b] ?? '').length), text: put };
          now = edited(now, change);
          range = afterEdit(range, change);
        }
        assert.ok(range !== undefined && isSame(linesOf(now), wanted, range));
      }),
    );
  });
});
