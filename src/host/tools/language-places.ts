/** Places in files, from the agent's words to the editor's positions and back; every place that is shown passes the gate. */

import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { moreMark, offsetOf } from '../../core/tools/output.ts';
import { ToolInputError } from '../../core/tools/tool.ts';
import type { WorkspaceFiles } from '../workspace-files.ts';
import { lineArgument, pathArgument } from './file-tools.ts';
import type { CallFiles } from './text-file.ts';

export const positionShape = {
  path: pathArgument,
  line: lineArgument.check(z.describe('Line, from 1')),
  symbol: z
    .optional(z.string().check(z.minLength(1), z.maxLength(200)))
    .check(z.describe('Its first place in that line is meant')),
  column: z
    .optional(z.int().check(z.gte(1), z.lte(100_000)))
    .check(z.describe('Column, from 1, where no symbol is named')),
};

export interface PositionArgs {
  readonly path: string;
  readonly line: number;
  readonly symbol?: string | undefined;
  readonly column?: number | undefined;
}

export async function positionOf(
  call: CallFiles,
  { path, line, symbol, column }: PositionArgs,
): Promise<{ readonly uri: vscode.Uri; readonly at: vscode.Position; readonly shown: string }> {
  const file = await call.text(path);
  const text = file.lines[line - 1];
  if (text === undefined) throw new ToolInputError(`line: ${file.shown} has ${file.lines.length} lines.`);
  const at = symbol === undefined ? (column ?? text.search(/\S|$/) + 1) - 1 : text.indexOf(symbol);
  if (at < 0) throw new ToolInputError(`symbol: it is not in line ${line} of ${file.shown}.`);
  return { uri: vscode.Uri.file(file.path), at: new vscode.Position(line - 1, at), shown: file.shown };
}

/** One row of a result: a place and words for it; without words the line itself. */
export interface Row {
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
  readonly text: string | undefined;
}

/** `src/app.ts:12: text`, a page of them; what lies outside the workspace is counted, not named. */
export async function locationRows(
  files: WorkspaceFiles,
  call: CallFiles,
  rows: readonly Row[],
  cursor: string | undefined,
  limit: number,
  none = '[nothing found]',
): Promise<string> {
  const local = rows.filter(({ uri }) => uri.scheme === 'file');
  const { placed } = await files.placeAll([...new Set(local.map(({ uri }) => uri.fsPath))]);
  const allowed = local.filter(({ uri }) => (placed.get(uri.fsPath)?.notes.length ?? 1) === 0);
  const from = cursor === undefined ? 0 : offsetOf(cursor);
  const page = allowed.slice(from, from + limit);
  const lines: string[] = [];
  for (const { uri, range, text } of page) {
    const file = placed.get(uri.fsPath);
    if (file === undefined) continue;
    const line = range.start.line + 1;
    const source = (await call.line(uri.fsPath, line)).trimStart();
    // The words come first: they are what was asked for; the line shows them in place.
    lines.push(
      `${file.shown}:${line}: ${text === undefined ? source : `${text}${source === '' ? '' : ` | ${source}`}`}`,
    );
  }
  const next = from + page.length;
  const outside = rows.length - allowed.length;
  const marks = [
    next < allowed.length ? moreMark(next, allowed.length) : '',
    outside === 0 ? '' : `[${outside} outside the workspace, ignored or kept on this machine]`,
  ].filter((mark) => mark !== '');
  if (lines.length === 0) lines.push(none);
  return [...lines, ...marks].join('\n');
}

/** Services that have answered in this window, by language and kind of question. */
const warm = new Set<string>();
const STARTING_MS = 8_000;
const ASK_AGAIN_MS = 400;

/**
 * Asks a language service, and again for some seconds while it has never answered such a question: one that starts says "nothing" at first, or
 * knows only the one file. Opens the document, as services only look at open ones.
 */
export async function warmed<T>(
  question: { readonly kind: string; readonly uri: vscode.Uri | undefined; readonly signal: AbortSignal },
  ask: () => Thenable<readonly T[] | undefined>,
  isAnswer: (found: readonly T[]) => boolean = (found) => found.length > 0,
): Promise<readonly T[]> {
  const { kind, uri, signal } = question;
  const document = uri === undefined ? undefined : await vscode.workspace.openTextDocument(uri);
  const key = `${kind} ${document?.languageId ?? ''}`;
  const until = Date.now() + STARTING_MS;
  for (;;) {
    signal.throwIfAborted();
    const found = (await ask()) ?? [];
    const answered = isAnswer(found);
    if (answered) warm.add(key);
    if (answered || warm.has(key) || document?.languageId === 'plaintext' || Date.now() > until) return found;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}
