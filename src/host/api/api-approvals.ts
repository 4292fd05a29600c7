/** Approvals through the API: read and denied there, allowed by the user only, in the same native question as always. */

import type { ApprovalRequest } from '../../api/sec-gemini.d.ts';
import type { PendingApproval } from '../../core/approvals.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { jsonValue } from '../../core/session-export.ts';
import type { Services } from '../services.ts';
import { text } from './api-arguments.ts';

export function approvalsOf(services: Services, sessionId: string | undefined): readonly ApprovalRequest[] {
  return services
    .pendingApprovals()
    .filter((pending) => sessionId === undefined || pending.sessionId === sessionId)
    .map(requestOf);
}

function requestOf({ sessionId, confirmation, expiresAt }: PendingApproval): ApprovalRequest {
  const { id, toolName, args, message } = confirmation;
  return {
    sessionId,
    requestId: id,
    tool: toolName,
    arguments: jsonValue(args) as ApprovalRequest['arguments'],
    message,
    expiresAt,
  };
}

export async function respondTo(
  services: Services,
  sessionId: string,
  requestId: string,
  approved: unknown,
  { arguments: given, reason }: { readonly arguments?: Readonly<Record<string, unknown>>; readonly reason?: string },
): Promise<'answered' | 'pending'> {
  const find = (): PendingApproval | undefined =>
    services
      .pendingApprovals()
      .find((pending) => pending.sessionId === sessionId && pending.confirmation.id === requestId);
  const pending = find();
  if (pending === undefined)
    throw new SecGeminiError('invalidArgument', 'This request is not waiting for an approval.', {
      action: 'Ask for the pending ones again: it may have been answered or have run out.',
    });
  const { toolName, args } = pending.confirmation;
  if (given !== undefined && JSON.stringify(sorted(given)) !== JSON.stringify(sorted(args)))
    throw new SecGeminiError('invalidArgument', 'The arguments are not those of the request.', {
      action:
        'A call can be allowed as it was asked for, or denied with a reason; neither protocol takes other arguments.',
    });
  if (approved !== true) {
    await services.denyApproval(sessionId);
    // The wire has no field for it: the agent reads it as the user's next words.
    if (reason !== undefined && reason.trim() !== '')
      await services.sessions.send(sessionId, `I denied ${toolName}: ${text('reason', reason, 10_000).trim()}`);
    return 'answered';
  }
  await services.run('reviewApproval', sessionId);
  return find() === undefined ? 'answered' : 'pending';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, inner]) => [key, sorted(inner)]);
}
