/** Sessions in the tree: new, open, resume, rename, delete, refresh. */

import * as vscode from 'vscode';
import { toDisposable } from '../../core/disposable.ts';
import { describeError } from '../../core/errors.ts';
import {
  NO_FILTER,
  type SessionFilter,
  type SessionOrder,
  filterWords,
  isFiltering,
  readOrder,
} from '../../core/session-view.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';
import { quotaWords } from '../../core/job-quota.ts';
import { CONTEXT_KEYS } from '../../manifest.ts';
import type { HostParts, TreeSource } from '../main.ts';
import type { Feature, Services } from '../services.ts';
import { showError } from '../errors.ts';
import { lateCommands } from '../lazy-feature.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import { type ListView, sessionCommands } from './session-commands.ts';
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

  const list: ListView = {
    filter: () => filter,
    setFilter,
    order,
    setOrder: async (wanted) => {
      await services.context.globalState.update(ORDER_KEY, wanted);
      showList();
    },
  };
  const tree = createSessionsTree(sessions, threads, { filter: () => filter, order }, drop);
  return {
    tree,
    commands: lateCommands(() => sessionCommands(services, list), {
      newSession: true,
      newSessionWithOptions: true,
      sessionOptions: true,
      archiveSession: true,
      unarchiveSession: true,
      resumeSession: true,
      renameSession: true,
      editSession: true,
      deleteSession: true,
      filterSessions: true,
      clearFilter: true,
      sortSessions: true,
      loadMoreSessions: true,
      openTreeRow: true,
      refreshSessions: true,
    }),
  };
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
