/** Opens `src/app.py:12:3` or `app.py:12-20` of an answer: inside the workspace only, with a pick when several files fit. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { parseReference } from '../../core/file-reference.ts';
import { labelText } from '../../core/visible-text.ts';

const MAX_FOUND = 50;

export async function openReference(text: string): Promise<void> {
  const reference = parseReference(text);
  if (reference === undefined)
    throw new SecGeminiError('invalidArgument', `"${labelText(text, 80)}" names no file.`, {
      action: 'Open the file from the Explorer.',
    });
  const uri = await find(reference.path);
  if (uri === undefined) return;
  const document = await vscode.workspace.openTextDocument(uri);
  const start = new vscode.Position(
    Math.min(reference.line, document.lineCount) - 1,
    Math.max(0, reference.column - 1),
  );
  const end =
    reference.endLine === undefined
      ? start
      : document.lineAt(Math.min(reference.endLine, document.lineCount) - 1).range.end;
  await vscode.window.showTextDocument(document, {
    selection: new vscode.Range(start, end),
    viewColumn: vscode.ViewColumn.One,
  });
}

/** Segments are matched literally: what the answer wrote must not act as a glob. */
async function find(path: string): Promise<vscode.Uri | undefined> {
  const literal = path.replace(/[*?[\]{}!]/g, (character) => `[${character}]`);
  const found = await vscode.workspace.findFiles(`**/${literal}`, undefined, MAX_FOUND);
  if (found.length === 0)
    throw new SecGeminiError('notFound', `No file "${labelText(path, 120)}" in this workspace.`, {
      action: 'It may be in a folder that is not open, or only the service has it.',
    });
  if (found.length === 1) return found[0];
  const choice = await vscode.window.showQuickPick(
    found
      .map((uri) => ({ label: vscode.workspace.asRelativePath(uri, true), uri }))
      .sort((a, b) => a.label.localeCompare(b.label)),
    { title: `Which ${labelText(path, 80)}?` },
  );
  return choice?.uri;
}
