/** The view "MCP Servers": the account's tool servers, which of them the shown session uses, and what each offers. */

import * as vscode from 'vscode';
import { labelText } from '../../core/visible-text.ts';
import { VIEWS } from '../../manifest.ts';
import { showError } from '../errors.ts';
import { lateCommands } from '../lazy-feature.ts';
import { requireGroup, requireTrusted } from '../requirements.ts';
import type { Feature, Services } from '../services.ts';
import { serverCommands } from './server-commands.ts';
import { type ServerNode, ServersTree } from './servers-tree.ts';

const WHAT = 'Tool servers';

export function createMcpFeature(services: Services): Feature {
  const { sessions, shownSession, run, store } = services;
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
    commands: lateCommands(() => serverCommands(services, tree), {
      addMcpServer: true,
      removeMcpServer: true,
      refreshMcpServers: true,
    }),
  };
}
