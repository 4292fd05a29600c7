/** The nouns of the house as zod schemas: for what is kept on this machine and for what is exported and imported. Unknown fields stay. */

import * as z from 'zod';
import type { ErrorCode } from './errors.ts';
import type { MessageKind, MessageStatus, Protocol, RenderAs, Sender, SessionStatus } from './model.ts';

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

export const attachmentSchema = z.looseObject({
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
export const messageSchema = z.looseObject({
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

export const sessionInfoSchema = z.looseObject({
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
  modelUsage: z.array(z.looseObject({ model: text, calls: z.number(), usage })).optional(),
  attachments: z.array(attachmentSchema).optional(),
  archived: z.boolean().optional(),
  published: z.boolean().optional(),
  publishedAt: time.optional(),
  customName: z.boolean().optional(),
  language: text.optional(),
  model: text.optional(),
  raw: z.unknown().optional(),
});

/** Where else a conversation is or came from. */
const sessionLink = z.looseObject({ sessionId: text, name: text, messageId: text.optional(), at: time });

/** What only this machine knows of a session; see session-local.ts. */
export const localFactsSchema = z.looseObject({
  imported: z.looseObject({ at: time, sessionId: text, envelope: z.record(z.string(), z.unknown()) }).optional(),
  description: text.optional(),
  forkedFrom: sessionLink.optional(),
  forks: z.array(sessionLink).optional(),
  rewoundTo: sessionLink.optional(),
  closed: z.boolean().optional(),
  terminatedAt: time.optional(),
  asksAlways: z.boolean().optional(),
  temporary: z.enum(['close', 'delete']).optional().catch(undefined),
  attachedAfter: z.record(z.string(), z.string()).optional(),
  shelved: z.array(attachmentSchema).optional(),
  feedback: z
    .array(
      z.looseObject({
        kind: z.enum(['feedback', 'bug']),
        messageId: text.optional(),
        group: text.optional(),
        score: z.number().optional(),
        text,
        at: time,
        sent: z.boolean().optional(),
      }),
    )
    .optional(),
  extras: z
    .record(z.string(), z.looseObject({ detailed: z.boolean().optional(), mustUse: z.array(text).optional() }))
    .optional(),
  showsReasoning: z.boolean().optional(),
  domain: text.optional(),
  instructions: z.looseObject({ mode: z.enum(['default', 'append', 'replace']), text }).optional(),
  instructionsAs: z.literal('skill').optional().catch(undefined),
  instructionsSent: text.optional(),
});
