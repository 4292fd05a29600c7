/** Fork Session…, Rewind Session… and Open Linked Session…: from the tree, the palette and the messages of a panel. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { messageName } from '../../core/export-words.ts';
import { transcriptOf } from '../../core/session-fork.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';

export function createForkFeature(
  services: Services,
): FeatureOf<'forkSession' | 'rewindSession' | 'openLinkedSession'> {
  const { sessions, forks, run } = services;

  const chosen = async (argument: unknown, title: string): Promise<string | undefined> =>
    sessionArgument(sessions, argument) ??
    services.activeSession() ??
    (await pickSession(sessions, title, { withNew: false, offline: true }));

  /** Newest first: that is where people look. */
  const pickMessage = async (sessionId: string, title: string): Promise<number | undefined> => {
    await sessions.open(sessionId);
    const state = sessions.state(sessionId);
    const messages = state === undefined ? [] : transcriptOf(state);
    if (messages.length === 0)
      throw new SecGeminiError('invalidArgument', 'This session has no messages yet.', {
        action: 'Ask something first.',
      });
    const rows = messages
      .map((message, index) => ({
        label: `${index}  ${messageName(message)}`,
        detail: labelText(message.content, 120),
        index,
      }))
      .filter(({ index }) => messages[index]?.kind !== 'end')
      .toReversed();
    return (await vscode.window.showQuickPick(rows, { title, matchOnDetail: true }))?.index;
  };

  return {
    commands: {
      forkSession: async (argument) => {
        const sessionId = await chosen(argument, 'Fork which session?');
        if (sessionId === undefined) return;
        const index = await pickMessage(sessionId, 'Fork: the last message to take along');
        if (index === undefined) return;
        const id = await forks.fork(sessionId, index);
        if (id !== undefined) await run('openSession', id);
      },
      rewindSession: async (argument) => {
        const sessionId = await chosen(argument, 'Rewind which session?');
        if (sessionId === undefined) return;
        const index = await pickMessage(sessionId, 'Rewind: the last message to keep');
        if (index === undefined) return;
        const id = await forks.rewind(sessionId, index);
        if (id !== undefined) await run('openSession', id);
      },
      openLinkedSession: async (argument) => {
        const sessionId = await chosen(argument, 'Which session?');
        const local = sessionId === undefined ? undefined : sessions.state(sessionId)?.local;
        if (sessionId === undefined) return;
        const links = [
          ...(local?.forkedFrom === undefined ? [] : [{ link: local.forkedFrom, how: 'this one was made from it' }]),
          ...(local?.forks ?? []).map((link) => ({ link, how: 'made from this one' })),
        ];
        const rows = links.map(({ link, how }) => ({
          label: labelText(sessions.state(link.sessionId)?.info.name ?? link.name, 80),
          description: sessions.state(link.sessionId) === undefined ? `${how}, no longer here` : how,
          sessionId: link.sessionId,
        }));
        if (rows.length === 0)
          throw new SecGeminiError('notFound', 'No other session is linked with this one.', {
            action: 'Fork it to make one.',
          });
        const row = rows.length === 1 ? rows[0] : await vscode.window.showQuickPick(rows, { title: 'Open which one?' });
        if (row !== undefined) await run('openSession', row.sessionId);
      },
    },
  };
}
