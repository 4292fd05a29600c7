/** The calls of v1, one function each, with answers checked. Shared by the session object and by the house's client. */

import { randomUUID } from 'node:crypto';
import type { AttachOptions, CreateSessionOptions, SessionPatch, Upload } from '../../core/client.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type * as z from 'zod/mini';
import { statusError } from './codec.ts';
import { attachmentBody } from './files.ts';
import { type Context, type RequestOptions, request } from './http.ts';
import {
  type WireFile,
  type WireMessage,
  type WireOpResult,
  type WireSession,
  type WireUserInfo,
  fileSchema,
  generateSchema,
  opResultSchema,
  sessionListSchema,
  sessionSchema,
  userInfoSchema,
} from './wire.ts';
import { decodeMessages } from './codec.ts';

/** The shortest life that the service takes, in seconds. */
export const MIN_TTL_SECONDS = 300;
/** The reference's default; sent explicitly because the official clients disagree about it. */
export const DEFAULT_TTL_SECONDS = 86_400;
/** History while a turn runs: a dead HTTP side must not hold up a living socket for long. */
const HISTORY_RESPONSE_MS = 15_000;

export class Api {
  readonly #context: Context;
  #userInfo: WireUserInfo | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  async userInfo(signal?: AbortSignal): Promise<WireUserInfo> {
    const value = await this.#call({ method: 'GET', path: '/v1/user/info', signal });
    this.#userInfo = this.check(userInfoSchema, value, 'the account');
    return this.#userInfo;
  }

  /** Sessions in the service's order (creation). One that cannot be read is left out and logged. */
  async sessions(signal?: AbortSignal): Promise<WireSession[]> {
    const value = await this.#call({ method: 'GET', path: '/v1/session/list', signal });
    const list = this.check(sessionListSchema, value, 'the sessions');
    return list.flatMap((item) => {
      const session = sessionSchema.safeParse(item);
      if (!session.success) this.#context.log('warn', 'A session in the list is unreadable and left out.');
      return session.success ? [session.data] : [];
    });
  }

  /** Undefined = the service does not know it: a 200 with `null` (protocol/v1.md), or a plain 404. */
  async find(sessionId: string, signal?: AbortSignal): Promise<WireSession | undefined> {
    let value: unknown;
    try {
      value = await this.#call({
        method: 'GET',
        path: '/v1/session/get',
        query: { session_id: sessionId },
        signal,
        responseMs: HISTORY_RESPONSE_MS,
      });
    } catch (error) {
      if (error instanceof SecGeminiError && (error.code === 'notFound' || error.code === 'expired')) return undefined;
      throw error;
    }
    return value === null ? undefined : this.check(sessionSchema, value, 'the session');
  }

  async get(sessionId: string, signal?: AbortSignal): Promise<WireSession> {
    const session = await this.find(sessionId, signal);
    if (session === undefined)
      throw new SecGeminiError('notFound', 'The service does not know this session: it expired or was deleted.');
    return session;
  }

  /** The transcript that can be read; undefined = no such session. */
  async history(sessionId: string, signal?: AbortSignal): Promise<WireMessage[] | undefined> {
    const session = await this.find(sessionId, signal);
    if (session === undefined) return undefined;
    const { messages, skipped } = decodeMessages(session.messages ?? []);
    if (skipped > 0) this.#context.log('warn', `${skipped} messages of the history are unreadable and left out.`);
    return messages;
  }

  /** Registers a session whose id is made here, and reads back what the service made of it. */
  async create(options: CreateSessionOptions, signal?: AbortSignal): Promise<WireSession> {
    const ttl = checkTtl(options.ttlSeconds ?? DEFAULT_TTL_SECONDS);
    const info = this.#userInfo ?? (await this.userInfo(signal));
    const models = info.available_models ?? [];
    const wanted = options.model;
    const model =
      wanted === undefined
        ? (models.find((item) => item.use_experimental !== true) ?? models[0])
        : models.find((item) => item.model_string === wanted || item.model_name === wanted);
    if (wanted !== undefined && model === undefined)
      throw new SecGeminiError('invalidArgument', `The account has no model "${wanted}".`, {
        fields: [{ path: 'model', message: `one of ${models.map((item) => item.model_string ?? '').join(', ')}` }],
      });
    const seconds = this.#context.clock.wall() / 1000;
    const id = randomUUID();
    const body = {
      id,
      user_id: info.user.id,
      org_id: info.user.org_id ?? '',
      model: model ?? {
        model_name: 'sec-gemini',
        version: '1.1',
        model_string: 'sec-gemini-1.1',
        use_experimental: false,
        description: '',
        toolsets: [],
      },
      ttl,
      language: options.language ?? 'en',
      turns: 0,
      name: options.name?.trim() || nameFor(this.#context.clock.wall()),
      description: options.description ?? '',
      create_time: seconds,
      update_time: seconds,
      num_messages: 0,
      messages: [],
      usage: {
        prompt_tokens: 0,
        generated_tokens: 0,
        total_tokens: 0,
        cached_token_count: 0,
        thoughts_token_count: 0,
        tool_use_prompt_token_count: 0,
        prompt_tokens_details: [],
      },
      can_log: info.user.never_log === true ? false : (options.logging ?? true),
      state: 'start',
      files: [],
      logs_table: null,
      local_tools: [],
      agents_config: {},
    };
    await this.operation({ method: 'POST', path: '/v1/session/register', json: body, signal });
    return this.get(id, signal);
  }

  /** Sends the whole session back with the changes, as v1 wants it, unknown fields included. */
  async update(sessionId: string, patch: SessionPatch, signal?: AbortSignal): Promise<WireSession> {
    if (patch.ttlSeconds !== undefined) checkTtl(patch.ttlSeconds);
    if (patch.name?.trim() === '')
      throw new SecGeminiError('invalidArgument', 'A session needs a name.', {
        fields: [{ path: 'name', message: 'must not be empty' }],
      });
    const session = await this.get(sessionId, signal);
    const changed = {
      ...session,
      ...(patch.name === undefined ? {} : { name: patch.name.trim() }),
      ...(patch.description === undefined ? {} : { description: patch.description }),
      ...(patch.ttlSeconds === undefined ? {} : { ttl: patch.ttlSeconds }),
    };
    await this.operation({ method: 'POST', path: '/v1/session/update', json: changed, signal });
    return this.get(sessionId, signal);
  }

  /** Names the tools that the session's client offers, in the place of those it named before. */
  async offerTools(sessionId: string, tools: readonly object[], signal?: AbortSignal): Promise<void> {
    const session = await this.get(sessionId, signal);
    const changed = { ...session, local_tools: tools };
    await this.operation({ method: 'POST', path: '/v1/session/update', json: changed, signal });
  }

  async delete(sessionId: string, signal?: AbortSignal): Promise<void> {
    const session = await this.get(sessionId, signal);
    // The transcript says nothing about what is to be deleted and may be large.
    await this.operation({ method: 'POST', path: '/v1/session/delete', json: { ...session, messages: [] }, signal });
  }

  /** Streams the file. The service's own hash must be that of what was sent. */
  async attach(sessionId: string, upload: Upload, options: AttachOptions = {}): Promise<WireFile> {
    const body = attachmentBody(sessionId, upload, options.onProgress);
    const result = await this.operation({
      method: 'POST',
      path: '/v1/session/attach_file',
      source: body,
      signal: options.signal,
      // The service looks at the whole file before it answers.
      responseMs: 5 * 60_000,
    });
    const file = this.check(fileSchema, result.data, 'the attached file');
    if (file.sha256 && file.sha256.toLowerCase() !== body.sha256())
      throw new SecGeminiError('protocol', `The service stored other bytes of ${upload.name} than were sent.`, {
        action: 'Detach the file and attach it again.',
      });
    return file;
  }

  /** `index` is the position in `files` at this moment. */
  async detach(sessionId: string, index: number, signal?: AbortSignal): Promise<void> {
    await this.operation({
      method: 'POST',
      path: '/v1/session/detach_file',
      json: { session_id: sessionId, file_idx: index },
      signal,
    });
  }

  async feedback(
    sessionId: string,
    feedback: { type: 'user_feedback' | 'bug_report'; score: number; comment: string; groupId?: string | undefined },
    signal?: AbortSignal,
  ): Promise<void> {
    const { groupId, ...rest } = feedback;
    await this.operation({
      method: 'POST',
      path: '/v1/session/feedback',
      json: { session_id: sessionId, ...(groupId === undefined ? {} : { group_id: groupId }), ...rest },
      signal,
    });
  }

  /** One turn without a socket; resolves when it is over. */
  async generate(sessionId: string, query: unknown, signal?: AbortSignal): Promise<WireMessage[]> {
    const value = await this.#call({
      method: 'POST',
      path: '/v1/session/generate',
      json: { id: sessionId, messages: [query], local_tools: [] },
      signal,
      responseMs: 10 * 60_000,
    });
    const answer = this.check(generateSchema, value, 'the answer');
    const status = answer.status_code ?? 200;
    if (status !== 200) {
      const message = this.#context.redact(answer.status_message ?? 'The service reported a failure.');
      throw statusError(status, message, message);
    }
    return decodeMessages(answer.messages ?? []).messages;
  }

  /** A call that answers with an OpResult: throws unless it says ok. */
  async operation(options: RequestOptions): Promise<WireOpResult> {
    const result = this.check(opResultSchema, await this.#call(options), 'the operation');
    // Silence is no yes: one of the two has to be there.
    const said = typeof result.ok === 'boolean' ? (result.ok ? 200 : 500) : undefined;
    const status = result.status_code ?? said;
    if (status === undefined)
      throw new SecGeminiError('protocol', 'The service did not say whether the operation worked.', {
        action: 'Refresh the sessions to see what became of it.',
      });
    if (status >= 200 && status < 300 && result.ok !== false) return result;
    const message = this.#context.redact((result.status_message ?? '').trim().slice(0, 500));
    throw statusError(status, message === '' ? `The service refused (${status}).` : message, message);
  }

  /** Validates; the error names the fields, never their values. */
  check<T>(schema: z.ZodMiniType<T>, value: unknown, what: string): T {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const fields = [...new Set(result.error.issues.map((issue) => issue.path.join('.') || 'the whole'))].slice(0, 5);
    throw new SecGeminiError('protocol', `What the service sent as ${what} makes no sense (${fields.join(', ')}).`);
  }

  #call(options: RequestOptions): Promise<unknown> {
    return request(this.#context, options);
  }
}

/** Throws `invalidArgument` for a life that the service refuses. */
export function checkTtl(seconds: number): number {
  if (!Number.isSafeInteger(seconds) || seconds < MIN_TTL_SECONDS)
    throw new SecGeminiError('invalidArgument', `A session lives at least ${MIN_TTL_SECONDS} seconds.`, {
      fields: [{ path: 'ttl', message: `at least ${MIN_TTL_SECONDS}` }],
    });
  return seconds;
}

function nameFor(wallMs: number): string {
  const date = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `Session ${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
