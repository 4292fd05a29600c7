/** A table of words with the head, sorting and copying of the Markdown tables. */

import { el } from '../dom.ts';
import { markedText } from '../markdown/hidden.ts';
import { tableBlock } from '../markdown/table.ts';
import { counted } from './json-tree.ts';
import type { TableModel } from './table-model.ts';

/** Every string is text, whatever it looks like. */
export function wordTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  label: string,
): HTMLElement {
  const table = el('table', { 'aria-label': label });
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    const cell = el('th', { scope: 'col' });
    cell.append(markedText(column));
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const text of row) {
      const cell = line.insertCell();
      if (/^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)? ?%?$/.test(text)) cell.className = 'align-right';
      cell.append(markedText(text));
    }
  }
  return tableBlock(table);
}

export function drawTable({ columns, rows, moreRows, moreColumns }: TableModel): HTMLElement[] {
  const left = [
    ...(moreRows > 0 ? [counted(moreRows, 'more row')] : []),
    ...(moreColumns > 0 ? [counted(moreColumns, 'more column')] : []),
  ];
  const parts = [wordTable(columns, rows, `Table, ${counted(rows.length, 'row')}`)];
  if (left.length > 0) parts.push(el('p', { class: 'word' }, `Not shown: ${left.join(' and ')}. The source has all.`));
  return parts;
}
