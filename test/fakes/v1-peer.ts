/** The server's end of one WebSocket, by hand: it can say what no library would let it say. Client frames are read as far as tests need. */

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export const OP = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One unmasked frame as a server sends it. */
export function frame(
  opcode: number,
  payload: Buffer | string = '',
  options: { readonly fin?: boolean; readonly rsv1?: boolean } = {},
): Buffer {
  const body = Buffer.from(payload);
  const head = [(options.fin === false ? 0 : 0x80) | (options.rsv1 === true ? 0x40 : 0) | opcode];
  if (body.length < 126) head.push(body.length);
  else if (body.length < 65_536) head.push(126, body.length >> 8, body.length & 255);
  else {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(body.length));
    head.push(127, ...length);
  }
  return Buffer.concat([Buffer.from(head), body]);
}

export interface Received {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Waits are by arrival, never by time. */
export class V1Peer {
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Whether pings of the client are answered. */
  pongs = true;
  pingsSeen = 0;
  readonly texts: string[] = [];
  closeCode: number | undefined;
  readonly #socket: Duplex;
  readonly #key: string;
  #buffer: Buffer = Buffer.alloc(0);
  #listeners = new Set<() => void>();
  #ended = false;

  constructor(request: IncomingMessage, socket: Duplex) {
    this.query = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams;
    this.headers = request.headers;
    this.#socket = socket;
    this.#key = request.headers['sec-websocket-key'] ?? '';
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#ended = true;
      this.#tell();
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes that the client has not taken yet. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  accept(): this {
    const accept = createHash('sha1').update(`${this.#key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    this.#socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    this.#socket.on('data', (data: Buffer) => this.#read(data));
    return this;
  }

  /** Answers the handshake with a status and ends. */
  refuse(status: number, headers: Readonly<Record<string, string>> = {}): void {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n${lines.join('')}\r\n`);
  }

  text(value: unknown): void {
    this.raw(frame(OP.text, typeof value === 'string' ? value : JSON.stringify(value)));
  }

  raw(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** One byte per write, so that each may be its own segment. */
  async slices(bytes: Buffer): Promise<void> {
    for (const byte of bytes) {
      await new Promise<void>((resolve) => this.#socket.write(Buffer.of(byte), () => setImmediate(resolve)));
    }
  }

  close(code: number): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.raw(frame(OP.close, payload));
    this.#socket.end();
  }

  /** RST where the platform can. */
  reset(): void {
    const socket = this.#socket as Duplex & { resetAndDestroy?: () => void };
    if (socket.resetAndDestroy === undefined) socket.destroy();
    else socket.resetAndDestroy();
  }

  /** The next text that the client sent and nobody took yet. */
  async next(): Promise<Record<string, unknown>> {
    await this.until(() => this.#taken < this.texts.length || this.#ended);
    const text = this.texts[this.#taken];
    if (text === undefined) throw new Error('the client left without saying anything more');
    this.#taken += 1;
    return JSON.parse(text) as Record<string, unknown>;
  }
  #taken = 0;

  /** Resolves when the condition holds; looked at whenever something arrives or the connection ends. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #read(data: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const received = this.#shift();
      if (received === undefined) break;
      if (received.opcode === OP.text) this.texts.push(received.payload.toString('utf8'));
      if (received.opcode === OP.ping) {
        this.pingsSeen += 1;
        if (this.pongs) this.raw(frame(OP.pong, received.payload));
      }
      if (received.opcode === OP.close) {
        this.closeCode = received.payload.length >= 2 ? received.payload.readUInt16BE(0) : 1005;
        this.raw(frame(OP.close, received.payload));
        this.#socket.end();
      }
      this.#tell();
    }
  }

  #shift(): Received | undefined {
    const buffer = this.#buffer;
    if (buffer.length < 2) return undefined;
    let length = (buffer[1] ?? 0) & 127;
    let at = 2;
    if (length === 126) {
      if (buffer.length < 4) return undefined;
      length = buffer.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (buffer.length < 10) return undefined;
      length = Number(buffer.readBigUInt64BE(2));
      at = 10;
    }
    if (buffer.length < at + 4 + length) return undefined;
    const mask = buffer.subarray(at, at + 4);
    const payload = Buffer.from(buffer.subarray(at + 4, at + 4 + length));
    for (let index = 0; index < payload.length; index += 1)
      payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
    this.#buffer = buffer.subarray(at + 4 + length);
    return { opcode: (buffer[0] ?? 0) & 15, payload };
  }
}
