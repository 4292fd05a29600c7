/** The native question about what the service wants to do. The page can point here and deny; only this allows (product.md). */

import * as vscode from 'vscode';
import type { PendingApproval } from '../../core/approvals.ts';
import { late } from '../../core/late.ts';
import { labelText } from '../../core/visible-text.ts';
import type { ToolRequest } from '../../core/tools/desk.ts';
import { showError } from '../errors.ts';
import { lateCommands } from '../lazy-feature.ts';
import type { Feature, Services } from '../services.ts';
import { readSetting } from '../settings.ts';
import { createApprovalReview, nothingPending } from './approval-review.ts';
import { TOOL_OUTPUT, ToolReview, toolOutputText } from './tool-review.ts';

/** The page's way to a request: it may have it reviewed natively and denied. */
export interface ApprovalsFeature extends Feature {
  /** `messageId` names the card, where several wait. */
  deny(sessionId: string, messageId?: string): Promise<void>;
  pending(): readonly PendingApproval[];
}

export function createApprovalsFeature(services: Services): ApprovalsFeature {
  const { tools, store, approvals: desk } = services;
  /** What a notification leads to may have run out by the time that somebody presses its button. */
  const told = (asking: Promise<void>): Promise<void> =>
    asking.catch((error: unknown) => void showError(error, services.run));

  store.add(
    desk.onDidAsk((shown) => {
      if (isToTell(services, shown.sessionId)) void told(notify(shown));
    }),
  );

  const toolReview = late(() => new ToolReview(tools, (sessionId) => nameOf(services, { sessionId })));
  const asked = late(() => createApprovalReview(services, toolReview));
  store.add(
    vscode.workspace.registerTextDocumentContentProvider(TOOL_OUTPUT, {
      provideTextDocumentContent: (uri) => toolOutputText(tools.desk, uri),
    }),
  );
  store.add(
    tools.desk.onDidAsk((request) => {
      if (isToTell(services, request.sessionId)) void told(notifyTool(request));
    }),
  );

  /** One word at a time: an agent that asks for many files must not bury the editor in them. */
  let notified = false;
  const notifyTool = async (request: ToolRequest): Promise<void> => {
    if (notified) return;
    notified = true;
    try {
      const choice = await vscode.window.showWarningMessage(
        `Sec-Gemini asks to use ${labelText(request.tool, 60)} of this editor in "${nameOf(services, request)}".`,
        'Review…',
      );
      const waiting = tools.desk.get(request.id) ?? tools.desk.pending(request.sessionId)[0];
      if (choice !== undefined && waiting !== undefined) await toolReview.review(waiting);
    } finally {
      notified = false;
    }
  };

  const notify = async (shown: PendingApproval): Promise<void> => {
    const tool = labelText(shown.confirmation.toolName, 60);
    const choice = await vscode.window.showWarningMessage(
      `Sec-Gemini asks to use ${tool} in "${nameOf(services, shown)}".`,
      'Review…',
    );
    if (choice !== undefined) await asked.review(shown);
  };

  return {
    pending: () => desk.pending(),
    deny: async (sessionId, messageId) => {
      const request = messageId === undefined ? undefined : tools.desk.get(messageId);
      if (request !== undefined) return tools.desk.answer(request, { kind: 'deny', reason: '' });
      if (messageId?.startsWith('local:') === true) throw nothingPending();
      const shown = desk.of(sessionId);
      if (shown === undefined) throw nothingPending();
      await desk.answer(shown, false);
    },
    commands: lateCommands(() => asked.commands, { askAlways: true, reviewApproval: true }),
  };
}

function nameOf({ sessions }: Services, { sessionId }: { readonly sessionId: string }): string {
  return labelText(sessions.state(sessionId)?.info.name ?? sessionId, 60);
}

/** Whoever looks at the session sees its card; a word beside it would only cover the composer. Who wants no words has the status bar. */
function isToTell({ activeSession }: Services, sessionId: string): boolean {
  if (readSetting('secGemini.notify') === 'never') return false;
  return !vscode.window.state.focused || activeSession() !== sessionId;
}
