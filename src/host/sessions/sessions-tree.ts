/** Tree nodes -> VS Code's tree items. Everything shown is plain text made visible in core/session-tree (trust.md S05, S10). */

import * as vscode from 'vscode';
import type { SessionManager } from '../../core/session-manager.ts';
import {
  type TreeNode,
  type TreeRow,
  attachmentRow,
  isTreeNode,
  matchesFilter,
  pendingRow,
  sessionChildren,
  sessionRow,
} from '../../core/session-tree.ts';
import { COMMANDS } from '../../manifest.ts';
import type { TreeSource } from '../main.ts';

/** `filter` is asked at every look; empty = everything. */
export function createSessionsTree(
  sessions: SessionManager,
  filter: () => string,
  drop: TreeSource['drop'],
): TreeSource {
  return {
    drop,
    children: (element) => {
      if (element === undefined)
        return sessions
          .sessions()
          .filter((state) => matchesFilter(state, filter()))
          .map((state): TreeNode => ({ kind: 'session', sessionId: state.info.id }));
      if (!isTreeNode(element) || element.kind !== 'session') return [];
      const state = sessions.state(element.sessionId);
      return state === undefined ? [] : [...sessionChildren(state)];
    },
    item: (element) => {
      if (!isTreeNode(element)) return new vscode.TreeItem('');
      if (element.kind === 'file') {
        const { sessionId, attachment } = element;
        return item(attachmentRow(sessionId, attachment, sessions.state(sessionId)?.sources?.[attachment.id]), element);
      }
      if (element.kind === 'pending') return item(pendingRow(element.sessionId, element.pending), element);
      const state = sessions.state(element.sessionId);
      return state === undefined
        ? new vscode.TreeItem('Deleted session')
        : item(sessionRow(state, Date.now(), sessions.client?.protocol), element);
    },
    parent: (element) =>
      isTreeNode(element) && element.kind !== 'session'
        ? ({ kind: 'session', sessionId: element.sessionId } satisfies TreeNode)
        : undefined,
  };
}

function item(row: TreeRow, node: TreeNode): vscode.TreeItem {
  const made = new vscode.TreeItem(
    row.label,
    // Expanded even without files: VS Code leaves a row that had no children collapsed when it gets some.
    node.kind === 'session' ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
  );
  made.id = row.id;
  made.description = row.description;
  made.tooltip = row.tooltip;
  made.contextValue = row.contextValue;
  made.iconPath = new vscode.ThemeIcon(row.icon);
  made.accessibilityInformation = { label: row.accessibleLabel, role: 'treeitem' };
  if (node.kind === 'session')
    made.command = { command: COMMANDS.openSession, title: 'Open Session', arguments: [node] };
  if (node.kind === 'file') made.command = { command: COMMANDS.openAttachment, title: 'Open', arguments: [node] };
  return made;
}
