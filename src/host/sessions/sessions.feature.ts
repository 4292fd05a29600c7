/** Sessions in the tree: new, open, resume, rename, delete, refresh. */

import * as vscode from 'vscode';
import { toDisposable } from '../../core/disposable.ts';
import { SecGeminiError, describeError } from '../../core/errors.ts';
import {
  NO_FILTER,
  type SessionFilter,
  type SessionOrder,
  filterWords,
  isFiltering,
  readOrder,
} from '../../core/session-view.ts';
import { isOwnNode, isTreeNode } from '../../core/session-tree.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';
import { quotaWords } from '../../core/job-quota.ts';
import { CONTEXT_KEYS } from '../../manifest.ts';
import type { HostParts, TreeSource } from '../main.ts';
import type { Feature, Services } from '../services.ts';
import { showError } from '../errors.ts';
import { pickSession, pickSessions, sessionArgument } from '../pick-session.ts';
import { archiveSessions } from './archive.ts';
import { newSessionBySteps } from './new-session.ts';
import { changeSessionOptions } from './session-options.ts';
import { askFilter, askOrder } from './session-filter.ts';
import { createSessionsTree } from './sessions-tree.ts';

export interface SessionsFeature extends Feature {
  readonly tree: TreeSource;
}

/** Of this profile: how the user wants the sessions sorted. */
const ORDER_KEY = 'secGemini.sessionOrder';

/** Actions after which the tree looks different; pieces of an answer are not among them. */
const SHOWN_IN_TREE: ReadonlySet<string> = new Set([
  'info',
  'status',
  'attachments',
  'source',
  'pending',
  'turnStart',
  'turnResume',
  'turnEnd',
  'stopping',
  'usage',
  'options',
  'seen',
  'message',
  'local',
]);

export function createSessionsFeature(services: Services, refreshTree: HostParts['refresh']): SessionsFeature {
  const { sessions, connection, attacher, view, run, store, threads } = services;
  let isAwaited = false;
  const showList = (): void => {
    void vscode.commands.executeCommand(
      'setContext',
      CONTEXT_KEYS.noSessions,
      sessions.list.kind === 'loaded' && sessions.sessions().length === 0,
    );
    // VS Code takes an empty text for none. Setting it counts as a change of the tree, and the next one then waits for 200 ms.
    const message = listMessage(services);
    if ((view.message ?? '') !== message) view.message = message;
    const description = [
      connection.isSandbox ? 'Local sandbox' : '',
      isFiltering(filter) ? `filter: ${labelText(filterWords(filter), 40)}` : '',
    ]
      .filter((part) => part !== '')
      .join(' · ');
    if ((view.description ?? '') !== description) view.description = description;
    refresh();
    // Somebody waits for it.
    if (isAwaited && sessions.list.kind === 'loaded') drawChanges.now();
    isAwaited = sessions.list.kind === 'loading';
  };
  const drawChanges = onceWithin(
    50,
    () => {
      const changed = tree.changes.take();
      if (changed === 'all') refreshTree(undefined);
      else if (changed.length > 0) refreshTree(changed.map(tree.node));
    },
    store,
  );
  const refresh = (sessionId?: string): void => {
    tree.changes.mark(sessionId);
    drawChanges();
  };
  const askJobs = onceWithin(500, () => void sessions.refreshJobs(), store);
  store.add(sessions.onDidChangeList(showList));
  store.add(connection.onDidChange(showList));
  store.add(threads.onDidChange(() => refresh()));
  store.add(
    sessions.onDidChange(({ sessionId, action }) => {
      if (SHOWN_IN_TREE.has(action.type)) refresh(sessionId);
      // The count of jobs changed; the service is asked once for many changes.
      if (action.type === 'turnStart' || action.type === 'turnEnd') askJobs();
    }),
  );

  let filter = NO_FILTER;
  const setFilter = (wanted: SessionFilter): void => {
    filter = wanted;
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.filtered, isFiltering(filter));
    showList();
  };
  const order = (): SessionOrder => readOrder(services.context.globalState.get(ORDER_KEY));
  const drop: TreeSource['drop'] = async (target, uriList) => {
    const uris = uriList
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => vscode.Uri.parse(line, true));
    if (uris.length === 0) return;
    try {
      const sessionId =
        sessionArgument(sessions, target) ??
        (await pickSession(sessions, 'Attach to which session?', { withNew: true }));
      if (sessionId !== undefined) await attacher.uris(sessionId, uris, 'hand');
    } catch (error) {
      void showError(error, run);
    }
  };

  const chosen = async (argument: unknown, title: string): Promise<string | undefined> =>
    sessionArgument(sessions, argument) ?? (await pickSession(sessions, title));

  const tree = createSessionsTree(sessions, threads, { filter: () => filter, order }, drop);
  return {
    tree,
    commands: {
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
      filterSessions: async () => askFilter(filter, setFilter),
      clearFilter: () => setFilter(NO_FILTER),
      sortSessions: async () => {
        const wanted = await askOrder(order());
        if (wanted === undefined) return;
        await services.context.globalState.update(ORDER_KEY, wanted);
        showList();
      },
      loadMoreSessions: async () => {
        if (!sessions.listing.hasMore) return;
        sessions.listing.wantMore();
        await sessions.refresh();
      },
      refreshSessions: async () => {
        await sessions.refresh();
        if (sessions.list.kind === 'failed') throw sessions.list.error;
      },
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

/** A line above the rows: what went wrong and what to do. A failed refresh never empties the tree. */
function listMessage({ sessions, connection }: Services): string {
  const { status } = connection;
  // Above an empty tree a message would hide the welcome text with its buttons.
  if (sessions.sessions().length === 0) return '';
  if (status.kind === 'offline' || status.kind === 'keyRefused') return visibleText(describeError(status.error));
  if (sessions.list.kind === 'failed') return visibleText(describeError(sessions.list.error));
  return quotaWords(sessions.listing.jobs)?.long ?? '';
}

/** Many calls within so many milliseconds are one; `now` does not wait for their end. */
function onceWithin(ms: number, action: () => void, store: Services['store']): (() => void) & { now(): void } {
  let timer: NodeJS.Timeout | undefined;
  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    action();
  };
  store.add(toDisposable(() => clearTimeout(timer)));
  return Object.assign(() => void (timer ??= setTimeout(now, ms)), { now });
}
