/** Switching local tools on and off, and a policy for each; loaded with the first of these commands. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import type { ToolPolicy } from '../../core/tools/consent.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';
import type { Others } from './others.ts';
import type { ToolLinks } from './tool-links.ts';
import { isToolRow } from './tools-tree.ts';

type ToolCommands = FeatureOf<
  'useLocalTools' | 'stopLocalTools' | 'configureMcpServers' | 'restartMcpServer' | 'retryToolHub' | 'setToolPolicy'
>['commands'];

/** `others`: once they are loaded. */
export function toolCommands(services: Services, links: ToolLinks, others: () => Others | undefined): ToolCommands {
  const { sessions, tools } = services;
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

  return {
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
      if (isToolRow(argument) && argument.kind === 'source') await others()?.servers.use(argument.sourceId);
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
  };
}
