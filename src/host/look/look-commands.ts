/** The commands that look at sessions without changing them; loaded with the first. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { queryResult } from '../../core/api-events.ts';
import { askOnce } from '../../core/ask-once.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { queryDocument } from '../../core/query-document.ts';
import { sessionDetails } from '../../core/session-details.ts';
import type { SessionState } from '../../core/session-state.ts';
import { sessionRow } from '../../core/session-tree.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';
import { findAttachments } from './find-attachments.ts';
import type { MessageTreeView } from './message-tree-view.ts';
import type { ReadOnlyTexts } from './read-only-texts.ts';

/** How long a word in the status bar stays. */
const TOLD_MS = 4000;

type LookCommands = FeatureOf<
  | 'findAttachments'
  | 'showMessageTree'
  | 'copyMessageTree'
  | 'openMessageTree'
  | 'closeMessageTree'
  | 'openMessage'
  | 'copyMessage'
  | 'copyMessageBranch'
  | 'showSessionDetails'
  | 'query'
>['commands'];

export function lookCommands(services: Services, texts: ReadOnlyTexts): LookCommands {
  const { sessions, store } = services;
  let shown: Promise<MessageTreeView> | undefined;
  const tree = (): Promise<MessageTreeView> =>
    (shown ??= import('./message-tree-view.ts').then(({ MessageTreeView }) =>
      store.add(new MessageTreeView(sessions)),
    ));

  const chosen = async (argument: unknown, title: string): Promise<SessionState | undefined> => {
    const sessionId =
      sessionArgument(sessions, argument) ??
      services.activeSession() ??
      (await pickSession(sessions, title, { withNew: false, offline: true }));
    if (sessionId === undefined) return undefined;
    await sessions.open(sessionId);
    const state = sessions.state(sessionId);
    if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
    return state;
  };

  return {
    findAttachments: async () => findAttachments(services),
    showMessageTree: async (argument) => {
      const state = await chosen(argument, 'Show the messages of which session?');
      if (state === undefined) return;
      await (await tree()).show(state);
    },
    copyMessageTree: async () => {
      await vscode.env.clipboard.writeText((await tree()).text().text);
      vscode.window.setStatusBarMessage('The message tree was copied.', TOLD_MS);
    },
    openMessageTree: async () => {
      const { name, text } = (await tree()).text();
      await texts.show(`Messages of ${name}`, text);
    },
    closeMessageTree: async () => (await tree()).close(),
    openMessage: async (row) => {
      const { title, text } = (await tree()).textOf(row, false);
      await texts.show(title, text);
    },
    copyMessage: async (row) => vscode.env.clipboard.writeText((await tree()).textOf(row, false).text),
    copyMessageBranch: async (row) => vscode.env.clipboard.writeText((await tree()).textOf(row, true).text),
    showSessionDetails: async (argument) => {
      const state = await chosen(argument, 'Show the details of which session?');
      if (state === undefined) return;
      const { facts = [] } = sessionRow(state, Date.now(), sessions.client?.protocol);
      await texts.show(`Details of ${state.info.name}`, sessionDetails(state, facts));
    },
    query: async () => {
      const question = await vscode.window.showInputBox({
        title: 'Ask Sec-Gemini…',
        prompt: 'The answer opens as a read-only document.',
        ignoreFocusOut: true,
        validateInput: (text) => (text.trim() === '' ? 'Type a question first.' : undefined),
      });
      if (question === undefined || question.trim() === '') return;
      const sessionId = await pickSession(sessions, 'Ask in which session?', { withNew: true });
      if (sessionId === undefined) return;
      const name = labelText(sessions.state(sessionId)?.info.name ?? '', 60);
      const state = await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: `Asking Sec-Gemini in "${name}"`,
          cancellable: true,
        },
        async (_progress, token) => {
          const abort = new AbortController();
          token.onCancellationRequested(() => abort.abort());
          await sessions.open(sessionId);
          return askOnce(sessions, sessionId, question.trim(), { promptId: randomUUID(), signal: abort.signal });
        },
      );
      await texts.show(`Answer in ${state.info.name}`, queryDocument(question.trim(), queryResult(state)));
    },
  };
}
