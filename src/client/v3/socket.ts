/** The way to the service for HTTP/2: directly or through a CONNECT tunnel, with TLS that must agree on h2. */

// The bare names, not `node:tls`: VS Code's extension host patches exactly these for its certificates (see ../transport.ts).
/* oxlint-disable unicorn/prefer-node-protocol */
import net from 'net';
import tls from 'tls';
/* oxlint-enable unicorn/prefer-node-protocol */
import { type Endpoint, isLoopback } from '../../core/endpoint.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Clock } from '../clock.ts';
import { type TransportOptions, tunnel } from '../transport.ts';
import { TIMES } from './context.ts';
import { cancelled } from './errors.ts';

export interface SocketOptions {
  readonly endpoint: Endpoint;
  readonly transport: TransportOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of a probe that also wants to know when the other side speaks only HTTP/1.1. Default: h2 alone. */
  readonly protocols?: readonly string[] | undefined;
}

/**
 * Opens a socket on which HTTP/2 may start. Rejects with Node's own error or a SecGeminiError; `protocol` when TLS stands but the other side
 * does not speak HTTP/2. Gives up after 15 s.
 */
export function openSocket(options: SocketOptions): Promise<net.Socket> {
  const { clock, signal } = options;
  return new Promise((resolve, reject) => {
    let current: net.Socket | undefined;
    let over = false;
    const finish = (act: () => void): void => {
      if (over) return;
      over = true;
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const fail = (error: Error): void =>
      finish(() => {
        current?.destroy();
        reject(error);
      });
    const onAbort = (): void => fail(cancelled());
    const cancelTimer = clock.after(TIMES.connect, () =>
      fail(new SecGeminiError('timeout', `${options.endpoint.hostname} did not answer in time.`)),
    );
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    dial(options, (socket) => {
      current = socket;
      // Whoever comes too late destroys what it opened.
      if (over) socket.destroy();
    }).then((socket) => (over ? socket.destroy() : finish(() => resolve(socket))), fail);
  });
}

async function dial(options: SocketOptions, onSocket: (socket: net.Socket) => void): Promise<net.Socket> {
  const { endpoint, transport } = options;
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  const target = { secure: endpoint.secure, host, port: endpoint.port };
  const extra = transport.extraCa ?? [];
  const ca = extra.length === 0 ? undefined : [...tls.rootCertificates, ...extra];
  const proxy = isLoopback(host) ? undefined : await transport.proxyFor?.(target);
  const carrier = proxy === undefined ? undefined : await tunnel(proxy, target, transport, ca);
  if (carrier !== undefined) onSocket(carrier);
  if (!endpoint.secure) {
    if (carrier !== undefined) return carrier;
    const socket = net.connect({ host, port: endpoint.port, noDelay: true });
    onSocket(socket);
    await opened(socket, 'connect');
    return socket;
  }
  const socket = tls.connect({
    ...(carrier === undefined ? { host, port: endpoint.port } : { socket: carrier }),
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
    // For an address, the certificate is checked against it although there is no server name to send.
    ...(carrier !== undefined && net.isIP(host) !== 0 ? { host } : {}),
    ALPNProtocols: [...(options.protocols ?? ['h2'])],
    ...(ca === undefined ? {} : { ca }),
  });
  onSocket(socket);
  await opened(socket, 'secureConnect');
  if (options.protocols === undefined && socket.alpnProtocol !== 'h2') {
    socket.destroy();
    throw new SecGeminiError('protocol', `${host} does not speak HTTP/2, which this protocol needs.`, {
      action: 'Set secGemini.protocol to auto or v1; a proxy that inspects TLS can also cause this.',
    });
  }
  socket.setNoDelay(true);
  return socket;
}

function opened(socket: net.Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => done(new Error('closed before it was open'));
    const onOpen = (): void => done();
    const done = (error?: Error): void => {
      socket.off(event, onOpen).off('error', done).off('close', onClose);
      if (error === undefined) resolve();
      else {
        // A second error of a socket that is given up must not end the process.
        socket.on('error', () => undefined);
        reject(error);
      }
    };
    socket.once(event, onOpen).once('error', done).once('close', onClose);
  });
}
