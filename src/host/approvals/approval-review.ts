/** The native question about what the service wants to do, with every argument; loaded with the first. */

import * as vscode from 'vscode';
import type { PendingApproval } from '../../core/approvals.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Confirmation } from '../../core/model-agent.ts';
import type { ToolRequest } from '../../core/tools/desk.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';
import { requestRows, requestText } from './arguments.ts';
import type { ToolReview } from './tool-review.ts';

type Choice = 'once' | 'session' | 'deny' | 'denyWithReason';

export interface ApprovalReview {
  /** Asks; allowing happens nowhere else. */
  review(shown: PendingApproval): Promise<void>;
  readonly commands: FeatureOf<'askAlways' | 'reviewApproval'>['commands'];
}

export function createApprovalReview(services: Services, toolReview: ToolReview): ApprovalReview {
  const { sessions, tools, approvals: desk } = services;

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
    review,
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

/** Nobody asks any more. */
export function nothingPending(): SecGeminiError {
  return new SecGeminiError('invalidArgument', 'No request is waiting for an approval.', {
    action: 'It may have been answered or have run out.',
  });
}
