/** How an error reaches a person: one sentence on what happened, one on what to do, and the button that does it. */

import * as vscode from 'vscode';
import { type ErrorCode, describeError, toSecGeminiError } from '../core/errors.ts';
import { visibleText } from '../core/visible-text.ts';
import type { Services } from './services.ts';

const BUTTONS: Partial<
  Record<ErrorCode, { readonly label: string; readonly command: 'setApiKey' | 'connect' | 'refreshSessions' }>
> = {
  unauthenticated: { label: 'Set API Key', command: 'setApiKey' },
  unavailable: { label: 'Connect', command: 'connect' },
  timeout: { label: 'Connect', command: 'connect' },
  notFound: { label: 'Refresh Sessions', command: 'refreshSessions' },
};

/** Shows the error unless the user caused it by cancelling. */
export async function showError(error: unknown, run: Services['run']): Promise<void> {
  const known = toSecGeminiError(error);
  if (known.code === 'cancelled') return;
  const button = BUTTONS[known.code];
  const labels = [...(button === undefined ? [] : [button.label]), 'Show Log'];
  const choice = await vscode.window.showErrorMessage(visibleText(describeError(known)), ...labels);
  if (choice === 'Show Log') await run('showLog');
  else if (choice !== undefined && button !== undefined) await run(button.command);
}
