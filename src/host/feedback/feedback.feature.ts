/**
 * Feedback on an answer and bug reports. Where the service takes them they are sent after a look at what leaves; elsewhere they are kept
 * with the session on this machine and can be copied or opened as a prepared text. What fails to be sent is kept, too.
 */

import * as vscode from 'vscode';
import { MAX_FEEDBACK_CHARS, SCORES, bugReportText, preparedText, withNote } from '../../core/feedback.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Message } from '../../core/model.ts';
import { type FeedbackNote, requireLive } from '../../core/session-local.ts';
import type { SessionState } from '../../core/session-state.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import { recordedSend } from '../record.ts';
import { requireClient } from '../requirements.ts';
import type { FeatureOf, Services } from '../services.ts';

export function createFeedbackFeature(services: Services): FeatureOf<'rateAnswer' | 'reportBug'> {
  const { sessions, context } = services;

  /** The answer that an untrusted argument names; undefined when it names none. */
  const answerOf = (state: SessionState, messageId: unknown): Message | undefined =>
    state.messages.find(({ id, sender }) => id === messageId && sender === 'agent');

  const stateOf = (sessionId: string): SessionState => {
    const state = sessions.state(sessionId);
    if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
    requireLive(sessionId);
    return state;
  };

  const keep = (sessionId: string, note: FeedbackNote): void =>
    sessions.setFacts(sessionId, withNote(sessions.state(sessionId)?.local, note));

  /** Sends where the service takes it. False: it takes none. A failure is told after the words are safe. */
  const send = async (state: SessionState, note: FeedbackNote): Promise<boolean> => {
    const client = requireClient(sessions);
    const { id: sessionId, name: sessionName } = state.info;
    const call = note.kind === 'bug' ? client.sendBugReport?.bind(client) : undefined;
    if (!client.capabilities.feedback || client.sendFeedback === undefined || (note.kind === 'bug' && !call)) {
      keep(sessionId, { ...note, sent: false });
      return false;
    }
    const options = { groupId: note.group };
    const name = note.kind === 'bug' ? 'Bug report' : 'Feedback';
    try {
      await recordedSend(
        services,
        {
          kind: 'feedback',
          name,
          destination: client.origin,
          rule: note.kind === 'bug' ? 'confirmed after a preview' : 'sent by the user',
          sessionId,
          sessionName,
        },
        note.text,
        async () =>
          note.kind === 'bug'
            ? call?.(sessionId, note.text, options)
            : client.sendFeedback?.(sessionId, note.score ?? 0, note.text, options),
      );
    } catch (error) {
      keep(sessionId, { ...note, sent: false });
      throw error;
    }
    keep(sessionId, { ...note, sent: true });
    return true;
  };

  const offerPrepared = async (state: SessionState, note: FeedbackNote): Promise<void> => {
    const choice = await vscode.window.showInformationMessage(
      'Kept with the session on this machine: this service takes no feedback.',
      'Copy',
      'Open as Document',
    );
    if (choice !== undefined) await handOver(choice, preparedText(state.info, note));
  };

  return {
    commands: {
      rateAnswer: async (argument, messageId, verdict) => {
        const sessionId = sessionArgument(sessions, argument);
        const state = sessionId === undefined ? undefined : stateOf(sessionId);
        const answer = state === undefined ? undefined : answerOf(state, messageId);
        if (state === undefined || answer === undefined || (verdict !== 'up' && verdict !== 'down'))
          throw new SecGeminiError('invalidArgument', 'No answer was chosen.', {
            action: 'Use the buttons of an answer in the conversation.',
          });
        const client = requireClient(sessions);
        const comment = await vscode.window.showInputBox({
          title: verdict === 'up' ? 'Good Answer' : 'Bad Answer',
          prompt: client.capabilities.feedback
            ? `Sent to ${new URL(client.origin).host}. A comment is optional; Escape sends nothing.`
            : 'This service takes no feedback: it is kept with the session. A comment is optional.',
          ignoreFocusOut: true,
          validateInput: tooLong,
        });
        if (comment === undefined) return;
        const text = comment.trim() === '' ? '' : await services.reviewText(state.info.id, comment.trim());
        const note: FeedbackNote = {
          kind: 'feedback',
          messageId: answer.id,
          group: answer.group,
          score: SCORES[verdict],
          text,
          at: Date.now(),
        };
        if (await send(state, note)) void vscode.window.showInformationMessage('Thank you: your feedback was sent.');
        else await offerPrepared(state, note);
      },
      reportBug: async (argument, messageId) => {
        const sessionId =
          sessionArgument(sessions, argument) ??
          services.activeSession() ??
          (await pickSession(sessions, 'Report a bug in which session?'));
        if (sessionId === undefined) return;
        const state = stateOf(sessionId);
        const client = requireClient(sessions);
        const answer = answerOf(state, messageId);
        const words = await vscode.window.showInputBox({
          title: answer === undefined ? 'Report a Bug in This Session' : 'Report a Bug in This Answer',
          prompt: 'What went wrong? You see the whole report before anything leaves.',
          ignoreFocusOut: true,
          validateInput: (text) => (text.trim() === '' ? 'Say what went wrong.' : tooLong(text)),
        });
        if (words === undefined || words.trim() === '') return;
        const reviewed = await services.reviewText(sessionId, words.trim());
        const { version, displayName } = context.extension.packageJSON as Record<string, string>;
        const text = bugReportText(reviewed, {
          extension: `${displayName ?? 'Sec-Gemini'} ${version ?? ''}`.trim(),
          editor: `VS Code ${vscode.version}`,
        });
        const note: FeedbackNote = {
          kind: 'bug',
          messageId: answer?.id,
          group: answer?.group,
          text,
          at: Date.now(),
        };
        await confirmReport(state, note, client.capabilities.feedback ? new URL(client.origin).host : undefined);
      },
    },
  };

  /** Shows the report as it is; `host`: where it would go, undefined where nobody takes it. */
  async function confirmReport(state: SessionState, note: FeedbackNote, host: string | undefined): Promise<void> {
    const prepared = preparedText(state.info, note);
    const buttons = [...(host === undefined ? [] : ['Send']), 'Copy', 'Open as Document'];
    const choice = await vscode.window.showWarningMessage(
      host === undefined ? 'This service takes no bug reports' : `Send this bug report to ${labelText(host)}?`,
      {
        modal: true,
        detail:
          host === undefined
            ? `Copy it or open it to hand it over yourself; it is then kept with the session on this machine.\n\n${visibleText(prepared)}`
            : visibleText(`${note.text}\n\n${idsOf(state, note)}`),
      },
      ...buttons,
    );
    if (choice === 'Send') {
      await send(state, note);
      void vscode.window.showInformationMessage('Thank you: your bug report was sent.');
    } else if (choice !== undefined) {
      keep(state.info.id, { ...note, sent: false });
      await handOver(choice, prepared);
    }
  }
}

/** What the wire carries beside the words. */
function idsOf({ info }: SessionState, { group }: FeedbackNote): string {
  return `Sent with it: the session's id (${info.id})${group === undefined ? '' : ` and the answer's group (${group})`}.`;
}

function tooLong(text: string): string | undefined {
  return text.length > MAX_FEEDBACK_CHARS
    ? `At most ${MAX_FEEDBACK_CHARS.toLocaleString('en')} characters.`
    : undefined;
}

async function handOver(choice: string, text: string): Promise<void> {
  if (choice === 'Copy') return vscode.env.clipboard.writeText(text);
  const document = await vscode.workspace.openTextDocument({ content: text, language: 'plaintext' });
  await vscode.window.showTextDocument(document, { preview: true });
}
