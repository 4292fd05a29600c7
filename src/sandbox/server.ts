/** The sandbox as one object: one port, one store, both ways in. main.ts makes it a process; tests make it as it is. */
import { createHmac } from 'node:crypto';
import { createServer as createHttp1 } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HELLO_PATH, HOLD_PATH, KEY_HEADER, PROOF_PREFIX } from '../core/sandbox-lease.ts';
import { Accounts } from './accounts.ts';
import type { AccountOptions } from './accounts.ts';
import { answer as engineAnswer } from './engine/answer.ts';
import type { Answer } from './engine/types.ts';
import { denyHead, rawHeader } from './net/guard.ts';
import { HttpError, refuseUpgrade, sendJson } from './net/http.ts';
import { OnePort } from './net/one-port.ts';
import { createSocketServer, keepAlive } from './net/sockets.ts';
import { systemClock } from './state/clock.ts';
import type { Clock } from './state/clock.ts';
import type { Limits } from './state/model.ts';
import { Store } from './state/store.ts';
import { Turns } from './turns/turns.ts';
import { Conversations } from './v1/conversations.ts';
import { createRoutes, httpErrorOf } from './v1/routes.ts';
import { SessionCalls } from './v1/sessions.ts';
import { StreamEndpoint } from './v1/stream.ts';
import { publicText } from './v3/requests.ts';
import { createService, PUBLIC_PATH } from './v3/service.ts';

export interface SandboxOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** One user each; the first one's key answers the proof that other windows ask for. */
  readonly users: readonly { readonly key: string; readonly options?: AccountOptions | undefined }[];
  /** Keeps everything in this file; undefined keeps it in memory only. Opened once the port is ours. */
  readonly stateFile?: string | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly clock?: Clock | undefined;
  readonly answer?: Answer | undefined;
  /** Called when the number of windows that hold the sandbox has changed. */
  readonly onHolders?: ((count: number) => void) | undefined;
  /** For the process's own log; told no key and no content. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Serves HTTP/2 requests. Head and origin have been checked, the key has not. */
export type Http2Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

export interface Sandbox {
  readonly port: number;
  readonly endpoint: string;
  readonly store: Store;
  readonly turns: Turns;
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** Puts another handler in v3's place. */
  attachHttp2(handler: Http2Handler): void;
  /** Stops turns (a state file keeps them to go on), closes connections and the state. Safe to call twice. */
  close(): Promise<void>;
}

const HEADER_BYTES = 16 * 1024;
const MOST_CONNECTIONS = 64;
/** Windows that let an upload flow; the defaults of 64 KB do not. */
const HTTP2_WINDOW = 4 * 1024 * 1024;
const HTTP2_SETTINGS = {
  maxHeaderListSize: HEADER_BYTES,
  initialWindowSize: 1024 * 1024,
  maxConcurrentStreams: 128,
  enablePush: false,
};
const SESSION_MEMORY_MB = 64;
/** A connection over HTTP/2 without a call is closed after so long. */
const IDLE_SESSION_MS = 60_000;
/** What a session holds is shown as it is and never run. */
const PLAIN_TEXT = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cache-control': 'no-store',
};
/** Code of a server that restarts: clients come back by themselves. */
const RESTARTING = 1012;

/** Rejects with the system's error when the port is taken or the state file cannot be opened. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const clock = options.clock ?? systemClock;
  const answer = options.answer ?? engineAnswer;
  const onError = options.onError ?? ((): void => undefined);
  const accounts = new Accounts(options.users, () => clock.now());
  // The port before the state: it is what keeps two sandboxes of one profile from having the state open together.
  const port = await OnePort.listen({ port: options.port, maxConnections: MOST_CONNECTIONS });
  let store: Store;
  try {
    store = new Store({ clock, path: options.stateFile, limits: options.limits });
  } catch (error) {
    await port.close();
    throw error;
  }
  const turns = new Turns(store, clock, answer);
  const conversations = new Conversations(store, turns, clock);
  const calls = new SessionCalls(store);
  const streams = new StreamEndpoint(store, conversations, clock);
  const routes = createRoutes({ store, calls, conversations, answer, clock });
  const sockets = createSocketServer();
  const proofKey = options.users[0]?.key ?? '';
  let holders = 0;
  const endpoint = `http://127.0.0.1:${port.number}`;
  const v3 = createService({ store, turns, accounts, clock, endpoint, onError });
  let http2Handler: Http2Handler = v3.handle;
  let isStopping = false;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const denial = denyHead(headOf(request));
    if (denial !== undefined) throw new HttpError(denial.status, denial.detail, { connection: 'close' });
    const url = urlOf(request);
    const query = Object.fromEntries(url.searchParams);
    if (url.pathname === '/health' || url.pathname === '/') {
      sendJson(response, 200, { status: 'ok', service: 'Sec-Gemini local sandbox' });
    } else if (url.pathname === HELLO_PATH) {
      sendJson(response, 200, { proof: proofOf(proofKey, query['nonce'] ?? ''), stopping: isStopping });
    } else if (url.pathname.startsWith(PUBLIC_PATH) && request.method === 'GET') {
      const text = publicText(store, url.pathname.slice(PUBLIC_PATH.length));
      if (text === undefined) throw new HttpError(404, 'Not Found');
      response.writeHead(200, PLAIN_TEXT).end(text);
    } else {
      const account = accounts.find(keyOf(request));
      if (account === undefined)
        throw new HttpError(401, 'Authentication credentials were not provided or were invalid.');
      const route = routes.get(url.pathname);
      if (route === undefined) throw new HttpError(404, 'Not Found');
      const handler = request.method === 'GET' ? route.GET : request.method === 'POST' ? route.POST : undefined;
      if (handler === undefined)
        throw new HttpError(405, 'Method Not Allowed', { allow: Object.keys(route).join(', ') });
      const body = await handler({ request, response, account, query });
      if (body !== undefined) sendJson(response, 200, body);
    }
  };

  const http1 = createHttp1({
    maxHeaderSize: HEADER_BYTES,
    requireHostHeader: false,
    headersTimeout: 10_000,
    requestTimeout: 120_000,
  });
  /** Kept open by clients for a next request; the one that waits longest first. */
  const idle = new Set<Socket>();
  http1.on('connection', (socket) => socket.once('close', () => idle.delete(socket)));
  http1.on('request', (request, response) => {
    const { socket } = request;
    idle.delete(socket);
    response.once('close', () => {
      if (!socket.destroyed) idle.add(socket);
    });
    handle(request, response).catch((error: unknown) => {
      const known = httpErrorOf(error);
      if (known === undefined) onError(error);
      if (response.headersSent) response.destroy();
      else
        sendJson(response, known?.status ?? 500, { detail: known?.detail ?? 'Internal Server Error' }, known?.headers);
      // A body that nobody will read must not keep the connection.
      if (!request.complete) request.resume();
    });
  });
  http1.on('upgrade', (request, socket, head) => upgrade(request, socket, head));

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const denial = denyHead(headOf(request));
    if (denial !== undefined) return refuseUpgrade(socket, denial.status, 'Forbidden', denial.detail);
    const url = urlOf(request);
    const isStream = url.pathname === '/v1/stream';
    const account = accounts.find(isStream ? (url.searchParams.get('api_key') ?? keyOf(request)) : keyOf(request));
    if (account === undefined)
      return refuseUpgrade(socket, 403, 'Forbidden', 'Authentication credentials were not provided or were invalid.');
    if (!isStream && url.pathname !== HOLD_PATH) return refuseUpgrade(socket, 404, 'Not Found', 'Not Found');
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (isStream) {
        const sessionId = url.searchParams.get('session_id') ?? '';
        const wantsPieces = /^(?:true|1)$/i.test(url.searchParams.get('stream') ?? '');
        streams.serve(webSocket, account, { sessionId, wantsPieces });
        return;
      }
      keepAlive(webSocket, clock);
      webSocket.once('close', () => options.onHolders?.(--holders));
      options.onHolders?.(++holders);
    });
  };

  const http2 = createHttp2({ settings: HTTP2_SETTINGS, maxSessionMemory: SESSION_MEMORY_MB }, (request, response) => {
    const authority = request.authority as string | undefined;
    const hosts = [...(authority === undefined ? [] : [authority]), ...rawHeader(request.rawHeaders, 'host')];
    const head = { hosts: [...new Set(hosts)], hasOrigin: 'origin' in request.headers, target: request.url };
    const denial = denyHead(head);
    if (denial === undefined) http2Handler(request, response);
    else {
      request.on('error', () => undefined).resume();
      response
        .on('error', () => undefined)
        .writeHead(denial.status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ detail: denial.detail }));
    }
  });
  http2.on('sessionError', () => undefined);
  http2.on('session', (session) => {
    session.setLocalWindowSize(HTTP2_WINDOW);
    let calls = 0;
    session.on('stream', (stream) => {
      calls += 1;
      stream.once('close', () => (calls -= 1));
    });
    // One without a call does not keep a place; the client opens another when it needs one.
    session.setTimeout(IDLE_SESSION_MS, () => {
      if (calls === 0) session.close();
    });
  });

  conversations.resumeAll();
  v3.resumeAll();
  port.serve({
    http1: (socket) => http1.emit('connection', socket),
    http2: (socket) => http2.emit('connection', socket),
    makeRoom: () => [...idle].find((socket) => idle.delete(socket) && !socket.destroyed)?.destroy(),
  });

  const close = async (): Promise<void> => {
    isStopping = true;
    await turns.stop();
    v3.close();
    for (const socket of sockets.clients) socket.close(RESTARTING, 'The sandbox stops');
    await store.close();
    // Last the port: whoever gets it next may open the state.
    await port.close();
    for (const socket of sockets.clients) socket.terminate();
    http2.close();
  };
  let closing: Promise<void> | undefined;
  return {
    port: port.number,
    endpoint,
    ...{ store, turns, accounts, clock },
    attachHttp2: (handler) => (http2Handler = handler),
    close: () => (closing ??= close()),
  };
}

/** What a sandbox answers to show that it knows the key, without either side saying it. */
export function proofOf(key: string, nonce: string): string {
  return createHmac('sha256', key).update(`${PROOF_PREFIX}${nonce}`).digest('hex');
}

function headOf(request: IncomingMessage): { hosts: string[]; hasOrigin: boolean; target: string } {
  return {
    hosts: rawHeader(request.rawHeaders, 'host'),
    hasOrigin: 'origin' in request.headers,
    target: request.url ?? '',
  };
}

/** The official client keeps a slash at the end of its base URL and sets another one before each path. */
function urlOf(request: IncomingMessage): URL {
  return new URL((request.url ?? '/').replace(/^\/+/, '/'), 'http://localhost');
}

/** The key of a request: x-api-key, else a Bearer token. */
function keyOf(request: IncomingMessage): string | undefined {
  const header = request.headers[KEY_HEADER];
  if (typeof header === 'string') return header;
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token;
}
