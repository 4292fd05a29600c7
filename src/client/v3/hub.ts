/**
 * The one stream of a signed-in origin, shared by every session of the window: registration, requests by req_id, subscriptions, liveness,
 * reconnect. It holds a link only while somebody needs one, and never sends a request twice by itself (protocol/v3.md; trust.md F01–F08).
 */

import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { SecGeminiError, toSecGeminiError } from '../../core/errors.ts';
import { Backoff } from '../backoff.ts';
import { pause } from '../clock.ts';
import { type Context, RECEIVE_LIMIT, TIMES } from './context.ts';
import { cancelled, lost, sessionGone } from './errors.ts';
import type { ClientMessageSchema, ServerMessage } from './gen/api_hub_pb.js';
import { Link } from './link.ts';
import { Liveness } from './liveness.ts';
import type { MessageMemory } from './memory.ts';
import { PendingRequests } from './requests.ts';
import { Subscription } from './subscription.ts';

type ClientMessageInit = MessageInitShape<typeof ClientMessageSchema>;
type Payload = NonNullable<ClientMessageInit['payload']>;
type Answers = Exclude<ServerMessage['payload'], { case: undefined }>;
export type Answer<C extends Answers['case']> = Extract<Answers, { case: C }>['value'];

export interface RequestOptions {
  readonly sessionId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Called when the request was handed to the link: from then on it may have been taken. */
  readonly onSent?: (() => void) | undefined;
  /** Called with the answer, in its place among the messages of the link; the promise settles a little later. */
  readonly onAnswer?: ((message: ServerMessage) => void) | undefined;
}

/** A GOAWAY lets requests that are under way finish for this long. */
const DRAIN_MS = 2_000;
/** Far more subscriptions than can have messages on their way. */
const ENDED_KEPT = 1_000;
/** A request on a link that just failed to come up does not hammer the service. */
const HURRY_MS = 1_000;

export class Hub {
  readonly #context: Context;
  readonly #backoff: Backoff;
  readonly #requests: PendingRequests;
  readonly #subscriptions = new Map<string, Subscription>();
  /** req_ids of subscriptions that ended on this link: what still comes for them is for nobody else. */
  readonly #ended = new Set<string>();
  readonly #waits = new Set<AbortController>();
  #link: Link | undefined;
  #opening: Promise<Link> | undefined;
  #liveness: Liveness | undefined;
  #userId = '';
  /** The service refused the key: nothing is tried with it any more (F30). */
  #refused: SecGeminiError | undefined;
  #reconnecting = false;
  #lastAttempt = Number.NEGATIVE_INFINITY;
  #unreadable = 0;

  constructor(context: Context) {
    this.#context = context;
    this.#backoff = new Backoff(context.clock, context.random);
    this.#requests = new PendingRequests(context.clock);
    context.closed.addEventListener('abort', () => this.#close(), { once: true });
  }

  get userId(): string {
    return this.#userId;
  }

  /** Resolves with a registered link, opening one if there is none. Rejects with the failure of the attempt that was made for it. */
  async connected(signal?: AbortSignal): Promise<Link> {
    if (this.#refused !== undefined) throw this.#refused;
    if (this.#context.closed.aborted || signal?.aborted === true) throw cancelled();
    if (this.#link !== undefined) return this.#link;
    if (this.#opening === undefined) {
      const wait = this.#lastAttempt + HURRY_MS - this.#context.clock.now();
      if (wait > 0) await this.#wait(wait, signal);
    }
    return this.#link ?? abortable(this.#open(), signal);
  }

  /**
   * Asks and waits for the answer of the named kind. Rejects with `notFound` when the service does not know the session, `timeout`, and
   * `unavailable` when the link breaks; it is never sent again by itself.
   */
  async request<C extends Answers['case']>(
    payload: Payload,
    answer: C,
    options: RequestOptions = {},
  ): Promise<Answer<C>> {
    const link = await this.connected(options.signal);
    if (options.signal?.aborted === true) throw cancelled();
    return this.#ask(link, payload, answer, options);
  }

  /**
   * Follows a session. Without `memory` everything is replayed (history); with it, what comes after its last id and is not in it.
   * The subscription lives through reconnects until it is closed.
   */
  subscribe(sessionId: string, memory?: MessageMemory): Subscription {
    const reqId = randomUUID();
    const subscription: Subscription = new Subscription(reqId, sessionId, memory, {
      onFull: () => this.#pace(),
      onClose: () => this.#unsubscribe(subscription),
    });
    this.#subscriptions.set(reqId, subscription);
    if (this.#refused !== undefined) subscription.put({ type: 'failed', error: this.#refused });
    else if (this.#link !== undefined) this.#follow(this.#link, subscription);
    else void this.#reconnect(undefined);
    this.#liveness?.poke();
    return subscription;
  }

  /** Asks for the stream once more on the link that stands: nothing came for too long. */
  resubscribe(subscription: Subscription): void {
    if (this.#link !== undefined) this.#replay(this.#link, subscription);
  }

  /** Ends every wait before a reconnect now. */
  retryNow(): void {
    this.#backoff.reset();
    for (const wait of this.#waits) wait.abort();
  }

  #open(): Promise<Link> {
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.#attempt().finally(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
    return opening;
  }

  async #attempt(): Promise<Link> {
    const { clock, closed } = this.#context;
    this.#backoff.started();
    this.#lastAttempt = clock.now();
    let ended: { error: SecGeminiError | undefined } | undefined;
    let link: Link | undefined;
    try {
      const opened = await Link.open(
        this.#context,
        {
          onMessage: (message) => this.#route(message),
          onUnreadable: () => this.#skipped(),
          onOversize: (length) => this.#tooLarge(length),
          onAlive: () => this.#liveness?.alive(),
          onGoAway: () => this.#drain(link),
          onEnd: (error) => {
            ended = { error };
            if (link !== undefined) this.#onEnd(link, error);
          },
        },
        closed,
      );
      link = opened;
      if (ended !== undefined) throw ended.error ?? lost('ended at once');
      const { success, message, userId } = await this.#ask(
        opened,
        { case: 'registerRequest', value: { apiKey: this.#context.apiKey } },
        'registerResponse',
        { timeoutMs: TIMES.connect, signal: closed },
      );
      if (!success)
        throw new SecGeminiError(
          'unauthenticated',
          this.#context.redact(
            message === ''
              ? 'The service refused the API key.'
              : `The service refused the API key: ${message.slice(0, 300)}`,
          ),
        );
      this.#userId = userId;
      this.#up(opened);
      return opened;
    } catch (error) {
      // What ended the link says more than the registration that failed with it.
      const known = ended?.error ?? toSecGeminiError(error);
      link?.close(known);
      if (known.code === 'unauthenticated' || known.code === 'permissionDenied') this.#refuse(known);
      throw known;
    }
  }

  #up(link: Link): void {
    this.#link = link;
    this.#backoff.up();
    this.#context.log('info', `Registered with ${this.#context.endpoint.origin}`);
    this.#liveness = new Liveness(this.#context.clock, {
      needed: () => this.#subscriptions.size > 0 || this.#requests.size > 0,
      held: () => [...this.#subscriptions.values()].some((subscription) => subscription.isFull),
      probe: async (timeoutMs) => {
        await this.#ask(link, { case: 'listSessionsRequest', value: { limit: 1 } }, 'listSessionsResponse', {
          timeoutMs,
        });
      },
      onDead: () => link.close(lost('no sign of life')),
      onIdle: () => link.close(cancelled()),
    });
    this.#pace();
    for (const subscription of this.#subscriptions.values()) this.#follow(link, subscription);
  }

  #follow(link: Link, subscription: Subscription): void {
    this.#replay(link, subscription);
    subscription.put({ type: 'connected' });
  }

  #replay(link: Link, subscription: Subscription): void {
    const { reqId, sessionId, lastId } = subscription;
    link.send({
      reqId,
      sessionId,
      payload: { case: 'streamMessagesRequest', value: lastId === undefined ? {} : { lastMessageId: lastId } },
    });
  }

  async #ask<C extends Answers['case']>(
    link: Link,
    payload: Payload,
    answer: C,
    options: RequestOptions,
  ): Promise<Answer<C>> {
    const reqId = randomUUID();
    const timeoutMs = options.timeoutMs ?? TIMES.request;
    const reply = this.#requests.add(reqId, link, timeoutMs, options.signal, options.onAnswer);
    link.send({ reqId, sessionId: options.sessionId ?? '', payload });
    options.onSent?.();
    this.#liveness?.poke();
    const { payload: got } = await reply;
    if (got.case === answer) return got.value as Answer<C>;
    if (got.case === 'sessionNotFound') throw sessionGone();
    throw new SecGeminiError('protocol', `The service answered ${String(payload.case)} with ${String(got.case)}.`);
  }

  #route(message: ServerMessage): void {
    const { payload, reqId } = message;
    switch (payload.case) {
      case 'message':
        for (const subscription of this.#addressees(reqId, payload.value.sessionId)) subscription.offer(payload.value);
        return;
      case 'sessionStateChange':
        for (const subscription of this.#addressees(reqId, payload.value.sessionId))
          subscription.put({ type: 'status', status: payload.value.status });
        return;
      case 'sessionNotFound':
        if (this.#requests.settle(message)) return;
        for (const subscription of this.#addressees(reqId, payload.value.sessionId)) subscription.put({ type: 'gone' });
        return;
      default:
        if (!this.#requests.settle(message))
          this.#context.log('trace', `An answer that nobody waits for: ${String(payload.case)}`);
    }
  }

  /** By the subscription's req_id, else by session. A named session that is not the subscription's own reaches nobody. */
  #addressees(reqId: string, sessionId: string): readonly Subscription[] {
    const own = this.#subscriptions.get(reqId);
    if (own !== undefined) return sessionId === '' || sessionId === own.sessionId ? [own] : [];
    if (sessionId === '' || this.#ended.has(reqId)) return [];
    return [...this.#subscriptions.values()].filter((subscription) => subscription.sessionId === sessionId);
  }

  #unsubscribe(subscription: Subscription): void {
    this.#subscriptions.delete(subscription.reqId);
    this.#ended.add(subscription.reqId);
    if (this.#ended.size > ENDED_KEPT) this.#ended.delete([...this.#ended][0] ?? '');
    this.#pace();
    const { sessionId } = subscription;
    // Some services stop every stream of the session on this link, so the last one to leave turns off the light.
    const shared = [...this.#subscriptions.values()].some((other) => other.sessionId === sessionId);
    if (!shared)
      this.#link?.send({ reqId: randomUUID(), sessionId, payload: { case: 'stopStreamMessagesRequest', value: {} } });
  }

  /** Reads on only while every subscription has room (F20). */
  #pace(): void {
    this.#link?.setPaused([...this.#subscriptions.values()].some((subscription) => subscription.isFull));
  }

  #drain(link: Link | undefined): void {
    if (link === undefined || link !== this.#link) return;
    const close = (): void => link.close(lost('the service is restarting'));
    if (this.#requests.size === 0) return close();
    void pause(this.#context.clock, DRAIN_MS, this.#context.closed).then(close);
  }

  #onEnd(link: Link, error: SecGeminiError | undefined): void {
    const known = error ?? lost('ended by the service');
    this.#requests.fail(link, known.code === 'cancelled' ? known : connectionError(known));
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#ended.clear();
    this.#liveness?.dispose();
    this.#liveness = undefined;
    if (known.code === 'unauthenticated' || known.code === 'permissionDenied') return this.#refuse(known);
    if (known.code !== 'cancelled') this.#context.log('info', this.#context.redact(`Link lost: ${known.message}`));
    void this.#reconnect(known);
  }

  /** Keeps trying while somebody follows a session. `why`: what ended the last link; undefined at the very first. */
  async #reconnect(why: SecGeminiError | undefined): Promise<void> {
    if (this.#reconnecting) return;
    this.#reconnecting = true;
    let error = why;
    try {
      while (this.#subscriptions.size > 0 && this.#link === undefined && !this.#context.closed.aborted) {
        if (error !== undefined) {
          const wait = this.#backoff.down(error.retryAfterMs);
          this.#tell({ type: 'reconnecting', retryInMs: Math.round(wait), error });
          await this.#wait(wait);
          if (this.#subscriptions.size === 0 || this.#context.closed.aborted) return;
        }
        try {
          await this.#open();
        } catch (failure) {
          error = toSecGeminiError(failure);
          if (this.#refused !== undefined || this.#context.closed.aborted) return;
          this.#context.log('warn', this.#context.redact(`Connecting failed: ${error.code}: ${error.message}`));
          if (error.code === 'protocol') return this.#tell({ type: 'failed', error });
        }
      }
    } finally {
      this.#reconnecting = false;
    }
  }

  async #wait(ms: number, signal?: AbortSignal): Promise<void> {
    const early = new AbortController();
    const abort = (): void => early.abort();
    this.#waits.add(early);
    signal?.addEventListener('abort', abort, { once: true });
    await pause(this.#context.clock, ms, early.signal);
    signal?.removeEventListener('abort', abort);
    this.#waits.delete(early);
  }

  #refuse(error: SecGeminiError): void {
    this.#refused = error;
    this.#tell({ type: 'failed', error });
  }

  #tell(item: Parameters<Subscription['put']>[0]): void {
    for (const subscription of this.#subscriptions.values()) subscription.put(item);
  }

  #skipped(): void {
    this.#unreadable += 1;
    this.#context.log(
      'warn',
      `A message of the service could not be read and was skipped (${this.#unreadable} so far).`,
    );
    this.#tell({ type: 'skipped', text: 'A message of the service could not be read and was skipped.' });
  }

  #tooLarge(length: number): void {
    const mib = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
    const text = `The service sent a message of ${mib(length)}, more than the ${mib(RECEIVE_LIMIT)} taken at once; it was skipped.`;
    this.#context.log('warn', text);
    this.#tell({ type: 'skipped', text });
  }

  #close(): void {
    for (const wait of this.#waits) wait.abort();
    this.#link?.close(cancelled());
    this.#tell({ type: 'failed', error: cancelled() });
  }
}

/** What a request in flight rejects with: the link's trouble, never a success that is unknown. */
function connectionError(error: SecGeminiError): SecGeminiError {
  return error.code === 'unauthenticated' || error.code === 'permissionDenied' || error.code === 'rateLimited'
    ? error
    : new SecGeminiError('unavailable', error.message, { action: error.action, cause: error });
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancelled());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
