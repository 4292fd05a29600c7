/** The native question about what the service wants to do. The page can point here and deny; only this allows (product.md). */

import * as vscode from 'vscode';
import type { PendingApproval } from '../../core/approvals.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Confirmation } from '../../core/model-agent.ts';
import { labelText } from '../../core/visible-text.ts';
import type { ToolRequest } from '../../core/tools/desk.ts';
import { showError } from '../errors.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { Feature, Services } from '../services.ts';
import { readSetting } from '../settings.ts';
import { requestRows, requestText } from './arguments.ts';
import { ToolReview } from './tool-review.ts';

/** The page's way to a request: it may have it reviewed natively and denied. */
export interface ApprovalsFeature extends Feature {
  /** `messageId` names the card, where several wait. */
  deny(sessionId: string, messageId?: string): Promise<void>;
  pending(): readonly PendingApproval[];
}

type Choice = 'once' | 'session' | 'deny' | 'denyWithReason';

export function createApprovalsFeature(services: Services): ApprovalsFeature {
  const { sessions, tools, store, approvals: desk } = services;
  /** What a notification leads to may have run out by the time that somebody presses its button. */
  const told = (asking: Promise<void>): Promise<void> =>
    asking.catch((error: unknown) => void showError(error, services.run));

  store.add(
    desk.onDidAsk((shown) => {
      if (isToTell(services, shown.sessionId)) void told(notify(shown));
    }),
  );

  const toolReview = store.add(new ToolReview(tools, (sessionId) => nameOf(services, { sessionId })));
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
    if (choice !== undefined) await review(shown);
  };

  /** Closing it leaves the request pending. */
  const review = async (shown: PendingApproval): Promise<void> => {
    const { confirmation } = shown;
    const tool = labelText(confirmation.toolName, 60);
    const rows: (vscode.QuickPickItem & { readonly choice?: Choice })[] = [
      { label: 'Allow once', iconPath: new vscode.ThemeIcon('check'), choice: 'once' },
      {
        label: 'Allow this tool for this session',
        iconPath: new vscode.ThemeIcon('check-all'),
        description: 'until this window closes',
        choice: 'session',
      },
      { label: 'Deny', iconPath: new vscode.ThemeIcon('x'), choice: 'deny' },
      { label: 'Deny with a reason', iconPath: new vscode.ThemeIcon('comment'), choice: 'denyWithReason' },
      { label: 'All that it asks', kind: vscode.QuickPickItemKind.Separator },
      ...requestRows(confirmation),
    ];
    const picked = await vscode.window.showQuickPick(rows, {
      title: `Allow ${tool}? (${nameOf(services, shown)})`,
      placeHolder: labelText(
        confirmation.message === '' ? 'Sec-Gemini wants to run this on its side.' : confirmation.message,
        200,
      ),
      ignoreFocusOut: true,
    });
    switch (picked?.choice) {
      case 'once':
        return desk.answer(shown, true);
      case 'session':
        return desk.answer(shown, true, true);
      case 'deny':
        return desk.answer(shown, false);
      case 'denyWithReason':
        return denyWithReason(shown);
      case undefined:
        // What was picked is there to be read in full.
        if (picked !== undefined) {
          await showRequest(confirmation);
          await review(shown);
        }
    }
  };

  const denyWithReason = async (shown: PendingApproval): Promise<void> => {
    const reason = await vscode.window.showInputBox({
      title: 'Deny with a reason',
      prompt: 'Sent as your next message.',
      ignoreFocusOut: true,
    });
    if (reason === undefined) return;
    await desk.answer(shown, false);
    // The wire has no field for it: the agent reads it as the user's next words.
    if (reason.trim() !== '')
      await sessions.send(shown.sessionId, `I denied ${shown.confirmation.toolName}: ${reason.trim()}`);
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
    commands: {
      askAlways: async (argument) => {
        const sessionId =
          sessionArgument(sessions, argument) ??
          services.activeSession() ??
          (await pickSession(sessions, 'Ask before every tool call in which session?'));
        if (sessionId === undefined) return;
        const always = sessions.state(sessionId)?.local?.asksAlways !== true;
        await desk.setAlwaysAsk(sessionId, always);
        const name = nameOf(services, { sessionId });
        void vscode.window.showInformationMessage(
          always
            ? `"${name}" now asks before every tool call.`
            : `"${name}" asks again only when Sec-Gemini finds it necessary.`,
        );
      },
      reviewApproval: async (argument, messageId) => {
        const given = sessionArgument(sessions, argument);
        const named = typeof messageId === 'string' ? tools.desk.get(messageId) : undefined;
        if (named !== undefined) return toolReview.review(named);
        const isHere = ({ sessionId }: { readonly sessionId: string }): boolean =>
          given === undefined || sessionId === given;
        const waiting = [...desk.pending(), ...tools.desk.pending()].filter(isHere);
        const shown = waiting.length > 1 ? await pickPending(services, waiting) : waiting[0];
        if (shown === undefined) {
          if (waiting.length === 0) throw nothingPending();
        } else if ('confirmation' in shown) await review(shown);
        else await toolReview.review(shown);
      },
    },
  };
}

type Waiting = PendingApproval | ToolRequest;

async function pickPending(services: Services, waiting: readonly Waiting[]): Promise<Waiting | undefined> {
  const rows = waiting.map((shown) => ({
    label: labelText('confirmation' in shown ? shown.confirmation.toolName : shown.tool, 60),
    description: nameOf(services, shown),
    shown,
  }));
  return (await vscode.window.showQuickPick(rows, { title: 'Review which request?' }))?.shown;
}

async function showRequest(confirmation: Confirmation): Promise<void> {
  const content = requestText(confirmation);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }), { preview: true });
}

function nameOf({ sessions }: Services, { sessionId }: { readonly sessionId: string }): string {
  return labelText(sessions.state(sessionId)?.info.name ?? sessionId, 60);
}

/** Whoever looks at the session sees its card; a word beside it would only cover the composer. Who wants no words has the status bar. */
function isToTell({ activeSession }: Services, sessionId: string): boolean {
  if (readSetting('secGemini.notify') === 'never') return false;
  return !vscode.window.state.focused || activeSession() !== sessionId;
}

function nothingPending(): SecGeminiError {
  return new SecGeminiError('invalidArgument', 'No request is waiting for an approval.', {
    action: 'It may have been answered or have run out.',
  });
}
