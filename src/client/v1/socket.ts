/** One WebSocket of v1: bounded, its pong checked, its key-bearing URL made here and kept nowhere (F05, F07, F09–F12, F22, S20, S42). */

import { WebSocket, type ClientOptions } from 'ws';
import { SecGeminiError } from '../../core/errors.ts';
import { connectionOptions } from '../transport.ts';
import { networkError } from '../network-error.ts';
import { type Context, SDK_VERSION, httpError, redirectError } from './http.ts';

const MAX_PAYLOAD = 16 * 1024 * 1024;
export const PING_MS = 20_000;
/** After the ping: with PING_MS at most 40 s until a dead peer is known. */
export const PONG_MS = 20_000;
/** After the machine woke up. */
export const WAKE_PONG_MS = 10_000;
const TICK_MS = 5_000;
/** A peer that pings more often than this within a tick is not keeping alive but flooding. */
const MAX_PINGS_PER_TICK = 500;

export interface SocketEvents {
  readonly onOpen: () => void;
  /** One text frame. */
  readonly onText: (text: string) => void;
  /** Exactly once, whatever happened; nothing comes after it. */
  readonly onClose: (reason: CloseReason) => void;
}

export interface CloseReason {
  /** `refused`: no connection came about. `closed`: it stood and ended. */
  readonly phase: 'refused' | 'closed';
  /** WebSocket close code; 1006 when there was no close frame. */
  readonly code: number;
  readonly error: SecGeminiError;
  /** `auth` and `gone` and `fatal` are final; `violation`: the peer broke a limit of ours, the next connection may be fine. */
  readonly verdict: 'retry' | 'auth' | 'gone' | 'fatal' | 'violation';
}

export interface StreamSocket {
  /** Hands a text to the network; false when there is no connection to hand it to. Whether it arrived is for history to say. */
  send(text: string): boolean;
  pause(): void;
  resume(): void;
  /** Ends it without waiting for the peer; onClose is not called any more. */
  close(): void;
}

/** Opens the stream of a session. Errors come by onClose, never by throwing. */
export function openSocket(context: Context, sessionId: string, events: SocketEvents): StreamSocket {
  const { endpoint, clock } = context;
  const query = new URLSearchParams({ api_key: context.apiKey, session_id: sessionId, stream: 'true' });
  const url = `${endpoint.secure ? 'wss' : 'ws'}://${endpoint.hostname}:${endpoint.port}/v1/stream?${query.toString()}`;
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  let done = false;
  let failure: SecGeminiError | undefined;
  let verdict: CloseReason['verdict'] | undefined;
  let open = false;
  const socket = new WebSocket(url, {
    maxPayload: MAX_PAYLOAD,
    maxFragments: 4096,
    perMessageDeflate: false,
    handshakeTimeout: context.timeouts.handshakeMs,
    followRedirects: false,
    autoPong: false,
    closeTimeout: 2_000,
    headers: { 'x-sdk': 'sec-gemini-vscode', 'x-sdk-version': SDK_VERSION },
    ...connectionOptions(context.transport, { secure: endpoint.secure, host, port: endpoint.port }),
  } as unknown as ClientOptions);

  const heart = startHeart(context, socket, (error) => {
    failure = error;
    socket.terminate();
  });
  const finish = (code: number): void => {
    if (done) return;
    done = true;
    heart.stop();
    const phase = open ? 'closed' : 'refused';
    const error = failure ?? closeError(code);
    events.onClose({ phase, code, error, verdict: verdict ?? verdictOfClose(code) });
  };
  socket.on('open', () => {
    open = true;
    heart.start();
    events.onOpen();
  });
  socket.on('message', (data) => {
    heart.heard();
    if (done) return;
    const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
    // v1 has text frames only; a binary one that holds a message is read like one, what is no message is counted as broken.
    events.onText(bytes.toString('utf8'));
  });
  socket.on('unexpected-response', (message, response) => {
    const status = response.statusCode ?? 0;
    failure =
      status >= 300 && status < 400
        ? redirectError(status, response.headers.location)
        : httpError(status, '', response.headers['retry-after'], clock.wall());
    verdict = verdictOfStatus(status);
    response.resume();
    message.destroy();
    finish(1006);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (failure !== undefined) return;
    const violation = violationOf(error.code);
    if (violation !== undefined) verdict = 'violation';
    failure = violation ?? handshakeError(context, error);
    if (!open && failure.code === 'protocol') verdict = 'fatal';
  });
  socket.on('close', (code) => finish(code));

  return {
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close() {
      done = true;
      heart.stop();
      if (socket.readyState === WebSocket.OPEN && !context.closed.aborted) {
        // A paused socket would never read the peer's half of the closing.
        socket.resume();
        socket.close(1000);
      } else socket.terminate();
    },
  };
}

interface Heart {
  start(): void;
  heard(): void;
  stop(): void;
}

/** Pings, checks the pong, and notices that the machine slept: a gap in the ticks means "probe now, decide within 10 s". */
function startHeart(context: Context, socket: WebSocket, onDead: (error: SecGeminiError) => void): Heart {
  const { clock } = context;
  let cancelTick = (): void => undefined;
  let running = false;
  let pings = 0;
  let lastPing = 0;
  let deadline: number | undefined;
  let lastTick = { now: 0, wall: 0 };
  const probe = (within: number): void => {
    lastPing = clock.now();
    deadline = Math.min(deadline ?? Infinity, lastPing + within);
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  };
  const tick = (): void => {
    if (!running) return;
    const now = clock.now();
    const wall = clock.wall();
    // Some systems stop the monotonic clock during sleep, so the wall clock is asked too; a clock that was merely set costs one ping.
    const slept = Math.max(now - lastTick.now, Math.abs(wall - lastTick.wall)) > 2 * PING_MS;
    lastTick = { now, wall };
    pings = 0;
    if (socket.isPaused) {
      // Nobody reads, so no pong can be seen: that says nothing about the peer.
      deadline = undefined;
      lastPing = now;
    } else if (slept) {
      deadline = undefined;
      probe(WAKE_PONG_MS);
    } else if (deadline !== undefined && now >= deadline) {
      running = false;
      return onDead(new SecGeminiError('timeout', 'The service stopped answering.'));
    } else if (deadline === undefined && now - lastPing >= PING_MS) probe(PONG_MS);
    cancelTick = clock.after(TICK_MS, tick);
  };
  const heard = (): void => {
    deadline = undefined;
  };
  socket.on('pong', heard);
  socket.on('ping', (data: Buffer) => {
    heard();
    pings += 1;
    if (pings > MAX_PINGS_PER_TICK)
      return onDead(new SecGeminiError('protocol', 'The service sent a flood of pings; the connection was closed.'));
    // Not while earlier answers are stuck: a peer that pings and does not read must not fill our memory.
    if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 64 * 1024) socket.pong(data);
  });
  return {
    start() {
      running = true;
      lastPing = clock.now();
      lastTick = { now: clock.now(), wall: clock.wall() };
      cancelTick = clock.after(TICK_MS, tick);
    },
    heard,
    stop() {
      running = false;
      cancelTick();
    },
  };
}

const VIOLATIONS: Readonly<Record<string, string>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'The service sent a message larger than 16 MiB',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'The service sent a message in too many fragments',
  WS_ERR_INVALID_UTF8: 'The service sent text that is not UTF-8',
};

function violationOf(code: string | undefined): SecGeminiError | undefined {
  if (code === undefined || !code.startsWith('WS_ERR_')) return undefined;
  const what = VIOLATIONS[code] ?? `The service broke the WebSocket protocol (${code})`;
  const large = code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' || code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS';
  return new SecGeminiError(large ? 'tooLarge' : 'protocol', `${what}; the connection was closed.`, {
    action: 'The rest of the answer is fetched from the session; ask for less at once if it happens again.',
  });
}

/** Network failures, and what ws itself finds wrong with an answer to the handshake. */
function handshakeError(context: Context, error: NodeJS.ErrnoException): SecGeminiError {
  if (error.message === 'Opening handshake has timed out')
    return new SecGeminiError('timeout', 'The service accepted the connection and then said nothing.');
  if (error.code === undefined && /^(Invalid|Server sent|Missing|Unexpected)/.test(error.message))
    return new SecGeminiError(
      'protocol',
      'What answers at the endpoint does not speak the service’s WebSocket protocol.',
      {
        action: 'Check secGemini.endpoint and the proxy: something in between does not let WebSockets through.',
      },
    );
  return networkError(context, error);
}

function verdictOfStatus(status: number): CloseReason['verdict'] {
  if (status === 401 || status === 403) return 'auth';
  if (status === 404 || status === 410) return 'gone';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'retry';
  return 'fatal';
}

/** 4001 is "session not found" (trust.md, "Settled" F04); 1009 from the service means that what we sent was too large for it. */
function verdictOfClose(code: number): CloseReason['verdict'] {
  if (code === 1008) return 'auth';
  if (code === 4001) return 'gone';
  if (code === 1009) return 'fatal';
  return 'retry';
}

function closeError(code: number): SecGeminiError {
  const options = { status: code };
  if (code === 1008)
    return new SecGeminiError('unauthenticated', 'The service ended the connection: the API key is refused.', options);
  if (code === 4001) return new SecGeminiError('notFound', 'The service does not know this session any more.', options);
  if (code === 1009) return new SecGeminiError('tooLarge', 'The service takes no message this large.', options);
  if (code === 1000 || code === 1001)
    return new SecGeminiError(
      'unavailable',
      'The service closed the connection before the answer was complete.',
      options,
    );
  if (code === 1012 || code === 1013)
    return new SecGeminiError('unavailable', 'The service is restarting or overloaded.', options);
  return new SecGeminiError('unavailable', `The connection was lost (${code}).`, options);
}
