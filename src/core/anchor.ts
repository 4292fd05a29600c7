/**
 * A place in a file that stays with its code: found again after edits in it and above it, and after a reload, with a stated confidence. Pure.
 *
 * What is kept of the code are hashes of normalised lines and a sketch of its words, not the text: a record on disk must not hold the secret
 * that was replaced before the same lines were sent.
 */

/** `exact`: the same code where it was; `moved`: the same code elsewhere; `likely`: the place, but its code changed, or one of several equal ones. */
export type Confidence = 'exact' | 'moved' | 'likely' | 'lost';

/** Lines, 1-based and inclusive. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

export interface AnchorPlace extends LineRange {
  /** Where it is `lost`, the range is where it was last, cut to the file. */
  readonly confidence: Confidence;
}

/** A file as lines, 0-based and without their endings, so that nobody has to copy a long document. */
export interface LineSource {
  readonly lineCount: number;
  line(index: number): string;
}

export interface ContentAnchor extends LineRange {
  /** URI of the document as text. */
  readonly uri: string;
  /** Of all lines. */
  readonly whole: number;
  /** Of the first and the last lines, at most `KEPT` each; for short ranges both name the same lines. */
  readonly head: readonly number[];
  readonly tail: readonly number[];
  /** Of the lines around it, at most `AROUND` each, in the file's order. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Short hashes of the words in `head` and `tail`, sorted, at most `MAX_WORDS`. */
  readonly words: readonly number[];
}

const KEPT = 24;
const AROUND = 3;
const MAX_WORDS = 240;
/** A longer line (minified code) counts by its beginning. */
const LINE_UNITS = 2000;
/** Places of equal lines that are looked at closely. */
const MAX_CANDIDATES = 64;
/** Least share of words that the code asked about and the code found have in common; less where its neighbours stand unchanged beside it. */
const ALIKE = 0.5;
const ALIKE_BETWEEN_NEIGHBOURS = 0.2;

export function linesOf(lines: readonly string[]): LineSource {
  return { lineCount: lines.length, line: (index) => lines[index] ?? '' };
}

/** The range is cut to the file; an empty file gives one empty line. */
export function makeAnchor(uri: string, source: LineSource, range: LineRange): ContentAnchor {
  const { first, last } = within(source, range);
  const hashes = hashesOf(source, first - 1, last);
  return {
    uri,
    first,
    last,
    whole: hashOfAll(hashes),
    head: hashes.slice(0, KEPT),
    tail: hashes.slice(-KEPT),
    before: hashesOf(source, first - 1 - AROUND, first - 1),
    after: hashesOf(source, last, last + AROUND),
    words: wordsOf(source, first, last),
  };
}

/** An anchor for code that somebody quotes (a model): the text counts, the line, if any, only chooses between equal places. */
export function anchorOfSnippet(uri: string, snippet: string, hint = 1): ContentAnchor {
  const all = snippet.split(/\r\n|\n|\r/);
  // Blank lines around a quotation belong to nobody.
  const from = all.findIndex((line) => line.trim() !== '');
  const lines = all.slice(Math.max(0, from), all.findLastIndex((line) => line.trim() !== '') + 1);
  const anchor = makeAnchor(uri, linesOf(lines), { first: 1, last: Math.max(1, lines.length) });
  return { ...anchor, first: hint, last: hint + Math.max(1, lines.length) - 1 };
}

/** True when exactly these lines hold the anchored code, indentation aside. */
export function isSame(source: LineSource, anchor: ContentAnchor, { first, last }: LineRange): boolean {
  if (first < 1 || last > source.lineCount || last - first !== anchor.last - anchor.first) return false;
  return hashOfAll(hashesOf(source, first - 1, last)) === anchor.whole;
}

/**
 * Where the anchored code is now. `hint`: the 1-based line it began at when last seen, if that is not the anchor's own. Of several equal places
 * the one with the same neighbours wins, then the nearest; where neither tells them apart, the answer is only `likely`.
 */
export function locate(source: LineSource, anchor: ContentAnchor, hint = anchor.first): AnchorPlace {
  const hashes = hashesOf(source, 0, source.lineCount);
  return (
    sameCode(source, hashes, anchor, hint) ??
    changedCode(source, hashes, anchor, hint) ?? {
      ...within(source, { first: hint, last: hint + anchor.last - anchor.first }),
      confidence: 'lost',
    }
  );
}

/** One edit as editors tell it: 0-based lines and characters, `text` in the place of the range. */
export interface LineEdit {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
  readonly text: string;
}

/** The range after an edit. Undefined when the edit removed all of it. */
export function afterEdit({ first, last }: LineRange, { start, end, text }: LineEdit): LineRange | undefined {
  const added = (text.match(/\r\n|\n|\r/g) ?? []).length;
  const delta = added - (end.line - start.line);
  const top = first - 1;
  const bottom = last - 1;
  // What ends before the first character of the range is above it, unless it joins its own text to the first line.
  const endsAtTop =
    end.line === top && end.character === 0 && (/[\r\n]$/.test(text) || (text === '' && start.character === 0));
  if (end.line < top || endsAtTop) return { first: first + delta, last: last + delta };
  if (start.line > bottom) return { first, last };
  const isAllGone =
    start.line <= top &&
    (start.line < top || start.character === 0) &&
    (end.line > bottom || (end.line === bottom && end.character >= LINE_UNITS)) &&
    text.trim() === '';
  if (isAllGone) return undefined;
  const from = Math.min(top, start.line + (start.line < top ? added : 0));
  const to = end.line > bottom ? start.line + added : bottom + delta;
  return { first: Math.max(1, from + 1), last: Math.max(from, to) + 1 };
}

function sameCode(
  source: LineSource,
  hashes: readonly number[],
  anchor: ContentAnchor,
  hint: number,
): AnchorPlace | undefined {
  const count = anchor.last - anchor.first + 1;
  const [head] = anchor.head;
  if (head === undefined || anchor.words.length === 0) return undefined;
  const fitting: { at: number; neighbours: number }[] = [];
  for (let at = hashes.indexOf(head); at >= 0 && at + count <= hashes.length; at = hashes.indexOf(head, at + 1)) {
    if (!anchor.head.every((hash, index) => hashes[at + index] === hash)) continue;
    const tail = at + count - anchor.tail.length;
    if (!anchor.tail.every((hash, index) => hashes[tail + index] === hash)) continue;
    fitting.push({ at, neighbours: neighboursAt(hashes, anchor, at, count) });
  }
  fitting.sort((a, b) => b.neighbours - a.neighbours || Math.abs(a.at + 1 - hint) - Math.abs(b.at + 1 - hint));
  // Long ranges are compared as a whole only where they may win.
  const [best, second] = fitting
    .slice(0, MAX_CANDIDATES)
    .filter(({ at }) => count <= KEPT || hashOfAll(hashes.slice(at, at + count)) === anchor.whole);
  if (best === undefined) return undefined;
  const first = best.at + 1;
  const isTold = second === undefined || best.neighbours > second.neighbours;
  const known = anchor.before.length + anchor.after.length;
  // Equal code where the range was, among equals that its neighbours do not tell apart, is that code unless the neighbours say otherwise.
  const isInPlace = first === anchor.first && (isTold || best.neighbours === known);
  const confidence = isInPlace ? 'exact' : !isTold ? 'likely' : first === anchor.first ? 'exact' : 'moved';
  return { ...within(source, { first, last: first + count - 1 }), confidence };
}

/** The place by what is left of the code and by its neighbours, when enough of it is left. */
function changedCode(
  source: LineSource,
  hashes: readonly number[],
  anchor: ContentAnchor,
  hint: number,
): AnchorPlace | undefined {
  const count = anchor.last - anchor.first + 1;
  const starts = vote(hashes, anchor.before, anchor.head, anchor.before.length, hint - 1);
  const ends = vote(hashes, anchor.tail, anchor.after, anchor.tail.length - 1, hint - 2 + count);
  const ranges: LineRange[] = [];
  for (const first of starts) {
    ranges.push({ first: first + 1, last: first + count });
    for (const last of ends)
      if (last >= first && last - first < count * 3 + 20) ranges.push({ first: first + 1, last: last + 1 });
  }
  for (const last of ends) ranges.push({ first: last + 2 - count, last: last + 1 });
  if (ranges.length === 0) ranges.push(...byWords(source, anchor));
  const wanted = new Set(anchor.words);
  let best: { range: LineRange; score: number } | undefined;
  for (const range of ranges) {
    const cut = within(source, range);
    const alike = likeness(wanted, wordsOf(source, cut.first, cut.last));
    const beside =
      Number(anchor.before.length > 0 && hashes[cut.first - 2] === anchor.before.at(-1)) +
      Number(anchor.after.length > 0 && hashes[cut.last] === anchor.after[0]);
    if (beside < 2 && (wanted.size === 0 || alike < ALIKE)) continue;
    if (alike < ALIKE_BETWEEN_NEIGHBOURS) continue;
    const score = alike + beside * 0.2 - Math.min(0.1, Math.abs(cut.first - hint) / 100_000);
    if (best === undefined || score > best.score) best = { range: cut, score };
  }
  return best === undefined ? undefined : { ...best.range, confidence: 'likely' };
}

/**
 * Indices (0-based) for which most known lines stand in their place, the best first, at most three. `upper` and `lower` follow each other;
 * `origin` is the place of the wanted line in both together.
 */
function vote(
  hashes: readonly number[],
  upper: readonly number[],
  lower: readonly number[],
  origin: number,
  hint: number,
): number[] {
  const places = new Map<number, number[]>();
  [...upper, ...lower].forEach((hash, place) => {
    if (hash === BLANK) return;
    const others = places.get(hash);
    if (others === undefined) places.set(hash, [place]);
    else others.push(place);
  });
  const votes = new Map<number, number>();
  hashes.forEach((hash, index) => {
    for (const place of places.get(hash) ?? []) {
      const at = index - place + origin;
      if (at >= 0 && at < hashes.length) votes.set(at, (votes.get(at) ?? 0) + 1);
    }
  });
  return [...votes]
    .sort(([a, countA], [b, countB]) => countB - countA || Math.abs(a - hint) - Math.abs(b - hint))
    .slice(0, 3)
    .map(([at]) => at);
}

/** Ranges that begin like the code, by words alone: for a line that was edited while everything around it changed too. */
function byWords(source: LineSource, anchor: ContentAnchor): LineRange[] {
  const count = anchor.last - anchor.first + 1;
  const wanted = new Set(anchor.words);
  // Longer code would have left an equal line; and the search costs what the file is long.
  if (count > 3) return [];
  const ranges: { range: LineRange; alike: number }[] = [];
  for (let first = 1; first + count - 1 <= source.lineCount; first += 1) {
    const alike = likeness(wanted, wordsOf(source, first, first + count - 1));
    if (alike >= ALIKE) ranges.push({ range: { first, last: first + count - 1 }, alike });
  }
  return ranges
    .sort((a, b) => b.alike - a.alike)
    .slice(0, MAX_CANDIDATES)
    .map(({ range }) => range);
}

function neighboursAt(hashes: readonly number[], anchor: ContentAnchor, at: number, count: number): number {
  const { before, after } = anchor;
  return (
    before.filter((hash, index) => hashes[at - before.length + index] === hash).length +
    after.filter((hash, index) => hashes[at + count + index] === hash).length
  );
}

/** Dice's coefficient: 1 for the same words, 0 for none in common. */
function likeness(wanted: ReadonlySet<number>, found: readonly number[]): number {
  const common = found.filter((word) => wanted.has(word)).length;
  return wanted.size + found.length === 0 ? 1 : (2 * common) / (wanted.size + found.length);
}

/** Of the first and last lines of the range, so that a long range costs no more than a short one. */
function wordsOf(source: LineSource, first: number, last: number): number[] {
  const words = new Set<number>();
  const add = (index: number): void => {
    for (const word of clean(source.line(index)).match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu) ?? [])
      words.add(hashOf(word) % 0xffff);
  };
  const end = Math.min(last, first + KEPT - 1);
  for (let number = first; number <= end; number += 1) add(number - 1);
  for (let number = Math.max(end + 1, last - KEPT + 1); number <= last; number += 1) add(number - 1);
  return [...words].sort((a, b) => a - b).slice(0, MAX_WORDS);
}

/** Of the lines from `from` (0-based) to before `to`, cut to the file. */
function hashesOf(source: LineSource, from: number, to: number): number[] {
  const hashes: number[] = [];
  const end = Math.min(to, source.lineCount);
  for (let index = Math.max(0, from); index < end; index += 1) hashes.push(hashOf(clean(source.line(index))));
  return hashes;
}

/** Indentation and the width of gaps do not make other code. */
function clean(line: string): string {
  return line.slice(0, LINE_UNITS).replace(/\s+/g, ' ').trim();
}

function within(source: LineSource, { first, last }: LineRange): LineRange {
  const end = Math.max(1, source.lineCount);
  const from = Math.min(Math.max(1, first), end);
  return { first: from, last: Math.min(Math.max(from, last), end) };
}

function hashOfAll(hashes: readonly number[]): number {
  return hashOf(hashes.join(','));
}

/** 53 bits: enough to tell the lines of one file apart. Nobody gains by a collision here. */
function hashOf(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

const BLANK = hashOf('');
