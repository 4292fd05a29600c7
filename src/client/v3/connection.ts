/**
 * One HTTP/2 connection over a socket of ours. connect-node's session manager takes its error listener off when a connection is given up,
 * and an error that comes a moment later then ends the whole process (seen with a server of HTTP/1.1): so the session is kept here, where
 * it has a listener for as long as it lives (trust.md F31, "never crash").
 */

import http2 from 'node:http2';
import type { Socket } from 'node:net';
import type { SecGeminiError } from '../../core/errors.ts';
import { networkError } from '../network-error.ts';
import { type Context, TIMES } from './context.ts';
import { lost } from './errors.ts';
import { openSocket } from './socket.ts';

/** Windows that let messages flow at the speed of the machine over a slow round trip; the defaults of 64 KB do not. */
const STREAM_WINDOW = 8 * 1024 * 1024;
const CONNECTION_WINDOW = 16 * 1024 * 1024;
/** Sixteen times the default: fewer, larger pieces to put together. */
const FRAME = 256 * 1024;
const LINGER_MS = 1_000;

export class Connection {
  readonly #session: http2.ClientHttp2Session;
  readonly #socket: Socket;
  readonly #context: Context;
  #cancelPing: () => void = () => undefined;
  #goAway: (() => void) | undefined;
  #error: Error | undefined;

  private constructor(context: Context, socket: Socket) {
    this.#context = context;
    this.#socket = socket;
    this.#session = http2.connect(context.endpoint.origin, {
      createConnection: () => socket,
      settings: { initialWindowSize: STREAM_WINDOW, maxFrameSize: FRAME, enablePush: false },
      // A service that floods us with headers or settings is dropped by Node at these bounds.
      maxSessionMemory: 64,
    });
    this.#session.on('error', (error: Error) => (this.#error ??= error));
    this.#session.once('connect', () => {
      // Node tells of the connect even when the session was destroyed in the meantime.
      if (!this.#session.destroyed) this.#session.setLocalWindowSize(CONNECTION_WINDOW);
    });
    this.#session.on('goaway', () => this.#goAway?.());
    this.#session.once('close', () => this.#cancelPing());
    this.#ping();
  }

  /** Rejects with SecGeminiError. Resolves before the other side has said a word: the first call shows whether it speaks HTTP/2. */
  static async open(context: Context, signal: AbortSignal): Promise<Connection> {
    const { endpoint, transport, clock } = context;
    try {
      return new Connection(context, await openSocket({ endpoint, transport, clock, signal }));
    } catch (error) {
      throw networkError(context, error);
    }
  }

  /** What ended the connection, in words; undefined while nothing did. */
  get failure(): SecGeminiError | undefined {
    return this.#error === undefined ? undefined : networkError(this.#context, this.#error);
  }

  /** Called when the other side wants no new calls here. */
  onGoAway(listener: () => void): void {
    this.#goAway = listener;
  }

  /** Starts a call. Throws `unavailable` when the connection is gone. */
  request(headers: http2.OutgoingHttpHeaders): http2.ClientHttp2Stream {
    if (this.#session.closed || this.#session.destroyed) throw this.failure ?? lost('closed');
    return this.#session.request(headers);
  }

  /**
   * Drops everything at once. Never by closing a stream: Node then ends its body properly, and a cut upload would pass for a whole one
   * (seen with the official server stubs). Never by the socket first: Node's HTTP/2 then crashes the process (seen with 24.21).
   */
  close(): void {
    if (this.#session.destroyed) return;
    this.#cancelPing();
    // A peer that takes no bytes any more could hold the socket open for ever.
    this.#cancelPing = this.#context.clock.after(LINGER_MS, () => this.#socket.destroy());
    this.#session.destroy();
  }

  /** Oftener than every five minutes is answered with GOAWAY; it keeps middle boxes from forgetting a quiet connection. */
  #ping(): void {
    const { clock } = this.#context;
    this.#cancelPing = clock.after(TIMES.ping, () => {
      if (this.#session.destroyed) return;
      this.#cancelPing = clock.after(TIMES.answer, () => {
        this.#error ??= lost('no answer to a PING');
        this.#session.destroy();
      });
      this.#session.ping((error) => {
        this.#cancelPing();
        if (error === null && !this.#session.destroyed) this.#ping();
      });
    });
  }
}
