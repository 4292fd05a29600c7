/** Arguments as rows of a native pick: none hidden, each on its own (trust.md S10, S18). */

import type * as vscode from 'vscode';
import type { Confirmation } from '../../core/model-agent.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';

/** Long values are cut in the pick, and shown whole in a document when picked. */
export function argumentRows(args: Readonly<Record<string, unknown>>): vscode.QuickPickItem[] {
  const entries = Object.entries(args);
  if (entries.length === 0) return [{ label: '(no separate arguments)' }];
  return entries.map(([name, value]) => ({
    label: labelText(name, 80),
    detail: labelText(typeof value === 'string' ? value : JSON.stringify(value), 400),
  }));
}

/** The rows of what the service asks: its own words too, which a pick's single line cuts. v1 asks in words only, arguments among them. */
export function requestRows({ args, message }: Confirmation): vscode.QuickPickItem[] {
  const words = message === '' ? [] : [{ label: 'What it says', detail: labelText(message, 400) }];
  return [...words, ...argumentRows(args)];
}

/** All of it to be read in full, with nothing hidden. */
export function requestText({ args, message }: Confirmation): string {
  const parts = Object.keys(args).length === 0 ? [] : [JSON.stringify(args, undefined, 2)];
  return visibleText([...(message === '' ? [] : [message]), ...parts].join('\n\n'));
}
