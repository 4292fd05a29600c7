/**
 * Composition root. It registers what package.json contributes and loads everything else on first use, so that an editor that never opens
 * Sec-Gemini pays for these few lines only (docs/architecture.md, "Loading").
 */
import * as vscode from 'vscode';
import type { SecGeminiExports } from './api/sec-gemini.d.ts';
import type { Host, TreeSource } from './host/main.ts';
import { ASK_TOOL, CHAT_PANEL, CHAT_PARTICIPANT, COMMANDS, type CommandName, SKILL_SCHEME, VIEWS } from './manifest.ts';

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

/** VS Code's own chat, where this editor has one and has it on; elsewhere nothing of it is there, and nothing is said about it. */
function nativeChat(load: () => Promise<Host>): vscode.Disposable[] {
  const { chat, lm } = vscode as Partial<Pick<typeof vscode, 'chat' | 'lm'>>;
  const made: vscode.Disposable[] = [];
  try {
    const participant = chat?.createChatParticipant(CHAT_PARTICIPANT, async (request, history, stream, token) =>
      (await (await load()).nativeChat()).answer(request, history, stream, token),
    );
    if (participant !== undefined) {
      participant.iconPath = new vscode.ThemeIcon('shield');
      made.push(participant);
    }
    const tool = lm?.registerTool<unknown>(ASK_TOOL, {
      prepareInvocation: async ({ input }) => (await (await load()).nativeChat()).prepareTool(input),
      invoke: async ({ input }, token) => (await (await load()).nativeChat()).invokeTool(input, token),
    });
    if (tool !== undefined) made.push(tool);
  } catch {
    // An editor that knows the interface but not the contribution.
  }
  return made;
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

function lazyTree(
  load: () => Promise<Host>,
  onDidChangeTreeData: vscode.Event<unknown[] | undefined>,
): vscode.TreeDataProvider<unknown> {
  const tree = async (): Promise<TreeSource> => (await load()).tree;
  return {
    onDidChangeTreeData,
    getChildren: async (element) => (await tree()).children(element),
    getTreeItem: async (element) => (await tree()).item(element),
    getParent: async (element) => (await tree()).parent(element),
  };
}

/** A skill's document may be there before anything else of ours: after a reload. */
function lazyFiles(load: () => Promise<Host>): vscode.FileSystemProvider {
  const files = async (): Promise<vscode.FileSystemProvider> => (await load()).skillFiles();
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  let listening = false;
  return {
    onDidChangeFile: changed.event,
    watch: () => {
      if (!listening) void files().then((real) => real.onDidChangeFile((changes) => changed.fire(changes)));
      listening = true;
      return new vscode.Disposable(() => undefined);
    },
    stat: async (uri) => (await files()).stat(uri),
    readDirectory: async (uri) => (await files()).readDirectory(uri),
    createDirectory: async (uri) => (await files()).createDirectory(uri),
    readFile: async (uri) => (await files()).readFile(uri),
    writeFile: async (uri, bytes, options) => (await files()).writeFile(uri, bytes, options),
    delete: async (uri, options) => (await files()).delete(uri, options),
    rename: async (from, to, options) => (await files()).rename(from, to, options),
  };
}
