/** Adding and removing tool servers; loaded with the first of these commands. */

import * as vscode from 'vscode';
import { type ServerEntry, checkServerName, checkServerUrl } from '../../core/mcp-servers.ts';
import { SecGeminiError, describeError } from '../../core/errors.ts';
import { labelText } from '../../core/visible-text.ts';
import { requireGroup, requireTrusted } from '../requirements.ts';
import type { FeatureOf, Services } from '../services.ts';
import { type ServersTree, isServerNode } from './servers-tree.ts';

const WHAT = 'Tool servers';

export function serverCommands(
  { sessions }: Services,
  tree: ServersTree,
): FeatureOf<'addMcpServer' | 'removeMcpServer' | 'refreshMcpServers'>['commands'] {
  return {
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
        throw new SecGeminiError('notFound', `${name} was not removed: it is the service's own, or no longer there.`, {
          action: 'Untick it to keep it out of a session.',
        });
    },
    refreshMcpServers: () => tree.refresh(),
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
