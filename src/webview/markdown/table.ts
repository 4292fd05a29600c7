/** Tables that sort and copy. The head's buttons sort the rows that are there; the source of the message stays as it is. */

import { own } from '../../core/own.ts';
import { button, el } from '../dom.ts';

type Order = 'none' | 'ascending' | 'descending';

/** Wraps the table: a scroller that the keyboard reaches, and the buttons to copy it. Changes the table's head in place. */
export function tableBlock(table: HTMLTableElement): HTMLElement {
  for (const head of table.querySelectorAll('th')) sortable(head);
  const scroller = el('div', { class: 'table', role: 'group', 'aria-label': 'Table', tabindex: '0' }, table);
  const tools = el(
    'div',
    { class: 'table-tools' },
    button('Copy table as Markdown', 'copy', 'copy-table'),
    button('Copy table as CSV', 'copyAll', 'copy-csv'),
  );
  return el('div', { class: 'table-block' }, scroller, tools);
}

/** The head's words become the button that sorts; heads with links or without words stay as they are. */
function sortable(head: HTMLTableCellElement): void {
  const words = head.textContent.trim();
  if (words === '' || head.querySelector('.link, .file, .symbol') !== null) return;
  const sort = el('button', { type: 'button', class: 'sort' });
  sort.dataset['action'] = 'sort';
  sort.append(...head.childNodes);
  head.append(sort);
  head.setAttribute('aria-sort', 'none');
}

/** Sorts the rows by the column whose head holds the button: up, down, then as they were. Returns what to say. */
export function sortByColumn(pressed: HTMLElement): string {
  const head = pressed.closest('th');
  const table = head?.closest('table');
  const body = table?.tBodies[0];
  if (head === null || table == null || body === undefined) return '';
  const next: Record<Order, Order> = { none: 'ascending', ascending: 'descending', descending: 'none' };
  const order = next[(head.getAttribute('aria-sort') ?? 'none') as Order];
  for (const other of table.querySelectorAll('th[aria-sort]')) other.setAttribute('aria-sort', 'none');
  head.setAttribute('aria-sort', order);
  remember(body);
  const rows = [...body.rows];
  const column = head.cellIndex;
  const place = (row: HTMLTableRowElement): number => places.get(row) ?? 0;
  const sign = order === 'descending' ? -1 : 1;
  body.append(
    ...rows.toSorted((a, b) =>
      order === 'none'
        ? place(a) - place(b)
        : sign * compareCells(cellText(a, column), cellText(b, column)) || place(a) - place(b),
    ),
  );
  const name = pressed.textContent.trim();
  return order === 'none' ? 'Rows as written.' : `Sorted by ${name}, ${order}.`;
}

/** Where each row stood in the source. Rows that came since the last sort stand behind the others. */
const places = new WeakMap<HTMLTableRowElement, number>();

function remember(body: HTMLTableSectionElement): void {
  const rows = [...body.rows];
  let last = rows.reduce((most, row) => Math.max(most, places.get(row) ?? -1), -1);
  for (const row of rows) {
    if (places.has(row)) continue;
    last += 1;
    places.set(row, last);
  }
}

/** The words of severity have an order of their own; numbers count as numbers, with their units; empty cells come last. */
const RANKS: Readonly<Record<string, number>> = {
  info: 0,
  informational: 0,
  low: 1,
  medium: 2,
  moderate: 2,
  high: 3,
  critical: 4,
};

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Negative when `a` comes first. */
export function compareCells(a: string, b: string): number {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? 1 : -1;
  const [rankA, rankB] = [own(RANKS, a.toLowerCase()), own(RANKS, b.toLowerCase())];
  if (rankA !== undefined && rankB !== undefined) return rankA - rankB;
  const [numberA, numberB] = [numberOf(a), numberOf(b)];
  if (numberA !== undefined && numberB !== undefined) return numberA - numberB;
  return words.compare(a, b);
}

function numberOf(text: string): number | undefined {
  const found = /^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s?%)?$/.exec(text);
  return found === null ? undefined : Number(text.replace(/[,%\s]/g, ''));
}

function cellText(row: HTMLTableRowElement, column: number): string {
  return row.cells[column]?.textContent.trim() ?? '';
}

/** RFC 4180, in the order that is shown. A cell that a spreadsheet would take for a formula gets a tab in front of it. */
export function tableAsCsv(table: HTMLTableElement): string {
  return [...table.rows]
    .map((row) => `${[...row.cells].map((cell) => csvCell(cell.textContent.trim())).join(',')}\r\n`)
    .join('');
}

/** One field; what the service wrote must not run as a formula where it is pasted. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && numberOf(text) === undefined ? `\t${text}` : text;
  return /[",\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
