/** The rows of the view "MCP Servers": servers with tick boxes for the shown session, their tools and skills below. */

import * as vscode from 'vscode';
import { type ServerEntry, serverEntries, serverRow } from '../../core/mcp-servers.ts';
import type { NamedItem } from '../../core/model-agent.ts';
import { labelText } from '../../core/visible-text.ts';
import { factsMarkdown } from '../safe-markdown.ts';
import { ShownSessionTree } from '../shown-session-tree.ts';

export type ServerNode =
  | { readonly kind: 'server'; readonly entry: ServerEntry }
  | { readonly kind: 'tool' | 'skill'; readonly server: string; readonly item: NamedItem };

/** True for a server of our own view; commands get untrusted arguments. */
export function isServerNode(value: unknown): value is ServerNode {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, entry } = value as { kind?: unknown; entry?: { id?: unknown } | null };
  return kind === 'server' && typeof entry === 'object' && typeof entry?.id === 'string';
}

export class ServersTree extends ShownSessionTree<ServerNode> {
  /** As the service lists them now. Rejects with what it says. */
  async entries(): Promise<readonly ServerEntry[]> {
    const mcp = this.sessions.client?.mcp;
    if (mcp === undefined) return [];
    const id = this.liveId();
    const [account, session] = await Promise.all([
      mcp.listAccount(),
      // A session that was deleted elsewhere has no servers; the account's are still worth showing.
      id === undefined ? undefined : mcp.listSession(id).catch(() => undefined),
    ]);
    return serverEntries(account, session);
  }

  override async getChildren(element?: ServerNode): Promise<ServerNode[]> {
    if (element === undefined) return (await this.entries()).map((entry) => ({ kind: 'server', entry }));
    if (element.kind !== 'server') return [];
    const { live, url } = element.entry;
    return [
      ...(live?.tools ?? []).map((item) => ({ kind: 'tool', server: url, item }) as const),
      ...(live?.skills ?? []).map((item) => ({ kind: 'skill', server: url, item }) as const),
    ];
  }

  override getTreeItem(element: ServerNode): vscode.TreeItem {
    return element.kind === 'server' ? serverItem(element.entry) : namedItem(element);
  }
}

function serverItem(entry: ServerEntry): vscode.TreeItem {
  const row = serverRow(entry);
  const offers = (entry.live?.tools.length ?? 0) + (entry.live?.skills.length ?? 0) > 0;
  const item = new vscode.TreeItem(
    row.label,
    offers ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
  );
  // VS Code keeps a row's fold by its id: one that gets tools later has to be a new one to get its arrow.
  item.id = `${entry.url}|${entry.id}|${offers}`;
  item.description = row.description;
  item.tooltip = factsMarkdown(row.label, row.facts);
  item.iconPath = new vscode.ThemeIcon(row.icon);
  item.contextValue = row.contextValue;
  item.accessibilityInformation = { label: row.accessibleLabel, role: 'treeitem' };
  if (entry.used !== undefined)
    item.checkboxState = {
      state: entry.used ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
      tooltip: entry.used ? 'The session uses it' : 'The session does not use it',
      accessibilityInformation: { label: `Use ${row.label} in this session` },
    };
  return item;
}

function namedItem({ kind, item: { name, description } }: Exclude<ServerNode, { kind: 'server' }>): vscode.TreeItem {
  const label = labelText(name, 100);
  const item = new vscode.TreeItem(label);
  item.description = labelText(description, 120);
  item.tooltip = factsMarkdown(label, description === '' ? [] : [['Says of itself', labelText(description, 1000)]]);
  item.iconPath = new vscode.ThemeIcon(kind === 'tool' ? 'tools' : 'mortar-board');
  item.accessibilityInformation = { label: `${kind === 'tool' ? 'Tool' : 'Skill'} ${label}`, role: 'treeitem' };
  return item;
}
