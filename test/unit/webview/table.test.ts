import assert from 'node:assert/strict';
import { compareCells, csvCell } from '../../../src/webview/markdown/table.ts';

const sorted = (cells: readonly string[]): string[] => cells.toSorted(compareCells);

describe('cells of a table', () => {
  it('sort as numbers, as severities, else as words with their numbers, empty ones last', () => {
    assert.deepEqual(sorted(['10', '9', '-3', '1,200', '2.5']), ['-3', '2.5', '9', '10', '1,200']);
    assert.deepEqual(sorted(['50 %', '7%']), ['7%', '50 %']);
    assert.deepEqual(sorted(['High', 'low', 'critical', 'Medium', 'info']), [
      'info',
      'low',
      'Medium',
      'High',
      'critical',
    ]);
    assert.deepEqual(sorted(['file10', 'File2', '', 'a']), ['a', 'File2', 'file10', '']);
  });

  it('are quoted for CSV, and none becomes a formula where it is pasted', () => {
    assert.equal(csvCell('plain'), 'plain');
    assert.equal(csvCell('a,b "c"\n'), '"a,b ""c""\n"');
    assert.equal(csvCell('-12.5'), '-12.5');
    for (const formula of ['=1+1', '+cmd', '-x', '@sum', '\tx']) assert.match(csvCell(formula), /^"\t/);
  });
});
