/** What can be done with an attachment whose source this machine remembers: open it at its lines, attach its new version. */

import * as vscode from 'vscode';
import { type LocatedLines, locateLines } from '../../core/attach-lines.ts';
import type { AttachCandidate } from '../../core/attach-source.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Attachment } from '../../core/model.ts';
import type { AttachmentOrigin } from '../../core/session-cache.ts';
import { isOwnNode, sourceOf } from '../../core/session-tree.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Services } from '../services.ts';
import { fromUri } from './sources/file.ts';
import { fromLines, linesOf } from './sources/selection.ts';

interface FileNode {
  readonly sessionId: string;
  readonly attachment: Attachment;
}

/** The file row of our tree that a command got. One that another extension made up could take files off a session, or attach some, unasked. */
function fileArgument(node: unknown): FileNode {
  if (isOwnNode(node) && node.kind === 'file') return node;
  throw new SecGeminiError('invalidArgument', 'No file was chosen.', {
    action: 'Use the button beside a file in the Sessions view.',
  });
}

/** The same for a command of several rows: the selected ones, of which the menu's row is one, or that row alone. */
export function fileArguments(node: unknown, selected: unknown): readonly FileNode[] {
  const first = fileArgument(node);
  const all: readonly unknown[] = Array.isArray(selected) ? selected : [];
  return all.includes(node) ? all.filter((each) => isOwnNode(each) && each.kind === 'file').map(fileArgument) : [first];
}

/** Opens the source in an editor; of a selection its lines are selected, wherever edits have moved them. */
export async function openSource({ sessions }: Services, node: unknown): Promise<void> {
  const { sessionId, attachment } = fileArgument(node);
  const origin = originOf(sessions.state(sessionId)?.origins, attachment);
  const uri = vscode.Uri.parse(origin.uri);
  if (origin.lines === undefined) {
    await vscode.commands.executeCommand('vscode.open', uri);
    return;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const found = linesNow(document, origin);
  const [first, last] = found === undefined ? origin.lines : [found.first, found.last];
  const range = document.validateRange(new vscode.Range(first - 1, 0, last - 1, Number.MAX_SAFE_INTEGER));
  await vscode.window.showTextDocument(document, { selection: range, viewColumn: vscode.ViewColumn.One });
  if (found === undefined)
    vscode.window.setStatusBarMessage(
      'The attached lines are no longer there; these are the lines with their numbers.',
      8000,
    );
}

/** Sends the source as it is now through the gate, then takes the old version off. The old one stays when the user says no. */
export async function reattach({ sessions, attacher }: Services, node: unknown): Promise<void> {
  // Only a row of our own tree gets here.
  const { sessionId, attachment } = fileArgument(node);
  const state = sessions.state(sessionId);
  const origin = originOf(state?.origins, attachment);
  if (sourceOf(state, attachment.id) === undefined)
    throw new SecGeminiError(
      'invalidArgument',
      `${labelText(attachment.name, 80)} has not changed since it was attached.`,
      {
        action: 'Change and save the file first.',
      },
    );
  const candidate = await newVersion(origin, attachment);
  const sent = await attacher.files(sessionId, [candidate], { chosen: 'named', by: 'hand', replacing: attachment.id });
  // Where a name is the id (v3) the new version has taken the old one's place already, and its origin is another.
  const still = sessions.state(sessionId)?.origins.find(({ attachmentId }) => attachmentId === attachment.id);
  if (sent && still?.at === origin.at) await sessions.detach(sessionId, attachment.id);
}

async function newVersion(origin: KnownOrigin, attachment: Attachment): Promise<AttachCandidate> {
  const uri = vscode.Uri.parse(origin.uri);
  if (origin.lines !== undefined) {
    const document = await vscode.workspace.openTextDocument(uri);
    const found = linesNow(document, origin);
    if (found === undefined)
      throw new SecGeminiError(
        'notFound',
        `The lines of ${labelText(attachment.name, 80)} are no longer in the file.`,
        {
          action: 'Select them anew and attach the selection.',
        },
      );
    return fromLines(document, found.first, found.last);
  }
  const candidate = await fromUri(uri);
  // The name it has in the session, e.g. `app (src).py`.
  return { ...candidate, name: attachment.name };
}

function linesNow(document: vscode.TextDocument, { anchor, lines }: KnownOrigin): LocatedLines | undefined {
  return anchor === undefined || lines === undefined ? undefined : locateLines(linesOf(document), anchor, lines[0]);
}

type KnownOrigin = AttachmentOrigin & { readonly uri: string };

function originOf(origins: readonly AttachmentOrigin[] | undefined, { id, name }: Attachment): KnownOrigin {
  const origin = origins?.find(({ attachmentId }) => attachmentId === id);
  if (origin?.uri !== undefined) return { ...origin, uri: origin.uri };
  throw new SecGeminiError('notFound', `This machine does not know where ${labelText(name, 80)} came from.`, {
    action: 'It was pasted, made by a command, or attached elsewhere.',
  });
}
