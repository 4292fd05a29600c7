/**
 * Where the code that a finding quotes stands in a file. The text decides; the line that came with it only chooses between equal places. Pure.
 */

import { type LineRange, type LineSource, anchorOfSnippet, isSame, locate } from './anchor.ts';

export interface SnippetPlace extends LineRange {
  /**
   * `whole`: exactly these lines; `part`: what is quoted stands within them, or with gaps for what the quotation leaves out; `near`: the code is
   * alike, not the same.
   */
  readonly match: 'whole' | 'part' | 'near';
}

/** What stands for anything: our placeholders for secrets, and how people and models leave something out. */
const GAP = /\[\[SECRET-\d{1,6}:[a-z0-9-]{1,48}\]\](?:\s*\(\d+ characters\))?|…(?:\s*\(\d+ characters\))?|\.{3}|\*{3,}/;
/** Fewer characters between gaps say nothing of where they belong. */
const TELLING = 6;

/** Undefined when nothing like it is in the file. `hint`: 1-based line, as the answer says. */
export function placeSnippet(source: LineSource, snippet: string, hint = 1): SnippetPlace | undefined {
  const anchor = anchorOfSnippet('', snippet, hint);
  const found = locate(source, anchor, hint);
  if (found.confidence !== 'lost' && isSame(source, anchor, found)) return { ...rangeOf(found), match: 'whole' };
  const part = partPlace(source, snippet, hint);
  if (part !== undefined) return { ...part, match: 'part' };
  return found.confidence === 'likely' && isAlike(source, found, snippet)
    ? { ...rangeOf(found), match: 'near' }
    : undefined;
}

/** Signs make any two lines of code alike: here names and numbers count, and most of those quoted have to be there. */
function isAlike(source: LineSource, { first, last }: LineRange, snippet: string): boolean {
  const wanted = namesIn(snippet);
  const there = new Set<string>();
  for (let line = first; line <= last; line += 1) for (const name of namesIn(source.line(line - 1))) there.add(name);
  const common = [...wanted].filter((name) => there.has(name)).length;
  return wanted.size >= 3 && common / wanted.size >= 0.6;
}

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}\p{N}_$]{2,}/gu));
}

function rangeOf({ first, last }: LineRange): LineRange {
  return { first, last };
}

/** The nearest place whose lines hold the pieces of the quoted ones, in their order. */
function partPlace(source: LineSource, snippet: string, hint: number): LineRange | undefined {
  const all = snippet.split(/\r\n|\n|\r/).map(clean);
  const from = all.findIndex((line) => line !== '');
  const lines = all
    .slice(Math.max(0, from), all.findLastIndex((line) => line !== '') + 1)
    .map((line) => line.split(GAP).map(clean));
  const fixed = lines.flat().reduce((sum, piece) => sum + piece.replace(/\s/g, '').length, 0);
  if (fixed < TELLING) return undefined;
  let best: number | undefined;
  for (let at = 0; at + lines.length <= source.lineCount; at += 1) {
    if (!lines.every((pieces, index) => holds(clean(source.line(at + index)), pieces))) continue;
    if (best === undefined || Math.abs(at + 1 - hint) < Math.abs(best - hint)) best = at + 1;
  }
  return best === undefined ? undefined : { first: best, last: best + lines.length - 1 };
}

function holds(line: string, pieces: readonly string[]): boolean {
  if (pieces.every((piece) => piece === '')) return pieces.length > 1 || line === '';
  let at = 0;
  for (const piece of pieces) {
    const found = line.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return true;
}

/** Indentation and the width of gaps do not make other code; of a longer line the beginning counts. */
function clean(line: string): string {
  return line.slice(0, 2000).replace(/\s+/g, ' ').trim();
}
