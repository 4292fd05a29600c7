/** The nouns of the house as zod schemas: for what is kept on this machine and for what is exported and imported. Unknown fields stay. */

import * as z from 'zod/mini';
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
  costUsd: z.optional(z.number()),
});

export const attachmentSchema = z.looseObject({
  id: text,
  name: text,
  size: z.optional(z.number()),
  sha256: z.optional(text),
  mimeType: z.optional(text),
  contentLabel: z.optional(text),
});

/** One of the words of a union. The compiler asks for each of them, so that a new one cannot be forgotten here. */
const anyOf = <T extends string>(words: Readonly<Record<T, true>>): z.ZodMiniEnum<{ [K in T]: K }> =>
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
  parentId: z.optional(text),
  turn: z.optional(z.number()),
  group: z.optional(text),
  kind: z.catch(
    anyOf<MessageKind>({
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
    }),
    'unknown',
  ),
  sender: z.catch(anyOf<Sender>({ user: true, agent: true, system: true }), 'system'),
  author: text,
  title: text,
  content: text,
  render: z.catch(
    anyOf<RenderAs>({
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
    }),
    'unknown',
  ),
  mimeType: text,
  status: z.catch(
    anyOf<MessageStatus>({ streaming: true, complete: true, interrupted: true, error: true }),
    'complete',
  ),
  activity: z.optional(text),
  createdAt: time,
  usage: z.optional(usage),
  error: z.optional(
    z.looseObject({
      code: z.catch(errorCode, 'protocol'),
      message: text,
      action: text,
      retryAfterMs: z.exactOptional(z.number()),
    }),
  ),
  raw: z.optional(z.unknown()),
});

export const sessionInfoSchema = z.looseObject({
  id: text,
  protocol: anyOf<Protocol>({ v1: true, v3: true }),
  name: text,
  description: text,
  status: z.catch(
    anyOf<SessionStatus>({
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
    }),
    'unknown',
  ),
  createdAt: time,
  updatedAt: time,
  expiresAt: z.optional(time),
  ttlSeconds: z.optional(z.number()),
  logging: z.optional(z.boolean()),
  messageCount: z.optional(z.number()),
  usage: z.optional(usage),
  modelUsage: z.optional(z.array(z.looseObject({ model: text, calls: z.number(), usage }))),
  attachments: z.optional(z.array(attachmentSchema)),
  archived: z.optional(z.boolean()),
  published: z.optional(z.boolean()),
  publishedAt: z.optional(time),
  customName: z.optional(z.boolean()),
  language: z.optional(text),
  model: z.optional(text),
  raw: z.optional(z.unknown()),
});

/** Where else a conversation is or came from. */
const sessionLink = z.looseObject({ sessionId: text, name: text, messageId: z.optional(text), at: time });

/** What only this machine knows of a session; see session-local.ts. */
export const localFactsSchema = z.looseObject({
  imported: z.optional(z.looseObject({ at: time, sessionId: text, envelope: z.record(z.string(), z.unknown()) })),
  description: z.optional(text),
  forkedFrom: z.optional(sessionLink),
  forks: z.optional(z.array(sessionLink)),
  rewoundTo: z.optional(sessionLink),
  closed: z.optional(z.boolean()),
  terminatedAt: z.optional(time),
  asksAlways: z.optional(z.boolean()),
  temporary: z.catch(z.optional(z.enum(['close', 'delete'])), undefined),
  attachedAfter: z.optional(z.record(z.string(), z.string())),
  shelved: z.optional(z.array(attachmentSchema)),
  feedback: z.optional(
    z.array(
      z.looseObject({
        kind: z.enum(['feedback', 'bug']),
        messageId: z.optional(text),
        group: z.optional(text),
        score: z.optional(z.number()),
        text,
        at: time,
        sent: z.optional(z.boolean()),
      }),
    ),
  ),
  extras: z.optional(
    z.record(z.string(), z.looseObject({ detailed: z.optional(z.boolean()), mustUse: z.optional(z.array(text)) })),
  ),
  showsReasoning: z.optional(z.boolean()),
  domain: z.optional(text),
  instructions: z.optional(z.looseObject({ mode: z.enum(['default', 'append', 'replace']), text })),
  instructionsAs: z.catch(z.optional(z.literal('skill')), undefined),
  instructionsSent: z.optional(text),
});
