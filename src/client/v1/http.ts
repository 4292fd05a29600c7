/** HTTP as v1 speaks it: one request, one bounded answer, every failure a SecGeminiError. */

// The bare names, not `node:http`: VS Code's extension host patches exactly these for proxies and certificates (see transport.ts).
import http from 'http';
import https from 'https';
import type { Endpoint } from '../../core/endpoint.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Clock } from '../clock.ts';
import { BODY_LIMITS, parseJson } from '../json.ts';
import { type TransportOptions, connectionOptions } from '../transport.ts';
import { networkError } from '../network-error.ts';
import { parseRetryAfter } from '../retry-after.ts';
import { codeOfStatus, decodeRefusal } from './codec.ts';

export type LogLevel = 'trace' | 'info' | 'warn' | 'error';

/** What every part of the v1 client shares. `redact` is applied to each text that leaves it. */
export interface Context {
  readonly endpoint: Endpoint;
  readonly apiKey: string;
  readonly transport: TransportOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (level: LogLevel, text: string) => void;
  readonly redact: (text: string) => string;
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal;
  readonly timeouts: Timeouts;
}

export interface Timeouts {
  /** From the start of a request to the head of its answer, once the body is sent. */
  readonly responseMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** Until a WebSocket stands. */
  readonly handshakeMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = { responseMs: 60_000, idleMs: 60_000, handshakeMs: 15_000 };

/** Sent in `x-sdk-version`; the service's own clients send theirs. */
export const SDK_VERSION = '0.1.0';

/** What came in, without the key: a service that repeats it must not bring it into the transcript. Verbatim in every other case. */
export function withoutKey(context: Pick<Context, 'apiKey' | 'redact'>, text: string): string {
  return text.includes(context.apiKey) ? context.redact(text) : text;
}

/** A body that is made while it is sent; `length` is exact. */
export interface BodySource {
  readonly length: number;
  chunks(): AsyncIterable<Uint8Array>;
}

export interface RequestOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly json?: unknown;
  readonly source?: BodySource | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Another service than the client's own (the logs service); the key is sent there too. */
  readonly endpoint?: Endpoint | undefined;
  /** Defaults to the context's. */
  readonly responseMs?: number | undefined;
}

/** Sends one request and gives the parsed JSON of a 2xx answer. Redirects are refused: the key belongs to one origin. */
export function request(context: Context, options: RequestOptions): Promise<unknown> {
  const endpoint = options.endpoint ?? context.endpoint;
  const started = context.clock.now();
  const label = `${options.method} ${options.path}`;
  const once = (): Promise<Answer> => exchange(context, endpoint, options);
  // A connection that was kept may be closed by the other side at the moment of its next use. Asking changes nothing, so it is asked once more.
  const answered = once().catch((error: unknown) =>
    error instanceof StaleConnection ? once() : Promise.reject(error),
  );
  return answered.then(
    (answer) => {
      context.log(
        'trace',
        context.redact(`${label}: ${answer.status} in ${Math.round(context.clock.now() - started)} ms`),
      );
      return readAnswer(context, answer);
    },
    (error: unknown) => {
      const known = networkError(context, error instanceof StaleConnection ? error.cause : error);
      context.log(
        known.code === 'cancelled' ? 'trace' : 'warn',
        context.redact(`${label}: ${known.code}: ${known.message}`),
      );
      throw known;
    },
  );
}

/** A question went down with a kept connection before anything of an answer came. */
class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  readonly body: string;
}

function exchange(context: Context, endpoint: Endpoint, options: RequestOptions): Promise<Answer> {
  const { signal } = options;
  if (context.closed.aborted || signal?.aborted === true) return Promise.reject(cancelled());
  const json = options.json === undefined ? undefined : Buffer.from(JSON.stringify(options.json), 'utf8');
  const search = options.query === undefined ? '' : `?${new URLSearchParams(options.query).toString()}`;
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  return new Promise<Answer>((resolve, reject) => {
    const abort = new AbortController();
    let cancelTimer = (): void => undefined;
    const settle = (): void => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      context.closed.removeEventListener('abort', onAbort);
    };
    const fail = (error: unknown): void => {
      settle();
      abort.abort();
      message.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const onAbort = (): void => fail(cancelled());
    const message = (endpoint.secure ? https : http).request({
      host,
      port: endpoint.port,
      method: options.method,
      path: `${options.path}${search}`,
      headers: {
        accept: 'application/json',
        'x-api-key': context.apiKey,
        'x-sdk': 'sec-gemini-vscode',
        'x-sdk-version': SDK_VERSION,
        ...(json === undefined && options.source === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.method === 'POST' ? { 'content-length': json?.length ?? options.source?.length ?? 0 } : {}),
      },
      ...connectionOptions(context.transport, { secure: endpoint.secure, host, port: endpoint.port }),
    } as http.RequestOptions);
    signal?.addEventListener('abort', onAbort, { once: true });
    context.closed.addEventListener('abort', onAbort, { once: true });
    message.setTimeout(context.timeouts.idleMs, () => fail(timeout('The connection was silent for too long.')));
    let isAnswered = false;
    message.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = options.method === 'GET' && message.reusedSocket && !isAnswered && error.code === 'ECONNRESET';
      fail(isStale ? new StaleConnection(error.code, { cause: error }) : error);
    });
    message.on('response', (response) => {
      isAnswered = true;
      // An early answer (413, 401) ends an upload that is still going on.
      abort.abort();
      collect(response).then((body) => {
        settle();
        if (!message.writableFinished) message.destroy();
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          location: response.headers.location,
          body,
        });
      }, fail);
    });
    const sent = (): void => {
      // Ended before the body was out: nobody waits for an answer any more.
      if (abort.signal.aborted) return;
      cancelTimer = context.clock.after(options.responseMs ?? context.timeouts.responseMs, () =>
        fail(timeout('The service did not answer in time.')),
      );
    };
    if (options.source === undefined) {
      message.end(json);
      sent();
    } else pump(options.source, message, abort.signal).then(sent, fail);
  });
}

/** Writes at the speed of the socket; holds at most one chunk besides what the socket buffers. */
async function pump(source: BodySource, message: http.ClientRequest, signal: AbortSignal): Promise<void> {
  let written = 0;
  for await (const chunk of source.chunks()) {
    if (signal.aborted) return;
    written += chunk.byteLength;
    if (written > source.length) throw changed();
    if (!message.write(chunk)) await drained(message, signal);
  }
  if (signal.aborted) return;
  if (written !== source.length) throw changed();
  message.end();
}

function changed(): SecGeminiError {
  return new SecGeminiError('invalidArgument', 'The file changed while it was being sent; nothing was attached.', {
    action: 'Save the file and attach it again.',
  });
}

function drained(message: http.ClientRequest, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      message.off('drain', done).off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    message.on('drain', done).on('close', done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted || message.destroyed) done();
  });
}

function collect(response: http.IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > BODY_LIMITS.size) {
        reject(
          new SecGeminiError('tooLarge', `The service's answer is larger than ${BODY_LIMITS.size / 1024 / 1024} MiB.`),
        );
        response.destroy();
      } else chunks.push(chunk);
    });
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.on('error', reject);
    response.on('aborted', () =>
      reject(new SecGeminiError('unavailable', 'The connection broke in the middle of an answer.')),
    );
  });
}

function readAnswer(context: Context, answer: Answer): unknown {
  const { status } = answer;
  const body = withoutKey(context, answer.body);
  // No body is no `null`, which says that there is no such session.
  if (status >= 200 && status < 300) return body === '' ? undefined : parseJson(body, BODY_LIMITS);
  if (status >= 300 && status < 400) throw redirectError(status, answer.location);
  let parsed: unknown;
  try {
    parsed = parseJson(body, BODY_LIMITS);
  } catch {
    // A proxy's or a load balancer's page: its status says enough, except that it knows nothing of sessions.
    if (status === 404 && body.trim() !== '')
      throw new SecGeminiError('protocol', 'Something else than Sec-Gemini answered (404).', {
        status,
        action: 'Check secGemini.endpoint and the network; try again in a moment.',
      });
  }
  const refusal = decodeRefusal(parsed);
  const fields = refusal.fields.map((field) => ({
    path: context.redact(field.path),
    message: context.redact(field.message),
  }));
  const named = fields.map((field) => `${field.path}: ${field.message}`).join('; ');
  const said = refusal.message === undefined ? named : context.redact(refusal.message);
  throw httpError(status, said, answer.retryAfter, context.clock.wall(), fields);
}

export function redirectError(status: number, location: string | undefined): SecGeminiError {
  let where = 'another address';
  try {
    // Only the host: the rest may hold whatever the request held.
    if (location !== undefined) where = new URL(location).host || where;
  } catch {
    // A relative or broken address has no host to name.
  }
  return new SecGeminiError('protocol', `The service wanted to redirect to ${where}; redirects are refused.`, {
    status,
    action: 'Check secGemini.endpoint and the network (a sign-in page in between redirects like this).',
  });
}

/** The error for an HTTP status. 401 and 403 both mean the key (protocol/v1.md, the Rust client's note). */
export function httpError(
  status: number,
  said: string,
  retryAfter: string | undefined,
  nowMs: number,
  fields: SecGeminiError['fields'] = [],
): SecGeminiError {
  const wait = parseRetryAfter(retryAfter, nowMs);
  const code = status === 403 ? 'unauthenticated' : codeOfStatus(status);
  const detail = said === '' ? '' : `: ${said}`;
  const what: Partial<Record<typeof code, string>> = {
    unauthenticated: `The service refused the API key${detail}`,
    rateLimited:
      wait === undefined
        ? `Too many requests${detail}`
        : `Too many requests, wait ${Math.ceil(wait / 1000)} s${detail}`,
    invalidArgument: `The service refused the request${detail}`,
    tooLarge: `The service takes nothing this large${detail}`,
    unavailable: `The service is not available (${status})${detail}`,
    timeout: `The service took too long (${status})${detail}`,
    notFound: `The service does not know this address or session (404)${detail}`,
  };
  return new SecGeminiError(code, what[code] ?? `The service answered with status ${status}${detail}`, {
    status,
    fields,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

function cancelled(): SecGeminiError {
  return new SecGeminiError('cancelled', 'Cancelled.');
}

function timeout(message: string): SecGeminiError {
  return new SecGeminiError('timeout', message);
}
