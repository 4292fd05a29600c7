/** The local tools as a user meets them: switching on and off, a policy for each tool, and the view "Local Tools". */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import type { ToolPolicy } from '../../core/tools/consent.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { HostParts } from '../main.ts';
import type { Feature, Services } from '../services.ts';
import type { Others } from './others.ts';
import { ToolLinks } from './tool-links.ts';
import { type ToolsTree, createToolsTree, isToolRow } from './tools-tree.ts';

export interface ToolsFeature extends Feature {
  readonly tree: ToolsTree;
}

export function createToolsFeature(services: Services, refresh: HostParts['refreshTools']): ToolsFeature {
  const { sessions, tools, store, run } = services;
  let others: Others | undefined;
  const links = store.add(
    new ToolLinks(services, {
      resources: () => others?.resources() ?? [],
      load: async () => {
        const { createOthers } = await import('./others.ts');
        others ??= createOthers(services, changed);
      },
    }),
  );
  // A turn of many calls redraws the view a few times a second at most.
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      tree.changes.mark();
      const rows = tree.changes.take();
      if (rows === 'all') refresh(undefined);
      else if (rows.length > 0) refresh(rows.map(tree.node));
    }, 100);
  };
  store.add({ dispose: () => clearTimeout(timer) });
  for (const event of [
    tools.consent.onDidChange,
    tools.runner.onDidChange,
    tools.registry.onDidChange,
    services.logs.onDidChange,
    links.onDidChange,
  ])
    store.add(event(changed));
  store.add(vscode.workspace.onDidGrantWorkspaceTrust(changed));

  // They come back by a person's word alone, and a person has to know that it is wanted.
  const tellLost = async (count: number): Promise<void> => {
    const again = 'Use Local Tools…';
    const where = count === 1 ? '1 session' : `${count} sessions`;
    const choice = await vscode.window.showInformationMessage(
      `The connection to Sec-Gemini changed: local tools are off in ${where} now. Nothing that waited for your answer left this machine.`,
      again,
    );
    if (choice === again) await run('useLocalTools');
  };
  store.add(tools.consent.onDidLose((count) => void tellLost(count)));

  const nameOf = (sessionId: string): string => labelText(sessions.state(sessionId)?.info.name ?? sessionId, 60);

  const pickOn = async (title: string): Promise<string | undefined> => {
    const on = tools.consent.sessions();
    if (on.length === 0)
      throw new SecGeminiError('invalidArgument', 'Local tools are off in every session of this window.', {
        action: 'Run "Sec-Gemini: Use Local Tools…" to switch them on.',
      });
    if (on.length === 1) return on[0];
    const rows = on.map((sessionId) => ({ label: nameOf(sessionId), sessionId }));
    return (await vscode.window.showQuickPick(rows, { title }))?.sessionId;
  };

  const tree = createToolsTree(services, links, () => others?.groups);
  return {
    tree: {
      ...tree,
      // What is so is shown then, not what was clicked: also where nothing came of it, e.g. a question that was closed.
      tick: (row, on) => tree.tick(row, on).finally(() => refresh(undefined)),
    },
    commands: {
      useLocalTools: async (argument) => {
        const sessionId =
          sessionArgument(sessions, argument) ??
          services.activeSession() ??
          (await pickSession(sessions, 'Use local tools in which session?'));
        if (sessionId === undefined) return;
        if (tools.consent.isOn(sessionId)) {
          void vscode.window.showInformationMessage(`Local tools are on in "${nameOf(sessionId)}".`);
          return;
        }
        if (!(await links.switchOn(sessionId))) return;
        await vscode.commands.executeCommand('secGemini.localTools.focus', { preserveFocus: true });
      },
      stopLocalTools: async (argument) => {
        const given = isToolRow(argument) && argument.kind === 'session' ? argument.sessionId : undefined;
        const sessionId =
          given ?? sessionArgument(sessions, argument) ?? (await pickOn('Stop using local tools in which session?'));
        if (sessionId !== undefined) await links.switchOff(sessionId);
      },
      configureMcpServers: async () => {
        await vscode.commands.executeCommand('workbench.action.openSettings', '@id:secGemini.mcpServers');
      },
      restartMcpServer: async (argument) => {
        if (isToolRow(argument) && argument.kind === 'source') await others?.servers.use(argument.sourceId);
      },
      retryToolHub: () => links.hub?.retryNow(),
      setToolPolicy: async (argument) => {
        const name = isToolRow(argument) && argument.kind === 'tool' ? argument.name : undefined;
        const found = tools.registry.all().find(({ tool }) => tool.name === name)?.tool;
        if (found === undefined) return;
        const on = tools.consent.sessions();
        type Choice = vscode.QuickPickItem & { readonly policy: ToolPolicy; readonly sessionId?: string };
        const rows: Choice[] = [
          { label: 'Ask at every call', iconPath: new vscode.ThemeIcon('question'), policy: 'ask' },
          ...(found.annotations.readOnlyHint ? on : []).map((sessionId): Choice => ({
            label: `Allow in "${nameOf(sessionId)}"`,
            description: 'until this window closes; what is flagged is still asked about',
            iconPath: new vscode.ThemeIcon('check-all'),
            policy: 'allow',
            sessionId,
          })),
          {
            label: 'Deny',
            description: 'in every session, also after this window',
            iconPath: new vscode.ThemeIcon('circle-slash'),
            policy: 'deny',
          },
        ];
        const choice = await vscode.window.showQuickPick(rows, {
          title: `${found.title} (${found.name})`,
          placeHolder: found.description,
        });
        if (choice === undefined) return;
        // "Allow" after a "Deny" is said in one go here: the person just chose it.
        if (choice.policy === 'allow' && tools.consent.isDenied(found.name)) tools.consent.setPolicy(found.name, 'ask');
        tools.consent.setPolicy(found.name, choice.policy, choice.sessionId);
      },
    },
  };
}
