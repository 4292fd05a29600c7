/** Arguments as rows of a native pick: none hidden, each on its own (trust.md S10, S18). */

import type * as vscode from 'vscode';
import { labelText } from '../../core/visible-text.ts';

/** Long values are cut in the pick, and shown whole in a document when picked. */
export function argumentRows(args: Readonly<Record<string, unknown>>): vscode.QuickPickItem[] {
  const entries = Object.entries(args);
  if (entries.length === 0) return [{ label: '(no arguments)' }];
  return entries.map(([name, value]) => ({
    label: labelText(name, 80),
    detail: labelText(typeof value === 'string' ? value : JSON.stringify(value), 400),
  }));
}
