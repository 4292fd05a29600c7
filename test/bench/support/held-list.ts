// An HTTP relay before a v1 service that keeps the answers with the list of sessions until they are let go, and knows when the last of one went.
import { type IncomingMessage, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface HeldList {
  readonly endpoint: string;
  /** Resolves when an answer with the list is here, whole. */
  held(): Promise<void>;
  /** Lets the list go, this and every later one. Gives the time (`performance.now()`) when its last byte was handed over. */
  release(): Promise<number>;
  close(): Promise<void>;
}

export async function holdList(target: string): Promise<HeldList> {
  const { hostname, port } = new URL(target);
  const here = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<number>();
  const server = createServer((from, to) => {
    const passOn = async (answer: IncomingMessage): Promise<void> => {
      const body = await buffer(answer);
      const isList = from.url?.startsWith('/v1/session/list') === true;
      if (isList) {
        here.resolve();
        await go.promise;
      }
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      to.end(body, () => {
        if (isList) gone.resolve(performance.now());
      });
    };
    const upstream = request(
      {
        hostname,
        port,
        path: from.url,
        method: from.method,
        headers: { ...from.headers, host: `${hostname}:${port}` },
      },
      (answer) => {
        void passOn(answer).catch(() => to.destroy());
      },
    );
    upstream.on('error', () => to.destroy());
    from.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held: () => here.promise,
    release: () => {
      go.resolve();
      return gone.promise;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
