import assert from 'node:assert/strict';
import type { PanelStatus, Row } from '../../../src/panel/protocol.ts';
import { Store } from '../../../src/webview/store.ts';

const row = (id: string, content = ''): Row => ({
  ...{
    id,
    kind: 'agent',
    title: '',
    author: '',
    content,
    render: 'markdown',
    mimeType: '',
    status: 'streaming',
    createdAt: 0,
  },
});

function filled(total: number, from: number, rows: readonly Row[]) {
  const heard: unknown[][] = [];
  const store = new Store({
    onReset: () => heard.push(['reset']),
    onSplice: (...args) => heard.push(['splice', ...args]),
    onRow: (index) => heard.push(['row', index]),
    onText: (index, grown, text) => heard.push(['text', index, grown.content, text]),
    onStatus: () => undefined,
  });
  store.reset({ version: 1, total, from, rows, status: {} as PanelStatus, draft: '' });
  return { store, heard };
}

describe("the page's cache", () => {
  it('keeps places for rows that were not asked for, and fills them once', () => {
    const { store, heard } = filled(5, 3, [row('d'), row('e')]);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((index) => store.row(index)?.id),
      [undefined, undefined, undefined, 'd', 'e'],
    );
    store.fill(1, [row('b'), row('c'), row('other')], 5);
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => store.row(index)?.id),
      [undefined, 'b', 'c', 'd'],
    );
    store.fill(0, [row('late')], 4);
    assert.equal(store.row(0), undefined, 'an answer about another list is dropped');
    assert.deepEqual(heard, [['reset'], ['row', 1], ['row', 2]]);
  });

  it('applies changes in order and refuses those that do not fit', () => {
    const { store, heard } = filled(2, 1, [row('b', 'x')]);
    assert.ok(
      store.apply([
        { type: 'text', index: 1, id: 'b', text: 'y' },
        { type: 'splice', index: 2, remove: 0, rows: [row('c')] },
      ]),
    );
    assert.equal(store.row(1)?.content, 'xy');
    assert.deepEqual(heard.slice(1), [
      ['text', 1, 'xy', 'y'],
      ['splice', 2, [], 1],
    ]);
    assert.ok(
      store.apply([{ type: 'text', index: 0, id: 'unloaded', text: 'z' }]),
      'a row that was never loaded comes whole later',
    );
    assert.equal(store.apply([{ type: 'text', index: 1, id: 'not b', text: 'z' }]), false);
    assert.equal(store.apply([{ type: 'row', index: 9, row: row('x') }]), false);
    const { content: _, ...rest } = row('final');
    assert.ok(store.apply([{ type: 'grown', index: 1, id: 'b', row: rest, text: 'z' }]));
    assert.deepEqual([store.row(1)?.id, store.row(1)?.content], ['final', 'xyz']);
    assert.ok(store.apply([{ type: 'grown', index: 0, id: 'unloaded', row: rest, text: 'z' }]));
    assert.equal(store.row(0), undefined);
    assert.equal(store.apply([{ type: 'grown', index: 1, id: 'b', row: rest, text: 'z' }]), false);
    assert.equal(store.apply([{ type: 'grown', index: 9, id: 'final', row: rest, text: 'z' }]), false);
    assert.equal(store.apply([{ type: 'splice', index: 3, remove: 1, rows: [] }]), false);
  });
});
