/** Tools over the workspace's files: list, read, search. No `vscode`: the same code runs in tests in plain Node. */

import * as z from 'zod/mini';
import { defineTool } from '../../core/tools/define-tool.ts';
import { globExpression } from '../../core/attach-glob.ts';
import { formatBytes } from '../../core/format.ts';
import { moreMark, offsetOf } from '../../core/tools/output.ts';
import { type Tool, type ToolContext, ToolInputError, type ToolOutput } from '../../core/tools/tool.ts';
import type { WorkspaceFiles } from '../workspace-files.ts';
import { type Match, type TextQuery, findText, listFiles } from './candidates.ts';
import { CallFiles, MAX_FILE_BYTES, clip } from './text-file.ts';

export interface FileToolsOptions {
  readonly files: WorkspaceFiles;
  /** VS Code's own; without it files are searched here. */
  readonly ripgrep: string | undefined;
}

const FILES_PER_PAGE = 300;
const LINES_PER_READ = 1_000;
const MATCHES_PER_PAGE = 100;
/** Without ripgrep. */
const MOST_SEARCHED = 5_000;

export const pathArgument = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(1000),
    z.describe('Path relative to the workspace, with forward slashes, e.g. src/app.ts'),
  );
export const cursorArgument = z
  .optional(z.string().check(z.maxLength(20)))
  .check(z.describe('From the mark at the end of the result before, to go on there'));
export const lineArgument = z.int().check(z.gte(1), z.lte(10_000_000));

const glob = z
  .optional(
    z.string().check(
      z.minLength(1),
      z.maxLength(200),
      z.refine((text) => (text.match(/\*/g) ?? []).length <= 8, 'at most 8 stars'),
    ),
  )
  .check(z.describe('Only files whose path fits, e.g. **/*.ts or src/**'));

export function fileTools(options: FileToolsOptions): readonly Tool[] {
  const { files } = options;
  return [
    defineTool({
      name: 'list_files',
      title: 'List files of the workspace',
      description:
        'Paths of the files in the workspace, without those that git ignores and those kept on this machine.',
      input: z.object({
        path: z._default(pathArgument, '.').check(z.describe('Folder to list; default: the whole workspace')),
        glob,
        cursor: cursorArgument,
      }),
      run: async (args, context) => list(options, args, context),
    }),
    defineTool({
      name: 'read_file',
      title: 'Read a file or a range of it',
      description: `Text of a file with line numbers, at most ${LINES_PER_READ} lines at once. Unsaved text of an open editor counts.`,
      input: z.object({
        path: pathArgument,
        startLine: z.optional(lineArgument).check(z.describe('First line, from 1; default 1')),
        endLine: z.optional(lineArgument).check(z.describe('Last line, included')),
      }),
      run: (args) => read(files, args),
    }),
    defineTool({
      name: 'search_text',
      title: 'Search text in files',
      description: 'Lines that hold a text (or match a regular expression), with path and line number.',
      input: z.object({
        query: z.string().check(z.minLength(1), z.maxLength(1000), z.describe('The text to look for')),
        isRegex: z
          ._default(z.boolean(), false)
          .check(z.describe("The query is a regular expression in ripgrep's syntax")),
        matchCase: z._default(z.boolean(), false),
        wholeWord: z._default(z.boolean(), false),
        path: z._default(pathArgument, '.').check(z.describe('Folder or file to search; default: the whole workspace')),
        glob,
        cursor: cursorArgument,
      }),
      run: (args, context) => search(options, args, context),
    }),
  ];
}

/** The folders to look in: the one named, or each of the workspace. */
async function startsOf(files: WorkspaceFiles, path: string): Promise<readonly string[]> {
  if (path === '.' || path === '') return files.folders.map((folder) => folder.path);
  return [(await files.place(path)).path];
}

async function list(
  { files, ripgrep }: FileToolsOptions,
  { path, glob: pattern, cursor }: { path: string; glob?: string | undefined; cursor?: string | undefined },
  { signal }: ToolContext,
): Promise<ToolOutput> {
  const fits = pattern === undefined ? undefined : globExpression(pattern);
  const found: string[] = [];
  let whole = true;
  for (const start of await startsOf(files, path)) {
    const part = await listFiles(start, ripgrep, signal);
    found.push(...part.items);
    whole &&= part.whole;
  }
  const from = cursor === undefined ? 0 : offsetOf(cursor);
  const shown: string[] = [];
  let at = from;
  let kept = 0;
  // In pieces, until a page is full: what git ignores or a rule keeps here takes no place in it.
  while (shown.length < FILES_PER_PAGE && at < found.length) {
    signal.throwIfAborted();
    const piece = found.slice(at, at + FILES_PER_PAGE);
    const { placed } = await files.placeAll(piece);
    for (const each of piece) {
      if (shown.length >= FILES_PER_PAGE) break;
      at += 1;
      const file = placed.get(each);
      if (file === undefined || file.notes.length > 0) kept += 1;
      else if (fits === undefined || fits.test(file.shown) || fits.test(inFolder(file.shown))) shown.push(file.shown);
    }
  }
  const marks = [
    at < found.length ? moreMark(at, undefined) : '',
    whole ? '' : '[the workspace has more files than are listed: name a folder]',
    kept === 0 ? '' : '[some files are left out: ignored, or kept on this machine]',
  ];
  return { text: [...shown, ...marks.filter((mark) => mark !== '')].join('\n') || '[no files]' };
}

/** Without the folder's name that stands before the path where several folders are open. */
function inFolder(shown: string): string {
  return shown.slice(shown.indexOf('/') + 1);
}

async function read(
  files: WorkspaceFiles,
  { path, startLine = 1, endLine }: { path: string; startLine?: number | undefined; endLine?: number | undefined },
): Promise<ToolOutput> {
  if (endLine !== undefined && endLine < startLine) throw new ToolInputError('endLine: is before startLine.');
  const call = new CallFiles(files);
  const file = await call.text(path);
  const last = Math.min(endLine ?? Infinity, startLine + LINES_PER_READ - 1, file.lines.length);
  const lines = file.lines.slice(startLine - 1, last);
  const of = `${file.lines.length}${file.whole ? '' : '+'}`;
  const head = `${file.shown}, ${lines.length === 0 ? 'no lines' : `lines ${startLine} to ${last}`} of ${of}${file.unsaved ? ', unsaved text of the editor' : ''}`;
  const more =
    last < file.lines.length && last < (endLine ?? Infinity) ? `\n[more: go on with startLine ${last + 1}]` : '';
  const cut = file.whole
    ? ''
    : `\n[only the first ${formatBytes(MAX_FILE_BYTES)} of ${formatBytes(file.size)} can be read]`;
  const numbered = lines.map((line, index) => `${startLine + index}\t${clip(line, 4000)}`).join('\n');
  return call.output(`${head}\n${numbered}${more}${cut}`);
}

async function search(
  { files, ripgrep }: FileToolsOptions,
  args: TextQueryArgs,
  { signal }: ToolContext,
): Promise<ToolOutput> {
  const query: TextQuery = { ...args, text: args.query };
  if (/[\r\n]/.test(query.text)) throw new ToolInputError('query: one line only.');
  const fits = args.glob === undefined ? undefined : globExpression(args.glob);
  const call = new CallFiles(files);
  const matches: Match[] = [];
  let whole = true;
  for (const start of await startsOf(files, args.path)) {
    const part =
      ripgrep === undefined
        ? await findHere(files, start, query, signal)
        : await findText(start, query, ripgrep, signal);
    matches.push(...part.items);
    whole &&= part.whole;
  }
  const { placed } = await files.placeAll([...new Set(matches.map((match) => match.path))]);
  const allowed = matches.filter(({ path }) => {
    const file = placed.get(path);
    if (file === undefined || file.notes.length > 0) return false;
    return fits === undefined || fits.test(file.shown) || fits.test(inFolder(file.shown));
  });
  const from = args.cursor === undefined ? 0 : offsetOf(args.cursor);
  const page = allowed.slice(from, from + MATCHES_PER_PAGE);
  const rows: string[] = [];
  for (const { path, line } of page) {
    signal.throwIfAborted();
    const file = await call.text(path).catch(() => undefined);
    // Read anew through the gate: a line that is not there any more, or that stands behind a link now, is not shown.
    if (file !== undefined && line <= file.lines.length)
      rows.push(`${file.shown}:${line}: ${clip(file.lines[line - 1] ?? '').trimStart()}`);
  }
  const next = from + page.length;
  const marks = [
    next < allowed.length ? moreMark(next, allowed.length) : '',
    whole ? '' : '[there are more matches than were collected: narrow the search]',
  ].filter((mark) => mark !== '');
  if (rows.length === 0) rows.push(`[no matches for ${JSON.stringify(args.query)}]`);
  return call.output([...rows, ...marks].join('\n'));
}

interface TextQueryArgs {
  readonly query: string;
  readonly isRegex: boolean;
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
  readonly path: string;
  readonly glob?: string | undefined;
  readonly cursor?: string | undefined;
}

/** Without ripgrep: plain text only, as an expression of the agent's could keep JavaScript's engine busy for ever. */
async function findHere(
  files: WorkspaceFiles,
  start: string,
  query: TextQuery,
  signal: AbortSignal,
): Promise<{ readonly items: readonly Match[]; readonly whole: boolean }> {
  if (query.isRegex)
    throw new ToolInputError('isRegex: ripgrep is not available in this editor; search for plain text.');
  const { items: paths, whole } = await listFiles(start, undefined, signal);
  const candidates = paths.length === 0 ? [start] : paths;
  const items: Match[] = [];
  const fold = (text: string): string => (query.matchCase ? text : text.toLowerCase());
  const wanted = fold(query.text);
  const { placed } = await files.placeAll(candidates.slice(0, MOST_SEARCHED));
  for (const path of placed.keys()) {
    signal.throwIfAborted();
    // A reader of its own: what is only looked through is not what an approval is bound to.
    const file = await new CallFiles(files).text(path).catch(() => undefined);
    for (const [index, line] of (file?.lines ?? []).entries())
      if (holds(fold(line), wanted, query.wholeWord)) items.push({ path, line: index + 1 });
  }
  return { items, whole: whole && candidates.length <= MOST_SEARCHED };
}

function holds(line: string, wanted: string, wholeWord: boolean): boolean {
  for (let at = line.indexOf(wanted); at >= 0; at = line.indexOf(wanted, at + 1)) {
    if (!wholeWord) return true;
    const isWord = (character: string | undefined): boolean =>
      character !== undefined && /[\p{L}\p{N}_]/u.test(character);
    if (!isWord(line[at - 1]) && !isWord(line[at + wanted.length])) return true;
  }
  return false;
}
