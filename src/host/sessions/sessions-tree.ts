/** Tree nodes -> VS Code's tree items. Everything shown is plain text made visible in core/session-tree (trust.md S05, S10). */

import * as vscode from 'vscode';
import type { AttachmentOrigin } from '../../core/session-cache.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import {
  ARCHIVE_NODE,
  DAY_NODES,
  MORE_NODE,
  type TreeNode,
  type TreeRow,
  archiveRow,
  attachmentRow,
  dayRow,
  isTreeNode,
  moreRow,
  pendingRow,
  sessionChildren,
  sessionNode,
  sessionRow,
  shelvedRow,
  sourceOf,
} from '../../core/session-tree.ts';
import type { Attachment } from '../../core/model.ts';
import { readOnlyWords } from '../../core/session-local.ts';
import { isForeign } from '../../core/session-protocol.ts';
import type { SessionState } from '../../core/session-state.ts';
import {
  type DayGroup,
  type SessionFilter,
  type SessionGroup,
  type SessionOrder,
  arrange,
  matchesFilter,
} from '../../core/session-view.ts';
import { TreeChanges } from '../../core/tree-changes.ts';
import { threadRow } from '../../core/thread-row.ts';
import type { Threads } from '../../core/threads.ts';
import { labelText } from '../../core/visible-text.ts';
import { COMMANDS } from '../../manifest.ts';
import type { TreeSource } from '../main.ts';
import { factsMarkdown } from '../safe-markdown.ts';

/** What the user chose; asked at every look. */
interface Shown {
  readonly filter: () => SessionFilter;
  readonly order: () => SessionOrder;
}

/** VS Code asks every open row for what is below it before it draws any: beyond so many, sessions begin closed. */
const MOST_OPEN = 200;

const DAYS: ReadonlySet<unknown> = new Set(Object.values(DAY_NODES));

/** A row as data; `ticked` where it has a box. */
interface Look {
  readonly row: TreeRow;
  readonly ticked?: boolean;
}

interface SessionsTree extends TreeSource {
  readonly changes: TreeChanges;
  /** The row of a session, as the editor knows it. */
  readonly node: (sessionId: string) => unknown;
}

export function createSessionsTree(
  sessions: SessionManager,
  threads: Threads,
  { filter, order }: Shown,
  drop: TreeSource['drop'],
): SessionsTree {
  /** VS Code knows a row by its object: to draw one row again it has to be the same one. */
  const nodes = new Map<string, TreeNode>();
  const nodeOfId = (sessionId: string): TreeNode => {
    const node = nodes.get(sessionId) ?? sessionNode(sessionId);
    nodes.set(sessionId, node);
    return node;
  };
  const nodeOf = ({ info }: SessionState): TreeNode => nodeOfId(info.id);
  const wanted = (archived: boolean): readonly SessionState[] =>
    sessions
      .sessions()
      .filter((state) => (state.info.archived === true) === archived && matchesFilter(state, filter()));
  const onlyArchived = (): boolean => filter().marks.includes('archived');
  /** As of the last look at the roots, which every refresh begins with: sorting once is enough. */
  let groups: readonly SessionGroup[] = [];
  let closed: ReadonlySet<string> = new Set();
  const dayOf = (sessionId: string): SessionGroup['day'] =>
    groups.find(({ states }) => states.some(({ info }) => info.id === sessionId))?.day;
  const inDay = (wantedDay: DayGroup): readonly SessionState[] =>
    groups.find(({ day }) => day === wantedDay)?.states ?? [];
  const roots = (): unknown[] => {
    groups = arrange(wanted(onlyArchived()), order(), Date.now());
    closed = new Set(
      groups
        .flatMap(({ states }) => states)
        .slice(MOST_OPEN)
        .map(({ info }) => info.id),
    );
    return [
      ...groups.flatMap(({ day, states }): unknown[] => (day === undefined ? states.map(nodeOf) : [DAY_NODES[day]])),
      ...(sessions.listing.hasMore ? [MORE_NODE] : []),
      ...(hasArchive(sessions) && !onlyArchived() ? [ARCHIVE_NODE] : []),
    ];
  };
  return {
    drop,
    children: async (element) => {
      if (element === undefined) {
        if (onlyArchived() && !sessions.listing.isWhole) await listArchived(sessions);
        return roots();
      }
      if (isDay(element)) return inDay(element.day).map(nodeOf);
      if (element === ARCHIVE_NODE) {
        // Nobody asked for them before; VS Code shows the progress.
        if (!sessions.listing.isWhole) await listArchived(sessions);
        return arrange(wanted(true), { ...order(), byDay: false }, Date.now()).flatMap(({ states }) =>
          states.map(nodeOf),
        );
      }
      if (!isTreeNode(element) || element.kind !== 'session') return [];
      return [...below(element.sessionId)];
    },
    item: row,
    tooltip: (element) => {
      const { row: shown } = lookOf(element) ?? {};
      return shown?.facts === undefined ? shown?.tooltip : factsMarkdown(shown.label, shown.facts);
    },
    parent: (element) => {
      if (!isTreeNode(element)) return undefined;
      if (element.kind === 'session') {
        if (sessions.state(element.sessionId)?.info.archived === true && !onlyArchived()) return ARCHIVE_NODE;
        const day = dayOf(element.sessionId);
        return day === undefined ? undefined : DAY_NODES[day];
      }
      return nodeOfId(element.sessionId);
    },
    node: nodeOfId,
    changes: new TreeChanges({
      sessionIds: () => sessions.sessions().map(({ info }) => info.id),
      session: (id) => JSON.stringify([nodeOfId(id), ...below(id)].map(lookOf)),
      shape: () => {
        const top = roots();
        const archived = hasArchive(sessions) ? [sessions.listing.isWhole, ...archivedOf(sessions).map(nodeOf)] : [];
        return JSON.stringify([
          top,
          groups.map(({ states }) => states.map(nodeOf)),
          sessions.sessions().length,
          archived,
        ]);
      },
    }),
  };
  function below(sessionId: string): readonly TreeNode[] {
    const state = sessions.state(sessionId);
    if (state === undefined) return [];
    return [
      ...sessionChildren(state),
      ...threads.of(sessionId).map(({ id }): TreeNode => ({ kind: 'thread', sessionId, threadId: id })),
    ];
  }
  function row(element: unknown): vscode.TreeItem {
    const look = lookOf(element);
    if (look === undefined) return new vscode.TreeItem(isTreeNode(element) ? `Deleted ${element.kind}` : '');
    const made = item(look.row, isTreeNode(element) ? element : undefined);
    const isClosed = isTreeNode(element) && element.kind === 'session' && closed.has(element.sessionId);
    if (element === ARCHIVE_NODE || isClosed) made.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
    else if (isDay(element)) made.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
    else if (element === MORE_NODE) made.command = { command: COMMANDS.loadMoreSessions, title: 'Load More Sessions' };
    if (look.ticked !== undefined) made.checkboxState = box(look.ticked);
    return made;
  }
  /** Undefined for what is no longer there, or never was of this tree. */
  function lookOf(element: unknown): Look | undefined {
    if (element === ARCHIVE_NODE)
      return { row: archiveRow(sessions.listing.isWhole ? archivedOf(sessions).length : undefined) };
    if (element === MORE_NODE) return { row: moreRow(sessions.sessions().length) };
    if (isDay(element)) return { row: dayRow(element.day, inDay(element.day).length) };
    if (!isTreeNode(element)) return undefined;
    const { sessionId } = element;
    const state = sessions.state(sessionId);
    switch (element.kind) {
      case 'session':
        return state === undefined ? undefined : { row: sessionRow(state, Date.now(), sessions.client?.protocol) };
      case 'file': {
        const { attachment } = element;
        const from = state?.origins.find(({ attachmentId }) => attachmentId === attachment.id);
        const fileRow = attachmentRow(sessionId, attachment, sourceOf(state, attachment.id), placeOf(from));
        return { row: fileRow, ...(mayTick(state, attachment) ? { ticked: true } : {}) };
      }
      case 'shelved': {
        const { attachment } = element;
        return { row: shelvedRow(sessionId, attachment), ...(mayTick(state, attachment) ? { ticked: false } : {}) };
      }
      case 'pending':
        return { row: pendingRow(sessionId, element.pending) };
      case 'thread': {
        const thread = threads.get(element.threadId);
        if (thread === undefined) return undefined;
        return { row: threadRow(thread, vscode.workspace.asRelativePath(vscode.Uri.parse(thread.anchor.uri))) };
      }
    }
  }
  function mayTick(state: SessionState | undefined, attachment: Attachment): boolean {
    return state !== undefined && canTick(sessions, state, attachment);
  }
}

/** Only what this machine can put back gets a box, and only where there is a service to take it from. */
function canTick(sessions: SessionManager, { info, local }: SessionState, { sha256 }: Attachment): boolean {
  const { client } = sessions;
  if (client === undefined || readOnlyWords(info.id, local) !== undefined || isForeign(info, client.protocol))
    return false;
  return sha256 !== undefined && sessions.openSent(info.id, sha256) !== undefined;
}

function box(ticked: boolean): NonNullable<vscode.TreeItem['checkboxState']> {
  return {
    state: ticked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
    tooltip: ticked ? 'Used in this session; untick to take it off' : 'Not used; tick to send it again',
  };
}

function isDay(element: unknown): element is (typeof DAY_NODES)[keyof typeof DAY_NODES] {
  return DAYS.has(element);
}

/** The full path, the lines and the workspace folder: what tells apart files whose names are alike. */
function placeOf(origin: AttachmentOrigin | undefined): string | undefined {
  if (origin?.uri === undefined) return undefined;
  const uri = vscode.Uri.parse(origin.uri);
  const path = uri.scheme === 'file' ? uri.fsPath : uri.toString(true);
  const lines = origin.lines === undefined ? '' : `, lines ${origin.lines.join('-')} when it was attached`;
  const folder = vscode.workspace.workspaceFolders?.find((each) => each.uri.toString() === origin.workspaceFolder);
  return `${path}${lines}${folder === undefined ? '' : ` (workspace folder "${folder.name}")`}`;
}

async function listArchived(sessions: SessionManager): Promise<void> {
  sessions.listing.includeArchived();
  await sessions.refresh();
}

function archivedOf(sessions: SessionManager): readonly SessionState[] {
  return sessions.sessions().filter(({ info }) => info.archived === true);
}

/** The group is shown while it may hold something. Alone it would hide the welcome text of an empty list. */
function hasArchive(sessions: SessionManager): boolean {
  if (archivedOf(sessions).length > 0) return true;
  return sessions.client?.archive !== undefined && !sessions.listing.isWhole && sessions.sessions().length > 0;
}

const OPENS: ReadonlySet<TreeNode['kind']> = new Set(['session', 'thread', 'file', 'shelved']);

/** Without its tooltip, which VS Code asks for when somebody points at it: a thousand of them would travel with the list. */
function item(row: TreeRow, node: TreeNode | undefined): vscode.TreeItem {
  const made = new vscode.TreeItem(
    row.label,
    // Expanded even without files: VS Code leaves a row that had no children collapsed when it gets some.
    node?.kind === 'session' ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
  );
  made.id = row.id;
  made.description = row.description;
  made.contextValue = row.contextValue;
  made.iconPath = new vscode.ThemeIcon(row.icon);
  made.accessibilityInformation = { label: row.accessibleLabel, role: 'treeitem' };
  // Without arguments: VS Code forgets those when the row is drawn again, and tells whoever clicked just then "Actual command not found".
  if (node !== undefined && OPENS.has(node.kind)) made.command = { command: COMMANDS.openTreeRow, title: 'Open' };
  if (node?.kind === 'file' || node?.kind === 'shelved') made.resourceUri = nameOnly(node.attachment.name);
  return made;
}

/** The icon theme chooses a file's icon by this address, which leads nowhere. */
function nameOnly(name: string): vscode.Uri {
  return vscode.Uri.from({ scheme: 'sec-gemini-name', path: `/${labelText(name.split(/[\\/]/).at(-1) ?? '')}` });
}
