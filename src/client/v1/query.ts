/** What this client says on a socket: the query, the answer to a confirmation, the refusal of a tool. Every non-optional field is present. */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { ROOT_PARENT } from './codec.ts';

interface Outbound {
  readonly id: string;
  readonly parentId?: string | undefined;
  readonly type: 'query' | 'confirmation_response' | 'local_tool_result';
  readonly state: 'query' | 'undefined' | 'tool_result';
  readonly content: string;
  readonly mimeType: string;
}

/** One message of role user, ready to be sent. Icon, colour and usage are the service's to set. */
export function outboundMessage(clock: Clock, message: Outbound): Record<string, unknown> {
  const seconds = clock.wall() / 1000;
  return {
    id: message.id,
    parent_id: message.parentId ?? ROOT_PARENT,
    turn: randomUUID().replaceAll('-', '').slice(0, 12),
    group: randomUUID().replaceAll('-', ''),
    actor: 'user',
    role: 'user',
    timestamp: Math.floor(seconds),
    created_at: seconds,
    message_type: message.type,
    state: message.state,
    content: message.content,
    mime_type: message.mimeType,
    status_code: 200,
    status_message: 'OK',
  };
}

export function queryMessage(clock: Clock, id: string, text: string): Record<string, unknown> {
  return outboundMessage(clock, { id, type: 'query', state: 'query', content: text, mimeType: 'text/plain' });
}

/** `yes` or `no`, with the request's id as parent (our choice, protocol/v1.md "Unpublished"). */
export function confirmationMessage(clock: Clock, requestId: string, approved: boolean): Record<string, unknown> {
  return outboundMessage(clock, {
    id: randomUUID(),
    parentId: requestId,
    type: 'confirmation_response',
    state: 'undefined',
    content: approved ? 'yes' : 'no',
    mimeType: 'text/plain',
  });
}

/** The answer to a local tool call; a failed one says so. */
export function toolResultMessage(
  clock: Clock,
  call: { readonly id: string; readonly name: string },
  output: string,
  isError: boolean,
): Record<string, unknown> {
  return outboundMessage(clock, {
    id: randomUUID(),
    parentId: call.id,
    type: 'local_tool_result',
    state: 'tool_result',
    content: JSON.stringify({ name: call.name, output, is_error: isError }),
    mimeType: 'text/serialized-json',
  });
}
