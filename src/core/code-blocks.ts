/** Code in answers: its blocks, the hunks of those that are diffs, and how either fits into the file that was asked about. Pure. */

import MarkdownIt, { type MarkdownIt as Parser } from 'markdown-it';
import { type LineRange, type LineSource, anchorOfSnippet, locate } from './anchor.ts';
import { SecGeminiError } from './errors.ts';

export interface CodeBlock {
  /** As the fence names it; untrusted, letters, digits and `+#_-` only. */
  readonly language: string;
  /** Verbatim, without the line end before the closing fence. */
  readonly code: string;
  /** Not empty: the block is a unified diff. */
  readonly hunks: readonly Hunk[];
}

export interface Hunk {
  /** As the diff names the file; undefined where it names none. Untrusted. */
  readonly path?: string | undefined;
  /** 1-based first line in the old file, as the diff says. Only a hint: models miscount. */
  readonly hint?: number | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Lines of a document that are to be replaced. An insertion replaces none: `last` is then `first - 1`. */
export interface LinesEdit extends LineRange {
  readonly lines: readonly string[];
}

/**
 * True for files where a change could switch a guard off or run by itself (trust.md S16): such a change is never proposed. `path` is relative,
 * with forward slashes.
 */
export function steersTheEditor(path: string): boolean {
  return STEERING.test(path.normalize('NFKC').replace(/[. ]+(?=\/|$)/g, ''));
}

const STEERING =
  /(?:^|\/)(?:\.vscode|\.git|\.github|\.cursor|\.devcontainer|\.husky)\/|\.code-workspace$|(?:^|\/)(?:mcp\.json|\.mcp\.json|\.envrc|\.npmrc)$/i;

let parser: Parser | undefined;

export function parseCode(markdown: string): readonly CodeBlock[] {
  parser ??= new MarkdownIt('commonmark', { html: false });
  return parser
    .parse(markdown, {})
    .filter(({ type, content }) => (type === 'fence' || type === 'code_block') && content.trim() !== '')
    .map(({ info, content }) => {
      const language = /^[A-Za-z0-9+#_-]{1,32}(?=\s|$)/.exec(info.trim())?.[0] ?? '';
      const code = content.replace(/\n$/, '');
      return { language, code, hunks: parseHunks(code, language) };
    });
}

/** The hunks of a unified diff; empty for anything else. */
export function parseHunks(code: string, language: string): readonly Hunk[] {
  const lines = code.split('\n');
  const isDiff = /^(?:diff|patch|udiff)$/i.test(language);
  if (!isDiff && !(lines.some((line) => /^@@ .*@@/.test(line)) && lines.some((line) => /^[+-]/.test(line)))) return [];
  const hunks: Hunk[] = [];
  let path: string | undefined;
  let open: { path: string | undefined; hint: number | undefined; before: string[]; after: string[] } | undefined;
  const close = (): void => {
    if (open !== undefined && open.before.join('\n') !== open.after.join('\n')) hunks.push(open);
    open = undefined;
  };
  for (const line of lines) {
    const file = /^\+\+\+ (?:b\/)?([^\t]+)/.exec(line)?.[1]?.trim();
    const head = /^@@(?: -(\d{1,7})(?:,\d{1,7})? \+\d{1,7}(?:,\d{1,7})?)?/.exec(line);
    if (/^(?:diff |index |similarity |rename |new file|deleted file|--- )/.test(line)) close();
    else if (file !== undefined) {
      close();
      path = file === '/dev/null' ? undefined : file;
    } else if (head !== null) {
      close();
      open = { path, hint: head[1] === undefined ? undefined : Number(head[1]), before: [], after: [] };
    } else if (!line.startsWith('\\')) {
      open ??= { path, hint: undefined, before: [], after: [] };
      if (!line.startsWith('+')) open.before.push(line.slice(1));
      if (!line.startsWith('-')) open.after.push(line.slice(1));
    }
  }
  close();
  return hunks;
}

/**
 * What a block changes when it takes the place of the code asked about. A block that begins and ends with lines of the file replaces those; else
 * it replaces the whole range. It gets the range's indentation where it has none.
 */
export function blockEdit(source: LineSource, range: LineRange, code: string): LinesEdit {
  const lines = code.split('\n');
  const place = alignedRange(source, range, lines) ?? range;
  const there = linesIn(source, place);
  const base = indentOf(there);
  const own = indentOf(lines);
  const put = own === '' && base !== '' ? lines.map((line) => (line.trim() === '' ? line : base + line)) : lines;
  return { ...place, lines: put };
}

/** Rejects with `invalidArgument` where the lines that the hunk expects are not in the file. `near`: 1-based line to prefer. */
export function hunkEdit(source: LineSource, hunk: Hunk, near: number): LinesEdit {
  const { before, after } = hunk;
  // Blank lines at the ends are often lost on the way through an answer.
  const from = before.findIndex((line) => line.trim() !== '');
  if (from === -1) {
    const at = hunk.hint === undefined ? near : hunk.hint;
    const first = Math.min(Math.max(1, at), source.lineCount + 1);
    return { first, last: first - 1, lines: after };
  }
  const to = before.findLastIndex((line) => line.trim() !== '') + 1;
  const wanted = before.slice(from, to);
  const put = after.slice(
    countSame(before, after, from),
    after.length - countSameEnd(before, after, before.length - to),
  );
  const exact = exactPlace(source, wanted, hunk.hint ?? near);
  if (exact !== undefined) return { first: exact, last: exact + wanted.length - 1, lines: put };
  const found = locate(source, anchorOfSnippet('', wanted.join('\n'), near), near);
  if (found.confidence !== 'exact' && found.confidence !== 'moved')
    throw new SecGeminiError(
      'invalidArgument',
      'This part of the diff does not fit the file: the lines it changes are not there.',
      {
        action: 'Ask again with the file as it is now, or copy the code.',
      },
    );
  return { first: found.first, last: found.last, lines: put };
}

/** The lines after all edits. Rejects with `invalidArgument` when two of them want the same lines. */
export function applyLines(source: LineSource, edits: readonly LinesEdit[]): string[] {
  const lines = linesIn(source, { first: 1, last: source.lineCount });
  let below = Number.POSITIVE_INFINITY;
  for (const { first, last, lines: put } of edits.toSorted((a, b) => b.first - a.first || b.last - a.last)) {
    if (last >= below || first > lines.length + 1)
      throw new SecGeminiError('invalidArgument', 'Two parts of this change want the same lines.', {
        action: 'Choose one of them.',
      });
    lines.splice(first - 1, last - first + 1, ...put);
    below = first;
  }
  return lines;
}

function linesIn(source: LineSource, { first, last }: LineRange): string[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_line, index) => source.line(first - 1 + index));
}

/** Leading blank lines that both sides of a hunk have. */
function countSame(before: readonly string[], after: readonly string[], max: number): number {
  let count = 0;
  while (count < max && count < after.length && before[count] === after[count]) count += 1;
  return count;
}

function countSameEnd(before: readonly string[], after: readonly string[], max: number): number {
  let count = 0;
  while (count < max && count < after.length && before.at(-1 - count) === after.at(-1 - count)) count += 1;
  return count;
}

/** 1-based first line of the place where these lines stand, the nearest to `near`. */
function exactPlace(source: LineSource, wanted: readonly string[], near: number): number | undefined {
  const same = wanted.map((line) => line.trimEnd());
  let best: number | undefined;
  for (let at = 0; at + same.length <= source.lineCount; at += 1) {
    if (!same.every((line, index) => source.line(at + index).trimEnd() === line)) continue;
    if (best === undefined || Math.abs(at + 1 - near) < Math.abs(best - near)) best = at + 1;
  }
  return best;
}

/** A shorter line says too little of where it belongs. */
const TELLING = 6;

function alignedRange(source: LineSource, range: LineRange, lines: readonly string[]): LineRange | undefined {
  const [top, bottom] = [lines.find((line) => line.trim() !== ''), lines.findLast((line) => line.trim() !== '')].map(
    (line) => line?.trim() ?? '',
  );
  if (top === undefined || bottom === undefined || top.length < TELLING || bottom.length < TELLING) return undefined;
  const span = Math.max(20, lines.length * 3);
  const first = nearest(source, top, range.first, span);
  const last = nearest(source, bottom, range.last, span);
  if (first === undefined || last === undefined || last < first) return undefined;
  return first <= range.last && last >= range.first ? { first, last } : undefined;
}

function nearest(source: LineSource, text: string, near: number, span: number): number | undefined {
  for (let distance = 0; distance <= span; distance += 1)
    for (const line of [near - distance, near + distance])
      if (line >= 1 && line <= source.lineCount && source.line(line - 1).trim() === text) return line;
  return undefined;
}

/** Of the least indented line. */
function indentOf(lines: readonly string[]): string {
  let least: string | undefined;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    if (least === undefined || indent.length < least.length) least = indent;
  }
  return least ?? '';
}
