/** The difference between what the page has and what it should have, as the smallest list of changes. Pure. */

import type { Change, Row } from './protocol.ts';

/** Changes from `before` to `after`, to be applied in order. Rows are compared by identity first: unchanged ones cost one comparison. */
export function rowChanges(before: readonly Row[], after: readonly Row[]): Change[] {
  if (before === after) return [];
  const changes: Change[] = [];
  const shorter = Math.min(before.length, after.length);
  let index = 0;
  for (; index < shorter; index += 1) {
    const old = before[index];
    const row = after[index];
    if (old === row) continue;
    if (old === undefined || row === undefined || (old.id !== row.id && !continues(old, row))) break;
    changes.push(rowChange(index, old, row));
  }
  if (index === before.length && index === after.length) return changes;
  let tail = 0;
  const most = shorter - index;
  while (tail < most && before[before.length - 1 - tail]?.id === after[after.length - 1 - tail]?.id) tail += 1;
  const remove = before.length - index - tail;
  const rows = after.slice(index, after.length - tail);
  changes.push({ type: 'splice', index, remove, rows });
  for (let back = tail; back > 0; back -= 1) {
    const old = before[before.length - back];
    const row = after[after.length - back];
    if (old !== undefined && row !== undefined && old !== row) changes.push(rowChange(after.length - back, old, row));
  }
  return changes;
}

function rowChange(index: number, old: Row, row: Row): Change {
  if (!continues(old, row)) return { type: 'row', index, row };
  const { content, ...rest } = row;
  const text = content.slice(old.content.length);
  return onlyGrew(old, row)
    ? { type: 'text', index, id: row.id, text }
    : { type: 'grown', index, id: old.id, row: rest, text };
}

/** A streamed row and what became of it, by the same id or (v1) as a message of its own: the same kind of text, with more at its end or the same. */
function continues(old: Row, row: Row): boolean {
  return (
    old.status === 'streaming' &&
    old.content !== '' &&
    old.kind === row.kind &&
    old.render === row.render &&
    row.content.startsWith(old.content)
  );
}

/** Of two rows that continue each other: they differ by text at the end and by nothing else. */
function onlyGrew(old: Row, row: Row): boolean {
  return (
    old.id === row.id &&
    row.status === 'streaming' &&
    old.title === row.title &&
    old.result === row.result &&
    old.usage === row.usage &&
    old.error === row.error &&
    old.wholeChars === row.wholeChars &&
    row.content.length > old.content.length
  );
}
