/** The native question about one call of a local tool: every argument, the files and bytes that would leave, what looks like a secret. */

import * as vscode from 'vscode';
import { formatBytes } from '../../core/format.ts';
import type { ToolDesk, ToolRequest } from '../../core/tools/desk.ts';
import type { LocalTools } from '../../core/tools/local-tools.ts';
import { budgetWords, flagWords, placeOf } from '../../core/tools/words.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';
import { argumentRows } from './arguments.ts';

/** Of documents that show what a call asks with, and what would leave. */
export const TOOL_OUTPUT = 'sec-gemini-tool-output';
/** A changed call has to run before it can be asked about. */
const NEXT_QUESTION_MS = 60_000;
const MOST_ROWS = 30;

type Choice =
  'once' | 'thenLook' | 'redacted' | 'session' | 'edit' | 'arguments' | 'look' | 'withhold' | 'deny' | 'denyWithReason';
type Row = vscode.QuickPickItem & { readonly choice?: Choice };

/** Such a document, named by `#look` and `#again`. */
export function toolOutputText(desk: ToolDesk, { query, path }: vscode.Uri): string {
  const request = desk.get(query);
  if (request === undefined) return 'This call is no longer waiting; nothing of it left.';
  return visibleText(
    path.endsWith('.json') ? JSON.stringify(request.args, undefined, 2) : (request.output?.text ?? ''),
  );
}

export class ToolReview {
  readonly #tools: LocalTools;
  readonly #nameOf: (sessionId: string) => string;
  /** Requests whose output was looked at: only then can it be withheld. */
  readonly #seen = new WeakSet<ToolRequest>();

  constructor(tools: LocalTools, nameOf: (sessionId: string) => string) {
    this.#tools = tools;
    this.#nameOf = nameOf;
  }

  /** Closing the pick leaves the request pending. */
  async review(request: ToolRequest): Promise<void> {
    const { desk } = this.#tools;
    const picked = await this.#ask(request);
    switch (picked?.choice) {
      case 'once':
        return desk.answer(request, { kind: 'allow', forSession: false });
      case 'thenLook':
        return this.#again(request, { kind: 'allow', forSession: false, look: true });
      case 'redacted':
        return desk.answer(request, { kind: 'allow', forSession: false, redact: true });
      case 'session':
        return desk.answer(request, { kind: 'allow', forSession: true });
      case 'edit':
        return this.#edit(request);
      case 'look':
        await this.#look(request);
        return this.review(request);
      case 'withhold':
        return desk.answer(request, { kind: 'withhold', reason: '' });
      case 'deny':
        return desk.answer(request, { kind: 'deny', reason: '' });
      case 'denyWithReason': {
        const reason = await vscode.window.showInputBox({
          title: 'Deny with a reason',
          prompt: 'Sec-Gemini reads it in place of the result.',
          ignoreFocusOut: true,
        });
        return reason === undefined ? this.review(request) : desk.answer(request, { kind: 'deny', reason });
      }
      case 'arguments':
        await this.#show(request, `Arguments of ${request.tool}.json`);
        return this.review(request);
      case undefined:
        // A row that only informs was picked: the output shows it in full.
        if (picked !== undefined) {
          if (request.output !== undefined) await this.#look(request);
          else await this.#show(request, `Arguments of ${request.tool}.json`);
          return this.review(request);
        }
    }
  }

  #ask(request: ToolRequest): Thenable<Row | undefined> {
    const { output, args, destination, budget } = request;
    const place = placeOf(destination);
    const leaves =
      output === undefined ? `it runs, its output goes to ${place}` : `${formatBytes(output.bytes)} to ${place}`;
    const rows: Row[] = [
      { label: 'Allow once', description: leaves, iconPath: icon('check'), choice: 'once' },
      ...((output?.flags.length ?? 0) > 0
        ? [
            {
              label: 'Allow once, secrets replaced',
              description: 'by placeholders: [[SECRET-1:…]]',
              iconPath: icon('shield'),
              choice: 'redacted' as const,
            },
          ]
        : []),
      ...(output === undefined
        ? [
            {
              label: 'Run, then show me the output',
              description: 'nothing leaves before you allow it',
              iconPath: icon('eye'),
              choice: 'thenLook' as const,
            },
          ]
        : []),
      ...(request.grantable
        ? [
            {
              label: 'Allow this tool for this session',
              description: 'until this window closes; what is flagged is still asked about',
              iconPath: icon('check-all'),
              choice: 'session' as const,
            },
          ]
        : []),
      ...(request.hasRun === true
        ? []
        : [{ label: 'Edit arguments…', iconPath: icon('edit'), choice: 'edit' as const }]),
      ...(output === undefined
        ? []
        : [
            {
              label: 'Look at the output…',
              description: 'exactly what would be sent',
              iconPath: icon('eye'),
              choice: 'look' as const,
            },
          ]),
      ...(this.#seen.has(request)
        ? [
            {
              label: 'Withhold the output',
              description: 'it stays on this machine',
              iconPath: icon('eye-closed'),
              choice: 'withhold' as const,
            },
          ]
        : []),
      { label: 'Deny', iconPath: icon('x'), choice: 'deny' },
      { label: 'Deny with a reason…', iconPath: icon('comment'), choice: 'denyWithReason' },
      ...group(
        'The arguments go to',
        request.place === undefined ? [] : [{ label: labelText(request.place, 300), iconPath: icon('server') }],
      ),
      ...group(
        'Look at this',
        request.notes.map((note) => ({ label: labelText(note, 200), iconPath: icon('warning') })),
      ),
      ...group(
        'Looks like a secret',
        (output?.flags ?? []).map((flag) => ({ label: labelText(flagWords(flag), 200), iconPath: icon('key') })),
      ),
      ...group(
        'Every argument',
        argumentRows(args).map((row) => ({ ...row, choice: 'arguments' as const })),
      ),
      ...group(
        'Files',
        [...new Set((output?.files ?? []).map(({ path }) => path))].map((path) => ({
          label: labelText(path, 200),
          iconPath: icon('file'),
        })),
      ),
    ];
    return vscode.window.showQuickPick(rows, {
      title: `Allow ${request.tool}? (${this.#nameOf(request.sessionId)})`,
      placeHolder: `${labelText(request.title, 60)} · ${leaves} · ${budgetWords(budget)}`,
      ignoreFocusOut: true,
    });
  }

  async #look(request: ToolRequest): Promise<void> {
    this.#seen.add(request);
    await this.#show(request, `Output of ${request.tool}.txt`);
  }

  async #show(request: ToolRequest, name: string): Promise<void> {
    // A changed call keeps its id: what was shown before is not shown for it.
    const fragment = String(request.expiresAt);
    const uri = vscode.Uri.from({ scheme: TOOL_OUTPUT, path: `/${name}`, query: request.id, fragment });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
      preview: true,
      preserveFocus: true,
      // Where there is room already: not over the conversation, and in no third column.
      viewColumn: besideConversation(),
    });
  }

  async #edit(request: ToolRequest): Promise<void> {
    const { registry } = this.#tools;
    const tool = registry.find(request.tool);
    const problemOf = (text: string): string | undefined => {
      try {
        tool?.parse(JSON.parse(text));
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : 'These are no arguments.';
      }
    };
    const text = await vscode.window.showInputBox({
      title: `Edit the arguments of ${request.tool}`,
      prompt: 'One JSON object. Nothing is sent yet: you are asked again with what would leave then.',
      value: JSON.stringify(request.args),
      ignoreFocusOut: true,
      validateInput: problemOf,
    });
    if (text === undefined) return this.review(request);
    await this.#again(request, { kind: 'edit', args: JSON.parse(text) });
  }

  /** Answers with what leads to another question of the same call, and asks that. */
  async #again(request: ToolRequest, decision: Parameters<ToolDesk['answer']>[1]): Promise<void> {
    const next = nextQuestion(this.#tools.desk, request);
    this.#tools.desk.answer(request, decision);
    const again = await next;
    if (again === undefined) return;
    if (again.hasRun === true) await this.#look(again);
    await this.review(again);
  }
}

function besideConversation(): vscode.ViewColumn {
  const other = vscode.window.tabGroups.all.find(
    ({ activeTab }) => !(activeTab?.input instanceof vscode.TabInputWebview),
  );
  return other?.viewColumn ?? vscode.ViewColumn.Beside;
}

function icon(id: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(id);
}

function group(label: string, rows: readonly Row[]): Row[] {
  if (rows.length === 0) return [];
  const more = rows.length - MOST_ROWS;
  return [
    { label, kind: vscode.QuickPickItemKind.Separator },
    ...rows.slice(0, MOST_ROWS),
    ...(more > 0 ? [{ label: `and ${more} more: look at the output` }] : []),
  ];
}

/** The same call, asked about anew; undefined when it does not come. */
function nextQuestion(desk: ToolDesk, request: ToolRequest): Promise<ToolRequest | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(undefined), NEXT_QUESTION_MS);
    const listener = desk.onDidAsk((other) => {
      if (other.id === request.id) done(other);
    });
    const done = (found: ToolRequest | undefined): void => {
      clearTimeout(timer);
      listener.dispose();
      resolve(found);
    };
  });
}
