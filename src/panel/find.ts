/** Find in the conversation: over every row, not only those on the page. Pure. */

import type { Match, Row } from './protocol.ts';

/** Rows that hold the query, in order, with the number of hits in each. Stops at `max` hits. */
export function findInRows(
  rows: readonly Row[],
  query: string,
  caseSensitive: boolean,
  max = 10_000,
): { readonly matches: readonly Match[]; readonly hits: number } {
  const matches: Match[] = [];
  let hits = 0;
  const wanted = caseSensitive ? query : query.toLowerCase();
  if (wanted === '') return { matches, hits };
  for (const [index, row] of rows.entries()) {
    let count = 0;
    for (const text of [row.title, row.content, row.result?.content ?? '', row.error?.message ?? '']) {
      const searched = caseSensitive ? text : text.toLowerCase();
      for (let at = searched.indexOf(wanted); at >= 0; at = searched.indexOf(wanted, at + wanted.length)) count += 1;
    }
    if (count > 0) {
      matches.push({ index, count });
      hits += count;
      if (hits >= max) break;
    }
  }
  return { matches, hits };
}
