/** The local logs in the view "Local Tools": one row each, also while they are read. Plain text only. */

import * as vscode from 'vscode';
import { formatBytes } from '../../core/format.ts';
import { labelText } from '../../core/visible-text.ts';
import { COMMANDS } from '../../manifest.ts';
import type { LocalLogs } from './local-logs.ts';

export interface LogRow {
  readonly kind: 'log';
  readonly id: string;
}

/** True for a row of a log; commands get untrusted arguments. */
export function isLogRow(value: unknown): value is LogRow {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as { kind?: unknown; id?: unknown };
  return row.kind === 'log' && typeof row.id === 'string';
}

export function logRows(logs: LocalLogs): readonly LogRow[] {
  return [...logs.list(), ...logs.reading].map(({ id }) => ({ kind: 'log', id }));
}

export function logsGroupItem(logs: LocalLogs): vscode.TreeItem {
  const item = new vscode.TreeItem('Log databases', vscode.TreeItemCollapsibleState.Expanded);
  item.id = 'group:logs';
  item.description = 'stay on this machine';
  item.tooltip = 'Sec-Gemini can ask these logs by read-only queries, each shown to you before its answer leaves.';
  item.iconPath = new vscode.ThemeIcon('database');
  item.accessibilityInformation = { label: `Log databases, ${logs.list().length}, stay on this machine` };
  return item;
}

/** `nameOf` tells a session's name. */
export function logItem(logs: LocalLogs, { id }: LogRow, nameOf: (sessionId: string) => string): vscode.TreeItem {
  const log = logs.find(id);
  const reading = logs.reading.find((each) => each.id === id);
  const name = labelText(log?.name ?? reading?.name ?? '', 80);
  const item = new vscode.TreeItem(name);
  item.id = `log:${id}`;
  if (log === undefined) {
    const part = reading === undefined ? 0 : Math.floor((100 * reading.bytes) / reading.size);
    item.description = `reading, ${part} %`;
    item.iconPath = new vscode.ThemeIcon('sync~spin');
    item.accessibilityInformation = { label: `Local log ${name}, reading` };
    return item;
  }
  const { summary, source, sessionId, path } = log;
  const rows = `${summary.rows} ${summary.rows === 1 ? 'row' : 'rows'}`;
  item.description = `${rows} · ${summary.format}`;
  item.tooltip = [
    labelText(path, 300),
    `${summary.format}, ${rows}, ${formatBytes(source.size)}`,
    ...(summary.firstTime === null ? [] : [`${summary.firstTime} to ${summary.lastTime ?? ''}`]),
    ...(summary.unread === 0 ? [] : [`rows of another form: ${summary.unread}`]),
    `For ${nameOf(sessionId)}, until this window closes. The file stays as it is.`,
  ].join('\n');
  item.iconPath = new vscode.ThemeIcon('output');
  item.contextValue = 'localLog';
  item.command = { command: COMMANDS.openLog, title: 'Open', arguments: [{ kind: 'log', id }] };
  item.accessibilityInformation = { label: `Local log ${name}, ${rows}, ${summary.format}` };
  return item;
}
