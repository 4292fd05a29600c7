/** The view "Local Tools": the hub, the sessions whose tools are on with their budget, the policy of each tool, the last calls. Plain text only. */

import * as vscode from 'vscode';
import type { ToolHubState } from '../../core/client-agent.ts';
import { formatBytes } from '../../core/format.ts';
import type { CallRecord } from '../../core/tools/call.ts';
import { TreeChanges } from '../../core/tree-changes.ts';
import { FOREIGN } from '../../core/tools/tool.ts';
import { budgetWords } from '../../core/tools/words.ts';
import { labelText } from '../../core/visible-text.ts';
import { COMMANDS } from '../../manifest.ts';
import { type LogRow, logItem, logRows, logsGroupItem } from '../logs/log-rows.ts';
import type { TreeSource } from '../main.ts';
import type { Services } from '../services.ts';
import type { ForeignRow, ToolGroups } from './tool-groups.ts';
import type { ToolLinks } from './tool-links.ts';

export type ToolRow =
  | { readonly kind: 'hub' }
  | { readonly kind: 'session'; readonly sessionId: string }
  | { readonly kind: 'group'; readonly group: 'calls' | 'logs' }
  | { readonly kind: 'provider'; readonly name: string }
  | LogRow
  | { readonly kind: 'tool'; readonly name: string }
  | { readonly kind: 'call'; readonly record: CallRecord }
  | ForeignRow;

/** True for a row of this view; commands get untrusted arguments. */
export function isToolRow(value: unknown): value is ToolRow {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as { kind?: unknown; sessionId?: unknown; sourceId?: unknown; name?: unknown };
  return (
    (row.kind === 'session' && typeof row.sessionId === 'string') ||
    (row.kind === 'tool' && typeof row.name === 'string') ||
    (row.kind === 'source' && typeof row.sourceId === 'string') ||
    row.kind === 'hub'
  );
}

const MOST_CALLS = 50;

export interface ToolsTree extends Pick<TreeSource, 'children' | 'item'> {
  /** Of the rows at the top, each with what is below it; their ids are understood by `node`. */
  readonly changes: TreeChanges;
  /** A row at the top, as the editor knows it. */
  readonly node: (id: string) => unknown;
  /** A tick box of a row was clicked. */
  tick(row: unknown, on: boolean): Promise<void>;
}

export function createToolsTree(services: Services, links: ToolLinks, groups: () => ToolGroups | undefined): ToolsTree {
  const { tools } = services;
  /** Those that have a group of their own: of others it is one for each source. */
  const providers = (): readonly string[] => [
    ...new Set(
      tools.registry
        .all()
        .map(({ provider }) => provider)
        .filter((name) => name !== FOREIGN),
    ),
  ];
  /** VS Code knows a row by its object: to draw one row again it has to be the same one. */
  const nodes = new Map<string, ToolRow>();
  const idOf = (row: ToolRow): string => JSON.stringify(row);
  const known = (row: ToolRow): ToolRow => {
    const id = idOf(row);
    const same = nodes.get(id) ?? row;
    nodes.set(id, same);
    return same;
  };
  const root = (): ToolRow[] => rowsNow().map(known);
  const rowsNow = (): ToolRow[] => {
    const on = tools.consent.sessions();
    const calls = tools.runner.records.length > 0;
    const hasLogs = logRows(services.logs).length > 0;
    if (on.length === 0 && !calls && !hasLogs) return [];
    return [
      ...(links.hub === undefined ? [] : [{ kind: 'hub' } as const]),
      ...on.map((sessionId) => ({ kind: 'session', sessionId }) as const),
      ...(hasLogs ? [{ kind: 'group', group: 'logs' } as const] : []),
      ...(calls ? [{ kind: 'group', group: 'calls' } as const] : []),
      ...(on.length === 0 ? [] : providers().map((name) => ({ kind: 'provider', name }) as const)),
      ...(on.length === 0 ? [] : (groups()?.roots() ?? [])),
    ];
  };
  const children: ToolsTree['children'] = (element) =>
    element === undefined ? root() : [...below(element as ToolRow)];
  const item: ToolsTree['item'] = (element) => {
    const row = element as ToolRow;
    if (!isForeignRow(row)) return itemOf(services, links, row);
    return groups()?.item(row) ?? new vscode.TreeItem('');
  };
  return {
    children,
    item,
    node: (id) => nodes.get(id),
    changes: new TreeChanges({
      shape: () => root().map(idOf).join('\n'),
      session: (id) => {
        const row = nodes.get(id);
        return row === undefined ? '' : JSON.stringify([row, ...below(row)].map((each) => item(each)));
      },
      sessionIds: () => root().map(idOf),
    }),
    tick: async (element, on) => {
      const row = element as ToolRow;
      if (isForeignRow(row)) await groups()?.tick(row, on);
      // Unticked is not offered: denied in every session until it is ticked again.
      else if (row.kind === 'tool') tools.consent.setPolicy(row.name, on ? 'ask' : 'deny');
    },
  };

  function below(row: ToolRow): readonly ToolRow[] {
    switch (row.kind) {
      case 'group':
        if (row.group === 'logs') return [...logRows(services.logs)];
        return tools.runner.records.slice(0, MOST_CALLS).map((record): ToolRow => ({ kind: 'call', record }));
      case 'provider':
        return tools.registry
          .all()
          .filter(({ provider }) => provider === row.name)
          .map(({ tool }): ToolRow => ({ kind: 'tool', name: tool.name }));
      case 'source':
        return groups()?.children(row) ?? [];
      default:
        return [];
    }
  }
}

function isForeignRow(row: ToolRow): row is ForeignRow {
  return row.kind === 'source' || row.kind === 'foreign' || row.kind === 'problem';
}

function itemOf(services: Services, links: ToolLinks, row: Exclude<ToolRow, ForeignRow>): vscode.TreeItem {
  switch (row.kind) {
    case 'hub':
      return hubItem(links);
    case 'session':
      return sessionItem(services, row);
    case 'log':
      return logItem(services.logs, row, (id) => labelText(services.sessions.state(id)?.info.name ?? '', 60));
    case 'group': {
      if (row.group === 'logs') return logsGroupItem(services.logs);
      const item = new vscode.TreeItem('Last calls', vscode.TreeItemCollapsibleState.Expanded);
      item.id = 'group:calls';
      item.iconPath = new vscode.ThemeIcon('history');
      return item;
    }
    case 'provider':
      return providerItem(services, row.name);
    case 'tool':
      return toolItem(services, row);
    case 'call':
      return callItem(services, row.record);
  }
}

function providerItem({ tools }: Services, name: string): vscode.TreeItem {
  const item = new vscode.TreeItem(labelText(name, 60), vscode.TreeItemCollapsibleState.Collapsed);
  const own = tools.registry.all().filter(({ provider }) => provider === name);
  const offered = own.filter(({ tool }) => !tools.consent.isDenied(tool.name)).length;
  item.id = `provider:${name}`;
  item.description = `${offered} of ${own.length} ticked`;
  item.iconPath = new vscode.ThemeIcon('tools');
  item.accessibilityInformation = { label: `Tools of ${labelText(name, 60)}, ${item.description}`, role: 'treeitem' };
  return item;
}

function hubItem({ hub }: ToolLinks): vscode.TreeItem {
  const item = new vscode.TreeItem('Tool hub');
  const { icon, words } = hubWords(hub?.state);
  item.id = 'hub';
  item.description = hub === undefined ? words : `${words} · ${hub.name}`;
  item.tooltip = `${words}. Sec-Gemini's service knows this window as ${hub?.name ?? 'nothing'}.`;
  item.iconPath = new vscode.ThemeIcon(icon);
  if (hub?.state.kind === 'waiting') item.contextValue = 'toolHub.waiting';
  item.accessibilityInformation = { label: `Tool hub, ${words}, as ${hub?.name ?? ''}` };
  return item;
}

function hubWords(state: ToolHubState | undefined): { readonly icon: string; readonly words: string } {
  switch (state?.kind) {
    case 'connected':
      return { icon: 'plug', words: 'connected' };
    case 'connecting':
      return { icon: 'sync~spin', words: 'connecting' };
    case 'waiting':
      return {
        icon: 'debug-disconnect',
        words: `lost, next try in ${Math.max(1, Math.round(state.retryInMs / 1000))} s`,
      };
    case 'refused':
      return { icon: 'error', words: 'the API key was refused' };
    case undefined:
      return { icon: 'debug-disconnect', words: 'not connected' };
  }
}

function sessionItem({ sessions, tools }: Services, { sessionId }: { readonly sessionId: string }): vscode.TreeItem {
  const label = labelText(sessions.state(sessionId)?.info.name ?? sessionId, 60);
  const item = new vscode.TreeItem(label);
  const words = budgetWords(tools.consent.budget(sessionId));
  item.id = `session:${sessionId}`;
  item.description = words;
  item.tooltip = `Local tools are on in this session, until this window closes.\n${words}`;
  item.iconPath = new vscode.ThemeIcon('comment-discussion');
  item.contextValue = 'toolSession';
  item.accessibilityInformation = { label: `Local tools on in ${label}, ${words}` };
  return item;
}

function toolItem({ tools }: Services, { name }: { readonly name: string }): vscode.TreeItem {
  const item = new vscode.TreeItem(labelText(name, 64));
  const found = tools.registry.all().find(({ tool }) => tool.name === name);
  const granted = tools.consent.grantsOf(name);
  const words = tools.consent.isDenied(name)
    ? 'denied'
    : granted > 0
      ? `allowed in ${granted} ${granted === 1 ? 'session' : 'sessions'}`
      : 'asks';
  item.id = `tool:${name}`;
  item.description = `${words} · ${labelText(found?.tool.title ?? '', 80)}`;
  item.tooltip = `${labelText(found?.tool.description ?? '', 500)}\nFrom: ${labelText(found?.provider ?? '', 60)}`;
  item.iconPath = new vscode.ThemeIcon(words === 'denied' ? 'circle-slash' : granted > 0 ? 'check-all' : 'question');
  item.contextValue = 'tool';
  item.command = { command: COMMANDS.setToolPolicy, title: 'Set Policy', arguments: [{ kind: 'tool', name }] };
  item.accessibilityInformation = { label: `Tool ${name}, ${words}`, role: 'treeitem' };
  item.checkboxState = {
    state: words === 'denied' ? vscode.TreeItemCheckboxState.Unchecked : vscode.TreeItemCheckboxState.Checked,
    tooltip: words === 'denied' ? 'Not offered, in no session' : 'Offered to Sec-Gemini',
    accessibilityInformation: { label: `Offer ${name}` },
  };
  return item;
}

const ICONS: Readonly<Record<CallRecord['verdict'], string>> = {
  allowed: 'arrow-up',
  denied: 'circle-slash',
  withheld: 'eye-closed',
  refused: 'warning',
  failed: 'error',
  void: 'debug-disconnect',
};

function callItem({ sessions }: Services, record: CallRecord): vscode.TreeItem {
  const item = new vscode.TreeItem(labelText(record.tool, 64));
  const left = record.bytes === 0 ? 'nothing left' : `${formatBytes(record.bytes)} left`;
  const words = [record.verdict === 'allowed' ? '' : record.verdict, left, `${Math.round(record.ranMs)} ms`];
  item.id = `call:${record.id}`;
  item.description = words.filter((word) => word !== '').join(' · ');
  const session =
    record.sessionId === undefined ? '' : labelText(sessions.state(record.sessionId)?.info.name ?? '', 60);
  item.tooltip = [record.label, labelText(record.words, 300), session, new Date(record.at).toLocaleTimeString()]
    .filter((line) => line !== '')
    .join('\n');
  item.iconPath = new vscode.ThemeIcon(ICONS[record.verdict]);
  item.accessibilityInformation = {
    label: `Call of ${record.label}: ${item.description}, ${labelText(record.words, 200)}`,
  };
  return item;
}
