/** Find Attachments…: the files of all sessions by name, type and hash as one types, and by what stands in the copies kept on this machine. */

import * as vscode from 'vscode';
import {
  type FoundAttachment,
  type TextHit,
  allAttachments,
  attachmentWords,
  linesWith,
} from '../../core/attachment-search.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { looksBinary } from '../../core/hex-dump.ts';
import { isImportedId } from '../../core/session-local.ts';
import { isForeign } from '../../core/session-protocol.ts';
import type { TreeNode } from '../../core/session-tree.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Services } from '../services.ts';

/** Of each copy so much is searched, and so many lines of it are shown. */
const MAX_SEARCHED_BYTES = 2_000_000;
const LINES_OF_A_FILE = 20;
const MAX_HITS = 500;
/** Sessions whose files the service has not told yet are asked for, so many at most. */
const MAX_ASKED = 100;

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
      found,
    }));
    // What matches comes first where something does; else the search in texts is what is wanted.
    pick.items = [...files, ...searchRow];
  };
  show();
  pick.onDidChangeValue(show);
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
    async (_progress, token) => search(services, files, query, () => token.isCancellationRequested),
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

async function search(
  { sessions }: Services,
  files: readonly FoundAttachment[],
  query: string,
  isCancelled: () => boolean,
): Promise<{
  readonly hits: readonly { readonly found: FoundAttachment; readonly hit: TextHit }[];
  readonly missing: number;
}> {
  const hits: { found: FoundAttachment; hit: TextHit }[] = [];
  let missing = 0;
  for (const found of files) {
    if (isCancelled() || hits.length >= MAX_HITS) break;
    const { sha256 } = found.attachment;
    const bytes = sha256 === undefined ? undefined : sessions.openSent(found.sessionId, sha256);
    const text = bytes === undefined ? undefined : await readText(bytes);
    if (text === undefined) missing += 1;
    else for (const hit of linesWith(text, query, LINES_OF_A_FILE)) hits.push({ found, hit });
  }
  return { hits, missing };
}

/** The beginning as text; undefined for bytes that are none, or that cannot be read. */
async function readText(bytes: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of bytes) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= MAX_SEARCHED_BYTES) break;
    }
  } catch {
    return undefined;
  }
  const head = Buffer.concat(chunks).subarray(0, MAX_SEARCHED_BYTES);
  return looksBinary(head.subarray(0, 512)) ? undefined : new TextDecoder().decode(head);
}
