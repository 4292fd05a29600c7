/** The view "Messages": one session's messages by parent, with type, agent, time and tokens; each row's text can be copied or opened. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../core/disposable.ts';
import { Emitter } from '../../core/emitter.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { type MessageNode, branchText, messageNodes, messageRow, messageTree } from '../../core/message-tree.ts';
import type { Message } from '../../core/model.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import type { SessionState } from '../../core/session-state.ts';
import { labelText } from '../../core/visible-text.ts';
import { COMMANDS, CONTEXT_KEYS, VIEWS } from '../../manifest.ts';

/** What is deeper opens by a click: a chain of thousands would run out of the view. */
const OPEN_LEVELS = 6;
const REFRESH_MS = 300;

const ICONS: Readonly<Partial<Record<Message['kind'], string>>> = {
  prompt: 'account',
  response: 'comment',
  agentResponse: 'comment',
  thinking: 'lightbulb',
  toolCall: 'tools',
  toolResult: 'output',
  source: 'link',
  confirmationRequest: 'question',
  error: 'error',
  failure: 'error',
  end: 'debug-stop',
};

interface Row {
  readonly node: MessageNode;
  readonly depth: number;
}

export class MessageTreeView implements Disposable {
  readonly #sessions: SessionManager;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new Emitter<undefined>());
  readonly #view: vscode.TreeView<Row>;
  #sessionId: string | undefined;
  #drawn: { readonly messages: readonly Message[]; readonly rows: readonly Row[] } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(sessions: SessionManager) {
    this.#sessions = sessions;
    this.#view = this.#owned.add(
      vscode.window.createTreeView<Row>(VIEWS.messages, {
        treeDataProvider: {
          onDidChangeTreeData: this.#changed.event,
          getChildren: (row) => (row === undefined ? [...this.#roots()] : below(row)),
          getTreeItem: itemOf,
        },
        showCollapseAll: true,
      }),
    );
    this.#owned.add(
      sessions.onDidChange(({ sessionId, state }) => {
        if (sessionId !== this.#sessionId || state.messages === this.#drawn?.messages) return;
        // Pieces of an answer come many a second.
        this.#timer ??= setTimeout(() => this.#refresh(), REFRESH_MS);
      }),
    );
    this.#owned.add(
      sessions.onDidChangeList(() => {
        if (this.#sessionId !== undefined && this.#state() === undefined) this.close();
      }),
    );
  }

  /** Shows a session whose transcript is here. */
  async show({ info }: SessionState): Promise<void> {
    this.#sessionId = info.id;
    this.#refresh();
    await vscode.commands.executeCommand('setContext', CONTEXT_KEYS.messageTree, true);
    await vscode.commands.executeCommand(`${VIEWS.messages}.focus`);
  }

  close(): void {
    this.#sessionId = undefined;
    this.#refresh();
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.messageTree, false);
  }

  /** The whole tree as text. Throws `notFound` when no session is shown. */
  text(): { readonly name: string; readonly text: string } {
    const state = this.#state();
    if (state === undefined)
      throw new SecGeminiError('notFound', 'No message tree is shown.', {
        action: 'Run "Sec-Gemini: Show Message Tree" first.',
      });
    return { name: state.info.name, text: messageTree(state.info.name, state.messages) };
  }

  /** The text of the row that an untrusted argument names, with everything below it when `whole`. Throws `invalidArgument`. */
  textOf(argument: unknown, whole: boolean): { readonly title: string; readonly text: string } {
    const id = typeof argument === 'string' ? argument : isRow(argument) ? argument.node.message.id : undefined;
    const row = id === undefined ? undefined : find(this.#roots(), id);
    if (row === undefined)
      throw new SecGeminiError('invalidArgument', 'No message was chosen.', {
        action: 'Use the rows of the view "Messages".',
      });
    const { node } = row;
    return {
      title: `Message ${node.message.kind}`,
      text: branchText(whole ? node : { message: node.message, children: [] }),
    };
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#owned.dispose();
  }

  #state(): SessionState | undefined {
    return this.#sessionId === undefined ? undefined : this.#sessions.state(this.#sessionId);
  }

  #roots(): readonly Row[] {
    const messages = this.#state()?.messages ?? [];
    if (this.#drawn?.messages !== messages)
      this.#drawn = { messages, rows: messageNodes(messages).map((node) => ({ node, depth: 0 })) };
    return this.#drawn.rows;
  }

  #refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const state = this.#state();
    this.#view.description = state === undefined ? '' : labelText(state.info.name, 60);
    // VS Code takes an empty text for none.
    this.#view.message = state !== undefined && state.messages.length === 0 ? 'This session has no messages yet.' : '';
    this.#changed.fire(undefined);
  }
}

function below({ node, depth }: Row): Row[] {
  return node.children.map((child) => ({ node: child, depth: depth + 1 }));
}

function find(roots: readonly Row[], id: string): Row | undefined {
  const open = [...roots];
  for (let row = open.pop(); row !== undefined; row = open.pop()) {
    if (row.node.message.id === id) return row;
    open.push(...below(row));
  }
  return undefined;
}

function isRow(value: unknown): value is Row {
  if (typeof value !== 'object' || value === null) return false;
  const { node } = value as { node?: { message?: { id?: unknown } } };
  return typeof node?.message?.id === 'string';
}

function itemOf({ node, depth }: Row): vscode.TreeItem {
  const row = messageRow(node.message, (at) => new Date(at).toLocaleTimeString());
  const state =
    node.children.length === 0
      ? vscode.TreeItemCollapsibleState.None
      : depth < OPEN_LEVELS
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed;
  const made = new vscode.TreeItem(row.label, state);
  made.id = row.id;
  made.description = row.description;
  made.tooltip = row.tooltip;
  made.iconPath = new vscode.ThemeIcon(ICONS[node.message.kind] ?? 'circle-small');
  made.contextValue = node.children.length === 0 ? 'message' : 'messageWithAnswers';
  made.accessibilityInformation = { label: row.accessibleLabel, role: 'treeitem' };
  made.command = { command: COMMANDS.openMessage, title: 'Open', arguments: [{ node: { message: { id: row.id } } }] };
  return made;
}
