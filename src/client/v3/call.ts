/**
 * One gRPC call on an HTTP/2 connection. The framing is ours, because Connect's client ends a whole stream over one message that cannot be
 * read, and the hub lives on one stream: here such a message is handed on to be skipped and counted (trust.md F13, F11).
 */

import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { gunzipSync } from 'node:zlib';
import type { SecGeminiError } from '../../core/errors.ts';
import { SecGeminiError as HouseError } from '../../core/errors.ts';
import { parseRetryAfter } from '../retry-after.ts';
import type { Connection } from './connection.ts';
import { RECEIVE_LIMIT } from './context.ts';
import { cancelled, httpStatusError, lost, statusError } from './errors.ts';
import { FrameReader, frame } from './frames.ts';

export interface CallEvents {
  /** One message. `undefined`: it was there, but could not be unpacked. */
  onMessage(payload: Uint8Array | undefined): void;
  onOversize(length: number): void;
  /** Bytes arrived that are not thrown away: the other side is alive. */
  onAlive(): void;
  /** Once, last. Undefined: the service ended the call with OK. */
  onEnd(error: SecGeminiError | undefined): void;
}

export interface CallOptions {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly redact: (text: string) => string;
  readonly events: CallEvents;
}

/** Opens a call. Throws `unavailable` when the connection cannot carry one. */
export function openCall(connection: Connection, options: CallOptions): GrpcCall {
  const stream = connection.request({
    ':method': 'POST',
    ':path': options.path,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    'user-agent': 'sec-gemini-vscode/0.1.0',
    'grpc-accept-encoding': 'identity,gzip',
    ...options.headers,
  });
  return new GrpcCall(stream, connection, options);
}

export class GrpcCall {
  readonly #stream: ClientHttp2Stream;
  readonly #connection: Connection;
  readonly #events: CallEvents;
  readonly #redact: (text: string) => string;
  readonly #reader: FrameReader;
  #gzip = false;
  #cancelled = false;
  #error: SecGeminiError | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #ended = false;
  #speaksGrpc = false;

  constructor(stream: ClientHttp2Stream, connection: Connection, options: CallOptions) {
    this.#stream = stream;
    this.#connection = connection;
    this.#events = options.events;
    this.#redact = options.redact;
    this.#reader = new FrameReader(RECEIVE_LIMIT, {
      message: (payload, compressed) => this.#events.onMessage(compressed ? this.#unpack(payload) : payload),
      oversize: (length) => this.#events.onOversize(length),
    });
    stream.on('response', (headers) => this.#onHeaders(headers));
    stream.on('trailers', (headers) => (this.#trailers = headers));
    stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#error ??= lost(this.#redact(error.code ?? error.message));
    });
    // The other side is done: a call is over only when both halves are.
    stream.once('end', () => stream.end());
    stream.once('close', () => this.#finish());
  }

  /** True once the head of the answer showed a gRPC service behind this path. */
  get speaksGrpc(): boolean {
    return this.#speaksGrpc;
  }

  /** Sends one message. False when the caller should wait for `drained` before the next. */
  write(payload: Uint8Array): boolean {
    if (this.#stream.destroyed || this.#stream.writableEnded) return true;
    return this.#stream.write(frame(payload));
  }

  /** Sends one message whose body is made of parts, without copying them. `onTaken`: nothing reads `body` any more. */
  writeParts(head: Uint8Array, body: Uint8Array, onTaken: () => void): boolean {
    if (this.#stream.destroyed || this.#stream.writableEnded) return true;
    const lead = Buffer.allocUnsafe(5 + head.length);
    lead[0] = 0;
    lead.writeUInt32BE(head.length + body.length, 1);
    lead.set(head, 5);
    this.#stream.write(lead);
    return this.#stream.write(body, (error) => {
      if (!error) onTaken();
    });
  }

  /** Bytes that were written and that the network has not taken yet. */
  get backlog(): number {
    return this.#stream.writableLength;
  }

  /** Resolves when the network took what was written, and when the call is over. */
  drained(): Promise<void> {
    const stream = this.#stream;
    if (stream.destroyed || !stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stream.off('drain', done).off('close', done);
        resolve();
      };
      stream.once('drain', done).once('close', done);
    });
  }

  /** Nothing more will be written. */
  end(): void {
    this.#stream.end();
  }

  /** Ends the call from here, and its connection, which carries no other; `onEnd` comes with `cancelled`. */
  cancel(): void {
    this.#cancelled = true;
    this.#drop();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  #onHeaders(headers: IncomingHttpHeaders & { readonly [':status']?: number | undefined }): void {
    const status = headers[':status'] ?? 0;
    const said = headers['grpc-status'];
    // Not grpc-web, which frames its messages in another way.
    const isGrpc = /^application\/grpc(?:$|[+; ])/i.test(headers['content-type'] ?? '');
    this.#speaksGrpc = isGrpc && said !== '12';
    this.#gzip = headers['grpc-encoding'] === 'gzip';
    if (said !== undefined) {
      this.#trailers = headers;
      // A failure in the head is the whole answer, even where the other side forgets to end the stream.
      if (said !== '0') this.#drop();
    } else if (status !== 200 || !isGrpc) {
      this.#error ??= httpStatusError(status, parseRetryAfter(headers['retry-after'], Date.now()));
      this.#drop();
    }
  }

  #onData(chunk: Buffer): void {
    if (this.#ended || this.#cancelled) return;
    if (!this.#reader.push(chunk)) {
      this.#error ??= new HouseError('protocol', 'The service sent something that is not gRPC.');
      this.#drop();
      return;
    }
    if (!this.#reader.skipping) this.#events.onAlive();
  }

  #unpack(payload: Uint8Array): Uint8Array | undefined {
    if (!this.#gzip) return undefined;
    try {
      return gunzipSync(payload, { maxOutputLength: RECEIVE_LIMIT });
    } catch {
      return undefined;
    }
  }

  /** Over at once: a stream with writes under way may never tell that it closed. */
  #drop(): void {
    this.#connection.close();
    this.#finish();
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.onEnd(this.#outcome());
  }

  #outcome(): SecGeminiError | undefined {
    if (this.#cancelled) return cancelled();
    const trailers = this.#trailers;
    const status = trailers?.['grpc-status'];
    if (trailers !== undefined && status !== undefined) {
      const code = /^\d{1,9}$/.test(String(status)) ? Number(status) : 2;
      if (code === 0) return undefined;
      return statusError(code, this.#redact(percentDecoded(String(trailers['grpc-message'] ?? ''))));
    }
    return (
      this.#connection.failure ??
      this.#error ??
      lost(this.#stream.rstCode === 0 ? 'no status' : `reset ${this.#stream.rstCode}`)
    );
  }
}

/** grpc-message: UTF-8 in percent-encoding; what is none stays as it is. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
