/** The WebSockets of the sandbox: bounded frames, and a pong that is checked. */
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { Clock } from '../state/clock.ts';

const PING_MS = 20_000;

/** A server without a port of its own: the HTTP server's upgrades are handed to it. Limits as trust.md S42. */
export function createSocketServer(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: 16 * 1024 * 1024,
    maxFragments: 4096,
  });
}

/** Pings until the socket closes, and cuts it when a pong is missing for a whole round. */
export function keepAlive(socket: WebSocket, clock: Clock): void {
  let alive = true;
  let forget: () => void = () => undefined;
  const beat = (): void => {
    if (!alive) {
      socket.terminate();
      return;
    }
    alive = false;
    socket.ping();
    forget = clock.after(PING_MS, beat);
  };
  forget = clock.after(PING_MS, beat);
  socket.on('pong', () => (alive = true));
  socket.once('close', () => forget());
  // `close` follows; what was wrong with the frame concerns only its sender.
  socket.on('error', () => undefined);
}
