/**
 * A session as a file, version 1: JSON with everything that is known of it, each message with its wire form (`raw`), so that a reader can
 * compare it with the service's own record. What this version does not know is kept; export, import, export gives the same text. Pure.
 */

import * as z from 'zod/mini';
import { SecGeminiError } from './errors.ts';
import type { Attachment, Message, SessionInfo } from './model.ts';
import { attachmentSchema, messageSchema, sessionInfoSchema } from './session-schema.ts';
import type { LocalFacts } from './session-local.ts';
import type { SessionState } from './session-state.ts';
import { inWords } from './zod-words.ts';

const FORMAT = 'sec-gemini-session';
const VERSION = 1;
/** A file nested deeper was not written by us, and parsers recurse. */
const MAX_DEPTH = 200;

export interface SessionExport {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** ISO 8601, UTC. */
  readonly exportedAt: string;
  /** Only the messages that the user chose are in it. */
  readonly chosen?: boolean | undefined;
  /** So many secrets were replaced by placeholders, everywhere in the file. */
  readonly maskedSecrets?: number | undefined;
  readonly session: SessionInfo;
  readonly attachments: readonly Attachment[];
  readonly messages: readonly Message[];
}

const schema = z.looseObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  exportedAt: z.string(),
  chosen: z.optional(z.boolean()),
  maskedSecrets: z.optional(z.number()),
  session: sessionInfoSchema,
  attachments: z.array(attachmentSchema),
  messages: z.array(messageSchema),
});

export interface ExportChoice {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Ids of the messages to keep; undefined = all. */
  readonly messages?: ReadonlySet<string> | undefined;
}

/** Everything that is known of a session. An imported one gives what it was made of. */
export function exportOf(state: SessionState, { now, messages }: ExportChoice): SessionExport {
  const { imported } = state.local ?? {};
  const { attachments: _listed, ...info } = state.info;
  const document = {
    format: FORMAT,
    version: VERSION,
    exportedAt: new Date(now).toISOString(),
    ...imported?.envelope,
    ...(messages === undefined ? {} : { chosen: true }),
    session: { ...info, id: imported?.sessionId ?? info.id },
    attachments: state.attachments,
    messages: messages === undefined ? state.messages : state.messages.filter((message) => messages.has(message.id)),
  };
  return read(jsonValue(document));
}

/** The file's text. The same document always gives the same text. */
export function encodeExport(document: SessionExport): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Rejects what is no exported session with `invalidArgument` that names what is wrong with it. */
export function parseExport(text: string): SessionExport {
  let value: unknown;
  try {
    if (depthOf(text) > MAX_DEPTH) throw new Error('nested too deeply');
    value = JSON.parse(text, /__proto__|\\u005f/i.test(text) ? withoutPrototype : undefined);
  } catch (error) {
    throw notOurs('This file is not JSON.', error);
  }
  const head = z.looseObject({ format: z.string(), version: z.number() }).safeParse(value);
  if (!head.success || head.data.format !== FORMAT)
    throw notOurs('This file is no exported Sec-Gemini session.', undefined);
  if (head.data.version > VERSION)
    throw new SecGeminiError('invalidArgument', `This file has format version ${head.data.version}.`, {
      action: `Update the extension: this version reads up to ${VERSION}.`,
    });
  return read(value);
}

/** What an imported session is here: its info under its new id, and the facts that give the file back. */
export function importedSession(
  document: SessionExport,
  id: string,
  at: number,
): { readonly info: SessionInfo; readonly local: LocalFacts } {
  const { session, attachments, messages: _messages, ...envelope } = document;
  return {
    // What it was doing when it was exported, it does no longer.
    info: { ...session, id, attachments },
    local: { imported: { at, sessionId: session.id, envelope } },
  };
}

/** Through the schema: known fields come in its order, unknown ones behind them. */
function read(value: unknown): SessionExport {
  const checked = schema.safeParse(value, inWords);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new SecGeminiError('invalidArgument', 'This exported session is damaged.', {
    action: 'Export it again.',
    fields: checked.error.issues.slice(0, 5).map(({ path, message }) => ({ path: path.join('.'), message })),
    cause: issue === undefined ? undefined : new Error(`${issue.path.join('.')}: ${issue.message}`),
  });
}

function notOurs(message: string, cause: unknown): SecGeminiError {
  return new SecGeminiError('invalidArgument', message, {
    action: 'Choose a file that "Export Session…" made as JSON.',
    cause,
  });
}

/** A copy of plain JSON values: bytes of unknown wire fields as base64, whole numbers beyond 2^53 as text. */
export function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? (Object.is(value, -0) ? 0 : value) : null;
  if (value instanceof Uint8Array) return { $base64: btoa(String.fromCharCode(...value)) };
  if (Array.isArray(value)) return value.map((item) => jsonValue(item) ?? null);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, jsonValue(item)]),
  );
}

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

/** Brackets outside strings, without parsing. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 92) at += 1;
      else if (code === 34) quoted = false;
    } else if (code === 34) quoted = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return deepest;
}
