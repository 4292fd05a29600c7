/** The native question "Attach to which session?" and its relatives. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../core/errors.ts';
import type { SessionManager } from '../core/session-manager.ts';
import { isTreeNode, sessionRow } from '../core/session-tree.ts';

/** The session that a command's untrusted argument names, if any. */
export function sessionArgument(sessions: SessionManager, argument: unknown): string | undefined {
  const id = typeof argument === 'string' ? argument : isTreeNode(argument) ? argument.sessionId : undefined;
  return id !== undefined && sessions.state(id) !== undefined ? id : undefined;
}

/**
 * Asks; `withNew` puts "New session" first, `offline` offers what is kept here without a connection too, `what` says what will go there.
 * Resolves undefined when the user closes it.
 */
export async function pickSession(
  sessions: SessionManager,
  title: string,
  options: { readonly withNew: boolean; readonly offline?: boolean; readonly what?: string } = { withNew: false },
): Promise<string | undefined> {
  // What is kept here can be read without a service.
  if (sessions.client === undefined && !(options.offline === true && sessions.sessions().length > 0))
    throw new SecGeminiError('unavailable', 'Not connected to Sec-Gemini.', {
      action: 'Run "Sec-Gemini: Start Local Sandbox" or "Sec-Gemini: Set API Key" first.',
    });
  const now = Date.now();
  const rows: (vscode.QuickPickItem & { sessionId?: string })[] = sessions.sessions().map((state) => {
    const row = sessionRow(state, now);
    return {
      label: row.label,
      description: row.description,
      iconPath: new vscode.ThemeIcon(row.icon),
      sessionId: state.info.id,
    };
  });
  if (options.withNew) rows.unshift({ label: 'New session', iconPath: new vscode.ThemeIcon('add') });
  else if (rows.length === 0)
    throw new SecGeminiError('notFound', 'There are no sessions yet.', { action: 'Run "Sec-Gemini: New Session".' });
  const choice = await vscode.window.showQuickPick(rows, {
    title,
    placeHolder: options.what ?? title,
    matchOnDescription: true,
  });
  if (choice === undefined) return undefined;
  return choice.sessionId ?? (await sessions.create()).id;
}

/** Asks for any number of the sessions that this machine knows. Resolves with none when the user closes it. */
export async function pickSessions(sessions: SessionManager, title: string): Promise<readonly string[]> {
  const now = Date.now();
  const rows = sessions.sessions().map((state) => {
    const { label, description } = sessionRow(state, now);
    return { label, description, sessionId: state.info.id };
  });
  if (rows.length === 0)
    throw new SecGeminiError('notFound', 'There are no sessions yet.', { action: 'Run "Sec-Gemini: New Session".' });
  const chosen = await vscode.window.showQuickPick(rows, { title, canPickMany: true, matchOnDescription: true });
  return chosen?.map(({ sessionId }) => sessionId) ?? [];
}
