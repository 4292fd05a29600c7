/** v1 wire -> the house's nouns. Pure; the only code that knows what v1's fields mean. */

import { type ErrorCode, type ErrorInfo, type InvalidField, SecGeminiError, errorInfo } from '../../core/errors.ts';
import type {
  Account,
  Attachment,
  Message,
  MessageKind,
  MessageStatus,
  RenderAs,
  Sender,
  SessionInfo,
  SessionStatus,
  Usage,
} from '../../core/model.ts';
import { derivedId } from '../derived-id.ts';
import { foreignId } from '../foreign-id.ts';
import { FRAME_LIMITS, parseJson } from '../json.ts';
import {
  type WireFile,
  type WireMessage,
  type WireSession,
  type WireUsage,
  type WireUserInfo,
  fileSchema,
  messageSchema,
  refusalSchema,
} from './wire.ts';

/** parent_id of a message that answers nothing. */
export const ROOT_PARENT = '3713';
export const PARTIAL_CONTENT = 206;

/** Decodes one frame of the socket. Throws SecGeminiError `protocol` (or `tooLarge`) for what is no message. */
export function decodeFrame(text: string): WireMessage {
  return decodeMessage(parseJson(text, FRAME_LIMITS));
}

/** Validates one message of a frame or of a history. Throws `protocol`, naming the fields and none of their values. */
export function decodeMessage(value: unknown): WireMessage {
  const result = messageSchema.safeParse(named(value));
  if (result.success) return result.data;
  const fields = [...new Set(result.error.issues.map((issue) => issue.path.join('.') || 'the whole'))];
  throw new SecGeminiError(
    'protocol',
    `The service sent a message that makes no sense (${fields.slice(0, 5).join(', ')}).`,
  );
}

/** Every message of a list that can be read, with the number of those that cannot. */
export function decodeMessages(values: readonly unknown[]): { messages: WireMessage[]; skipped: number } {
  const messages: WireMessage[] = [];
  for (const value of values) {
    const result = messageSchema.safeParse(named(value));
    if (result.success) messages.push(result.data);
  }
  return { messages, skipped: values.length - messages.length };
}

/** These mean another message by their id. */
const BY_ID: ReadonlySet<unknown> = new Set(['update', 'delete']);

/** The reference gives a message without an id one by itself: so is it here, the same for the same message, on the socket and in the history. */
function named(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { id, message_type, parent_id, group, turn, created_at, timestamp, state, title, content } = value as Record<
    string,
    unknown
  >;
  if (typeof id === 'string' && foreignId(id) !== id) return { ...value, id: foreignId(id) };
  if ((id !== undefined && id !== null && id !== '') || BY_ID.has(message_type)) return value;
  return {
    ...value,
    id: derivedId(message_type, parent_id, group, turn, created_at, timestamp, state, title, content),
  };
}

const KINDS: Readonly<Record<string, MessageKind>> = {
  result: 'response',
  source: 'source',
  debug: 'debug',
  info: 'info',
  error: 'error',
  thinking: 'thinking',
  // Without the original they stand for what a result would.
  update: 'response',
  confirmation_request: 'confirmationRequest',
  confirmation_response: 'confirmationResponse',
  query: 'prompt',
  local_tool_call: 'toolCall',
  local_tool_result: 'toolResult',
};

function kindOf(wire: WireMessage): MessageKind {
  if (isHardError(wire)) return 'failure';
  if (wire.message_type === 'info') {
    // Our own convention for tools that run on the service (protocol/v1.md, "Unpublished").
    if (wire.state === 'end') return 'end';
    if (wire.state === 'calling_tool') return 'toolCall';
    if (wire.state === 'tool_result') return 'toolResult';
  }
  return (Object.hasOwn(KINDS, wire.message_type) ? KINDS[wire.message_type] : undefined) ?? 'unknown';
}

export function statusOf(wire: WireMessage): number {
  return wire.status_code ?? 200;
}

/** A message whose status ends the turn: everything but 200 and the pieces' 206. */
export function isHardError(wire: WireMessage): boolean {
  const status = statusOf(wire);
  return status !== 200 && status !== PARTIAL_CONTENT;
}

export function isPiece(wire: WireMessage): boolean {
  return statusOf(wire) === PARTIAL_CONTENT && wire.message_type !== 'update' && wire.message_type !== 'delete';
}

export function isEnd(wire: WireMessage): boolean {
  return wire.message_type === 'info' && wire.state === 'end';
}

const SEC_GEMINI_RENDER: ReadonlySet<string> = new Set<RenderAs>([
  'graph',
  'timeline',
  'table',
  'image',
  'code',
  'markdown',
  'json',
  'html',
  'canvas',
]);
/** Only what an `img` draws without running anything; SVG is not among them (trust.md S08). */
const RASTER: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

interface Drawn {
  readonly render: RenderAs;
  readonly mimeType: string;
  readonly content: string;
}

/** How the content wants to be drawn, and the content itself as `Message.content` promises it. */
export function drawn(wire: Pick<WireMessage, 'message_type' | 'mime_type' | 'content'>): Drawn {
  const content = wire.content ?? '';
  const given = (wire.mime_type ?? 'text/plain').trim().toLowerCase();
  const mime = given.split(';', 1)[0]?.trim() ?? '';
  if (mime === '' || mime === 'text/plain') {
    // A RESULT travels as text/plain although its content is Markdown (protocol/v1.md, "Measured").
    const markdown = wire.message_type === 'result' || wire.message_type === 'update';
    return { render: markdown ? 'markdown' : 'text', mimeType: 'text/plain', content };
  }
  if (mime === 'text/markdown') return { render: 'markdown', mimeType: mime, content };
  if (mime === 'text/html') return { render: 'html', mimeType: mime, content };
  if (mime === 'application/json' || mime === 'text/serialized-json')
    return { render: 'json', mimeType: mime, content };
  if (mime.startsWith('sec-gemini/')) {
    const name = mime.slice('sec-gemini/'.length);
    if (!SEC_GEMINI_RENDER.has(name)) return { render: 'unknown', mimeType: mime, content };
    if (name !== 'image') return { render: name as RenderAs, mimeType: mime, content };
    // The shape is unpublished: a data URL or bare base64 of a picture is one, anything else is shown as text.
    const bare = content.replace(/^data:image\/[a-z+]{1,16};base64,/i, '').trim();
    const sniffed = sniffImage(bare);
    return sniffed === undefined
      ? { render: 'text', mimeType: mime, content }
      : { render: 'image', mimeType: sniffed, content: bare };
  }
  if (mime.startsWith('text/')) {
    const code = mime !== 'text/csv' && mime !== 'text/x-log';
    return { render: code ? 'code' : 'text', mimeType: mime, content };
  }
  // Every other mime type carries base64.
  if (RASTER.has(mime) && isBase64(content)) return { render: 'image', mimeType: mime, content: content.trim() };
  return { render: 'unknown', mimeType: mime, content };
}

/** True for standard base64 with its padding; blanks inside are not taken. */
export function isBase64(content: string): boolean {
  const bare = content.trim();
  return bare.length > 0 && bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare);
}

const IMAGE_STARTS: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

function sniffImage(content: string): string | undefined {
  const known = IMAGE_STARTS.find(([start]) => content.startsWith(start));
  return known !== undefined && isBase64(content) ? known[1] : undefined;
}

function senderOf(role: string | null | undefined): Sender {
  return role === 'user' || role === 'system' ? role : 'agent';
}

/** Milliseconds since the epoch; 0 for what is no time. */
export function millis(seconds: number | null | undefined): number {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return 0;
  return seconds > 0 && seconds < 1e11 ? Math.round(seconds * 1000) : 0;
}

/** One message of the wire in the house's words. `raw` keeps it as it came. */
export function toMessage(wire: WireMessage, sessionId: string): Message {
  const kind = kindOf(wire);
  const { render, mimeType, content } = drawn(wire);
  const failed = kind === 'failure' || kind === 'error';
  const turn = Number(wire.turn ?? Number.NaN);
  const status: MessageStatus = kind === 'failure' ? 'error' : isPiece(wire) ? 'streaming' : 'complete';
  return {
    id: wire.id,
    sessionId,
    parentId: wire.parent_id === ROOT_PARENT ? undefined : (wire.parent_id ?? undefined),
    ...(Number.isSafeInteger(turn) ? { turn } : {}),
    ...(wire.group ? { group: wire.group } : {}),
    kind,
    sender: senderOf(wire.role),
    author: wire.actor ?? '',
    title: wire.title ?? '',
    content,
    render,
    mimeType,
    status,
    ...(wire.state ? { activity: wire.state === 'retriving' ? 'retrieving' : wire.state } : {}),
    createdAt: millis(wire.created_at ?? wire.timestamp),
    ...(wire.usage && hasTokens(wire.usage) ? { usage: toUsage(wire.usage) } : {}),
    ...(failed ? { error: messageError(wire) } : {}),
    raw: wire,
  };
}

/** What an error message of the stream means for the user. */
export function messageError(wire: WireMessage): ErrorInfo {
  const said = (wire.content ?? '').trim() || (wire.status_message ?? '').trim() || 'The service reported a failure.';
  return errorInfo(statusError(statusOf(wire), said.slice(0, 2000), wire.status_message ?? ''));
}

/** Maps a v1 status_code (of an OpResult, a message or a SessionResponse) to an error. Not for HTTP's own statuses: see http.ts. */
export function statusError(status: number, message: string, statusMessage = ''): SecGeminiError {
  const options = { status };
  const gone = /\bexpired\b/i.test(statusMessage) || /\bexpired\b/i.test(message);
  if (status === 410 || (status === 404 && gone)) return new SecGeminiError('expired', message, options);
  if (status === 404 || /not found/i.test(statusMessage)) return new SecGeminiError('notFound', message, options);
  const code = codeOfStatus(status);
  if (code === 'unavailable' && status >= 500)
    return new SecGeminiError(code, message, {
      ...options,
      action: 'Ask again; if it stays so, send a bug report from this session.',
    });
  return new SecGeminiError(code, message, options);
}

/** The code for an HTTP-like status. */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated';
  if (status === 402 || status === 403 || status === 451) return 'permissionDenied';
  if (status === 404) return 'notFound';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 410) return 'expired';
  if (status === 413) return 'tooLarge';
  if (status === 429) return 'rateLimited';
  if (status >= 500) return 'unavailable';
  if (status === 400 || status === 409 || status === 412 || status === 415 || status === 422) return 'invalidArgument';
  return 'protocol';
}

/** The fields that a 422 names, and the sentence of any other refusal. */
export function decodeRefusal(body: unknown): { message: string | undefined; fields: readonly InvalidField[] } {
  const result = refusalSchema.safeParse(body);
  if (!result.success) return { message: undefined, fields: [] };
  const { detail } = result.data;
  if (typeof detail === 'string') return { message: detail.slice(0, 500), fields: [] };
  const fields = detail
    .slice(0, 20)
    .map((item) => ({ path: item.loc.join('.').slice(0, 200), message: item.msg.slice(0, 300) }));
  return { message: undefined, fields };
}

function hasTokens(usage: WireUsage): boolean {
  return (usage.total_tokens ?? 0) > 0 || (usage.prompt_tokens ?? 0) > 0 || (usage.generated_tokens ?? 0) > 0;
}

export function toUsage(usage: WireUsage): Usage {
  const count = (...values: (number | null | undefined)[]): number =>
    values.find((value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0) ?? 0;
  const promptTokens = count(usage.prompt_tokens);
  const generatedTokens = count(usage.generated_tokens);
  return {
    promptTokens,
    generatedTokens,
    thinkingTokens: count(usage.thoughts_token_count, usage.thoughts_total_tokens),
    cachedTokens: count(usage.cached_token_count, usage.cached_total_tokens),
    toolTokens: count(usage.tool_use_prompt_token_count),
    totalTokens: count(usage.total_tokens, promptTokens + generatedTokens),
  };
}

/** The files of a session that can be read. v1 has no file id: it is made of hash, name and occurrence, so it survives another's detach. */
export function toAttachments(files: readonly unknown[] | null | undefined): Attachment[] {
  const seen = new Map<string, number>();
  return (files ?? []).map((value) => {
    const file = fileSchema.safeParse(value);
    // An unreadable entry keeps its place: detach goes by position.
    const wire: WireFile = file.success
      ? file.data
      : { name: '(unreadable)', size: null, sha256: null, mime_type: null, content_type_label: null };
    const key = `${(wire.sha256 ?? '').toLowerCase()}/${wire.name}`;
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    return toAttachment(wire, occurrence);
  });
}

export function toAttachment(wire: WireFile, occurrence: number): Attachment {
  const sha256 = wire.sha256?.toLowerCase() ?? '';
  return {
    id: `${sha256 || '-'}:${occurrence}:${wire.name}`,
    name: wire.name,
    ...(typeof wire.size === 'number' ? { size: wire.size } : {}),
    ...(/^[0-9a-f]{64}$/.test(sha256) ? { sha256 } : {}),
    ...(wire.mime_type ? { mimeType: wire.mime_type } : {}),
    ...(wire.content_type_label ? { contentLabel: wire.content_type_label } : {}),
  };
}

/** v1 has no running state of its own: a session whose transcript's last turn has no end is running. */
function statusOfSession(wire: WireSession): SessionStatus {
  const last = wire.messages?.findLast((value) => messageSchema.safeParse(value).success);
  if (last === undefined) return 'idle';
  const message = messageSchema.parse(last);
  if (isEnd(message)) return 'idle';
  return isHardError(message) ? 'failed' : 'running';
}

export function toSessionInfo(wire: WireSession): SessionInfo {
  const updatedAt = millis(wire.update_time);
  const ttl = typeof wire.ttl === 'number' && wire.ttl > 0 ? wire.ttl : undefined;
  const { messages: _messages, ...raw } = wire;
  return {
    id: wire.id,
    protocol: 'v1',
    name: wire.name ?? '',
    description: wire.description ?? '',
    status: statusOfSession(wire),
    createdAt: millis(wire.create_time),
    updatedAt,
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    ...(ttl === undefined || updatedAt === 0 ? {} : { expiresAt: updatedAt + ttl * 1000 }),
    ...(typeof wire.can_log === 'boolean' ? { logging: wire.can_log } : {}),
    ...(typeof wire.num_messages === 'number' ? { messageCount: wire.num_messages } : {}),
    ...(wire.usage ? { usage: toUsage(wire.usage) } : {}),
    ...(wire.files ? { attachments: toAttachments(wire.files) } : {}),
    ...(wire.language ? { language: wire.language } : {}),
    ...(wire.model?.model_string ? { model: wire.model.model_string } : {}),
    raw,
  };
}

export function toAccount(wire: WireUserInfo): Account {
  const { user } = wire;
  const expires = millis(user.key_expire_time);
  const positive = (value: number | null | undefined): number | undefined => (value && value > 0 ? value : undefined);
  return {
    userId: user.id,
    organisation: user.org_id || undefined,
    neverLogs: user.never_log ?? undefined,
    mayDisableLogging: user.can_disable_logging ?? undefined,
    keyExpiresAt: expires === 0 ? undefined : expires,
    tokensPerMinute: positive(user.tpm),
    requestsPerMinute: positive(user.rpm),
    models: (wire.available_models ?? []).map((model) => ({
      name: model.model_string ?? model.model_name ?? '',
      version: model.version ?? '',
      description: model.description ?? '',
      experimental: model.use_experimental ?? false,
    })),
  };
}
