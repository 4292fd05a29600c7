/** WS /v1/stream: prompts and answers to them come in, the session's messages go out. */
import { randomUUID } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import { inWords } from '../../core/zod-words.ts';
import type { Account } from '../accounts.ts';
import { FRAME_LIMITS, parseJson } from '../net/json.ts';
import { keepAlive } from '../net/sockets.ts';
import type { Clock } from '../state/clock.ts';
import { Refusal } from '../state/model.ts';
import type { StoredSession } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import type { Conversations } from './conversations.ts';
import type { Listener } from './delivery.ts';
import { statusName } from './messages.ts';
import { incomingSchema, messageSchema } from './shapes.ts';
import type { V1Message } from './shapes.ts';

/** Who sends no prompt for so long after connecting came to listen. Prompts follow their handshake at once. */
const SETTLE_MS = 250;
/** When there is nothing to hear after this, the last end is repeated: a client that came back would wait for it for ever. */
const REPEAT_END_MS = 1000;
/** Closing at once would beat the prompt that the client is about to send: it would try again instead of reading why. */
const LINGER_MS = 2000;
const SLOW_BYTES = 1024 * 1024;
/** Close code of a session that is not there. */
const GONE = 4001;

export interface StreamQuery {
  readonly sessionId: string;
  readonly wantsPieces: boolean;
}

class Connection implements Listener {
  readonly wantsPieces: boolean;
  readonly #socket: WebSocket;
  #drained: Promise<void> | undefined;

  constructor(socket: WebSocket, wantsPieces: boolean) {
    this.#socket = socket;
    this.wantsPieces = wantsPieces;
  }

  get drained(): Promise<void> | undefined {
    return this.#drained;
  }

  send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    // Called with an error too, when the connection ends first.
    this.#socket.send(text, () => resolve());
    if (this.#socket.bufferedAmount < SLOW_BYTES) return;
    this.#drained = promise.then(() => (this.#drained = undefined));
  }

  drop(): void {
    this.#socket.terminate();
  }
}

/** An error that belongs to no turn. */
function errorMessage(code: number, content: string, status = statusName(code)): string {
  const parts = { message_type: 'error', role: 'system', actor: 'sec-gemini', state: 'undefined', content } as const;
  return JSON.stringify(
    messageSchema.parse({ ...parts, id: randomUUID().slice(0, 8), status_code: code, status_message: status }),
  );
}

export class StreamEndpoint {
  readonly #store: Store;
  readonly #conversations: Conversations;
  readonly #clock: Clock;
  readonly #open = new Map<StoredSession, Set<WebSocket>>();

  constructor(store: Store, conversations: Conversations, clock: Clock) {
    this.#store = store;
    this.#conversations = conversations;
    this.#clock = clock;
    store.onRemoved((session) => {
      for (const socket of this.#open.get(session) ?? []) this.#sayGone(socket);
      this.#open.delete(session);
    });
  }

  /** Serves an accepted connection of this account. */
  serve(socket: WebSocket, account: Account, { sessionId, wantsPieces }: StreamQuery): void {
    keepAlive(socket, this.#clock);
    const session = this.#store.session(account.id, sessionId);
    if (session?.protocol !== 'v1') {
      this.#sayGone(socket);
      return;
    }
    const { delivery, exchanges } = this.#conversations.live(session);
    const listener = new Connection(socket, wantsPieces);
    const sockets = this.#open.get(session) ?? new Set();
    this.#open.set(session, sockets.add(socket));
    delivery.add(listener);
    const forgetSettle = this.#clock.after(SETTLE_MS, () => {
      delivery.listens(listener);
      exchanges.listenerReady();
    });
    const forgetRepeat = this.#clock.after(REPEAT_END_MS, () => {
      if (!this.#conversations.isBusy(session)) delivery.repeatEnd(listener);
    });
    socket.on('message', (data) => {
      const text = textOf(data);
      const message = readMessage(text);
      if (typeof message === 'string') listener.send(errorMessage(422, message, 'Invalid message'));
      else this.#take(session, account, listener, message);
      exchanges.listenerReady();
    });
    socket.once('close', () => {
      forgetSettle();
      forgetRepeat();
      delivery.remove(listener);
      exchanges.listenerGone(listener);
      sockets.delete(socket);
      if (sockets.size === 0 && this.#open.get(session) === sockets) this.#open.delete(session);
    });
  }

  #take(session: StoredSession, account: Account, listener: Connection, message: V1Message): void {
    const current = this.#store.session(account.id, session.id);
    if (current !== session) return;
    const { delivery, exchanges } = this.#conversations.live(session);
    if (message.message_type === 'local_tool_result' || message.message_type === 'confirmation_response') {
      delivery.listens(listener);
      exchanges.take(message);
    } else if (message.message_type === 'query') {
      try {
        this.#conversations.ask(session, account, message, { hasSocket: true, listener });
      } catch (error) {
        if (error instanceof Refusal) listener.send(errorMessage(error.status, error.message));
        else listener.send(errorMessage(500, 'The sandbox could not keep the prompt.'));
      }
    } else {
      listener.send(errorMessage(422, `A client sends no message of type ${message.message_type}.`, 'Invalid message'));
    }
  }

  #sayGone(socket: WebSocket): void {
    socket.send(errorMessage(404, 'Session not found', 'Session not found'), () => undefined);
    const forget = this.#clock.after(LINGER_MS, () => socket.close(GONE, 'Session Not Found'));
    socket.once('close', forget);
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8');
}

/** The message of a frame, or what is wrong with it. */
function readMessage(text: string): V1Message | string {
  try {
    const result = incomingSchema.safeParse(parseJson(text, FRAME_LIMITS), inWords);
    return result.success
      ? result.data
      : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
