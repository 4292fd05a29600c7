/** A CONNECT proxy on loopback with names of its own: what resolves nowhere else resolves here. */

import { type Server, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';

export class FakeProxy {
  /** host:port of every CONNECT, in order, with the Proxy-Authorization that came along. */
  readonly connects: { readonly target: string; readonly authorization: string | undefined }[] = [];
  /** Name -> port on loopback. */
  readonly names = new Map<string, number>();
  /** When set, this value of Proxy-Authorization is wanted. */
  authorization: string | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((_request, response) => response.writeHead(405).end());
    this.#server.on('connection', (socket: Socket) => this.#own(socket));
    this.#server.on('connect', (request, client, head) => {
      client.on('error', () => undefined);
      const target = request.url ?? '';
      this.connects.push({ target, authorization: request.headers['proxy-authorization'] });
      const refuse = (status: string): void => void client.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
      if (this.authorization !== undefined && request.headers['proxy-authorization'] !== this.authorization)
        return refuse('407 Proxy Authentication Required');
      const port = this.names.get(target);
      if (port === undefined) return refuse('502 Bad Gateway');
      const upstream = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        if (head.length > 0) upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      this.#own(upstream);
      upstream.on('error', () => client.destroy());
    });
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #own(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
