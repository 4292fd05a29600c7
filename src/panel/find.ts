/** Find in the conversation: over every row, not only those on the page. Pure. */

import { findPattern, plainMarkdown } from '../core/find-pattern.ts';
import type { Match, Row } from './protocol.ts';

/** A row's Markdown without its signs: made once, and gone with the row. */
const plain = new WeakMap<Row, string>();

/**
 * Rows that hold the query, in order, with the number of hits in each. Markdown is searched as it is read and as it was written: whichever has
 * more hits. Stops at `max` hits.
 */
export function findInRows(
  rows: readonly Row[],
  query: string,
  caseSensitive: boolean,
  max = 10_000,
): { readonly matches: readonly Match[]; readonly hits: number } {
  const matches: Match[] = [];
  let hits = 0;
  if (query === '') return { matches, hits };
  const wanted = findPattern(query, caseSensitive);
  const countIn = (text: string): number => text.match(wanted)?.length ?? 0;
  for (const [index, row] of rows.entries()) {
    const around = [row.title, row.result?.content ?? '', row.error?.message ?? ''];
    const content = Math.max(countIn(row.content), row.render === 'markdown' ? countIn(read(row)) : 0);
    const count = around.reduce((sum, text) => sum + countIn(text), content);
    if (count > 0) {
      matches.push({ index, count });
      hits += count;
      if (hits >= max) break;
    }
  }
  return { matches, hits };
}

function read(row: Row): string {
  const known = plain.get(row);
  if (known !== undefined) return known;
  const text = plainMarkdown(row.content);
  plain.set(row, text);
  return text;
}
