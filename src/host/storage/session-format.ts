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

import * as z from 'zod/mini';
import type { CachedHead, CachedSession } from '../../core/session-cache.ts';
import { attachmentSchema, localFactsSchema, messageSchema, sessionInfoSchema } from '../../core/session-schema.ts';
import { NotForUsError } from './atomic-file.ts';

const FORMAT = 1;
const END = '\n]}\n';

const options = z.looseObject({
  harness: z.optional(z.string()),
  mode: z.optional(z.string()),
  logging: z.optional(z.literal(false)),
  skills: z.optional(z.array(z.string())),
  systemInfo: z.optional(z.literal(true)),
});

const head = z.looseObject({
  info: sessionInfoSchema,
  attachments: z.array(attachmentSchema),
  origins: z.array(
    z.looseObject({
      attachmentId: z.string(),
      uri: z.optional(z.string()),
      workspaceFolder: z.optional(z.string()),
      lines: z.optional(z.tuple([z.number(), z.number()])),
      sourceSha256: z.optional(z.string()),
      at: z.number(),
    }),
  ),
  draft: z.string(),
  queue: z.array(z.looseObject({ id: z.string(), text: z.string() })),
  undelivered: z.array(z.string()),
  // Choices that this version cannot read are none: the service's defaults hold, nothing goes along unasked.
  options: z.catch(z.optional(options), undefined),
  seenAt: z.number(),
  local: z.optional(localFactsSchema),
});

const first = z.looseObject({ format: z.literal(FORMAT), rev: z.uuid(), messageCount: z.number(), head });
const whole = z.extend(first, { messages: z.array(messageSchema) });
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
