/** A question at lines of code on its way into a session: which session, the code by the gate, then the prompt. What does not leave is kept. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { type LineRange, makeAnchor } from '../../core/anchor.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { placedQuestion, reference } from '../../core/thread-prompt.ts';
import { type CodeThread, type ThreadProblem, textHash } from '../../core/threads.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession } from '../pick-session.ts';
import type { DocumentLines, Services } from '../services.ts';
import { linesOfDocument, pathOf } from '../code-documents.ts';

export interface NewThread {
  readonly document: vscode.TextDocument;
  readonly range: LineRange;
  /** For lists. */
  readonly title: string;
  readonly sessionId: string;
  readonly problem?: ThreadProblem | undefined;
}

export class Asking {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /**
   * The session that was used last, a new one where there is none, or the user's choice. Undefined when the user closed the question; rejects with
   * `unavailable` when nothing is connected.
   */
  async session(choose: boolean): Promise<string | undefined> {
    const { sessions } = this.#services;
    const usable = sessions
      .sessions()
      .find(({ info }) => info.status !== 'expired' && info.status !== 'deleted' && info.archived !== true);
    if (choose || sessions.client === undefined)
      return pickSession(sessions, 'Attach to which session?', { withNew: true });
    return usable?.info.id ?? (await sessions.create()).id;
  }

  /** A thread without questions at these lines. */
  create({ document, range, title, sessionId, problem }: NewThread): CodeThread {
    const anchor = makeAnchor(document.uri.toString(), linesOfDocument(document), range);
    const thread: CodeThread = {
      id: randomUUID(),
      title: labelText(title, 80),
      asked: anchor,
      anchor,
      place: { first: anchor.first, last: anchor.last, confidence: 'exact' },
      sessionId,
      prompts: [],
      isResolved: false,
      createdAt: Date.now(),
      ...(problem === undefined ? {} : { problem }),
    };
    this.#services.threads.add(thread);
    return thread;
  }

  /**
   * Sends the question with the thread's code; `others` are places that belong to it (steps of a flow). False when the user said no; the
   * question is then kept with the thread, as it is when this rejects.
   */
  async ask(threadId: string, question: string, others: readonly DocumentLines[] = []): Promise<boolean> {
    const { threads, sessions, attacher } = this.#services;
    if (question.trim() === '')
      throw new SecGeminiError('invalidArgument', 'The question is empty.', { action: 'Type a question first.' });
    threads.update(threadId, { unsent: question });
    const thread = threads.get(threadId);
    if (thread === undefined) return false;
    const { sessionId, place } = thread;
    if (place.confidence === 'lost')
      throw new SecGeminiError('invalidArgument', 'The code of this thread is no longer in the file.', {
        action: 'Ask in the panel, or start a new thread at the code as it is now.',
      });
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(thread.anchor.uri, true));
    await sessions.open(sessionId);
    const names = await attacher.places(sessionId, [{ document, first: place.first, last: place.last }, ...others]);
    if (names === undefined) return false;
    const at = reference(pathOf(document.uri), place);
    const text = placedQuestion(at, names[0] ?? at, question);
    const id = randomUUID();
    // Known before it leaves: the first piece of the answer may come before this goes on.
    threads.update(threadId, {
      unsent: undefined,
      isResolved: false,
      prompts: [...(threads.get(threadId)?.prompts ?? []), { id, sessionId, text: textHash(text), reference: at }],
    });
    try {
      await sessions.send(sessionId, text, id);
    } catch (error) {
      // Refused (a secret in the words, no connection): the question is still the user's.
      const prompts = threads.get(threadId)?.prompts.filter((prompt) => prompt.id !== id) ?? [];
      threads.update(threadId, { unsent: question, prompts });
      throw error;
    }
    return true;
  }
}
