/** Close, terminate and temporary sessions as commands; loaded with the first. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { type LocalFacts, requireGoing } from '../../core/session-local.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';

/** `end`: what becomes of a temporary session. */
export function closeCommands(
  services: Services,
  end: (sessionId: string, how: NonNullable<LocalFacts['temporary']>) => Promise<void>,
): FeatureOf<'closeSession' | 'terminateSession' | 'newTemporarySession'>['commands'] {
  const { sessions, run } = services;
  return {
    closeSession: async (argument) => {
      const sessionId =
        sessionArgument(sessions, argument) ??
        services.activeSession() ??
        (await pickSession(sessions, 'Close which session?', { withNew: false, offline: true }));
      if (sessionId === undefined) return;
      if (sessions.state(sessionId)?.turn.phase === 'working')
        throw new SecGeminiError('invalidArgument', 'This session is still working.', {
          action: 'Stop it first, or wait for its answer.',
        });
      const isTemporary = sessions.state(sessionId)?.local?.temporary !== undefined;
      const hadPanel = services.closePanel(sessionId);
      // The panel of a temporary session ends it by itself.
      if (!isTemporary) sessions.setFacts(sessionId, { closed: true });
      else if (!hadPanel) await end(sessionId, sessions.state(sessionId)?.local?.temporary ?? 'close');
    },
    terminateSession: async (argument) => {
      const sessionId =
        sessionArgument(sessions, argument) ??
        services.activeSession() ??
        (await pickSession(sessions, 'Terminate which session?', { withNew: false, offline: true }));
      const state = sessionId === undefined ? undefined : sessions.state(sessionId);
      if (sessionId === undefined || state === undefined) return false;
      requireGoing(sessionId, state.local);
      const choice = await vscode.window.showWarningMessage(
        `Terminate session ${labelText(state.info.name, 80)}?`,
        { modal: true, detail: terminateWords(sessions.client?.archive !== undefined) },
        'Terminate',
      );
      if (choice !== 'Terminate') return false;
      await sessions.terminate(sessionId);
      return true;
    },
    newTemporarySession: async () => {
      const rows: (vscode.QuickPickItem & { readonly how: NonNullable<LocalFacts['temporary']> })[] = [
        { label: 'Delete it', description: 'conversation and files, here and on the service', how: 'delete' },
        { label: 'Close it', description: 'it can be opened again', how: 'close' },
      ];
      const choice = await vscode.window.showQuickPick(rows, {
        title: 'Temporary session: what happens when its panel is closed?',
        // A panel that opens or ends a turn meanwhile must not answer for the user.
        ignoreFocusOut: true,
      });
      if (choice === undefined) return undefined;
      const info = await sessions.create();
      sessions.setFacts(info.id, { temporary: choice.how });
      await run('openSession', info.id);
      return info.id;
    },
  };
}

function terminateWords(archives: boolean): string {
  return [
    'What runs is stopped, and nothing more can be asked or attached here: it can be read, exported and forked. This cannot be undone.',
    archives
      ? 'The service puts it into its archive and deletes it at its time.'
      : 'This service has no word for it: it keeps the session until it expires, or until you delete it.',
  ].join('\n\n');
}
