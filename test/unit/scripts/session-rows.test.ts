import assert from 'node:assert/strict';
import { SESSION_ROWS, type SessionRow, cellOf } from '../../../scripts/lib/session-rows.ts';

const row: SessionRow = {
  title: 't',
  parts: { a: ['native', 'ours'], b: ['ours', 'ours'], c: ['native', 'none'] },
};
const all = new Set(['r: a', 'r: b', 'r: c']);

describe('a row of the table of sessions', () => {
  it('says how each part is done', () => {
    assert.equal(cellOf(row, 'r', 'v1', all), 'native; on our side: b');
    assert.equal(cellOf(row, 'r', 'v3', all), 'on our side; no: c');
  });

  it('says "no" for what no test has proven', () => {
    assert.equal(cellOf(row, 'r', 'v1', new Set(['r: b'])), 'on our side; no: a, c');
    assert.equal(cellOf(row, 'r', 'v1', new Set(['other: a'])), 'no');
    assert.equal(cellOf({ title: 't', parts: { c: ['native', 'none'] } }, 'r', 'v3', all), 'no');
  });

  it('has parts everywhere', () => {
    for (const [name, { parts }] of Object.entries(SESSION_ROWS)) assert.ok(Object.keys(parts).length > 0, name);
  });
});
