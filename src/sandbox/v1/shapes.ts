/** v1's wire shapes as the service takes them: required and default fields as in its openapi.json, unknown fields dropped. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';

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

const tokens = z._default(z.int(), 0);
export const usageSchema = z.object({
  prompt_tokens: tokens,
  generated_tokens: tokens,
  total_tokens: tokens,
  cached_token_count: tokens,
  thoughts_token_count: tokens,
  tool_use_prompt_token_count: tokens,
  prompt_tokens_details: z._default(z.nullable(z.array(z.record(z.string(), z.unknown()))), null),
});
export type Usage = z.output<typeof usageSchema>;
export const noUsage = (): Usage => usageSchema.parse({});

const seconds = (): number => Date.now() / 1000;

/** A message as clients send it; what they leave out gets the reference's defaults. */
export const messageSchema = z.object({
  id: z._default(z.string().check(z.minLength(1), z.maxLength(128)), shortId),
  parent_id: z._default(z.string(), ROOT_ID),
  turn: z._default(z.string(), shortId),
  group: z._default(z.string(), longId),
  actor: z._default(z.string(), 'user'),
  role: z._default(z.enum(['user', 'agent', 'system']), 'user'),
  timestamp: z._default(z.int(), () => Math.floor(seconds())),
  created_at: z._default(z.number(), seconds),
  message_type: z.enum(messageTypes),
  icon: z._default(z.nullable(z.string()), null),
  text_color: z._default(z.nullable(z.string()), null),
  title: z._default(z.nullable(z.string()), null),
  state: z._default(z.enum(states), 'start'),
  content: z._default(z.nullable(z.string()), null),
  mime_type: z._default(
    z.nullable(z.string().check(z.regex(/^(?:text|application|image|audio|video|sec-gemini)\/[\w.+-]+$/))),
    'text/plain',
  ),
  status_code: z._default(z.int(), 200),
  status_message: z._default(z.string(), 'OK'),
  usage: z._default(z.nullable(usageSchema), noUsage),
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
export const incomingSchema = z.extend(messageSchema, {
  mime_type: z._default(z.nullable(z.enum(mimeTypes)), 'text/plain'),
});

export const modelSchema = z.object({
  model_name: z.string(),
  version: z.string(),
  use_experimental: z._default(z.boolean(), false),
  model_string: z.string(),
  description: z._default(z.nullable(z.string()), ''),
  toolsets: z._default(z.array(z.record(z.string(), z.unknown())), []),
});

/** A tool that the client runs. `parameters` is a subset of JSON Schema, kept as it came. */
/** What the service takes of JSON Schema: one type as a word, texts to choose from, one schema of items; more names are passed over. */
const parametersSchema: z.ZodMiniType<Record<string, unknown>> = z.lazy(() =>
  z.looseObject({
    type: z.nullish(
      z.string().check(
        z.refine((type) => /^(?:type_unspecified|string|number|integer|boolean|array|object|null)$/i.test(type), {
          message: 'Input should be a type in one word',
        }),
      ),
    ),
    enum: z.nullish(z.array(z.string())),
    items: z.nullish(parametersSchema),
    properties: z.nullish(z.record(z.string(), parametersSchema)),
    any_of: z.nullish(z.array(parametersSchema)),
    required: z.nullish(z.array(z.string())),
  }),
);
export const localToolSchema = z.object({
  name: z.string().check(z.minLength(1)),
  description: z.string().check(z.minLength(1)),
  parameters: parametersSchema,
  returns: z._default(z.nullable(z.record(z.string(), z.unknown())), null),
  version: z._default(z.nullable(z.string()), null),
  tags: z._default(z.nullable(z.array(z.string())), null),
});

/** PublicSession as clients send it. What only the service decides (times, messages, files, usage) is not read. */
export const sessionInputSchema = z.object({
  id: z._default(z.string().check(z.minLength(1), z.maxLength(128)), longId),
  user_id: z.string(),
  org_id: z.string(),
  model: modelSchema,
  ttl: z.int(),
  language: z._default(z.string(), 'en'),
  name: z.string(),
  description: z.string(),
  can_log: z._default(z.boolean(), true),
  local_tools: z._default(z.array(localToolSchema), []),
  agents_config: z._default(z.record(z.string(), z.record(z.string(), z.unknown())), {}),
});
export type SessionInput = z.output<typeof sessionInputSchema>;

/** The part of a session that is this wire's own, as the state keeps it. */
export const sessionDataSchema = z.extend(
  z.pick(sessionInputSchema, {
    model: true,
    language: true,
    name: true,
    description: true,
    can_log: true,
    local_tools: true,
    agents_config: true,
  }),
  {
    turns: z.int(),
    state: z.enum(states),
    usage: usageSchema,
    /** Hash of the attached log. */
    logs_table: z.nullable(z.object({ blake2s: z.string() })),
  },
);
export type SessionData = z.output<typeof sessionDataSchema>;

export const attachmentSchema = z.object({
  session_id: z.string(),
  filename: z.string().check(z.minLength(1), z.maxLength(4096)),
  mime_type: z._default(z.nullable(z.string()), null),
  content: z.string(),
});

export const detachSchema = z.object({ session_id: z.string(), file_idx: z.int() });

export const feedbackSchema = z.object({
  session_id: z.string(),
  group_id: z._default(z.string(), ''),
  type: z.enum(['user_feedback', 'bug_report']),
  score: z.int(),
  comment: z.string(),
});

export const generateSchema = z.object({
  id: z._default(z.string(), longId),
  messages: z.array(incomingSchema),
  local_tools: z._default(z.array(localToolSchema), []),
});

const logsHash = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'String should be a BLAKE2s hash in lower-case hex'));
export const createTableSchema = z.object({
  logs_hash: logsHash,
  can_log: z._default(z.enum(['true', 'false', 'True', 'False', '1', '0']), 'true'),
});
export const uploadLogsSchema = z.object({
  logs_hash: logsHash,
  can_log: z._default(z.boolean(), true),
  log_lines: z.array(z.string()),
  custom_fields_mapping: z._default(z.nullable(z.record(z.string(), z.string())), null),
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
  messages: z
    .array(z.object({ role: z.string(), content: z.union([z.string(), z.array(chatPart)]) }))
    .check(z.minLength(1)),
  stream: z._default(z.nullable(z.boolean()), false),
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
