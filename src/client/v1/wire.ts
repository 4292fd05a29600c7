/**
 * The shapes of the v1 wire, as protocol/v1.md gives them. Unknown fields are kept (loose objects), unknown enum values are plain strings,
 * a missing optional field gets its default: only what cannot be worked with at all is refused.
 */

import * as z from 'zod/mini';

const text = z.catch(z.nullish(z.string()), null);
const number = z.catch(z.nullish(z.number()), null);
const flag = z.catch(z.nullish(z.boolean()), null);

export const usageSchema = z.looseObject({
  prompt_tokens: number,
  generated_tokens: number,
  total_tokens: number,
  cached_token_count: number,
  /** The Rust client's spellings: accepted, never sent. */
  cached_total_tokens: number,
  thoughts_token_count: number,
  thoughts_total_tokens: number,
  tool_use_prompt_token_count: number,
});
export type WireUsage = z.infer<typeof usageSchema>;

export const messageSchema = z.looseObject({
  id: z.string().check(z.minLength(1), z.maxLength(256)),
  message_type: z.string().check(z.minLength(1), z.maxLength(64)),
  parent_id: text,
  /** A string by the reference, a number in older texts. */
  turn: z.catch(z.nullish(z.union([z.string(), z.number()])), null),
  group: text,
  actor: text,
  role: text,
  /** Seconds, whole; deprecated. */
  timestamp: number,
  /** Seconds with fractions. */
  created_at: number,
  title: text,
  state: text,
  content: z.nullish(z.string()),
  mime_type: text,
  status_code: z.nullish(z.int()),
  status_message: text,
  usage: z.catch(z.nullish(usageSchema), null),
});
export type WireMessage = z.infer<typeof messageSchema>;

export const fileSchema = z.looseObject({
  name: z.string(),
  size: number,
  sha256: text,
  mime_type: text,
  content_type_label: text,
});
export type WireFile = z.infer<typeof fileSchema>;

const modelSchema = z.looseObject({
  model_name: text,
  version: text,
  model_string: text,
  use_experimental: flag,
  description: text,
});

/** `messages` is left as it came: each is validated on its own, so that one bad message does not lose the session. */
export const sessionSchema = z.looseObject({
  id: z.string().check(z.minLength(1), z.maxLength(256)),
  user_id: text,
  org_id: text,
  model: z.catch(z.nullish(modelSchema), null),
  ttl: number,
  language: text,
  name: text,
  description: text,
  create_time: number,
  update_time: number,
  num_messages: number,
  messages: z.catch(z.nullish(z.array(z.unknown())), null),
  usage: z.catch(z.nullish(usageSchema), null),
  can_log: flag,
  state: text,
  files: z.catch(z.nullish(z.array(z.unknown())), null),
});
export type WireSession = z.infer<typeof sessionSchema>;

export const sessionListSchema = z.array(z.unknown());

export const userInfoSchema = z.looseObject({
  user: z.looseObject({
    id: z.string(),
    org_id: text,
    type: text,
    never_log: flag,
    can_disable_logging: flag,
    /** Seconds since the epoch; 0 = never. */
    key_expire_time: number,
    tpm: number,
    rpm: number,
    allow_experimental: flag,
  }),
  available_models: z.catch(z.nullish(z.array(modelSchema)), null),
});
export type WireUserInfo = z.infer<typeof userInfoSchema>;

/** HTTP 200 does not mean success, `status_code` does. */
export const opResultSchema = z.looseObject({
  ok: flag,
  status_code: number,
  status_message: text,
  data: z.optional(z.unknown()),
});
export type WireOpResult = z.infer<typeof opResultSchema>;

/** FastAPI's refusal of a body or a query (422), or a plain sentence. */
export const refusalSchema = z.looseObject({
  detail: z.union([
    z.string(),
    z.array(
      z.looseObject({ loc: z.catch(z.array(z.union([z.string(), z.number()])), []), msg: z.catch(z.string(), '') }),
    ),
  ]),
});

/** SessionResponse of POST /v1/session/generate. */
export const generateSchema = z.looseObject({
  id: text,
  messages: z.catch(z.nullish(z.array(z.unknown())), null),
  status_code: number,
  status_message: text,
  usage: z.catch(z.nullish(usageSchema), null),
});

/** content of a local_tool_call, in both spellings. */
export const toolCallSchema = z.looseObject({
  tool_name: text,
  name: text,
  tool_args: z.optional(z.unknown()),
  args: z.optional(z.unknown()),
});

/** Whether lines are sent hangs on it: what says neither yes nor no is no answer. */
export const logsTableSchema = z.looseObject({ table_created: z.boolean() });
export const logsUploadSchema = z.looseObject({ inserted_log_lines: number });
