/**
 * Composition root. It registers what package.json contributes and loads everything else on first use, so that an editor that never opens
 * Sec-Gemini pays for these few lines only (docs/architecture.md, "Loading").
 */
import * as vscode from 'vscode';
import type { SecGeminiExports } from './api/sec-gemini.d.ts';
import { lazyFiles, lazyTree, nativeChat } from './host/doors.ts';
import type { Host } from './host/main.ts';
import { CHAT_PANEL, COMMANDS, type CommandName, SKILL_SCHEME, VIEWS } from './manifest.ts';

let loading: Promise<Host> | undefined;

export function activate(context: vscode.ExtensionContext): SecGeminiExports {
  const changed = new vscode.EventEmitter<unknown[] | undefined>();
  const toolsChanged = new vscode.EventEmitter<unknown[] | undefined>();
  const load = (): Promise<Host> => {
    loading ??= start(context, view, changed, toolsChanged).catch((error: unknown) => {
      // The next gesture may try again; this one tells why it could not.
      loading = undefined;
      void vscode.window.showErrorMessage(
        `Sec-Gemini could not start: ${error instanceof Error ? error.message : String(error)}`,
      );
      throw error;
    });
    return loading;
  };
  const dragAndDropController: vscode.TreeDragAndDropController<unknown> = {
    dragMimeTypes: [],
    dropMimeTypes: ['text/uri-list'],
    handleDrop: async (target, data) =>
      (await load()).tree.drop(target, (await data.get('text/uri-list')?.asString()) ?? ''),
  };
  const view = vscode.window.createTreeView(VIEWS.sessions, {
    dragAndDropController,
    treeDataProvider: lazyTree(load, changed.event),
    canSelectMany: true,
    manageCheckboxStateManually: true,
  });
  const toolsView = vscode.window.createTreeView<unknown>(VIEWS.localTools, {
    treeDataProvider: {
      onDidChangeTreeData: toolsChanged.event,
      getChildren: async (element) => (await load()).toolsTree.children(element),
      getTreeItem: async (element) => (await load()).toolsTree.item(element),
    },
    manageCheckboxStateManually: true,
  });
  context.subscriptions.push(
    changed,
    toolsChanged,
    view,
    toolsView,
    toolsView.onDidChangeCheckboxState(async ({ items }) => (await load()).toolsTicked(items)),
    vscode.workspace.registerFileSystemProvider(SKILL_SCHEME, lazyFiles(load), { isCaseSensitive: true }),
    vscode.window.registerWebviewPanelSerializer(CHAT_PANEL, {
      deserializeWebviewPanel: async (panel, state: unknown) => (await load()).restorePanel(panel, state),
    }),
    ...(Object.keys(COMMANDS) as CommandName[]).map((name) =>
      vscode.commands.registerCommand(COMMANDS[name], async (...args: unknown[]) => (await load()).run(name, args)),
    ),
  );
  context.subscriptions.push(...nativeChat(load));
  return { apiVersion: 1, connect: async (claimedName) => (await load()).connectApi(claimedName) };
}

/** VS Code waits for this at most 5 s; open turns go on at the service and are picked up again. */
export async function deactivate(): Promise<void> {
  const host = await loading?.catch(() => undefined);
  await host?.close();
  loading = undefined;
}

async function start(
  context: vscode.ExtensionContext,
  view: vscode.TreeView<unknown>,
  changed: vscode.EventEmitter<unknown[] | undefined>,
  toolsChanged: vscode.EventEmitter<unknown[] | undefined>,
): Promise<Host> {
  const { createHost } = await import('./host/main.ts');
  return createHost(context, {
    view,
    refresh: (rows) => changed.fire(rows),
    refreshTools: (rows) => toolsChanged.fire(rows),
  });
}
