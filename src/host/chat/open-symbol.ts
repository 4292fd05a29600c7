/** Opens a symbol that an answer names: the editor's own search is asked when the reader clicks, not before. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { labelText } from '../../core/visible-text.ts';

const MAX_SHOWN = 50;

export async function openSymbol(text: string): Promise<void> {
  const parts = text.split(/[.:#]+/).filter((part) => part !== '');
  const name = parts.at(-1) ?? '';
  const container = parts.at(-2);
  const found =
    (await vscode.commands.executeCommand<vscode.SymbolInformation[] | undefined>(
      'vscode.executeWorkspaceSymbolProvider',
      name,
    )) ?? [];
  const named = found.filter((symbol) => symbol.name.replace(/\(.*$/s, '') === name);
  const inside = named.filter((symbol) => symbol.containerName === container);
  const fitting = (inside.length > 0 ? inside : named).slice(0, MAX_SHOWN);
  if (fitting.length === 0)
    throw new SecGeminiError('notFound', `No symbol "${labelText(name, 80)}" in this workspace.`, {
      action: 'The language of the file must have a symbol search; try the Search view.',
    });
  const symbol = fitting.length === 1 ? fitting[0] : await pick(name, fitting);
  if (symbol === undefined) return;
  const { uri, range } = symbol.location;
  // To where it begins, as the editor's own search goes: its whole body selected would be in the way of the next key.
  const selection = new vscode.Range(range.start, range.start);
  await vscode.window.showTextDocument(uri, { selection, viewColumn: vscode.ViewColumn.One });
}

async function pick(
  name: string,
  symbols: readonly vscode.SymbolInformation[],
): Promise<vscode.SymbolInformation | undefined> {
  const rows = symbols.map((symbol) => ({
    label: labelText(symbol.name, 80),
    description: labelText(symbol.containerName, 80),
    detail: `${vscode.workspace.asRelativePath(symbol.location.uri, true)}:${(symbol.location.range.start.line + 1).toString()}`,
    symbol,
  }));
  return (await vscode.window.showQuickPick(rows, { title: `Which ${labelText(name, 80)}?` }))?.symbol;
}
