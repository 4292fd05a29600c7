/** What a user does with sessions; loaded with the first of these commands. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { isOwnNode, isTreeNode } from '../../core/session-tree.ts';
import { NO_FILTER, type SessionFilter, type SessionOrder } from '../../core/session-view.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, pickSessions, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';
import { archiveSessions } from './archive.ts';
import { newSessionBySteps } from './new-session.ts';
import { askFilter, askOrder } from './session-filter.ts';
import { changeSessionOptions } from './session-options.ts';

/** How the list is shown. */
export interface ListView {
  readonly filter: () => SessionFilter;
  readonly setFilter: (filter: SessionFilter) => void;
  readonly order: () => SessionOrder;
  readonly setOrder: (order: SessionOrder) => Promise<void>;
}

type SessionCommands = FeatureOf<
  | 'newSession'
  | 'newSessionWithOptions'
  | 'sessionOptions'
  | 'archiveSession'
  | 'unarchiveSession'
  | 'resumeSession'
  | 'renameSession'
  | 'editSession'
  | 'deleteSession'
  | 'filterSessions'
  | 'clearFilter'
  | 'sortSessions'
  | 'loadMoreSessions'
  | 'openTreeRow'
  | 'refreshSessions'
>['commands'];

export function sessionCommands(services: Services, list: ListView): SessionCommands {
  const { sessions, view, run } = services;
  const chosen = async (argument: unknown, title: string): Promise<string | undefined> =>
    sessionArgument(sessions, argument) ?? (await pickSession(sessions, title));

  return {
    newSession: async () => {
      const info = await sessions.create();
      await run('openSession', info.id);
      return info.id;
    },
    newSessionWithOptions: async () => {
      const info = await newSessionBySteps(services);
      if (info !== undefined) await run('openSession', info.id);
      return info?.id;
    },
    sessionOptions: async (argument) => {
      const id =
        sessionArgument(sessions, argument) ??
        services.shownSession.id ??
        (await pickSession(sessions, 'Options of which session?'));
      if (id !== undefined) await changeSessionOptions(services, id);
    },
    archiveSession: async (argument, selected) => archiveSessions(services, true, argument, selected),
    unarchiveSession: async (argument, selected) => archiveSessions(services, false, argument, selected),
    resumeSession: async () => {
      const id = await vscode.window.showInputBox({
        title: 'Resume Session by ID',
        prompt: 'The id of a session that the service still keeps.',
        ignoreFocusOut: true,
      });
      if (id === undefined) return;
      const info = await sessions.resume(id);
      await run('openSession', info.id);
    },
    renameSession: async (argument) => {
      if (isOwnNode(argument) && argument.kind !== 'session')
        throw new SecGeminiError('invalidArgument', 'Only sessions can be renamed.', {
          action: 'Choose the row of a session.',
        });
      const id = await chosen(argument, 'Rename which session?');
      const state = id === undefined ? undefined : sessions.state(id);
      if (id === undefined || state === undefined) return;
      const name = await vscode.window.showInputBox({
        title: 'Rename Session',
        value: state.info.name,
        validateInput: (text) => (text.trim() === '' ? 'A session needs a name.' : undefined),
      });
      if (name !== undefined && name.trim() !== state.info.name) await sessions.update(id, { name: name.trim() });
    },
    editSession: async (argument) => {
      const id = await chosen(argument, 'Edit which session?');
      if (id !== undefined) await editSession(services, id);
    },
    deleteSession: async (argument, selected) => {
      const rows = rowsMeant(view, argument, selected);
      // The key "Delete" knows only which row it is for.
      if (isOwnNode(argument) && (argument.kind === 'file' || argument.kind === 'shelved')) {
        await run('detachFile', argument, rows);
        return;
      }
      const ids = rows
        .filter((row) => !isTreeNode(row) || row.kind === 'session')
        .map((row) => sessionArgument(sessions, row))
        .filter((id) => id !== undefined);
      if (ids.length === 0) ids.push(...(await pickSessions(sessions, 'Delete which sessions?')));
      await deleteSessions(services, [...new Set(ids)]);
    },
    filterSessions: async () => askFilter(list.filter(), list.setFilter),
    clearFilter: () => list.setFilter(NO_FILTER),
    sortSessions: async () => {
      const wanted = await askOrder(list.order());
      if (wanted === undefined) return;
      await list.setOrder(wanted);
    },
    loadMoreSessions: async () => {
      if (!sessions.listing.hasMore) return;
      sessions.listing.wantMore();
      await sessions.refresh();
    },
    openTreeRow: async () => {
      const [node] = view.selection as readonly ({ readonly kind?: string } | undefined)[];
      if (node?.kind === 'session') await run('openSession', node);
      else if (node?.kind === 'thread') await run('openThread', node);
      else if (node?.kind === 'file' || node?.kind === 'shelved') await run('openAttachment', node);
    },
    refreshSessions: async () => {
      await sessions.refresh();
      if (sessions.list.kind === 'failed') throw sessions.list.error;
    },
  };
}

/** The rows that a gesture is for: all that are selected, where the one that was pointed at is among them. A menu names them, a key does not. */
function rowsMeant(view: vscode.TreeView<unknown>, argument: unknown, selected: unknown): readonly unknown[] {
  if (Array.isArray(selected)) return selected;
  return view.selection.includes(argument) ? view.selection : [argument];
}

/** Name, description and time to live, one after another; what the protocol cannot change is not asked. Closing it changes nothing. */
async function editSession({ sessions }: Services, id: string): Promise<void> {
  const state = sessions.state(id);
  const capabilities = sessions.client?.capabilities;
  if (state === undefined || capabilities === undefined) return;
  const { info } = state;
  const name = await vscode.window.showInputBox({
    title: 'Edit Session Details: name',
    value: info.name,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A session needs a name.' : undefined),
  });
  if (name === undefined) return;
  const description = await vscode.window.showInputBox({
    title: 'Edit Session Details: description',
    ...(capabilities.editDescription ? {} : { prompt: 'Kept on this machine: this service has no field for it.' }),
    value: info.description,
    ignoreFocusOut: true,
  });
  if (description === undefined) return;
  const ttl = !capabilities.editTtl
    ? info.ttlSeconds
    : await vscode.window
        .showInputBox({
          title: 'Edit Session Details: time to live in seconds',
          prompt: 'Counts from the last change of the session; at least 300.',
          value: String(info.ttlSeconds ?? 86_400),
          ignoreFocusOut: true,
          validateInput: (text) =>
            /^\d{1,9}$/.test(text.trim()) && Number(text) >= 300 ? undefined : 'A whole number of at least 300.',
        })
        .then((text) => (text === undefined ? undefined : Number(text)));
  if (capabilities.editTtl && ttl === undefined) return;
  const patch = {
    ...(name.trim() === info.name ? {} : { name: name.trim() }),
    ...(description === info.description ? {} : { description }),
    ...(ttl === info.ttlSeconds ? {} : { ttlSeconds: ttl }),
  };
  if (Object.keys(patch).length > 0) await sessions.update(id, patch);
}

async function deleteSessions({ sessions }: Services, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const names = ids.map((id) => labelText(sessions.state(id)?.info.name ?? id, 80));
  const question = ids.length === 1 ? `Delete session ${names[0] ?? ''}?` : `Delete ${ids.length} sessions?`;
  const detail = `${ids.length === 1 ? '' : `${names.join('\n')}\n\n`}The service deletes the conversation and its files. This cannot be undone.`;
  const choice = await vscode.window.showWarningMessage(question, { modal: true, detail }, 'Delete');
  if (choice !== 'Delete') return;
  for (const id of ids) await sessions.delete(id);
}
