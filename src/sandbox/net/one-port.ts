/**
 * One loopback port for everything: the first bytes of a connection tell HTTP/2 (`PRI`) from HTTP/1.1. Three bytes have to be there before
 * that is decided, however small the pieces they come in.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

const PREFACE = Buffer.from('PRI', 'latin1');
/** A connection that says nothing for so long is closed. */
const SILENCE_MS = 10_000;

export interface OnePortOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** More connections than this are closed as they come (S36), where `makeRoom` found none that may go. */
  readonly maxConnections: number;
}

/** Where the two kinds of connections go. */
export interface OnePortTargets {
  readonly http1: (socket: Socket) => void;
  readonly http2: (socket: Socket) => void;
  /** Ends a connection that nobody uses, if there is one: clients may keep one open for each session that they touched. */
  readonly makeRoom: () => void;
}

export class OnePort {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #targets = Promise.withResolvers<OnePortTargets>();
  readonly #most: number;
  #makeRoom: () => void = () => undefined;

  private constructor(server: Server, most: number) {
    this.#server = server;
    this.#most = most;
  }

  /** Listens on 127.0.0.1 only; connections wait until `serve`. Rejects with the system's error, e.g. code EADDRINUSE. */
  static async listen(options: OnePortOptions): Promise<OnePort> {
    const server = createServer({ noDelay: true });
    const port = new OnePort(server, options.maxConnections);
    server.on('connection', (socket) => port.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: options.port, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // What fails on an open connection is that connection's own affair.
    server.on('error', () => undefined);
    return port;
  }

  serve(targets: OnePortTargets): void {
    this.#makeRoom = targets.makeRoom;
    this.#targets.resolve(targets);
  }

  get number(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    let open = 0;
    for (const socket of this.#sockets) if (!socket.destroyed) open += 1;
    return open;
  }

  /** Takes no more connections and cuts the open ones. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.connections >= this.#most) this.#makeRoom();
    if (this.connections >= this.#most) {
      socket.on('error', () => undefined).destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Owned for its whole life: a reset between two owners must not end the process.
    socket.on('error', () => socket.destroy());
    let head = Buffer.alloc(0);
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    const onData = (piece: Buffer): void => {
      head = Buffer.concat([head, piece]);
      const seen = head.subarray(0, PREFACE.length);
      const isPrefix = seen.equals(PREFACE.subarray(0, seen.length));
      if (isPrefix && seen.length < PREFACE.length) return;
      socket.off('data', onData);
      socket.pause();
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.unshift(head);
      void this.#targets.promise.then(({ http1, http2 }) => {
        if (socket.destroyed) return;
        if (isPrefix) http2(socket);
        else {
          http1(socket);
          socket.resume();
        }
      });
    };
    socket.on('data', onData);
  }
}
