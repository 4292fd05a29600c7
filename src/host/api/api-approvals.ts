/** Approvals through the API: read and denied there, allowed by the user only, in the same native question as always. */

import type { ApprovalRequest } from '../../api/sec-gemini.d.ts';
import type { PendingApproval } from '../../core/approvals.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { jsonValue } from '../../core/session-export.ts';
import type { ToolRequest } from '../../core/tools/desk.ts';
import type { Services } from '../services.ts';
import { text } from './api-arguments.ts';

export function approvalsOf(services: Services, sessionId: string | undefined): readonly ApprovalRequest[] {
  return [...services.pendingApprovals().map(requestOf), ...services.tools.desk.pending().map(toolRequestOf)].filter(
    (request) => sessionId === undefined || request.sessionId === sessionId,
  );
}

/** Its output, which has not left this machine, is not among what a caller gets. */
function toolRequestOf({ id, sessionId, tool, args, title, expiresAt }: ToolRequest): ApprovalRequest {
  return {
    sessionId,
    requestId: id,
    tool,
    arguments: jsonValue(args) as ApprovalRequest['arguments'],
    message: title,
    place: 'editor',
    expiresAt,
  };
}

function requestOf({ sessionId, confirmation, expiresAt }: PendingApproval): ApprovalRequest {
  const { id, toolName, args, message } = confirmation;
  return {
    sessionId,
    requestId: id,
    tool: toolName,
    arguments: jsonValue(args) as ApprovalRequest['arguments'],
    message,
    place: 'service',
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
  const local = services.tools.desk.get(requestId);
  const find = (): PendingApproval | undefined =>
    services
      .pendingApprovals()
      .find((pending) => pending.sessionId === sessionId && pending.confirmation.id === requestId);
  const isMine = local?.sessionId === sessionId;
  const pending = isMine ? { toolName: local.tool, args: local.args } : find()?.confirmation;
  if (pending === undefined)
    throw new SecGeminiError('invalidArgument', 'This request is not waiting for an approval.', {
      action: 'Ask for the pending ones again: it may have been answered or have run out.',
    });
  const { toolName, args } = pending;
  if (given !== undefined && JSON.stringify(sorted(given)) !== JSON.stringify(sorted(args)))
    throw new SecGeminiError('invalidArgument', 'The arguments are not those of the request.', {
      action:
        'A call can be allowed as it was asked for, or denied with a reason; neither protocol takes other arguments.',
    });
  const why = reason === undefined ? '' : text('reason', reason, 10_000, true).trim();
  if (isMine) {
    if (approved !== true) services.tools.desk.answer(local, { kind: 'deny', reason: why });
    else await services.run('reviewApproval', sessionId, requestId);
    return services.tools.desk.get(requestId) === undefined ? 'answered' : 'pending';
  }
  if (approved !== true) {
    await services.denyApproval(sessionId);
    // The wire has no field for it: the agent reads it as the user's next words.
    if (why !== '') await services.sessions.send(sessionId, `I denied ${toolName}: ${why}`);
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
