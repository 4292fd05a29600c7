/** Close Session (panel shut, marked closed, opened again at any time), Terminate Session (over for good) and temporary sessions, which end with their panel. */

import * as vscode from 'vscode';
import type { LocalFacts } from '../../core/session-local.ts';
import { labelText } from '../../core/visible-text.ts';
import { showError } from '../errors.ts';
import { lateCommands } from '../lazy-feature.ts';
import type { Feature, Services } from '../services.ts';
import { closeCommands } from './close-commands.ts';

export interface CloseFeature extends Feature {
  /** The user closed the panel of a session. */
  panelClosed(sessionId: string): void;
}

export function createCloseFeature(services: Services): CloseFeature {
  const { sessions, run } = services;

  /** What the user chose for it when it was made; asked once. */
  const end = async (sessionId: string, how: NonNullable<LocalFacts['temporary']>): Promise<void> => {
    const name = labelText(sessions.state(sessionId)?.info.name ?? sessionId, 60);
    if (how === 'delete') {
      await sessions.delete(sessionId);
      void vscode.window.showInformationMessage(`The temporary session "${name}" was deleted.`);
    } else sessions.setFacts(sessionId, { closed: true });
  };

  return {
    panelClosed: (sessionId) => {
      const how = sessions.state(sessionId)?.local?.temporary;
      if (how !== undefined) void end(sessionId, how).catch((error: unknown) => showError(error, run));
    },
    commands: lateCommands(() => closeCommands(services, end), {
      closeSession: true,
      terminateSession: true,
      newTemporarySession: true,
    }),
  };
}
