/** Show What Left: the record of every prompt and file that left this machine, as a read-only document, and its export. */

import * as vscode from 'vscode';
import { type LedgerExportOptions, ledgerToJson, ledgerToList, ledgerToMarkdown } from '../../core/ledger-export.ts';
import { sessionArgument } from '../pick-session.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Feature, Services } from '../services.ts';

const SCHEME = 'sec-gemini-ledger';

export function createLedgerFeature({ sessions, ledger, store }: Services): Feature {
  const changed = store.add(new vscode.EventEmitter<vscode.Uri>());
  store.add(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: async (uri) => list(uri.query === '' ? undefined : uri.query),
    }),
  );

  const scopeOf = (sessionId: string | undefined): LedgerExportOptions => ({
    scope: sessionId === undefined ? 'all sessions' : `session "${sessions.state(sessionId)?.info.name ?? sessionId}"`,
    now: Date.now(),
  });
  const list = async (sessionId: string | undefined): Promise<string> =>
    ledgerToList(await ledger.read(sessionId), scopeOf(sessionId));

  /** Undefined = closed; `{}` = everything. */
  const pickScope = async (argument: unknown): Promise<{ readonly sessionId?: string } | undefined> => {
    const given = sessionArgument(sessions, argument);
    if (given !== undefined) return { sessionId: given };
    const rows: (vscode.QuickPickItem & { readonly sessionId?: string })[] = [
      { label: 'All sessions', iconPath: new vscode.ThemeIcon('globe') },
      ...sessions.sessions().map(({ info }) => ({
        label: labelText(info.name, 60),
        sessionId: info.id,
        iconPath: new vscode.ThemeIcon('comment-discussion'),
      })),
    ];
    if (rows.length === 1) return {};
    const choice = await vscode.window.showQuickPick(rows, { title: 'Show what left from where?' });
    if (choice === undefined) return undefined;
    return choice.sessionId === undefined ? {} : { sessionId: choice.sessionId };
  };

  return {
    commands: {
      showWhatLeft: async (argument) => {
        const scope = await pickScope(argument);
        if (scope === undefined) return;
        const uri = vscode.Uri.from({
          scheme: SCHEME,
          path: '/What left this machine.md',
          query: scope.sessionId ?? '',
        });
        changed.fire(uri);
        await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
      },
      exportWhatLeft: async (argument) => {
        const scope = await pickScope(argument);
        if (scope === undefined) return;
        const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
        const target = await vscode.window.showSaveDialog({
          title: 'Export what left this machine',
          filters: { Markdown: ['md'], JSON: ['json'] },
          ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, 'what-left.md') }),
        });
        if (target === undefined) return;
        const entries = await ledger.read(scope.sessionId);
        const options = scopeOf(scope.sessionId);
        const text = target.path.endsWith('.json')
          ? ledgerToJson(entries, options)
          : ledgerToMarkdown(entries, options);
        await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
      },
    },
  };
}
