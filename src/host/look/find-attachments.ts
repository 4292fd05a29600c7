/** Find Attachments…: the files of all sessions by name, type and hash as one types, and by what stands in the copies kept on this machine. */

import * as vscode from 'vscode';
import {
  type FoundAttachment,
  allAttachments,
  attachmentWords,
  searchTexts as searchKept,
} from '../../core/attachment-search.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { isImportedId } from '../../core/session-local.ts';
import { isForeign } from '../../core/session-protocol.ts';
import type { TreeNode } from '../../core/session-tree.ts';
import { labelText } from '../../core/visible-text.ts';
import { showError } from '../errors.ts';
import type { Services } from '../services.ts';

/** Sessions whose files the service has not told yet are asked for, so many at most. */
const MAX_ASKED = 100;

const PREVIEW: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('open-preview'),
  tooltip: 'Preview (the list stays)',
};

type Row = vscode.QuickPickItem & { readonly found?: FoundAttachment };

export async function findAttachments(services: Services): Promise<void> {
  const { sessions, run } = services;
  if (sessions.sessions().length === 0)
    throw new SecGeminiError('notFound', 'There are no sessions yet.', { action: 'Run "Sec-Gemini: New Session".' });
  const pick = vscode.window.createQuickPick<Row>();
  pick.title = 'Find Attachments';
  pick.placeholder = 'Name, session, type or SHA-256; the first row searches the text';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  const show = (): void => {
    const text = pick.value.trim();
    const searchRow: Row[] =
      text === ''
        ? []
        : [
            {
              label: `Search the text of the files for "${labelText(text, 60)}"`,
              iconPath: new vscode.ThemeIcon('search'),
              alwaysShow: true,
            },
          ];
    const files = allAttachments(sessions.sessions()).map((found): Row => ({
      ...attachmentWords(found),
      iconPath: new vscode.ThemeIcon('file'),
      buttons: [PREVIEW],
      found,
    }));
    // What matches comes first where something does; else the search in texts is what is wanted.
    pick.items = [...files, ...searchRow];
  };
  show();
  pick.onDidChangeValue(show);
  pick.ignoreFocusOut = true;
  pick.onDidTriggerItemButton(({ item: { found } }) => {
    if (found === undefined) return;
    void Promise.resolve(run('openAttachment', nodeOf(found), undefined, true)).catch(
      (error: unknown) => void showError(error, run),
    );
  });
  let closed = false;
  const chosen = await new Promise<{ readonly row: Row | undefined; readonly text: string } | undefined>((resolve) => {
    pick.onDidAccept(() => resolve({ row: pick.activeItems[0], text: pick.value.trim() }));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
    void askForFiles(
      services,
      () => closed,
      (busy) => {
        if (closed) return;
        pick.busy = busy;
        show();
      },
    );
  });
  closed = true;
  pick.dispose();
  if (chosen?.row === undefined) return;
  if (chosen.row.found !== undefined) return void (await run('openAttachment', nodeOf(chosen.row.found)));
  await searchTexts(services, chosen.text);
}

const nodeOf = ({ sessionId, attachment }: FoundAttachment): TreeNode => ({ kind: 'file', sessionId, attachment });

/** v3 tells no files with its list: those that were never opened here are asked for, one after another. */
async function askForFiles(
  { sessions }: Services,
  isClosed: () => boolean,
  told: (busy: boolean) => void,
): Promise<void> {
  const unknown = sessions
    .sessions()
    .filter(
      ({ info, attachments }) =>
        info.attachments === undefined &&
        attachments.length === 0 &&
        !isImportedId(info.id) &&
        !isForeign(info, sessions.client?.protocol),
    )
    .slice(0, MAX_ASKED);
  if (unknown.length === 0 || sessions.client === undefined) return;
  for (const { info } of unknown) {
    if (isClosed()) return;
    told(true);
    await sessions.refreshSession(info.id);
  }
  told(false);
}

async function searchTexts(services: Services, query: string): Promise<void> {
  const { sessions, run } = services;
  const files = allAttachments(sessions.sessions());
  const { hits, missing } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Searching ${files.length} files`, cancellable: true },
    async (_progress, token) =>
      searchKept(
        files,
        query,
        ({ sessionId, attachment: { sha256 } }) =>
          sha256 === undefined ? undefined : sessions.openSent(sessionId, sha256),
        () => token.isCancellationRequested,
      ),
  );
  const notHere =
    missing === 0 ? '' : ` ${missing} of the files have no text copy on this machine and could not be searched.`;
  if (hits.length === 0) {
    void vscode.window.showInformationMessage(`No file holds "${labelText(query, 60)}".${notHere}`);
    return;
  }
  const rows = hits.map(({ found, hit }) => ({
    label: labelText(hit.text.trim(), 120),
    description: `${labelText(found.attachment.name, 80)}:${hit.line}`,
    detail: labelText(found.sessionName, 60),
    found,
    hit,
  }));
  const choice = await vscode.window.showQuickPick(rows, {
    title: `"${labelText(query, 40)}" in the files of all sessions`,
    placeHolder: `${hits.length} ${hits.length === 1 ? 'line' : 'lines'}.${notHere}`,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (choice !== undefined) await run('openAttachment', nodeOf(choice.found), choice.hit.line);
}
