/**
 * The file of one session, version 1. JSON throughout, in a layout that saves work:
 *
 *     {"format":1,"rev":"UUID","messageCount":N,"head":{…},
 *     "messages":[
 *     {…},
 *     {…}
 *     ]}
 *
 * JSON has no raw line breaks inside a value, so the first line alone holds all that the tree shows, and `rev` at its start tells whether
 * the file is still the one that was read before. Fields that this version does not know are kept; a version that could not read them
 * back would have to raise `format`, and such a file is left alone.
 */

import * as z from 'zod';
import type { ErrorCode } from '../../core/errors.ts';
import type { MessageKind, MessageStatus, Protocol, RenderAs, Sender, SessionStatus } from '../../core/model.ts';
import type { CachedHead, CachedSession } from '../../core/session-cache.ts';
import { NotForUsError } from './atomic-file.ts';

const FORMAT = 1;
const END = '\n]}\n';

const text = z.string();
const time = z.number();
const usage = z.looseObject({
  promptTokens: z.number(),
  generatedTokens: z.number(),
  thinkingTokens: z.number(),
  cachedTokens: z.number(),
  toolTokens: z.number(),
  totalTokens: z.number(),
  costUsd: z.number().optional(),
});

const attachment = z.looseObject({
  id: text,
  name: text,
  size: z.number().optional(),
  sha256: text.optional(),
  mimeType: text.optional(),
  contentLabel: text.optional(),
});

/** One of the words of a union. The compiler asks for each of them, so that a new one cannot be forgotten here. */
const anyOf = <T extends string>(words: Readonly<Record<T, true>>): z.ZodEnum<{ [K in T]: K }> =>
  z.enum(Object.keys(words) as T[]);

const errorCode = anyOf<ErrorCode>({
  unauthenticated: true,
  permissionDenied: true,
  notFound: true,
  expired: true,
  invalidArgument: true,
  tooLarge: true,
  rateLimited: true,
  unavailable: true,
  timeout: true,
  cancelled: true,
  storage: true,
  protocol: true,
});

// A word of a newer version must not make the whole file unreadable: it falls back, and the service's history brings it again.
const message = z.looseObject({
  id: text,
  sessionId: text,
  parentId: text.optional(),
  turn: z.number().optional(),
  group: text.optional(),
  kind: anyOf<MessageKind>({
    prompt: true,
    response: true,
    agentResponse: true,
    thinking: true,
    toolCall: true,
    toolResult: true,
    info: true,
    progress: true,
    source: true,
    error: true,
    failure: true,
    warning: true,
    notice: true,
    log: true,
    debug: true,
    confirmationRequest: true,
    confirmationResponse: true,
    clarificationRequest: true,
    clarificationResponse: true,
    taskList: true,
    memory: true,
    skillLoaded: true,
    sessionName: true,
    end: true,
    unknown: true,
  }).catch('unknown'),
  sender: anyOf<Sender>({ user: true, agent: true, system: true }).catch('system'),
  author: text,
  title: text,
  content: text,
  render: anyOf<RenderAs>({
    markdown: true,
    text: true,
    html: true,
    json: true,
    table: true,
    graph: true,
    timeline: true,
    image: true,
    code: true,
    canvas: true,
    unknown: true,
  }).catch('unknown'),
  mimeType: text,
  status: anyOf<MessageStatus>({ streaming: true, complete: true, interrupted: true, error: true }).catch('complete'),
  activity: text.optional(),
  createdAt: time,
  usage: usage.optional(),
  error: z
    .looseObject({
      code: errorCode.catch('protocol'),
      message: text,
      action: text,
      retryAfterMs: z.number().exactOptional(),
    })
    .optional(),
  raw: z.unknown().optional(),
});

const info = z.looseObject({
  id: text,
  protocol: anyOf<Protocol>({ v1: true, v3: true }),
  name: text,
  description: text,
  status: anyOf<SessionStatus>({
    idle: true,
    pending: true,
    running: true,
    pausing: true,
    paused: true,
    canceling: true,
    canceled: true,
    completed: true,
    failed: true,
    waitingForConfirmation: true,
    waitingForClarification: true,
    maxAttemptsExceeded: true,
    expired: true,
    deleted: true,
    unknown: true,
  }).catch('unknown'),
  createdAt: time,
  updatedAt: time,
  expiresAt: time.optional(),
  ttlSeconds: z.number().optional(),
  logging: z.boolean().optional(),
  messageCount: z.number().optional(),
  usage: usage.optional(),
  attachments: z.array(attachment).optional(),
  archived: z.boolean().optional(),
  published: z.boolean().optional(),
  customName: z.boolean().optional(),
  language: text.optional(),
  model: text.optional(),
  raw: z.unknown().optional(),
});

const head = z.looseObject({
  info,
  attachments: z.array(attachment),
  origins: z.array(
    z.looseObject({
      attachmentId: text,
      uri: text.optional(),
      workspaceFolder: text.optional(),
      lines: z.tuple([z.number(), z.number()]).optional(),
      sourceSha256: text.optional(),
      at: time,
    }),
  ),
  draft: text,
  queue: z.array(z.looseObject({ id: text, text })),
  undelivered: z.array(text),
  seenAt: time,
});

const first = z.looseObject({ format: z.literal(FORMAT), rev: z.uuid(), messageCount: z.number(), head });
const whole = first.extend({ messages: z.array(message) });
/** What every version has in common. */
const anyFormat = z.looseObject({ format: z.number() });

export interface StoredSession {
  readonly rev: string;
  readonly session: CachedSession;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function parse(json: string): unknown {
  const value: unknown = JSON.parse(json);
  const { format } = anyFormat.parse(value);
  if (format > FORMAT) throw new NotForUsError(`format ${format}`);
  return value;
}

export function encodeSession({ rev, session }: StoredSession): Uint8Array {
  const { messages, ...rest } = session;
  const start = { format: FORMAT, rev, messageCount: messages.length, head: rest };
  const rows = messages.map((each) => JSON.stringify(each)).join(',\n');
  return Buffer.from(`${JSON.stringify(start).slice(0, -1)},\n"messages":[\n${rows}${END}`, 'utf8');
}

/** Throws when the bytes are not a whole session; NotForUsError for a newer format. */
export function decodeSession(bytes: Uint8Array): StoredSession {
  const { rev, head, messages, messageCount } = whole.parse(parse(decoder.decode(bytes)));
  if (messages.length !== messageCount) throw new Error('The count of messages does not fit.');
  return { rev, session: { ...head, messages } };
}

/** Reads the first line, without its line break. Throws as `decodeSession`. */
export function decodeHead(line: Uint8Array): CachedHead {
  const { head, messageCount } = first.parse(parse(`${decoder.decode(line).replace(/,$/, '')}}`));
  return { ...head, messageCount };
}

/** How a whole file ends: what a cheap look at the head can check of the rest. */
export const SESSION_END: Uint8Array = Buffer.from(END, 'utf8');

/** The revision from the first bytes of a file; undefined when they are no such start. `REV_BYTES` are enough. */
export function revisionOf(start: Uint8Array): string | undefined {
  return /^\{"format":1,"rev":"([0-9a-f-]{36})"/.exec(Buffer.from(start).toString('latin1'))?.[1];
}

export const REV_BYTES = 64;
