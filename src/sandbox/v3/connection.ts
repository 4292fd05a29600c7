/** ApiHub.Connect: one call, on which an account registers, asks and follows its sessions. */
import { Code, ConnectError } from '@connectrpc/connect';
import type { ClientMessage } from '../../client/v3/gen/api_hub_pb.js';
import type { Account, Accounts } from '../accounts.ts';
import { Refusal } from '../state/model.ts';
import type { Answered } from './answered.ts';
import { Outbox } from './outbox.ts';
import { answer } from './requests.ts';
import type { Request, RequestPorts } from './requests.ts';
import { Feed } from './room.ts';
import type { Room } from './room.ts';
import type { Payload, ServerMessageInit } from './shapes.ts';

/** Who has not said a key by then is sent away. */
const REGISTER_MS = 5_000;
/** Requests before the registration wait for it: the official client may be faster with one than with its key. */
const MOST_EARLY = 100;
const MOST_AT_WORK = 64;
const MOST_FEEDS = 256;

export interface ConnectionPorts extends RequestPorts {
  readonly accounts: Accounts;
  readonly answered: Answered;
  /** Told no key and no content. */
  readonly onError: (error: unknown) => void;
}

export class Connection {
  readonly #ports: ConnectionPorts;
  /** Cuts the connection without a goodbye. */
  readonly #cut: () => void;
  readonly #outbox = new Outbox<ServerMessageInit>(() => this.#pull());
  readonly #early: ClientMessage[] = [];
  readonly #atWork = new Set<Promise<void>>();
  /** Latest states of sessions that are not followed here, by session. */
  readonly #states = new Map<string, Room>();
  #feeds: Feed[] = [];
  #account: Account | undefined;
  #forget: () => void = () => undefined;
  #closed = false;

  constructor(ports: ConnectionPorts, cut: () => void) {
    this.#ports = ports;
    this.#cut = cut;
  }

  get account(): Account | undefined {
    return this.#account;
  }

  /** Serves the call until either side ends it. `onClose` comes once. */
  async *serve(
    requests: AsyncIterable<ClientMessage>,
    signal: AbortSignal,
    onClose: () => void,
  ): AsyncGenerator<ServerMessageInit, void, void> {
    const close = (): void => {
      if (this.#closed) return;
      this.#closed = true;
      this.#forget();
      for (const feed of this.#feeds) feed.room.leave(feed);
      this.#feeds = [];
      this.#outbox.end();
      onClose();
    };
    this.#forget = this.#ports.clock.after(REGISTER_MS, () => {
      if (this.#account === undefined)
        this.end(new ConnectError('No RegisterRequest came within 5 seconds.', Code.Unauthenticated));
    });
    const read = async (): Promise<void> => {
      for await (const message of requests) await this.#take(message);
      await Promise.all(this.#atWork);
    };
    signal.addEventListener('abort', close, { once: true });
    // A message that is none ends the call; so does the client's own end, once all is answered.
    read().then(
      () => this.#outbox.end(),
      () => this.#outbox.end(),
    );
    try {
      yield* this.#outbox.messages();
    } finally {
      close();
    }
  }

  end(error?: ConnectError): void {
    this.#outbox.end(error);
  }

  /** A session's state has changed; who follows it is told there. */
  stateChanged(room: Room): void {
    if (this.#feeds.some((feed) => feed.room === room)) return;
    this.#states.set(room.session.id, room);
    this.#outbox.wake();
  }

  async #take(message: ClientMessage): Promise<void> {
    const { payload, reqId, sessionId } = message;
    // A request of the future has no answer here.
    if (payload.case === undefined) return;
    if (payload.case === 'registerRequest') return this.#register(reqId, payload.value.apiKey);
    const account = this.#account;
    if (account === undefined) {
      if (this.#early.push(message) > MOST_EARLY)
        this.end(new ConnectError('The first request must be a RegisterRequest.', Code.Unauthenticated));
      return;
    }
    switch (payload.case) {
      case 'streamMessagesRequest':
        this.#follow(account, reqId, sessionId, payload.value.lastMessageId);
        return;
      case 'stopStreamMessagesRequest':
        this.#stop(sessionId);
        return;
      default: {
        const work = this.#answer(account, { reqId, sessionId, asked: payload }).finally(() =>
          this.#atWork.delete(work),
        );
        this.#atWork.add(work);
        if (this.#atWork.size >= MOST_AT_WORK) await Promise.race(this.#atWork);
      }
    }
  }

  async #register(reqId: string, key: string): Promise<void> {
    const account = this.#ports.accounts.find(key);
    const success = account !== undefined && (this.#account === undefined || this.#account === account);
    const value = success
      ? { success, message: 'OK', userId: account.id }
      : { success, message: 'The API key is not known here.', userId: '' };
    this.#outbox.put({ reqId, payload: { case: 'registerResponse', value } });
    if (!success) {
      this.end();
      return;
    }
    this.#account = account;
    for (const message of this.#early.splice(0)) await this.#take(message);
  }

  async #answer(account: Account, { reqId, sessionId, asked }: Request): Promise<void> {
    const { answered, store, onError } = this.#ports;
    if (asked.case === 'registerRequest' || asked.case === 'streamMessagesRequest') return;
    if (asked.case === 'stopStreamMessagesRequest') return;
    try {
      const payload = await answered.once({ user: account.id, reqId, sessionId, case: asked.case }, async () => {
        try {
          return await answer(this.#ports, account, { reqId, sessionId, asked });
        } catch (error) {
          if (!(error instanceof Refusal) || error.status === 503) throw error;
          return refusal(asked.case, error.message);
        } finally {
          await store.settled();
        }
      });
      this.#outbox.put({ reqId, payload });
    } catch (error) {
      if (error instanceof Refusal) this.end(new ConnectError(error.message, Code.Unavailable));
      else {
        onError(error);
        this.#outbox.put({ reqId, payload: refusal(asked.case, 'The sandbox failed.') });
      }
    }
  }

  /** The same req_id again starts again, from its own last_message_id. */
  #follow(account: Account, reqId: string, sessionId: string, lastId: string | undefined): void {
    const room = this.#ports.conversations.find(account.id, sessionId);
    if (room === undefined) {
      this.#outbox.put({ reqId, payload: { case: 'sessionNotFound', value: { sessionId } } });
      return;
    }
    this.#drop((feed) => feed.room === room && feed.reqId === reqId);
    if (this.#feeds.length >= MOST_FEEDS) this.#drop((feed) => feed === this.#feeds[0]);
    const feed = new Feed(room, reqId, Feed.placeOf(room.session, lastId), {
      wake: () => this.#outbox.wake(),
      drop: this.#cut,
    });
    this.#states.delete(sessionId);
    this.#feeds.push(feed);
    room.follow(feed);
  }

  /**
   * A stop names the session and none of its subscriptions. With one there is no doubt. With several, one of them is over and the others
   * are not: from here on one feed without a req_id serves them all (clients then go by the session), until as many stops have come.
   */
  #stop(sessionId: string): void {
    const own = this.#feeds.filter((feed) => feed.room.session.id === sessionId);
    const [first] = own.toSorted((a, b) => a.place - b.place);
    const left = own.reduce((sum, feed) => sum + feed.count, 0) - 1;
    this.#drop((feed) => own.includes(feed));
    if (first === undefined || left <= 0) return;
    const ports = { wake: () => this.#outbox.wake(), drop: this.#cut };
    const shared = new Feed(first.room, '', first.place, ports, left);
    this.#feeds.push(shared);
    first.room.follow(shared);
  }

  #drop(which: (feed: Feed) => boolean): void {
    for (const feed of this.#feeds) if (which(feed)) feed.room.leave(feed);
    this.#feeds = this.#feeds.filter((feed) => !which(feed));
  }

  /** States first, then the feeds in turn, so that a long replay holds up nobody else. */
  #pull(): ServerMessageInit | undefined {
    for (const [sessionId, room] of this.#states) {
      this.#states.delete(sessionId);
      if (!room.isGone) return { payload: { case: 'sessionStateChange', value: { sessionId, status: room.status } } };
    }
    for (let tries = this.#feeds.length; tries > 0; tries--) {
      const feed = this.#feeds.shift();
      if (feed === undefined) return undefined;
      const message = feed.pull();
      if (feed.room.isGone) feed.room.leave(feed);
      else this.#feeds.push(feed);
      if (message !== undefined) return message;
    }
    return undefined;
  }
}

/** Every answer can say success=false, some can say why; `create` drops a field that the answer has not. */
function refusal(asked: Exclude<Request['asked']['case'], undefined>, errorMessage: string): Payload {
  return { case: asked.replace(/Request$/, 'Response'), value: { success: false, errorMessage } } as Payload;
}
