/** v1's HTTP calls: method, path, and what each answers. The account is known by then; bodies are read here. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account } from '../accounts.ts';
import type { Answer } from '../engine/types.ts';
import { checked, HttpError, readJson } from '../net/http.ts';
import type { Clock } from '../state/clock.ts';
import { Refusal } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { completeChat, promptsOf } from './chat-completions.ts';
import { QuotaExceeded } from './conversations.ts';
import type { Conversations } from './conversations.ts';
import { LOCAL_MODEL, publicSession, publicUser } from './session-view.ts';
import type { SessionCalls } from './sessions.ts';
import * as shapes from './shapes.ts';
import type { OpResult } from './shapes.ts';

/** Base64 of the largest file and the fields around it. */
const ATTACH_BYTES = 96 * 1024 * 1024;
/** An update may carry the session's whole history along. */
const BODY_BYTES = 64 * 1024 * 1024;

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly account: Account;
  readonly query: Readonly<Record<string, string>>;
}

export interface V1Parts {
  readonly store: Store;
  readonly calls: SessionCalls;
  readonly conversations: Conversations;
  readonly answer: Answer;
  readonly clock: Clock;
}

type Handler = (call: Call) => Promise<unknown>;
type Route = Readonly<Partial<Record<'GET' | 'POST', Handler>>>;

/** The routes by path. A handler's value is the body of a 200; undefined = it has answered itself. */
export function createRoutes({ store, calls, conversations, answer, clock }: V1Parts): ReadonlyMap<string, Route> {
  /** Runs a change and answers with its OpResult, which is on the disk by then. */
  const op = async (run: () => Promise<Partial<OpResult>> | Partial<OpResult>): Promise<OpResult> => {
    const start = performance.now();
    const finish = (ok: boolean, status_code: number, rest: Partial<OpResult>): OpResult => ({
      ...{ ok, status_code, status_message: rest.status_message ?? 'OK', data: rest.data ?? null },
      ...{ mime_type: rest.mime_type ?? 'text/plain', latency: (performance.now() - start) / 1000 },
    });
    try {
      const result = await run();
      await store.settled();
      return finish(true, 200, result);
    } catch (error) {
      if (error instanceof Refusal) return finish(false, error.status, { status_message: error.message });
      throw error;
    }
  };

  const userInfo: Handler = async ({ account }) => ({
    user: publicUser(account),
    sessions: calls.list(account).map((session) => publicSession(session, account, false)),
    available_models: [LOCAL_MODEL],
  });
  const list: Handler = async ({ account }) =>
    calls.list(account).map((session) => publicSession(session, account, false));
  const get: Handler = async ({ account, query }) => {
    const { session_id } = checked(query, shapes.sessionQuerySchema, 'query');
    const session = store.session(account.id, session_id);
    return session?.protocol === 'v1' ? publicSession(session, account, true) : null;
  };
  const sessionOp =
    (run: (account: Account, input: shapes.SessionInput) => Partial<OpResult>): Handler =>
    async ({ request, account }) => {
      const input = await readJson(request, shapes.sessionInputSchema, BODY_BYTES);
      return op(() => run(account, input));
    };
  const attachFile: Handler = async ({ request, account }) => {
    const input = await readJson(request, shapes.attachmentSchema, ATTACH_BYTES);
    return op(() => calls.attachFile(account, input));
  };
  const detachFile: Handler = async ({ request, account }) => {
    const input = await readJson(request, shapes.detachSchema, BODY_BYTES);
    return op(() => calls.detachFile(account, input));
  };
  const feedback: Handler = async ({ request, account }) => {
    const input = await readJson(request, shapes.feedbackSchema, BODY_BYTES);
    return op(() => calls.feedback(account, input));
  };
  const attachLogs: Handler = async ({ account, query }) => {
    const input = checked(query, shapes.attachLogsSchema, 'query');
    return op(() => calls.attachLogs(account, input));
  };
  const generateName: Handler = async ({ account, query }) => {
    const { session_id } = checked(query, shapes.sessionQuerySchema, 'query');
    return op(() => calls.generateName(account, session_id));
  };

  const generate: Handler = async ({ request, account }) => {
    const { id, messages, local_tools } = await readJson(request, shapes.generateSchema, BODY_BYTES);
    const empty = { id, messages: [], usage: shapes.noUsage() };
    const session = store.session(account.id, id);
    if (session?.protocol !== 'v1') return { ...empty, status_code: 404, status_message: 'Session not found' };
    const query = messages.findLast(({ message_type }) => message_type === 'query') ?? messages.at(-1);
    if (query === undefined)
      throw new HttpError(422, [
        { type: 'too_short', loc: ['body', 'messages'], msg: 'List should have at least 1 item' },
      ]);
    const moreTools = local_tools.map(({ name }) => name);
    const turn = conversations.ask(
      session,
      account,
      { ...query, message_type: 'query' },
      { hasSocket: false, moreTools },
    );
    if (turn === undefined)
      return { ...empty, status_code: 409, status_message: 'A message of this id was sent before' };
    const outcome = await turn.ended;
    if (outcome === 'cancelled') return { ...empty, status_code: 404, status_message: 'Session not found' };
    if (outcome === 'stopped') throw new HttpError(503, 'The sandbox is stopping; the answer will be in the history.');
    const said = session.messages
      .filter((message) => turn.stored.said.includes(message.id))
      .map((one) => shapes.messageSchema.parse(one));
    const error = said.find(({ message_type }) => message_type === 'error');
    const usage = said.find(({ message_type }) => message_type === 'result')?.usage ?? shapes.noUsage();
    return {
      id,
      messages: said,
      status_code: error?.status_code ?? 200,
      status_message: error?.status_message ?? 'OK',
      usage,
    };
  };

  const chat: Handler = async ({ request, response, account }) => {
    const input = await readJson(request, shapes.chatSchema, ATTACH_BYTES);
    conversations.charge(account, promptsOf(input).at(-1) ?? '');
    await completeChat(input, response, answer, clock);
    return undefined;
  };

  const createTable: Handler = async ({ account, query }) => {
    const { logs_hash, can_log } = checked(query, shapes.createTableSchema, 'query');
    const table_created = store.logs.create(account.id, logs_hash, /^(?:true|1)$/i.test(can_log));
    await store.settled();
    return { table_created };
  };
  const uploadLogs: Handler = async ({ request, account }) => {
    const { logs_hash, log_lines, custom_fields_mapping } = await readJson(
      request,
      shapes.uploadLogsSchema,
      BODY_BYTES,
    );
    const lines = joined(log_lines);
    for (const [index, line] of lines.entries()) checkLine(line, index);
    const inserted_log_lines = store.logs.append(account.id, logs_hash, lines, custom_fields_mapping ?? {});
    await store.settled();
    return { inserted_log_lines };
  };

  return new Map<string, Route>([
    ['/v1/user/info', { GET: userInfo }],
    ['/v1/session/list', { GET: list }],
    ['/v1/session/get', { GET: get }],
    ['/v1/session/register', { POST: sessionOp((account, input) => calls.register(account, input)) }],
    ['/v1/session/update', { POST: sessionOp((account, input) => calls.update(account, input)) }],
    ['/v1/session/delete', { POST: sessionOp((account, { id }) => calls.delete(account, id)) }],
    ['/v1/session/attach_file', { POST: attachFile }],
    ['/v1/session/detach_file', { POST: detachFile }],
    ['/v1/session/attach_logs', { POST: attachLogs }],
    ['/v1/session/feedback', { POST: feedback }],
    ['/v1/session/generate', { POST: generate }],
    // GET in the service's openapi.json; some clients POST.
    ['/v1/session/generate_name', { GET: generateName, POST: generateName }],
    [
      '/v1/system/diagnostic',
      { GET: async () => ({ status: 'ok', sandbox: true, sessions: store.sessions().length }) },
    ],
    ['/chat/completions', { POST: chat }],
    ['/create_logs_table', { POST: createTable }],
    ['/upload_logs', { POST: uploadLogs }],
  ]);
}

/** What a thrown error says over HTTP; undefined = not one of ours. */
export function httpErrorOf(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (error instanceof QuotaExceeded)
    return new HttpError(429, error.message, { 'retry-after': String(error.retryAfter) });
  if (error instanceof Refusal) return new HttpError(error.status, error.message);
  return undefined;
}

/** The official client cuts lines where Python does, so also at the separators that a JSON text may hold: such pieces are one line again. */
function joined(pieces: readonly string[]): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last !== undefined && /[\u0085\u2028\u2029]$/.test(last)) lines[lines.length - 1] = last + piece;
    else lines.push(piece);
  }
  return lines;
}

function checkLine(line: string, index: number): void {
  try {
    if (line.trim() === '' || typeof JSON.parse(line) === 'object') return;
  } catch {
    // The same answer as for a line that is JSON but no object.
  }
  throw new HttpError(422, [
    { type: 'value_error', loc: ['body', 'log_lines', index], msg: 'Every line should be a JSON object' },
  ]);
}
