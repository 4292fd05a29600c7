import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Message } from '../../../src/core/model.ts';
import { rowChanges } from '../../../src/panel/changes.ts';
import { findInRows } from '../../../src/panel/find.ts';
import { type Change, RENDER_CHARS, type Row } from '../../../src/panel/protocol.ts';
import { RowList } from '../../../src/panel/rows.ts';
import { message, prompt } from '../../e2e/panel/support/fake-model.ts';

/** What the page does with changes, in its simplest form. */
function applied(rows: readonly Row[], changes: readonly Change[]): Row[] {
  const result = [...rows];
  for (const change of changes) {
    if (change.type === 'splice') result.splice(change.index, change.remove, ...change.rows);
    else if (change.type === 'row') result[change.index] = change.row;
    else if (change.type === 'text') {
      const row = result[change.index];
      assert.ok(row !== undefined && row.id === change.id);
      result[change.index] = { ...row, content: row.content + change.text };
    } else if (change.type === 'grown') {
      const row = result[change.index];
      assert.ok(row !== undefined && row.id === change.id);
      result[change.index] = { ...change.row, content: row.content + change.text };
    }
  }
  return result;
}

describe('rows of the conversation', () => {
  it('puts a result into the article of its call, by parent, by group, or first in, first out', () => {
    const first = message({ kind: 'toolCall', title: 'hash', group: 'g1' });
    const second = message({ kind: 'toolCall', title: 'hash', group: 'g2' });
    const third = message({ kind: 'toolCall', title: 'grep' });
    const rows = new RowList().update([
      first,
      second,
      third,
      message({ kind: 'toolResult', title: 'hash', group: 'g2', content: 'two' }),
      message({ kind: 'toolResult', title: 'other', parentId: third.id, content: 'three' }),
      message({ kind: 'toolResult', title: '', content: 'one' }),
      message({ kind: 'toolResult', title: 'late', content: 'alone' }),
    ]);
    assert.deepEqual(
      rows.map((row) => row.result?.content ?? row.content),
      ['one', 'two', 'three', 'alone'],
    );
  });

  it('hides what only changes other places, and keeps kinds of the future', () => {
    const rows = new RowList().update([
      message({ kind: 'end' }),
      message({ kind: 'sessionName', content: 'x' }),
      message({ kind: 'info', content: ' ' }),
      message({ kind: 'unknown', content: 'new kind' }),
    ]);
    assert.deepEqual(
      rows.map(({ kind, content }) => [kind, content]),
      [['notice', 'new kind']],
    );
  });

  it('cuts a huge text before a surrogate pair and says how long the whole is', () => {
    const content = `${'x'.repeat(RENDER_CHARS - 1)}😀tail`;
    const [row] = new RowList().update([message({ content })]);
    assert.equal(row?.content, 'x'.repeat(RENDER_CHARS - 1));
    assert.equal(row?.wholeChars, content.length);
  });

  it('sends growing text as text, and everything else as little as possible', () => {
    const list = new RowList();
    const streaming = message({ status: 'streaming', content: 'ab' });
    const before = list.update([prompt('q'), streaming]);
    const after = list.update([list.message(0) as Message, { ...streaming, content: 'abcd' }]);
    assert.deepEqual(rowChanges(before, after), [{ type: 'text', index: 1, id: streaming.id, text: 'cd' }]);
    const done = list.update([list.message(0) as Message, { ...streaming, content: 'abcd', status: 'complete' }]);
    const [end] = rowChanges(after, done);
    assert.ok(end?.type === 'grown' && end.id === streaming.id && end.text === '' && !('content' in end.row));
  });

  it('sends what became of a growing text by another id as that, and its text no second time', () => {
    const list = new RowList();
    const streaming = message({ status: 'streaming', content: 'ab' });
    const before = list.update([prompt('q'), streaming]);
    const final = message({ content: 'abc', id: 'final' });
    const after = list.update([list.message(0) as Message, final, message({ content: 'more' })]);
    const [grown, added] = rowChanges(before, after);
    assert.ok(grown?.type === 'grown' && grown.id === streaming.id && grown.row.id === 'final' && grown.text === 'c');
    assert.ok(added?.type === 'splice' && added.index === 2 && added.remove === 0 && added.rows.length === 1);
    const other = list.update([list.message(0) as Message, message({ content: 'other words' })]);
    assert.deepEqual(
      rowChanges(before, other).map(({ type }) => type),
      ['splice'],
    );
  });

  it('updates cost what changed: rows before the change are the same objects', () => {
    const messages = Array.from({ length: 100 }, () => message());
    const list = new RowList();
    const before = list.update(messages);
    const after = list.update([...messages.slice(0, 99), { ...(messages[99] as Message), content: 'new' }]);
    assert.ok(before.slice(0, 99).every((row, index) => row === after[index]));
    assert.notEqual(before[99], after[99]);
  });

  it('any change of the list arrives whole (2,000 generated)', function () {
    this.timeout(60_000);
    const pool = Array.from({ length: 12 }, (_, index) =>
      message({
        id: `p${index.toString()}`,
        kind: index % 4 === 1 ? 'toolCall' : index % 4 === 2 ? 'toolResult' : 'response',
        title: 't',
        content: 'c',
        status: index % 3 === 0 ? 'streaming' : 'complete',
      }),
    );
    const pick = fc.uniqueArray(fc.record({ at: fc.nat(11), grow: fc.constantFrom('', '', 'x', 'yz') }), {
      selector: ({ at }) => at,
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.array(pick, { minLength: 2, maxLength: 6 }), (lists) => {
        const list = new RowList();
        let page: Row[] = [];
        let sent: readonly Row[] = [];
        for (const picks of lists) {
          const messages = picks.map(({ at, grow }) => {
            const base = pool[at] as Message;
            return grow === '' ? base : { ...base, content: base.content + grow };
          });
          const rows = list.update(messages);
          page = applied(page, rowChanges(sent, rows));
          sent = rows;
          assert.deepEqual(page, [...rows]);
          // The same as from nothing: no memory of earlier lists shows.
          assert.deepEqual([...rows], [...new RowList().update(messages)]);
        }
      }),
      { numRuns: 2000, seed: 11 },
    );
  });

  it('finds over all rows', () => {
    const rows = new RowList().update([
      message({ content: 'Key key KEY' }),
      message({ content: 'none' }),
      message({ content: 'a key' }),
    ]);
    assert.deepEqual(findInRows(rows, 'key', false), {
      matches: [
        { index: 0, count: 3 },
        { index: 2, count: 1 },
      ],
      hits: 4,
    });
    assert.deepEqual(findInRows(rows, 'key', true).hits, 2);
  });

  it('finds Markdown as it is read and as it was written, and signs of patterns as they stand', () => {
    const rows = new RowList().update([
      message({ content: 'The **scr**ipt runs `eval(x)` on a\nlong [line](https://a.example/x)', render: 'markdown' }),
      message({ content: 'a * b, a_b_c, __init__', render: 'markdown' }),
    ]);
    const hits = (query: string): number => findInRows(rows, query, false).hits;
    for (const query of ['script RUNS eval(x) on a long line', '**scr**', 'a.example/x', 'a * b', 'a_b_c', '__init__'])
      assert.equal(hits(query), 1, query);
    for (const query of ['.*', '[', '(x', '\\', '^The', 'x)$', '|']) assert.ok(hits(query) <= 1, query);
    assert.equal(hits('.*'), 0);
  });
});
