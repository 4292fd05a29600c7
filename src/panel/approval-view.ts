/** A waiting request as the page shows it: nothing of it is left out. Pure. */

import type { PendingApproval } from '../core/approvals.ts';
import { type Touch, touchesOf } from '../core/approval-touches.ts';
import type { ApprovalView } from './protocol.ts';

const WORDS: Readonly<Record<Touch['what'], string>> = {
  network: 'the network',
  files: 'files',
  commands: 'commands or code',
  money: 'money',
  messages: 'messages to others',
  accounts: 'accounts or secrets',
};

export function approvalView({ confirmation, expiresAt }: PendingApproval): ApprovalView {
  const { toolName, message, args } = confirmation;
  return {
    toolName,
    message,
    args: Object.entries(args).map(([name, value]) => ({
      name,
      value: typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? ''),
    })),
    touches: touchesOf(toolName, args).map(({ what, why }) => ({ what: WORDS[what], why })),
    expiresAt,
  };
}
