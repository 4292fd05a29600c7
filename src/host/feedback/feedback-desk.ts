/**
 * What a user says about an answer or a session on its way: sent where the service takes it, else kept with the session on this machine.
 * What fails to be sent is kept, too. Bug reports are shown whole in a native question before anything leaves.
 */

import * as vscode from 'vscode';
import { SCORES, bugReportText, preparedText, withNote } from '../../core/feedback.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Message } from '../../core/model.ts';
import { type FeedbackNote, requireLive } from '../../core/session-local.ts';
import type { SessionState } from '../../core/session-state.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';
import { recordedSend } from '../record.ts';
import { requireClient } from '../requirements.ts';
import type { FeedbackOutcome, Services } from '../services.ts';

type Parts = Pick<Services, 'sessions' | 'context' | 'reviewText' | 'ledger' | 'log'>;

export class FeedbackDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `notFound` for a session that is not known, and `invalidArgument` for one that came from a file. */
  stateOf(sessionId: string): SessionState {
    const state = this.#parts.sessions.state(sessionId);
    if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
    requireLive(sessionId);
    return state;
  }

  /** The answer that an untrusted argument names; undefined when it names none. */
  answerOf(state: SessionState, messageId: unknown): Message | undefined {
    return state.messages.find(({ id, sender }) => id === messageId && sender === 'agent');
  }

  /** Searched for secrets, then sent or kept. `invalidArgument` when the message is no answer of this session. */
  async rate(
    sessionId: string,
    messageId: unknown,
    verdict: keyof typeof SCORES,
    comment: string,
  ): Promise<{ readonly outcome: FeedbackOutcome; readonly prepared: string }> {
    const state = this.stateOf(sessionId);
    const answer = this.answerOf(state, messageId);
    if (answer === undefined)
      throw new SecGeminiError('invalidArgument', 'No answer was chosen.', {
        action: 'Use the buttons of an answer in the conversation.',
      });
    requireClient(this.#parts.sessions);
    const text = comment.trim() === '' ? '' : await this.#parts.reviewText(sessionId, comment.trim());
    const note: FeedbackNote = {
      kind: 'feedback',
      messageId: answer.id,
      group: answer.group,
      score: SCORES[verdict],
      text,
      at: Date.now(),
    };
    return { outcome: await this.#send(state, note), prepared: preparedText(state.info, note) };
  }

  /** Asks with the whole report in view. `caller`: who wants it, when it is not the user. Undefined when the user closed the question. */
  async report(
    sessionId: string,
    messageId: unknown,
    words: string,
    caller?: string,
  ): Promise<FeedbackOutcome | undefined> {
    const { sessions, context, reviewText } = this.#parts;
    const state = this.stateOf(sessionId);
    const client = requireClient(sessions);
    const answer = this.answerOf(state, messageId);
    const reviewed = await reviewText(sessionId, words.trim());
    const { version, displayName } = context.extension.packageJSON as Record<string, string>;
    const text = bugReportText(reviewed, {
      extension: `${displayName ?? 'Sec-Gemini'} ${version ?? ''}`.trim(),
      editor: `VS Code ${vscode.version}`,
    });
    const note: FeedbackNote = { kind: 'bug', messageId: answer?.id, group: answer?.group, text, at: Date.now() };
    return this.#confirm(state, note, client.capabilities.feedback ? new URL(client.origin).host : undefined, caller);
  }

  /** `host`: where it would go, undefined where nobody takes it. */
  async #confirm(
    state: SessionState,
    note: FeedbackNote,
    host: string | undefined,
    caller: string | undefined,
  ): Promise<FeedbackOutcome | undefined> {
    const prepared = preparedText(state.info, note);
    const buttons = [...(host === undefined ? [] : ['Send']), 'Copy', 'Open as Document'];
    const from = caller === undefined ? '' : `Asked for by "${caller}" (the name that it gives itself).\n\n`;
    const detail =
      host === undefined
        ? `Copy it or open it to hand it over yourself; it is then kept with the session on this machine.\n\n${visibleText(prepared)}`
        : visibleText(`${note.text}\n\n${idsOf(state, note)}`);
    const choice = await vscode.window.showWarningMessage(
      host === undefined ? 'This service takes no bug reports' : `Send this bug report to ${labelText(host)}?`,
      { modal: true, detail: `${from}${detail}` },
      ...buttons,
    );
    if (choice === undefined) return undefined;
    if (choice === 'Send') return this.#send(state, note);
    this.#keep(state.info.id, { ...note, sent: false });
    await handOver(choice, prepared);
    return 'kept';
  }

  /** A failure is told after the words are safe. */
  async #send(state: SessionState, note: FeedbackNote): Promise<FeedbackOutcome> {
    const client = requireClient(this.#parts.sessions);
    const { id: sessionId, name: sessionName } = state.info;
    const isBug = note.kind === 'bug';
    const offered = isBug ? client.sendBugReport?.bind(client) : client.sendFeedback?.bind(client);
    if (!client.capabilities.feedback || offered === undefined) {
      this.#keep(sessionId, { ...note, sent: false });
      return 'kept';
    }
    const options = { groupId: note.group };
    try {
      await recordedSend(
        this.#parts,
        {
          kind: 'feedback',
          name: isBug ? 'Bug report' : 'Feedback',
          destination: client.origin,
          rule: isBug ? 'confirmed after a preview' : 'sent by the user',
          sessionId,
          sessionName,
        },
        note.text,
        async () =>
          isBug
            ? client.sendBugReport?.(sessionId, note.text, options)
            : client.sendFeedback?.(sessionId, note.score ?? 0, note.text, options),
      );
    } catch (error) {
      this.#keep(sessionId, { ...note, sent: false });
      throw error;
    }
    this.#keep(sessionId, { ...note, sent: true });
    return 'sent';
  }

  #keep(sessionId: string, note: FeedbackNote): void {
    const { sessions } = this.#parts;
    sessions.setFacts(sessionId, withNote(sessions.state(sessionId)?.local, note));
  }
}

/** What the wire carries beside the words. */
function idsOf({ info }: SessionState, { group }: FeedbackNote): string {
  return `Sent with it: the session's id (${info.id})${group === undefined ? '' : ` and the answer's group (${group})`}.`;
}

/** `choice`: the label of the button that was pressed. */
export async function handOver(choice: string, text: string): Promise<void> {
  if (choice === 'Copy') return vscode.env.clipboard.writeText(text);
  const document = await vscode.workspace.openTextDocument({ content: text, language: 'plaintext' });
  await vscode.window.showTextDocument(document, { preview: true });
}
