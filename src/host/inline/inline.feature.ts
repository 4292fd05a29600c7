/** Conversations beside the code: "Ask Sec-Gemini" at lines, questions about problems, code of answers as a diff. The work is loaded on first use. */

import * as vscode from 'vscode';
import { COMMENT_CONTROLLER } from '../../manifest.ts';
import type { Feature, Services } from '../services.ts';
import { problemActions } from './code-actions.ts';
import { takesThreads } from '../code-documents.ts';
import type { Inline } from './inline.ts';

export interface InlineFeature extends Feature, Pick<Services, 'askAtCode' | 'proposeChange'> {
  /** Shows the thread with a question that named its place so; false when there is none. */
  openPlace(reference: string): Promise<boolean>;
  /** Opens a diff of an answer's code; see Services. */
  compareCode(sessionId: string, text: string, language: string): Promise<void>;
}

export function createInlineFeature(services: Services): InlineFeature {
  const { store, log } = services;
  const controller = store.add(vscode.comments.createCommentController(COMMENT_CONTROLLER, 'Sec-Gemini'));
  controller.options = {
    prompt: 'Ask Sec-Gemini about this code',
    placeHolder: 'Ask Sec-Gemini about this code; nothing leaves before you confirmed it',
  };
  controller.commentingRangeProvider = {
    provideCommentingRanges: (document) =>
      takesThreads(document) ? [new vscode.Range(0, 0, Math.max(0, document.lineCount - 1), 0)] : [],
  };
  store.add(
    vscode.languages.registerCodeActionsProvider('*', problemActions, {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
  );
  // Kept threads are shown as soon as the host is there, without holding it up.
  const loading = import('./inline.ts').then(({ Inline }) => store.add(new Inline(services, controller)));
  loading.catch((error: unknown) => log.error('Threads at code could not be loaded', error));
  const use =
    (work: (inline: Inline, first: unknown, second: unknown) => unknown) =>
    async (first?: unknown, second?: unknown): Promise<void> => {
      await work(await loading, first, second);
    };

  return {
    compareCode: async (sessionId, text, language) => (await loading).compareCode(sessionId, text, language),
    proposeChange: async (uri, plan) => (await loading).proposeChange(uri, plan),
    askAtCode: async (question) => (await loading).askAtCode(question),
    openPlace: async (reference) => (await loading).showNamed(reference),
    commands: {
      askInline: use((inline) => inline.startAtCursor()),
      askInThread: use((inline, reply) => inline.submit(reply, false)),
      askInSession: use((inline, reply) => inline.submit(reply, true)),
      sendUnsent: use((inline, comment) => inline.sendUnsent(comment)),
      openThread: use((inline, thread) => inline.show(thread)),
      openThreadInPanel: use((inline, thread) => inline.openInPanel(thread)),
      changeThreadSession: use((inline, thread) => inline.changeSession(thread)),
      resolveThread: use((inline, thread) => inline.setResolved(thread, true)),
      reopenThread: use((inline, thread) => inline.setResolved(thread, false)),
      deleteThread: use((inline, thread) => inline.delete(thread)),
      exportThread: use((inline, thread) => inline.export(thread)),
      stopThread: use((inline, thread) => inline.stop(thread)),
      useCode: use((inline, comment) => inline.useCode(comment)),
      applyProposal: use((inline) => inline.proposals.apply()),
      discardProposal: use((inline) => inline.proposals.discard()),
      explainProblem: use((inline, uri, meant) => inline.problem('explain', uri, meant)),
      checkExploitable: use((inline, uri, meant) => inline.problem('exploitable', uri, meant)),
      fixProblem: use((inline, uri, meant) => inline.problem('fix', uri, meant)),
    },
  };
}
