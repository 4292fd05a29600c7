/** What the editor calls before the host is loaded: thin doors, part of the entry bundle, that load it when somebody comes. */

import * as vscode from 'vscode';
import { ASK_TOOL, CHAT_PARTICIPANT } from '../manifest.ts';
import type { Host, TreeSource } from './main.ts';

/** VS Code's own chat, where this editor has one and has it on; elsewhere nothing of it is there, and nothing is said about it. */
export function nativeChat(load: () => Promise<Host>): vscode.Disposable[] {
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

export function lazyTree(
  load: () => Promise<Host>,
  onDidChangeTreeData: vscode.Event<unknown[] | undefined>,
): vscode.TreeDataProvider<unknown> {
  const tree = async (): Promise<TreeSource> => (await load()).tree;
  return {
    onDidChangeTreeData,
    getChildren: async (element) => (await tree()).children(element),
    getTreeItem: async (element) => (await tree()).item(element),
    getParent: async (element) => (await tree()).parent(element),
    resolveTreeItem: async (item, element) => {
      item.tooltip = (await tree()).tooltip(element);
      return item;
    },
  };
}

/** A skill's document may be there before anything else of ours: after a reload. */
export function lazyFiles(load: () => Promise<Host>): vscode.FileSystemProvider {
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
