/** v1's wire shapes as the service takes them: required and default fields as in its openapi.json, unknown fields dropped. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';

/** The parent of what has no parent. */
export const ROOT_ID = '3713';
/** Shortest time to live of a session, in seconds. */
export const LEAST_TTL_SECONDS = 300;

const shortId = (): string => randomUUID().replaceAll('-', '').slice(0, 12);
const longId = (): string => randomUUID().replaceAll('-', '');

const messageTypes = [
  'result',
  'source',
  'debug',
  'info',
  'error',
  'thinking',
  'update',
  'delete',
  'confirmation_request',
  'confirmation_response',
  'query',
  'local_tool_call',
  'local_tool_result',
] as const;
export type MessageType = (typeof messageTypes)[number];

const states = [
  'undefined',
  'start',
  'end',
  'query',
  'running_agent',
  'agent_done',
  'coding',
  'code_result',
  'calling_tool',
  'tool_result',
  'generating',
  'answering',
  'thinking',
  'planning',
  'reviewing',
  'understanding',
  'retrieving',
  'grounding',
] as const;
export type State = (typeof states)[number];

const tokens = z.number().int().default(0);
export const usageSchema = z.object({
  prompt_tokens: tokens,
  generated_tokens: tokens,
  total_tokens: tokens,
  cached_token_count: tokens,
  thoughts_token_count: tokens,
  tool_use_prompt_token_count: tokens,
  prompt_tokens_details: z.array(z.record(z.string(), z.unknown())).nullable().default(null),
});
export type Usage = z.output<typeof usageSchema>;
export const noUsage = (): Usage => usageSchema.parse({});

const seconds = (): number => Date.now() / 1000;

/** A message as clients send it; what they leave out gets the reference's defaults. */
export const messageSchema = z.object({
  id: z.string().min(1).max(128).default(shortId),
  parent_id: z.string().default(ROOT_ID),
  turn: z.string().default(shortId),
  group: z.string().default(longId),
  actor: z.string().default('user'),
  role: z.enum(['user', 'agent', 'system']).default('user'),
  timestamp: z
    .number()
    .int()
    .default(() => Math.floor(seconds())),
  created_at: z.number().default(seconds),
  message_type: z.enum(messageTypes),
  icon: z.string().nullable().default(null),
  text_color: z.string().nullable().default(null),
  title: z.string().nullable().default(null),
  state: z.enum(states).default('start'),
  content: z.string().nullable().default(null),
  mime_type: z
    .string()
    .regex(/^(?:text|application|image|audio|video|sec-gemini)\/[\w.+-]+$/)
    .nullable()
    .default('text/plain'),
  status_code: z.number().int().default(200),
  status_message: z.string().default('OK'),
  usage: usageSchema.nullable().default(noUsage),
});
export type V1Message = z.output<typeof messageSchema>;

const mimeTypes = [
  ...['text/plain', 'text/markdown', 'text/serialized-json', 'application/octet-stream'],
  ...['jpeg', 'png', 'tiff', 'gif', 'svg+xml', 'webp', 'avif'].map((type) => `image/${type}`),
  ...['audio/wav', 'audio/mpeg', 'audio/ogg', 'video/webm', 'video/mp4'],
  ...['c', 'c++', 'java', 'rust', 'go', 'python', 'php', 'perl', 'ruby', 'swift', 'kotlin', 'scala', 'javascript'].map(
    (type) => `text/${type}`,
  ),
  ...['typescript', 'html', 'css', 'csv', 'xml', 'yaml', 'toml', 'sql'].map((type) => `text/${type}`),
  ...['json', 'jsonl', 'pdf', 'msword', 'rtf'].map((type) => `application/${type}`),
  ...['wordprocessingml.document', 'spreadsheetml.sheet', 'presentationml.presentation'].map(
    (type) => `application/vnd.openxmlformats-officedocument.${type}`,
  ),
  ...['ms-excel', 'ms-powerpoint', 'oasis.opendocument.text'].map((type) => `application/vnd.${type}`),
  ...['graph', 'timeline', 'table', 'image', 'code', 'markdown', 'json', 'html', 'canvas'].map(
    (type) => `sec-gemini/${type}`,
  ),
];

/** A message as it comes in. A type that the service has not would make the session unreadable for its official clients. */
export const incomingSchema = messageSchema.extend({
  mime_type: z.enum(mimeTypes).nullable().default('text/plain'),
});

export const modelSchema = z.object({
  model_name: z.string(),
  version: z.string(),
  use_experimental: z.boolean().default(false),
  model_string: z.string(),
  description: z.string().nullable().default(''),
  toolsets: z.array(z.record(z.string(), z.unknown())).default([]),
});

/** A tool that the client runs. `parameters` is a subset of JSON Schema, kept as it came. */
/** What the service takes of JSON Schema: one type as a word, texts to choose from, one schema of items; more names are passed over. */
const parametersSchema: z.ZodType<Record<string, unknown>> = z.lazy(() =>
  z.looseObject({
    type: z
      .string()
      .refine((type) => /^(?:type_unspecified|string|number|integer|boolean|array|object|null)$/i.test(type), {
        message: 'Input should be a type in one word',
      })
      .nullish(),
    enum: z.array(z.string()).nullish(),
    items: parametersSchema.nullish(),
    properties: z.record(z.string(), parametersSchema).nullish(),
    any_of: z.array(parametersSchema).nullish(),
    required: z.array(z.string()).nullish(),
  }),
);
export const localToolSchema = z.object({
  name: z.string().min(1),
  description: z.string().min(1),
  parameters: parametersSchema,
  returns: z.record(z.string(), z.unknown()).nullable().default(null),
  version: z.string().nullable().default(null),
  tags: z.array(z.string()).nullable().default(null),
});

/** PublicSession as clients send it. What only the service decides (times, messages, files, usage) is not read. */
export const sessionInputSchema = z.object({
  id: z.string().min(1).max(128).default(longId),
  user_id: z.string(),
  org_id: z.string(),
  model: modelSchema,
  ttl: z.number().int(),
  language: z.string().default('en'),
  name: z.string(),
  description: z.string(),
  can_log: z.boolean().default(true),
  local_tools: z.array(localToolSchema).default([]),
  agents_config: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
export type SessionInput = z.output<typeof sessionInputSchema>;

/** The part of a session that is this wire's own, as the state keeps it. */
export const sessionDataSchema = sessionInputSchema
  .pick({
    model: true,
    language: true,
    name: true,
    description: true,
    can_log: true,
    local_tools: true,
    agents_config: true,
  })
  .extend({
    turns: z.number().int(),
    state: z.enum(states),
    usage: usageSchema,
    /** Hash of the attached log. */
    logs_table: z.object({ blake2s: z.string() }).nullable(),
  });
export type SessionData = z.output<typeof sessionDataSchema>;

export const attachmentSchema = z.object({
  session_id: z.string(),
  filename: z.string().min(1).max(4096),
  mime_type: z.string().nullable().default(null),
  content: z.string(),
});

export const detachSchema = z.object({ session_id: z.string(), file_idx: z.number().int() });

export const feedbackSchema = z.object({
  session_id: z.string(),
  group_id: z.string().default(''),
  type: z.enum(['user_feedback', 'bug_report']),
  score: z.number().int(),
  comment: z.string(),
});

export const generateSchema = z.object({
  id: z.string().default(longId),
  messages: z.array(incomingSchema),
  local_tools: z.array(localToolSchema).default([]),
});

const logsHash = z.string().regex(/^[0-9a-f]{64}$/, 'String should be a BLAKE2s hash in lower-case hex');
export const createTableSchema = z.object({
  logs_hash: logsHash,
  can_log: z.enum(['true', 'false', 'True', 'False', '1', '0']).default('true'),
});
export const uploadLogsSchema = z.object({
  logs_hash: logsHash,
  can_log: z.boolean().default(true),
  log_lines: z.array(z.string()),
  custom_fields_mapping: z.record(z.string(), z.string()).nullable().default(null),
});
export const attachLogsSchema = z.object({ session_id: z.string(), logs_hash: z.string() });
export const sessionQuerySchema = z.object({ session_id: z.string() });

const chatPart = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('file'), file: z.object({ filename: z.string(), file_data: z.string() }) }),
  z.object({ type: z.literal('image_url'), image_url: z.union([z.string(), z.object({ url: z.string() })]) }),
]);
export const chatSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(chatPart)]) })).min(1),
  stream: z.boolean().nullable().default(false),
});

/** Every change answers with this, under HTTP 200: `status_code` tells whether it worked. */
export interface OpResult {
  readonly ok: boolean;
  readonly status_code: number;
  readonly status_message: string;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly mime_type: string;
  /** Seconds. */
  readonly latency: number;
}
