/** Conversations beside the code: "Ask Sec-Gemini" at lines, questions about problems, code of answers as a diff. The work is loaded on first use. */

import * as vscode from 'vscode';
import { COMMENT_CONTROLLER, PROPOSAL_SCHEME } from '../../manifest.ts';
import type { Feature, Services } from '../services.ts';
import { problemActions } from './code-actions.ts';
import { takesThreads } from '../code-documents.ts';
import type { Inline } from './inline.ts';
import { hasKeptThreads } from './kept-threads.ts';

export interface InlineFeature extends Feature, Pick<Services, 'askAtCode' | 'proposeChange'> {
  /** Shows the thread with a question that named its place so; false when there is none. */
  openPlace(reference: string): Promise<boolean>;
  /** Opens a diff of an answer's code; see Services. */
  compareCode(sessionId: string, text: string, language: string): Promise<void>;
}

export function createInlineFeature(services: Services): InlineFeature {
  const { store, log, context } = services;
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
  let lastEditor = vscode.window.activeTextEditor;
  store.add(
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (editor !== undefined && takesThreads(editor.document)) lastEditor = editor;
    }),
  );
  let loading: Promise<Inline> | undefined;
  const inline = (): Promise<Inline> => {
    loading ??= import('./inline.ts').then(({ Inline }) => store.add(new Inline(services, controller, lastEditor)));
    loading.catch(() => (loading = undefined));
    return loading;
  };
  // Kept threads are shown as soon as the host is there, without holding it up.
  if (hasKeptThreads(context.workspaceState) || isProposalShown())
    inline().catch((error: unknown) => log.error('Threads at code could not be loaded', error));
  const use =
    (work: (one: Inline, first: unknown, second: unknown) => unknown) =>
    async (first?: unknown, second?: unknown): Promise<void> => {
      await work(await inline(), first, second);
    };

  return {
    compareCode: async (sessionId, text, language) => (await inline()).compareCode(sessionId, text, language),
    proposeChange: async (uri, plan) => (await inline()).proposeChange(uri, plan),
    askAtCode: async (question) => (await inline()).askAtCode(question),
    // Whoever has no thread has none of that name.
    openPlace: async (reference) => (await loading)?.showNamed(reference) ?? false,
    commands: {
      askInline: use((one) => one.startAtCursor()),
      askInThread: use((one, reply) => one.submit(reply, false)),
      askInSession: use((one, reply) => one.submit(reply, true)),
      sendUnsent: use((one, comment) => one.sendUnsent(comment)),
      openThread: use((one, thread) => one.show(thread)),
      openThreadInPanel: use((one, thread) => one.openInPanel(thread)),
      changeThreadSession: use((one, thread) => one.changeSession(thread)),
      resolveThread: use((one, thread) => one.setResolved(thread, true)),
      reopenThread: use((one, thread) => one.setResolved(thread, false)),
      deleteThread: use((one, thread) => one.delete(thread)),
      exportThread: use((one, thread) => one.export(thread)),
      stopThread: use((one, thread) => one.stop(thread)),
      useCode: use((one, comment) => one.useCode(comment)),
      applyProposal: use((one) => one.proposals.apply()),
      discardProposal: use((one) => one.proposals.discard()),
      explainProblem: use((one, uri, meant) => one.problem('explain', uri, meant)),
      checkExploitable: use((one, uri, meant) => one.problem('exploitable', uri, meant)),
      fixProblem: use((one, uri, meant) => one.problem('fix', uri, meant)),
    },
  };
}

/** A tab with a proposal that the window before this one made: it says that it is gone. */
function isProposalShown(): boolean {
  return vscode.window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.scheme === PROPOSAL_SCHEME),
  );
}
