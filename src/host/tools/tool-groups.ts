/** The part of the view "Local Tools" that shows the tools of others: a group for each source, a tick box for each tool and resource. */

import * as vscode from 'vscode';
import type { ForeignEntry, ForeignTools } from '../../core/tools/foreign-tools.ts';
import type { SourceState } from '../../core/tools/foreign.ts';
import type { ToolConsent } from '../../core/tools/consent.ts';
import { labelText } from '../../core/visible-text.ts';
import { COMMANDS } from '../../manifest.ts';
import type { McpServers } from './mcp/servers.ts';
import { VSCODE_SOURCE } from './vscode-tools.ts';

export type ForeignRow =
  | { readonly kind: 'source'; readonly sourceId: string }
  | { readonly kind: 'foreign'; readonly entry: ForeignEntry }
  | { readonly kind: 'problem'; readonly text: string };

export interface ToolGroupsParts {
  readonly foreign: ForeignTools;
  readonly servers: McpServers;
  readonly consent: ToolConsent;
}

export class ToolGroups {
  readonly #parts: ToolGroupsParts;

  constructor(parts: ToolGroupsParts) {
    this.#parts = parts;
  }

  roots(): readonly ForeignRow[] {
    const { foreign, servers } = this.#parts;
    return [
      ...foreign.sources().map(({ id }): ForeignRow => ({ kind: 'source', sourceId: id })),
      ...servers.problems.map((text): ForeignRow => ({ kind: 'problem', text })),
    ];
  }

  children(row: ForeignRow): readonly ForeignRow[] {
    if (row.kind !== 'source') return [];
    return this.#parts.foreign.entries(row.sourceId).map((entry): ForeignRow => ({ kind: 'foreign', entry }));
  }

  item(row: ForeignRow): vscode.TreeItem {
    switch (row.kind) {
      case 'source':
        return this.#sourceItem(row.sourceId);
      case 'foreign':
        return this.#entryItem(row.entry);
      case 'problem':
        return problemItem(row.text);
    }
  }

  /** A tick box was clicked. Rejects with what stands in the way; the view shows what is so. */
  async tick(row: ForeignRow, on: boolean): Promise<void> {
    const { foreign, servers, consent } = this.#parts;
    if (row.kind === 'foreign') {
      if (on && consent.isDenied(row.entry.name)) consent.setPolicy(row.entry.name, 'ask');
      foreign.tick(row.entry, on);
    } else if (row.kind === 'source' && row.sourceId !== VSCODE_SOURCE) {
      if (on) await servers.use(row.sourceId);
      else await servers.leave(row.sourceId);
    }
  }

  #sourceItem(sourceId: string): vscode.TreeItem {
    const { foreign, servers } = this.#parts;
    const source = foreign.sources().find(({ id }) => id === sourceId);
    const entries = foreign.entries(sourceId);
    const server = servers.get(sourceId);
    const label = server?.config.name ?? "VS Code's tools";
    const fold =
      entries.length === 0
        ? vscode.TreeItemCollapsibleState.None
        : server === undefined
          ? vscode.TreeItemCollapsibleState.Collapsed
          : vscode.TreeItemCollapsibleState.Expanded;
    const item = new vscode.TreeItem(label, fold);
    const ticked = entries.filter(({ state }) => state === 'on').length;
    const changed = entries.filter(({ state }) => state === 'changed').length;
    const words = [
      entries.length === 0 || source?.state.kind !== 'ready'
        ? (source?.state.words ?? '')
        : `${ticked} of ${entries.length} ticked`,
      changed === 0 ? '' : `${changed} changed`,
    ];
    // VS Code keeps a row's fold by its id: one that gets tools later has to be a new one to get its arrow.
    item.id = `source:${sourceId}:${entries.length > 0}`;
    const shown = words.filter((word) => word !== '').join(' · ');
    item.description = server === undefined ? shown : `MCP server · ${shown}`;
    item.tooltip = server === undefined ? VSCODE_WORDS : `${labelText(server.place, 500)}\n${server.state.words}`;
    item.iconPath = new vscode.ThemeIcon(server === undefined ? 'extensions' : STATE_ICONS[server.state.kind]);
    item.accessibilityInformation = {
      label: `${server === undefined ? label : `MCP server ${label}`}, ${shown}`,
      role: 'treeitem',
    };
    if (server !== undefined) {
      const isUsed = servers.isUsed(sourceId);
      item.contextValue = isUsed ? 'mcpServer.used' : 'mcpServer';
      item.checkboxState = {
        state: isUsed ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
        tooltip: isUsed ? 'Runs while local tools are on in a session' : 'Not used',
        accessibilityInformation: { label: `Use the MCP server ${label}` },
      };
    }
    return item;
  }

  #entryItem(entry: ForeignEntry): vscode.TreeItem {
    const { consent } = this.#parts;
    const { key, kind, label, name, state, description, readsOnly, changes } = entry;
    const item = new vscode.TreeItem(label);
    const granted = consent.grantsOf(name);
    const policy =
      state === 'changed'
        ? `changed since it was ticked (${changes}): tick it again`
        : state === 'off'
          ? ''
          : consent.isDenied(name)
            ? 'denied'
            : granted > 0
              ? `allowed in ${granted} ${granted === 1 ? 'session' : 'sessions'}`
              : 'asks';
    const effect = kind === 'resource' ? 'resource' : readsOnly ? 'says it only reads' : '';
    const shown = [policy, effect].filter((word) => word !== '').join(' · ');
    item.id = `foreign:${key}`;
    item.description = `${shown}${shown === '' ? '' : ' · '}${labelText(description, 80)}`;
    item.tooltip = [
      kind === 'resource' ? labelText(name, 500) : `Offered as ${name}`,
      labelText(description, 1000),
      readsOnly ? 'Its server says that it only reads: it may be allowed for a session.' : 'Asked about at every call.',
      policy,
    ]
      .filter((line) => line !== '')
      .join('\n');
    item.iconPath = new vscode.ThemeIcon(
      state === 'changed' ? 'warning' : kind === 'resource' ? 'book' : granted > 0 ? 'check-all' : 'question',
    );
    const what = kind === 'resource' ? 'Resource' : 'Tool';
    item.accessibilityInformation = {
      label: `${what} ${label}, ${state === 'off' ? 'not offered' : policy}${effect === '' ? '' : `, ${effect}`}`,
      role: 'treeitem',
    };
    item.checkboxState = {
      state: state === 'on' ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
      tooltip: state === 'on' ? 'Offered to Sec-Gemini' : 'Not offered',
      accessibilityInformation: { label: `Offer ${label}` },
    };
    if (kind === 'tool' && state === 'on') {
      item.contextValue = 'tool';
      item.command = { command: COMMANDS.setToolPolicy, title: 'Set Policy', arguments: [{ kind: 'tool', name }] };
    }
    return item;
  }
}

const VSCODE_WORDS =
  "Tools that other extensions and VS Code's own list of MCP servers offer. They do not say what they change: each call is asked about. VS Code's terminal and file tools are never offered.";

const STATE_ICONS: Readonly<Record<SourceState['kind'], string>> = {
  off: 'circle-outline',
  starting: 'sync~spin',
  ready: 'server-process',
  waiting: 'debug-disconnect',
  failed: 'error',
};

function problemItem(text: string): vscode.TreeItem {
  const item = new vscode.TreeItem(labelText(text, 200));
  item.id = `problem:${text}`;
  item.description = 'secGemini.mcpServers';
  item.tooltip = `${labelText(text, 500)}\nA click opens the setting.`;
  item.iconPath = new vscode.ThemeIcon('warning');
  item.command = { command: COMMANDS.configureMcpServers, title: 'Configure MCP Servers' };
  item.accessibilityInformation = { label: `Problem in the setting secGemini.mcpServers: ${labelText(text, 300)}` };
  return item;
}
