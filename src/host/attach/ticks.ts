/**
 * The tick boxes of files: without its tick a file is off the session's service, and its bytes, as they were sent, stay on this machine;
 * ticked again they go through the gate like any other file.
 */

import * as vscode from 'vscode';
import type { AttachCandidate } from '../../core/attach-source.ts';
import { safeFileName } from '../../core/file-name.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Attachment } from '../../core/model.ts';
import { requireRoom, shelfOf, shelve, unshelve } from '../../core/shelf.ts';
import type { SessionState } from '../../core/session-state.ts';
import type { TreeNode } from '../../core/session-tree.ts';
import { formatBytes } from '../../core/format.ts';
import { labelText } from '../../core/visible-text.ts';
import type { FileChange, Services } from '../services.ts';

/** What was clicked, done: of each session its files off and on. Rejects with what failed. */
export async function applyTicks(
  services: Services,
  nodes: readonly TreeNode[],
  items: ReadonlyArray<[unknown, vscode.TreeItemCheckboxState]>,
): Promise<void> {
  const wanted = new Map(items.map(([node, state]) => [node, state === vscode.TreeItemCheckboxState.Checked]));
  for (const sessionId of new Set(nodes.map((node) => node.sessionId))) {
    const mine = nodes.filter((node) => node.sessionId === sessionId);
    await changeFiles(services, sessionId, {
      off: mine.flatMap((node) => (node.kind === 'file' && wanted.get(node) === false ? [node.attachment] : [])),
      on: mine.flatMap((node) => (node.kind === 'shelved' && wanted.get(node) === true ? [node.attachment] : [])),
    });
  }
}

/** Takes files off a session's service and puts others back; see `FileChange`. */
export async function changeFiles(services: Services, sessionId: string, { off, on }: FileChange): Promise<void> {
  const { sessions, attacher } = services;
  // The boxes of the tree and of the pick are the only ways here: both are ticked by a person.
  try {
    const state = stateOf(services, sessionId);
    const taken = off.filter((file) => state.attachments.some(({ id }) => id === file.id));
    requireRoom({ attachments: state.attachments.filter((file) => !taken.includes(file)) }, on.length);
    const candidates = on.map((file) => candidateOf(services, sessionId, file));
    for (const file of taken) await takeOff(services, sessionId, file);
    if (candidates.length > 0 && (await attacher.files(sessionId, candidates, { chosen: 'named', by: 'hand' })))
      sessions.setFacts(sessionId, unshelve(sessions.state(sessionId)?.local, on));
  } finally {
    // Draws the boxes anew, as it is now.
    if (sessions.state(sessionId) !== undefined) sessions.setFacts(sessionId, {});
  }
}

/** On the shelf first: whatever happens then, the file is not lost from sight. */
async function takeOff({ sessions }: Services, sessionId: string, file: Attachment): Promise<void> {
  if (!isKeptHere(sessions, sessionId, file)) throw notHere(file);
  sessions.setFacts(sessionId, shelve(sessions.state(sessionId)?.local, file));
  try {
    await sessions.detach(sessionId, file.id);
  } catch (error) {
    sessions.setFacts(sessionId, unshelve(sessions.state(sessionId)?.local, [file]));
    throw error;
  }
}

/** Only what can be put back may be taken off by a tick. */
export function isKeptHere(sessions: Services['sessions'], sessionId: string, { sha256 }: Attachment): boolean {
  return sha256 !== undefined && sessions.openSent(sessionId, sha256) !== undefined;
}

function candidateOf({ sessions }: Services, sessionId: string, file: Attachment): AttachCandidate {
  const { sha256 = '', size, name, mimeType } = file;
  const open = (): AsyncIterable<Uint8Array> => {
    const bytes = sessions.openSent(sessionId, sha256);
    if (bytes === undefined) throw notHere(file);
    return bytes;
  };
  if (size === undefined || !isKeptHere(sessions, sessionId, file)) throw notHere(file);
  return { name: safeFileName(name), origin: 'sent before, kept on this machine', paths: [], size, mimeType, open };
}

function notHere({ name }: Attachment): SecGeminiError {
  return new SecGeminiError('notFound', `The bytes of ${labelText(name, 80)} are not on this machine.`, {
    action: 'Attach the file again from where it is.',
  });
}

function stateOf({ sessions }: Services, sessionId: string): SessionState {
  const state = sessions.state(sessionId);
  if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
  return state;
}

/** Choose Files…: all files of a session at once; the box at the top ticks all or none. */
export async function chooseFiles(services: Services, sessionId: string): Promise<void> {
  const { sessions } = services;
  await sessions.open(sessionId);
  const state = stateOf(services, sessionId);
  const row = (file: Attachment, ticked: boolean) => ({
    label: labelText(file.name, 120),
    description: file.size === undefined ? '' : formatBytes(file.size),
    picked: ticked,
    file,
    ticked,
  });
  const rows = [
    ...state.attachments.filter((file) => isKeptHere(sessions, sessionId, file)).map((file) => row(file, true)),
    ...shelfOf(state).map((file) => row(file, false)),
  ];
  if (rows.length === 0)
    throw new SecGeminiError('notFound', 'This session has no files whose bytes are on this machine.', {
      action: 'Attach files first; only files that were sent from here can be taken off and put back.',
    });
  const chosen = await vscode.window.showQuickPick(rows, {
    title: 'Which files does this session use?',
    placeHolder: 'Without its tick a file is taken off the service; its copy stays on this machine',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (chosen === undefined) return;
  await changeFiles(services, sessionId, {
    off: rows
      .filter(({ file, ticked }) => ticked && !chosen.some((other) => other.file === file))
      .map(({ file }) => file),
    on: chosen.filter(({ ticked }) => !ticked).map(({ file }) => file),
  });
}
