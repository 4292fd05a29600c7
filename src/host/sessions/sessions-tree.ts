/** Tree nodes -> VS Code's tree items. Everything shown is plain text made visible in core/session-tree (trust.md S05, S10). */

import * as vscode from 'vscode';
import type { SessionManager } from '../../core/session-manager.ts';
import {
  ARCHIVE_NODE,
  type TreeNode,
  type TreeRow,
  archiveRow,
  attachmentRow,
  isTreeNode,
  matchesFilter,
  pendingRow,
  sessionChildren,
  sessionRow,
} from '../../core/session-tree.ts';
import type { SessionState } from '../../core/session-state.ts';
import { threadRow } from '../../core/thread-row.ts';
import type { Threads } from '../../core/threads.ts';
import { COMMANDS } from '../../manifest.ts';
import type { TreeSource } from '../main.ts';
import { factsMarkdown } from '../safe-markdown.ts';

/** `filter` is asked at every look; empty = everything. */
export function createSessionsTree(
  sessions: SessionManager,
  threads: Threads,
  filter: () => string,
  drop: TreeSource['drop'],
): TreeSource {
  const shown = (archived: boolean): TreeNode[] =>
    sessions
      .sessions()
      .filter((state) => (state.info.archived === true) === archived && matchesFilter(state, filter()))
      .map((state) => ({ kind: 'session', sessionId: state.info.id }));
  return {
    drop,
    children: async (element) => {
      if (element === undefined) return hasArchive(sessions) ? [...shown(false), ARCHIVE_NODE] : shown(false);
      if (element === ARCHIVE_NODE) {
        // Nobody asked for them before; VS Code shows the progress.
        if (!sessions.listing.isWhole) await listArchived(sessions);
        return shown(true);
      }
      if (!isTreeNode(element) || element.kind !== 'session') return [];
      const state = sessions.state(element.sessionId);
      if (state === undefined) return [];
      const { sessionId } = element;
      return [
        ...sessionChildren(state),
        ...threads.of(sessionId).map(({ id }): TreeNode => ({ kind: 'thread', sessionId, threadId: id })),
      ];
    },
    item: (element) => {
      if (element === ARCHIVE_NODE) {
        const made = item(archiveRow(sessions.listing.isWhole ? archivedOf(sessions).length : undefined), undefined);
        made.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
        return made;
      }
      if (!isTreeNode(element)) return new vscode.TreeItem('');
      if (element.kind === 'file') {
        const { sessionId, attachment } = element;
        return item(attachmentRow(sessionId, attachment, sessions.state(sessionId)?.sources?.[attachment.id]), element);
      }
      if (element.kind === 'pending') return item(pendingRow(element.sessionId, element.pending), element);
      if (element.kind === 'thread') {
        const thread = threads.get(element.threadId);
        if (thread === undefined) return new vscode.TreeItem('Deleted thread');
        return item(threadRow(thread, vscode.workspace.asRelativePath(vscode.Uri.parse(thread.anchor.uri))), element);
      }
      const state = sessions.state(element.sessionId);
      return state === undefined
        ? new vscode.TreeItem('Deleted session')
        : item(sessionRow(state, Date.now(), sessions.client?.protocol), element);
    },
    parent: (element) => {
      if (!isTreeNode(element)) return undefined;
      if (element.kind === 'session')
        return sessions.state(element.sessionId)?.info.archived === true ? ARCHIVE_NODE : undefined;
      return { kind: 'session', sessionId: element.sessionId } satisfies TreeNode;
    },
  };
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

function item(row: TreeRow, node: TreeNode | undefined): vscode.TreeItem {
  const made = new vscode.TreeItem(
    row.label,
    // Expanded even without files: VS Code leaves a row that had no children collapsed when it gets some.
    node?.kind === 'session' ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
  );
  made.id = row.id;
  made.description = row.description;
  made.tooltip = row.facts === undefined ? row.tooltip : factsMarkdown(row.label, row.facts);
  made.contextValue = row.contextValue;
  made.iconPath = new vscode.ThemeIcon(row.icon);
  made.accessibilityInformation = { label: row.accessibleLabel, role: 'treeitem' };
  if (node?.kind === 'session')
    made.command = { command: COMMANDS.openSession, title: 'Open Session', arguments: [node] };
  if (node?.kind === 'thread') made.command = { command: COMMANDS.openThread, title: 'Open', arguments: [node] };
  if (node?.kind === 'file') made.command = { command: COMMANDS.openAttachment, title: 'Open', arguments: [node] };
  return made;
}
