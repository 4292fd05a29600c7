/** The view "MCP Servers": the account's tool servers, which of them the shown session uses, and what each offers. */

import * as vscode from 'vscode';
import { type ServerEntry, checkServerName, checkServerUrl } from '../../core/mcp-servers.ts';
import { SecGeminiError, describeError } from '../../core/errors.ts';
import { labelText } from '../../core/visible-text.ts';
import { VIEWS } from '../../manifest.ts';
import { showError } from '../errors.ts';
import { requireGroup, requireTrusted } from '../requirements.ts';
import type { Feature, Services } from '../services.ts';
import { type ServerNode, ServersTree, isServerNode } from './servers-tree.ts';

const WHAT = 'Tool servers';

export function createMcpFeature({ sessions, shownSession, run, store }: Services): Feature {
  const tree = store.add(new ServersTree(sessions, shownSession));
  const view = store.add(
    vscode.window.createTreeView<ServerNode>(VIEWS.mcpServers, {
      treeDataProvider: tree,
      // What the service says is shown, not what was clicked.
      manageCheckboxStateManually: true,
    }),
  );
  const showHead = (): void => {
    const id = shownSession.id;
    const state = id === undefined ? undefined : sessions.state(id);
    const description = state === undefined ? '' : labelText(state.info.name, 40);
    const message = state === undefined ? 'Open a session to choose which servers it uses.' : '';
    if (view.description !== description) view.description = description;
    // Setting it draws all rows again, whatever it says.
    if (view.message !== message) view.message = message;
    tree.follow();
  };
  const show = (): void => {
    showHead();
    tree.refresh();
  };
  store.add(shownSession.onDidChange(showHead));
  store.add(sessions.onDidChangeList(showHead));
  store.add(
    sessions.onDidChange(({ sessionId, action }) => {
      // A turn may have loaded or lost a server; a new name stands in the view's head.
      if (sessionId === shownSession.id && (action.type === 'turnEnd' || action.type === 'info')) show();
    }),
  );
  show();

  /** One change after another: each one names all servers of the session. */
  let changes = Promise.resolve();
  const use = async (ticked: readonly (readonly [ServerNode, boolean])[]): Promise<void> => {
    const sessionId = shownSession.id;
    if (sessionId === undefined) return;
    const mcp = requireGroup(sessions, 'mcp', WHAT);
    const wanted = ticked.flatMap(([node, on]) => (node.kind === 'server' ? [[node.entry.url, on] as const] : []));
    if (wanted.some(([, on]) => on)) requireTrusted('Giving a session a tool server');
    const now = (await mcp.listSession(sessionId)).map(({ url }) => url);
    const off = new Set(wanted.filter(([, on]) => !on).map(([url]) => url));
    const on = wanted.filter(([, isOn]) => isOn).map(([url]) => url);
    await mcp.setSession(sessionId, [...new Set([...now.filter((url) => !off.has(url)), ...on])]);
  };
  store.add(
    view.onDidChangeCheckboxState(({ items }) => {
      changes = changes
        .then(() => use(items.map(([node, state]) => [node, state === vscode.TreeItemCheckboxState.Checked])))
        .catch((error: unknown) => void showError(error, run))
        .finally(() => tree.refresh());
    }),
  );

  return {
    commands: {
      addMcpServer: async () => {
        requireTrusted('Adding a tool server');
        const mcp = requireGroup(sessions, 'mcp', WHAT);
        const url = await ask('Add Tool Server: address', 'https://tools.example.com/mcp', checkServerUrl);
        if (url === undefined) return;
        const name = await ask('Add Tool Server: name', new URL(url).hostname, checkServerName);
        if (name === undefined || !(await confirmAdd(name, url))) return;
        await mcp.add(name, url);
        tree.refresh();
      },
      removeMcpServer: async (argument) => {
        const mcp = requireGroup(sessions, 'mcp', WHAT);
        const entry = await chosen(argument);
        if (entry === undefined) return;
        const name = labelText(entry.name, 80);
        const choice = await vscode.window.showWarningMessage(
          `Remove tool server ${name}?`,
          {
            modal: true,
            detail: `${labelText(entry.url, 300)}\n\nSessions that use it keep it until it is unticked there.`,
          },
          'Remove',
        );
        if (choice !== 'Remove') return;
        const removed = await mcp.remove(entry.id);
        tree.refresh();
        if (!removed)
          throw new SecGeminiError(
            'notFound',
            `${name} was not removed: it is the service's own, or no longer there.`,
            {
              action: 'Untick it to keep it out of a session.',
            },
          );
      },
      refreshMcpServers: () => tree.refresh(),
    },
  };

  async function chosen(argument: unknown): Promise<ServerEntry | undefined> {
    if (isServerNode(argument) && argument.kind === 'server' && argument.entry.inAccount) {
      // Arguments are untrusted: only what the service lists counts.
      const listed = (await tree.entries()).find(({ id, inAccount }) => inAccount && id === argument.entry.id);
      if (listed !== undefined) return listed;
    }
    const rows = (await tree.entries())
      .filter(({ inAccount }) => inAccount)
      .map((entry) => ({ label: labelText(entry.name, 80), description: labelText(entry.url, 120), entry }));
    return (await vscode.window.showQuickPick(rows, { title: 'Remove which tool server?' }))?.entry;
  }
}

/** Asks until the text passes; undefined when closed. */
async function ask(title: string, placeHolder: string, check: (text: string) => string): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    placeHolder,
    ignoreFocusOut: true,
    validateInput: (typed) => {
      if (typed.trim() === '') return undefined;
      try {
        check(typed);
        return undefined;
      } catch (error) {
        return describeError(error);
      }
    },
  });
  return text === undefined || text.trim() === '' ? undefined : check(text);
}

async function confirmAdd(name: string, url: string): Promise<boolean> {
  const { host } = new URL(url);
  const choice = await vscode.window.showWarningMessage(
    `Let Sec-Gemini talk to ${host}?`,
    {
      modal: true,
      detail: `${name}\n${labelText(url, 500)}\n\nThe service, not this editor, will connect to it. In sessions that use it, the agent may send it parts of the conversation and of the files, and follows what its tools answer. Agree only when you know who runs it.`,
    },
    'Add Server',
  );
  return choice === 'Add Server';
}
