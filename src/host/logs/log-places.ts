/** From a line that an answer cites to the line in the file. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { parseReference } from '../../core/file-reference.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Services } from '../services.ts';
import type { LocalLog } from './local-logs.ts';

/** Opens the place that an answer names when it is one of a session's local logs, by the log's name; false when it is not. */
export async function openLogPlace({ logs }: Pick<Services, 'logs'>, reference: string): Promise<boolean> {
  const place = parseReference(reference);
  const found = place === undefined ? [] : logs.list().filter(({ name }) => name === place.path);
  const [log] = found;
  if (place === undefined || log === undefined) return false;
  const files = new Map(found.map((each) => [each.path, each]));
  if (files.size > 1) {
    const rows = [...files.values()].map((each) => ({ label: labelText(each.path, 200), log: each }));
    const choice = await vscode.window.showQuickPick(rows, { title: `Which ${labelText(place.path, 80)}?` });
    if (choice !== undefined) await openAt(choice.log, place.line, place.endLine);
    return true;
  }
  await openAt(log, place.line, place.endLine);
  return true;
}

/** Opens the file at its line. Rejects with `notFound` when it is gone. */
export async function openAt(log: LocalLog, line: number, endLine = line): Promise<void> {
  const uri = vscode.Uri.file(log.path);
  const stat = await vscode.workspace.fs.stat(uri).then(
    (found) => found,
    () => undefined,
  );
  if (stat === undefined)
    throw new SecGeminiError('notFound', `"${labelText(log.name, 120)}" is not there any more.`, {
      action: 'Its database stays here until you remove it.',
    });
  // What was appended since moves no line; a file that shrank was rotated.
  if (stat.size < log.source.size)
    void vscode.window.showWarningMessage(
      `${labelText(log.name, 120)} changed after it was read: the line may be another now. Attach it again to ask about what it holds today.`,
    );
  // By the editor's own command: it opens large files, too, of which extensions get no document.
  await vscode.commands.executeCommand('vscode.open', uri, {
    selection: new vscode.Range(line - 1, 0, endLine - 1, Number.MAX_SAFE_INTEGER),
    viewColumn: vscode.ViewColumn.One,
  } satisfies vscode.TextDocumentShowOptions);
}
