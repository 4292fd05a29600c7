/** The files behind the open tabs, to pick several of them. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../../core/errors.ts';
import { labelText } from '../../../core/visible-text.ts';
import { display } from './place.ts';

/** Undefined when the user closed the question or ticked nothing. */
export async function chooseOpenEditors(): Promise<readonly vscode.Uri[] | undefined> {
  const rows = new Map<string, vscode.QuickPickItem & { readonly uri: vscode.Uri }>();
  for (const group of vscode.window.tabGroups.all)
    for (const tab of group.tabs) {
      const uri = tabUri(tab.input);
      if (uri === undefined || rows.has(uri.toString())) continue;
      rows.set(uri.toString(), {
        label: labelText(tab.label, 120),
        description: `${display(uri)}${tab.isDirty ? ' · unsaved' : ''}`,
        picked: tab.isActive && group.isActive,
        uri,
      });
    }
  if (rows.size === 0)
    throw new SecGeminiError('invalidArgument', 'No file is open in an editor.', { action: 'Open the files first.' });
  const picked = await vscode.window.showQuickPick([...rows.values()], {
    title: 'Attach which open editors?',
    placeHolder: 'Tick the files, then press Enter',
    canPickMany: true,
    matchOnDescription: true,
  });
  return picked === undefined || picked.length === 0 ? undefined : picked.map(({ uri }) => uri);
}

/** The file of a tab; of a comparison the right-hand side. Undefined for terminals, web pages and the like. */
export function tabUri(input: unknown): vscode.Uri | undefined {
  if (
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook
  )
    return input.uri;
  if (input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff) return input.modified;
  return undefined;
}
