/** What v3 keeps of its sessions and messages in the store, checked where it is read: the state file may be an older one. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import * as z from 'zod/mini';
import { JobStatus, MessageSchema } from '../../client/v3/gen/api_hub_pb.js';
import type { ClientMessage, Message, ServerMessageSchema } from '../../client/v3/gen/api_hub_pb.js';
import type { StoredMessage, StoredSession } from '../state/model.ts';

export type ServerMessageInit = MessageInitShape<typeof ServerMessageSchema>;
/** The answer to a request: one of the payloads of ServerMessage. */
export type Payload = NonNullable<ServerMessageInit['payload']>;
export type Asked = Exclude<ClientMessage['payload'], { case: undefined }>;

/** Sessions are deleted by the service after about a week without use. */
export const SESSION_SECONDS = 7 * 24 * 3600;
/** Jobs of one account at the same time. */
export const MOST_JOBS = 10;

const count = z._default(z.number().check(z.nonnegative()), 0);

const usageSchema = z.object({
  promptTokens: count,
  completionTokens: count,
  thinkingTokens: count,
  toolCalls: count,
  invocations: count,
});

export type Usage = z.output<typeof usageSchema>;

export const dataSchema = z.object({
  name: z._default(z.string(), ''),
  /** The user's own name wins over later ones from the agent. */
  customName: z._default(z.boolean(), false),
  archived: z._default(z.boolean(), false),
  source: z._default(z.string(), ''),
  /** How the last turn ended. */
  status: z._default(z.number(), JobStatus.NOT_INITIALIZED),
  /** Milliseconds since the epoch, 0 = not published. */
  publishedAt: count,
  /** So many messages of the history are public. */
  publishedCount: count,
  /** Addresses of tool servers. */
  mcps: z._default(z.array(z.string()), []),
  /** Every tool call asks first. */
  alwaysAsk: z._default(z.boolean(), false),
  turns: count,
  usage: z._default(usageSchema, () => usageSchema.parse({})),
  /** Id of the turn that was paused or cancelled: what a restart has to know of it. */
  paused: z.optional(z.string()),
  cancelled: z.optional(z.string()),
  /** The request that made the session. */
  reqId: z._default(z.string(), ''),
});

export type SessionData = z.output<typeof dataSchema>;

/** This wire's part of a session. Throws when it is not v3's. */
export function dataOf(session: StoredSession): SessionData {
  return dataSchema.parse(session.data);
}

const number = z._default(z.number(), 0);
const text = z._default(z.string(), '');

const messageSchema = z.object({
  id: z.string(),
  /** Seconds since the epoch. */
  timestamp: number,
  sourceType: number,
  source: text,
  title: text,
  content: text,
  messageType: number,
  mimeType: number,
  renderType: number,
  /** Of a prompt: the request that brought it, so that the same request is known after a restart. */
  reqId: text,
  /** Of a prompt: the question that it answers. */
  clarifies: text,
});

export type V3Message = z.output<typeof messageSchema>;

/** A message of the store in this wire's fields. */
export function messageOf(stored: StoredMessage): V3Message {
  return messageSchema.parse(stored);
}

/** As it goes over the wire. */
export function toWire(sessionId: string, stored: StoredMessage): Message {
  const { id, timestamp, sourceType, source, title, content, messageType, mimeType, renderType } = messageOf(stored);
  const fields = { id, timestamp, sourceType, source, title, content, messageType, mimeType, renderType, sessionId };
  return create(MessageSchema, fields);
}

/** True while a job is in hand: no other prompt is taken. */
export function isActive(status: JobStatus): boolean {
  return ![
    JobStatus.NOT_INITIALIZED,
    JobStatus.CANCELED,
    JobStatus.COMPLETED,
    JobStatus.FAILED,
    JobStatus.MAX_ATTEMPTS_EXCEEDED,
  ].includes(status);
}
