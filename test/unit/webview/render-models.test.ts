import assert from 'node:assert/strict';
import { toGraph } from '../../../src/webview/render/graph-model.ts';
import { JSON_LIMITS, type JsonNode, brief, parseJsonNodes } from '../../../src/webview/render/json-nodes.ts';
import { TABLE_LIMITS, toTable } from '../../../src/webview/render/table-model.ts';
import { toTimeline } from '../../../src/webview/render/timeline-model.ts';

function nodes(value: unknown): JsonNode {
  const root = parseJsonNodes(typeof value === 'string' ? value : JSON.stringify(value));
  assert.ok(root !== undefined);
  return root;
}

describe('JSON as nodes', () => {
  it('keeps numbers, double keys and order as they were written', () => {
    const root = nodes('{"a": 12345678901234567890, "a": 1.50, "b": [true, null, "x\\u202ey"], "": {}}');
    assert.deepEqual(
      root.children.map(({ key, kind, text }) => [key, kind, text]),
      [
        ['a', 'number', '12345678901234567890'],
        ['a', 'number', '1.50'],
        ['b', 'array', ''],
        ['', 'object', ''],
      ],
    );
    assert.deepEqual(
      root.children[2]?.children.map(({ key, text }) => [key, text]),
      [
        [0, 'true'],
        [1, 'null'],
        [2, 'x\u202ey'],
      ],
    );
  });

  it('knows names that look like structure', () => {
    const root = nodes({ '{': '}', '[': [','], ':': ':' });
    assert.deepEqual(
      root.children.map(({ key }) => key),
      ['{', '[', ':'],
    );
    assert.equal(root.children[1]?.children[0]?.text, ',');
  });

  it('gives up on what is no JSON, too deep or too large', () => {
    for (const text of [
      '',
      'no',
      '{"a":1',
      '[1,]',
      `${'['.repeat(JSON_LIMITS.depth + 1)}${']'.repeat(JSON_LIMITS.depth + 1)}`,
    ])
      assert.equal(parseJsonNodes(text), undefined);
    assert.equal(parseJsonNodes(JSON.stringify(Array.from({ length: JSON_LIMITS.nodes + 1 }, () => 0))), undefined);
    assert.equal(nodes('{"__proto__": {"polluted": true}}').children[0]?.key, '__proto__');
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('is cut to a line', () => {
    assert.equal(brief(nodes({ a: [1, 'two', { b: null }] }), 100), '{a: [1, "two", {b: null}]}');
    assert.equal(brief(nodes(['x'.repeat(500)]), 20).length, 20);
  });
});

describe('tables', () => {
  it('take arrays of objects, of arrays, of values, and columns with rows', () => {
    const table = (value: unknown) => {
      const { columns, rows } = toTable(nodes(value)) ?? { columns: [], rows: [] };
      return [columns, ...rows];
    };
    assert.deepEqual(
      table([
        { a: 1, b: 'x' },
        { b: null, c: { d: [1] } },
      ]),
      [
        ['a', 'b', 'c'],
        ['1', 'x', ''],
        ['', '', '{d: [1]}'],
      ],
    );
    assert.deepEqual(table([['a', 1], ['b']]), [
      ['Column 1', 'Column 2'],
      ['a', '1'],
      ['b', ''],
    ]);
    assert.deepEqual(table(['a', 'b']), [['Value'], ['a'], ['b']]);
    assert.deepEqual(table({ columns: ['k', { label: 'V' }], rows: [['a', 1]] }), [
      ['k', 'V'],
      ['a', '1'],
    ]);
  });

  it('say what they leave out, and are none without rows', () => {
    const many = toTable(nodes(Array.from({ length: TABLE_LIMITS.rows + 7 }, (_, index) => ({ index }))));
    assert.equal(many?.rows.length, TABLE_LIMITS.rows);
    assert.equal(many?.moreRows, 7);
    const wide = toTable(nodes([Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`c${index}`, index]))]));
    assert.equal(wide?.moreColumns, 10);
    for (const value of [[], {}, { rows: 3 }, 7]) assert.equal(toTable(nodes(value)), undefined);
  });
});

describe('graphs', () => {
  it('take the usual names of nodes and edges', () => {
    const wanted = {
      nodes: [
        { id: 'a', label: 'A', kind: 'host' },
        { id: 'b', label: 'b', kind: '' },
      ],
      edges: [{ from: 'a', to: 'b', label: 'to' }],
    };
    for (const value of [
      { nodes: [{ id: 'a', label: 'A', type: 'host' }, 'b'], edges: [{ from: 'a', to: 'b', label: 'to' }] },
      { nodes: { a: { label: 'A', kind: 'host', id: 'a' } }, links: [{ source: 'a', target: 'b', relation: 'to' }] },
      { graph: { nodes: [{ id: 'a', label: 'A', type: 'host' }], edges: [['a', 'b', 'to']] } },
    ])
      assert.deepEqual(toGraph(nodes(value)), wanted);
  });

  it('take a list of edges alone, and nothing else', () => {
    assert.equal(toGraph(nodes([{ from: 'a', to: 'b' }]))?.nodes.length, 2);
    for (const value of [[], {}, [{ a: 1 }], { nodes: [] }, 'digraph {}', 3])
      assert.equal(toGraph(nodes(JSON.stringify(value))), undefined);
  });
});

describe('timelines', () => {
  it('are in order when every time is known, as written otherwise', () => {
    const order = (value: unknown) => toTimeline(nodes(value))?.moments.map(({ title }) => title);
    const late = { time: '2024-01-05T06:14:40Z', title: 'late' };
    const early = { timestamp: '2024-01-05T06:12:01Z', event: 'early', detail: 'more' };
    assert.deepEqual(order([late, early]), ['early', 'late']);
    assert.deepEqual(order({ events: [late, { time: 'some day', title: 'when?' }, early] }), [
      'late',
      'when?',
      'early',
    ]);
    assert.deepEqual(
      order([
        { ts: 1_704_435_280, name: 's' },
        { ts: 1_704_435_121_000, name: 'ms' },
      ]),
      ['ms', 's'],
    );
    assert.equal(toTimeline(nodes([early, late]))?.moments[0]?.detail, 'more');
  });

  it('are none without times', () => {
    for (const value of [[], {}, [{ title: 'x' }], [1, 2], { events: 'x' }])
      assert.equal(toTimeline(nodes(value)), undefined);
  });
});
