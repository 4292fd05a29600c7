/**
 * Feedback on an answer and bug reports. Where the service takes them they are sent after a look at what leaves; elsewhere they are kept
 * with the session on this machine and can be copied or opened as a prepared text.
 */

import * as vscode from 'vscode';
import { MAX_FEEDBACK_CHARS } from '../../core/feedback.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import { requireClient } from '../requirements.ts';
import type { FeatureOf, Services } from '../services.ts';
import { type FeedbackDesk, handOver } from './feedback-desk.ts';

export function createFeedbackFeature(services: Services, desk: FeedbackDesk): FeatureOf<'rateAnswer' | 'reportBug'> {
  const { sessions } = services;

  const offerPrepared = async (prepared: string): Promise<void> => {
    const choice = await vscode.window.showInformationMessage(
      'Kept with the session on this machine: this service takes no feedback.',
      'Copy',
      'Open as Document',
    );
    if (choice !== undefined) await handOver(choice, prepared);
  };

  return {
    commands: {
      rateAnswer: async (argument, messageId, verdict) => {
        const sessionId = sessionArgument(sessions, argument);
        const state = sessionId === undefined ? undefined : desk.stateOf(sessionId);
        const answer = state === undefined ? undefined : desk.answerOf(state, messageId);
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
        const { outcome, prepared } = await desk.rate(state.info.id, answer.id, verdict, comment);
        if (outcome === 'sent') void vscode.window.showInformationMessage('Thank you: your feedback was sent.');
        // Not waited for: a notification stays as long as nobody looks, and the page's request would stay with it.
        else void offerPrepared(prepared);
      },
      reportBug: async (argument, messageId) => {
        const sessionId =
          sessionArgument(sessions, argument) ??
          services.activeSession() ??
          (await pickSession(sessions, 'Report a bug in which session?'));
        if (sessionId === undefined) return;
        const answer = desk.answerOf(desk.stateOf(sessionId), messageId);
        requireClient(sessions);
        const words = await vscode.window.showInputBox({
          title: answer === undefined ? 'Report a Bug in This Session' : 'Report a Bug in This Answer',
          prompt: 'What went wrong? You see the whole report before anything leaves.',
          ignoreFocusOut: true,
          validateInput: (text) => (text.trim() === '' ? 'Say what went wrong.' : tooLong(text)),
        });
        if (words === undefined || words.trim() === '') return;
        if ((await desk.report(sessionId, answer?.id, words)) === 'sent')
          void vscode.window.showInformationMessage('Thank you: your bug report was sent.');
      },
    },
  };
}

function tooLong(text: string): string | undefined {
  return text.length > MAX_FEEDBACK_CHARS
    ? `At most ${MAX_FEEDBACK_CHARS.toLocaleString('en')} characters.`
    : undefined;
}
