/** The records of the state file, checked when they are read: the file may be an older one, or another program's. */
import * as z from 'zod/mini';

const fields = z.record(z.string(), z.unknown());
const place = { user: z.string(), session: z.string() };
const message = z.looseObject({ id: z.string() });

export const recordSchema = z.discriminatedUnion('t', [
  /** First in a file that an editor's sandbox keeps: its key, and the port it was made with. */
  z.object({ t: z.literal('head'), version: z.literal(1), key: z.optional(z.string()), port: z.optional(z.number()) }),
  z.object({
    t: z.literal('session'),
    ...place,
    protocol: z.enum(['v1', 'v3']),
    createdAt: z.number(),
    updatedAt: z.number(),
    ttlSeconds: z.optional(z.number()),
    data: fields,
  }),
  z.object({ t: z.literal('deleted'), ...place }),
  z.object({ t: z.literal('message'), ...place, at: z.number(), turn: z.optional(z.string()), message }),
  z.object({
    t: z.literal('file'),
    ...place,
    at: z.number(),
    id: z.string(),
    name: z.string(),
    sha256: z.string(),
    mimeType: z.string(),
    label: z.string(),
    declaredType: z.optional(z.string()),
  }),
  z.object({ t: z.literal('detached'), ...place, at: z.number(), id: z.string() }),
  z.object({
    t: z.literal('report'),
    ...place,
    type: z.enum(['user_feedback', 'bug_report']),
    score: z.optional(z.number()),
    comment: z.string(),
    groupId: z.optional(z.string()),
    at: z.number(),
  }),
  z.object({ t: z.literal('turn'), ...place, id: z.string(), files: z.array(z.string()), options: fields }),
  z.object({ t: z.literal('said'), ...place, turn: z.string(), ids: z.array(z.string()) }),
  z.object({ t: z.literal('answer'), ...place, turn: z.string(), value: z.unknown() }),
  z.object({ t: z.literal('turnEnd'), ...place, turn: z.string() }),
  /** Something that an account keeps outside its sessions; without a value it is gone. */
  z.object({ t: z.literal('kept'), user: z.string(), key: z.string(), value: z.optional(z.unknown()) }),
  /** A log of the logs service; its lines follow, each batch a blob of the JSON array. */
  z.object({ t: z.literal('table'), user: z.string(), hash: z.string(), canLog: z.boolean() }),
  z.object({
    t: z.literal('lines'),
    user: z.string(),
    hash: z.string(),
    mapping: z._default(z.record(z.string(), z.string()), {}),
  }),
]);

export type StateRecord = z.infer<typeof recordSchema>;
