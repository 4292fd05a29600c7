/** What readers of the exported API see: copies of sessions and messages, and events made of the changes of a session's state. Pure. */

import type {
  ApiAttachment,
  ApiEvent,
  ApiMessage,
  ApiMessageNode,
  ApiSession,
  QueryOptions,
  QueryResult,
} from '../api/sec-gemini.d.ts';
import type { ErrorInfo } from './errors.ts';
import type { MessageNode } from './message-tree.ts';
import type { Attachment, Message, Usage } from './model.ts';
import { unusedNames } from './prompt-extras.ts';
import { jsonValue } from './session-export.ts';
import { isImportedId } from './session-local.ts';
import type { SessionChange } from './session-model.ts';
import { type SessionState, isLocal } from './session-state.ts';
import { shelfOf } from './shelf.ts';

export function apiSession({ info, attachments, local }: SessionState): ApiSession {
  const { id, protocol, name, description, status, createdAt, updatedAt } = info;
  return {
    id,
    protocol,
    name,
    description,
    status,
    createdAt,
    updatedAt,
    expiresAt: info.expiresAt,
    ttlSeconds: info.ttlSeconds,
    logging: info.logging,
    archived: info.archived,
    usage: usageOf(info.usage),
    attachments: attachments.map(apiAttachment),
    unused: shelfOf({ local, attachments }).map(apiAttachment),
    closed: local?.closed === true,
    imported: isImportedId(id),
    terminated: local?.terminatedAt !== undefined,
    forkedFrom: local?.forkedFrom?.sessionId,
    forks: (local?.forks ?? []).map(({ sessionId }) => sessionId),
    rewoundTo: local?.rewoundTo?.sessionId,
  };
}

export function apiAttachment({ id, name, size, sha256, mimeType }: Attachment): ApiAttachment {
  return { id, name, size, sha256, mimeType };
}

/** Of whatever depth: a long conversation is a deep tree. */
export function apiNodes(nodes: readonly MessageNode[]): readonly ApiMessageNode[] {
  interface Copy extends ApiMessageNode {
    readonly children: Copy[];
  }
  const copy = ({ message }: MessageNode): Copy => ({ message: apiMessage(message), children: [] });
  const roots: Copy[] = [];
  const open = [{ from: nodes, to: roots }];
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const node of next.from) {
      const made = copy(node);
      next.to.push(made);
      open.push({ from: node.children, to: made.children });
    }
  return roots;
}

export function apiMessage(message: Message): ApiMessage {
  const { id, sessionId, sender, kind, mimeType, title, content, status, createdAt, group, usage, raw } = message;
  return {
    id,
    sessionId,
    sender,
    kind,
    contentType: mimeType,
    title,
    text: content,
    status: status === 'interrupted' ? 'error' : status,
    createdAt,
    group,
    usage: usageOf(usage),
    raw: raw === undefined ? undefined : jsonValue(raw),
  };
}

function usageOf(usage: Usage | undefined): ApiSession['usage'] {
  if (usage === undefined) return undefined;
  const { promptTokens, generatedTokens, thinkingTokens, cachedTokens, toolTokens, totalTokens } = usage;
  return { promptTokens, generatedTokens, thinkingTokens, cachedTokens, toolTokens, totalTokens };
}

/** What a change of a session tells. `now`: milliseconds since the epoch. */
export function eventsOf({ sessionId, action, state }: SessionChange, now: number): readonly ApiEvent[] {
  const of = { sessionId, at: now };
  switch (action.type) {
    case 'piece':
      return [{ ...of, type: 'messageDelta', messageId: action.message.id, text: action.text }];
    case 'message':
      return messageEvents(action.message, of);
    case 'history':
      return [{ ...of, type: 'messagesPosted', messages: transcript(state) }];
    case 'turnStart':
      return [...messageEvents(action.prompt, of), { ...of, type: 'streaming', active: true }];
    case 'turnResume':
      return [{ ...of, type: 'streaming', active: true }];
    case 'turnEnd':
      return [
        ...(action.error === undefined ? [] : [errorEvent(action.error, of)]),
        { ...of, type: 'streaming', active: false, outcome: action.outcome },
      ];
    case 'status':
      return [{ ...of, type: 'participantStatus', participant: 'agent', status: action.status }];
    case 'historyFailed':
      return [errorEvent(action.error, of)];
    case 'connection':
      return action.error === undefined ? [] : [errorEvent(action.error, of)];
    default:
      return [];
  }
}

function messageEvents(message: Message, of: { sessionId: string; at: number }): ApiEvent[] {
  const copy = apiMessage(message);
  const events: ApiEvent[] = [{ ...of, type: 'messagePosted', message: copy }];
  switch (message.kind) {
    case 'response':
    case 'agentResponse':
      events.push({ ...of, type: 'messageComplete', message: copy });
      break;
    case 'toolCall':
    case 'toolResult':
    case 'thinking':
      events.push({ ...of, type: message.kind, message: copy });
      break;
    case 'source':
      events.push({ ...of, type: 'searchResult', message: copy });
      break;
    case 'confirmationRequest':
      // The card of a tool of this editor is a note of this machine; the desk tells of it.
      if (!isLocal(message)) events.push({ ...of, type: 'approvalRequest', message: copy, tool: message.title });
      break;
    case 'error':
      if (message.error !== undefined) events.push(errorEvent(message.error, of));
      break;
    default:
  }
  return events;
}

function errorEvent({ code, message }: ErrorInfo, of: { sessionId: string; at: number }): ApiEvent {
  return { ...of, type: 'error', code, message };
}

/** The messages of the service, as the API counts them. */
export function transcript(state: SessionState): readonly ApiMessage[] {
  return state.messages.filter((message) => !isLocal(message)).map(apiMessage);
}

const STATUS_OF_ERROR: Readonly<Record<ErrorInfo['code'], number>> = {
  unauthenticated: 401,
  permissionDenied: 403,
  notFound: 404,
  expired: 404,
  invalidArgument: 400,
  tooLarge: 413,
  rateLimited: 429,
  unavailable: 500,
  timeout: 504,
  cancelled: 499,
  storage: 500,
  protocol: 500,
};

/** What came of the turn that ran last: everything behind its prompt. */
export function queryResult(state: SessionState, { reasoning = true }: QueryOptions = {}): QueryResult {
  const { outcome, error } = state.turn;
  const from = state.messages.findLastIndex(({ kind }) => kind === 'prompt');
  const messages = transcript({ ...state, messages: state.messages.slice(from + 1) }).filter(
    ({ kind }) => reasoning || kind !== 'thinking',
  );
  const statusCode =
    outcome === 'completed'
      ? 200
      : outcome === 'waiting'
        ? 202
        : outcome === 'stopped'
          ? 499
          : outcome === 'interrupted'
            ? 503
            : STATUS_OF_ERROR[error?.code ?? 'protocol'];
  const text = messages
    .filter(({ kind }) => kind === 'response' || kind === 'agentResponse')
    .map((message) => message.text)
    .join('\n\n');
  return {
    messages,
    statusCode,
    statusMessage: statusCode === 200 ? 'OK' : (error?.message ?? outcome ?? ''),
    usage: messages.findLast(({ usage }) => usage !== undefined)?.usage ?? usageOf(state.info.usage),
    text,
    unused: unusedNames(state),
  };
}
