/**
 * One turn over links that may break: the prompt is sent once, the rest is listening. Whether a prompt arrived is for the session's own
 * messages to say; when they cannot, the delivery is `unknown` and the user decides (trust.md F01–F17, F22, F30, F31).
 */

import { SecGeminiError, errorInfo, toSecGeminiError } from '../../core/errors.ts';
import type { DeliveryState, SessionEvent } from '../../core/events.ts';
import type { SessionInfo } from '../../core/model.ts';
import { pause } from '../clock.ts';
import { isActive, toStatus } from './codec.ts';
import type { Context } from './context.ts';
import { sessionGone } from './errors.ts';
import type { SessionInfo as WireSession, Message as WireMessage } from './gen/api_hub_pb.js';
import type { Hub } from './hub.ts';
import type { MessageMemory } from './memory.ts';
import type { Item, Subscription } from './subscription.ts';
import { type Ending, type Missing, TurnReader } from './turn.ts';

export interface TurnPorts {
  readonly context: Context;
  readonly hub: Hub;
  readonly memory: MessageMemory;
  /** The session as the list has it now; undefined = not there. Rejects with SecGeminiError. */
  readonly find: (signal: AbortSignal) => Promise<WireSession | undefined>;
  /** Told of every message; gives the session's info when the message changes its name. */
  readonly onMessage: (message: WireMessage) => SessionInfo | undefined;
}

export interface OutgoingPrompt {
  readonly id: string;
  /** As it goes over the wire. */
  readonly text: string;
  readonly meta: Readonly<Record<string, string>>;
  /** See TurnOptions. */
  readonly notBefore: number;
}

export interface StreamOptions {
  readonly sessionId: string;
  readonly prompt?: OutgoingPrompt | undefined;
  readonly finalKnown?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** How long nothing may come, by what is waited for. */
const PATIENCE: Readonly<Record<Missing, number>> = {
  progress: 45_000,
  status: 15_000,
  message: 60_000,
  lastWord: 250,
  question: 1_000,
};
const PAUSED_PATIENCE = 300_000;
/** After the list said that the job is over, its last message is either on its way or lost. */
const AFTER_LIST = 3_000;
/** A session that does nothing after it took our prompt is asked so often; then it has lost it. */
const IDLE_LOOKS = 3;
/** A prompt that may have been lost is looked for in the session this often after a reconnect, then the user decides. */
const ARRIVAL_CHECKS = [1_000, 3_000, 8_000];

/**
 * Runs one turn in steps: every step gives the events to show next, the last of them one `turnEnd`; then undefined. Never throws. It is no
 * generator itself, because each level of those costs a fast stream a good part of its speed.
 */
export class Turn {
  readonly #ports: TurnPorts;
  readonly #options: StreamOptions;
  readonly #subscription: Subscription;
  readonly #reader: TurnReader;
  #delivery: DeliveryState | undefined;
  /** The prompt is on its way to the link, or was handed to it: it never goes out a second time. */
  #asking = false;
  #sent = false;
  #answered = false;
  /** The prompt left and nobody knows whether it arrived; counts the looks. */
  #looks: number | undefined;
  #listed = false;
  /** So often in a row the list said that a session with our prompt in it does nothing. */
  #idleLooks = 0;
  #linked = false;
  readonly #skipped = new Set<string>();
  /** Listening found a session in which nothing ever ran. */
  #idle = false;
  #over: Ending | undefined;
  #phase: 'new' | 'running' | 'over' = 'new';

  constructor(ports: TurnPorts, options: StreamOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#subscription = ports.hub.subscribe(options.sessionId, ports.memory);
    const { sessionId, prompt, finalKnown } = options;
    this.#reader = new TurnReader({ sessionId, prompt, finalKnown });
  }

  /** Ends the subscription. Safe to call twice. */
  dispose(): void {
    this.#subscription.close();
  }

  /** A promise only where something has to be waited for. */
  next(): readonly SessionEvent[] | undefined | Promise<readonly SessionEvent[]> {
    if (this.#phase === 'over') return undefined;
    if (this.#phase === 'new') {
      this.#phase = 'running';
      return [{ type: 'connection', state: 'connecting' }];
    }
    if (this.#over !== undefined || this.#idle || this.#options.signal.aborted) {
      this.#phase = 'over';
      return [...this.#finish()];
    }
    const item = this.#subscription.take();
    if (item === undefined) return this.#pull();
    const events = item.type === 'message' ? this.#message(item.message) : [...this.#take(item)];
    if (this.#over === undefined && this.#reader.missing === undefined) this.#over = this.#reader.ending;
    return events;
  }

  async #pull(): Promise<readonly SessionEvent[]> {
    return (await this.#wait()) || this.#options.signal.aborted ? [] : this.#quiet();
  }

  *#take(item: Item): Generator<SessionEvent, void, void> {
    switch (item.type) {
      case 'message':
        yield* this.#message(item.message);
        return;
      case 'status':
        yield* this.#state(item.status);
        return;
      case 'listed':
        if (item.session === undefined) yield* this.#gone();
        else yield* this.#state(item.session.status);
        return;
      case 'connected':
        yield { type: 'connection', state: 'connected' };
        // After the stream was asked for, the list tells what a lost link may have kept from us.
        if (this.#sent || this.#options.prompt === undefined) this.#list();
        this.#linked = true;
        this.#ask();
        return;
      case 'reconnecting':
        this.#linked = false;
        yield { type: 'connection', state: 'reconnecting', retryInMs: item.retryInMs, error: errorInfo(item.error) };
        return;
      case 'skipped':
        // One line in the conversation for each kind, however many there are.
        if (!this.#skipped.has(item.text)) yield { type: 'notice', text: item.text };
        this.#skipped.add(item.text);
        return;
      case 'gone':
        yield* this.#gone();
        return;
      case 'failed':
        this.#broken(item.error);
        return;
      case 'sent':
        yield* this.#deliver('sent');
        return;
      case 'answered':
        yield* this.#onAnswer(item.success);
        return;
      case 'unanswered':
        yield* this.#onNoAnswer(item.error);
    }
  }

  #message(message: WireMessage): SessionEvent[] {
    this.#listed = false;
    this.#idleLooks = 0;
    const info = this.#ports.onMessage(message);
    const events = this.#reader.message(message);
    if (info !== undefined) events.push({ type: 'info', info });
    if (this.#reader.echoed && this.#delivery !== 'delivered') events.push(...this.#deliver('delivered'));
    return events;
  }

  #state(status: number): SessionEvent[] {
    const events = this.#reader.state(status);
    if (this.#options.prompt === undefined && this.#reader.status === 'idle') this.#idle = true;
    return events;
  }

  #list(): void {
    this.#ports.find(this.#options.signal).then(
      (session) => this.#subscription.put({ type: 'listed', session }),
      (error: unknown) =>
        this.#ports.context.log('info', `The state could not be asked: ${toSecGeminiError(error).code}`),
    );
  }

  /** Hands the prompt to the link, once. */
  #ask(): void {
    const { prompt, sessionId, signal } = this.#options;
    if (prompt === undefined || this.#asking) return;
    this.#asking = true;
    const { hub } = this.#ports;
    const put = (item: Item): void => this.#subscription.put(item);
    hub
      .request({ case: 'promptRequest', value: { prompt: prompt.text, meta: { ...prompt.meta } } }, 'promptResponse', {
        sessionId,
        signal,
        onSent: () => {
          this.#sent = true;
          put({ type: 'sent' });
        },
        onAnswer: ({ payload }) => {
          if (payload.case === 'promptResponse') put({ type: 'answered', success: payload.value.success });
        },
      })
      .catch((error: unknown) => put({ type: 'unanswered', error: toSecGeminiError(error) }));
  }

  *#onAnswer(success: boolean): Generator<SessionEvent, void, void> {
    this.#answered = true;
    if (success) {
      this.#looks = undefined;
      this.#reader.accept();
      yield* this.#deliver('delivered');
      return;
    }
    yield* this.#deliver('failed');
    this.#over = {
      outcome: 'failed',
      error: errorInfo(
        new SecGeminiError('rateLimited', 'A job still runs in this session, so the message was not taken.', {
          action: 'Wait until it ends or stop it, then send the message again.',
        }),
      ),
    };
  }

  *#onNoAnswer(error: SecGeminiError): Generator<SessionEvent, void, void> {
    if (this.#reader.echoed) return;
    if (!this.#sent) {
      // Nothing left this machine: the next link may carry it. What cannot pass by itself ends the turn.
      this.#asking = false;
      if (error.code !== 'unavailable' && error.code !== 'timeout') this.#broken(error);
      return;
    }
    if (error.code === 'unavailable' || error.code === 'timeout') {
      this.#looks = 0;
      return;
    }
    if (error.code === 'notFound') return yield* this.#gone();
    if (error.code !== 'cancelled') yield* this.#deliver('failed');
    this.#broken(error);
  }

  *#gone(): Generator<SessionEvent, void, void> {
    yield { type: 'status', status: 'deleted' };
    if (!this.#reader.echoed) yield* this.#deliver('failed');
    this.#over = { outcome: 'failed', error: errorInfo(sessionGone()) };
  }

  #broken(error: SecGeminiError): void {
    const arrived = this.#delivery === 'delivered' || this.#options.prompt === undefined;
    if (error.code === 'cancelled') this.#over ??= { outcome: 'stopped' };
    else this.#over ??= { outcome: arrived ? 'interrupted' : 'failed', error: errorInfo(error) };
  }

  /** Waits for the next item; false when nothing came for as long as is sensible now, or the signal was aborted. */
  async #wait(): Promise<boolean> {
    const limit = new AbortController();
    const { signal } = this.#options;
    const abort = (): void => limit.abort();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await Promise.race([
        this.#subscription.ready().then(() => true),
        pause(this.#ports.context.clock, this.#patience(), limit.signal).then(() => false),
      ]);
    } finally {
      // A reason of our own spares making an exception with its stack every time.
      limit.abort('over');
      signal.removeEventListener('abort', abort);
    }
  }

  #patience(): number {
    if (this.#looks !== undefined) return ARRIVAL_CHECKS[this.#looks] ?? PATIENCE.progress;
    const missing = this.#reader.missing ?? 'lastWord';
    if (missing === 'progress' && this.#reader.status === 'paused') return PAUSED_PATIENCE;
    if (missing === 'status' && this.#listed) return PATIENCE.progress;
    // What is missed may be what was skipped.
    if (missing === 'message' && (this.#listed || this.#skipped.size > 0)) return AFTER_LIST;
    return PATIENCE[missing];
  }

  async #quiet(): Promise<SessionEvent[]> {
    // Without a link nothing can be silent; reconnecting tells its own story.
    if (!this.#linked) return [];
    if (this.#looks !== undefined) return this.#lookForPrompt();
    const { missing } = this.#reader;
    if (missing === 'progress' || missing === 'status') return this.#lookAtList();
    if (missing === 'message' && !this.#listed && this.#skipped.size === 0) return this.#lookAtList();
    this.#over = this.#reader.ending;
    return [];
  }

  /** Nothing came for too long: what does the service itself say, and did anything get lost on the way? */
  async #lookAtList(): Promise<SessionEvent[]> {
    const { hub, find } = this.#ports;
    let session: WireSession | undefined;
    try {
      session = await find(this.#options.signal);
    } catch (error) {
      const { code } = toSecGeminiError(error);
      // The link's own trouble is told by the link; anything else is asked again after the next silence.
      this.#ports.context.log('info', `The state could not be asked: ${code}`);
      return [];
    }
    if (session === undefined) return [...this.#gone()];
    this.#listed = true;
    // It took the prompt and says something else than "running": its turn began, whatever of it we missed.
    if (this.#answered) this.#reader.assumeBegun();
    const events = this.#state(session.status);
    // With the answer here, a state that this version does not know is as good as none.
    const { begun, missing, status } = this.#reader;
    const isIdle = status === 'idle' || (status === 'unknown' && missing === 'status');
    if (begun && isIdle && ++this.#idleLooks >= IDLE_LOOKS)
      this.#over = missing === 'status' ? this.#reader.ending : forgotten();
    hub.resubscribe(this.#subscription);
    return events;
  }

  /** The link broke after the prompt left: is it in the session? It is never sent again from here. */
  async #lookForPrompt(): Promise<SessionEvent[]> {
    const looks = this.#looks ?? 0;
    this.#looks = looks + 1;
    let session: WireSession | undefined;
    try {
      session = await this.#ports.find(this.#options.signal);
    } catch {
      // No link yet: that look did not count.
      this.#looks = looks;
      return [];
    }
    if (session === undefined) return [...this.#gone()];
    if (this.#looks < ARRIVAL_CHECKS.length) {
      this.#ports.hub.resubscribe(this.#subscription);
      return [];
    }
    if (isActive(toStatus(session.status))) {
      // It works on something that we did not see begin, most likely on this.
      this.#looks = undefined;
      this.#reader.assumeBegun();
      return this.#reader.state(session.status);
    }
    const events = [...this.#deliver('unknown')];
    this.#over = {
      outcome: 'interrupted',
      error: errorInfo(
        new SecGeminiError(
          'unavailable',
          'The connection broke right after the message was sent, and the service does not show it.',
          {
            action: 'It was not sent again. Send it again yourself if no answer comes.',
          },
        ),
      ),
    };
    return events;
  }

  *#deliver(state: DeliveryState): Generator<SessionEvent, void, void> {
    const { prompt } = this.#options;
    if (state === 'delivered') this.#looks = undefined;
    if (prompt === undefined || this.#delivery === state || this.#delivery === 'delivered') return;
    this.#delivery = state;
    yield { type: 'delivery', promptId: prompt.id, state };
  }

  *#finish(): Generator<SessionEvent, void, void> {
    if (this.#idle && this.#over === undefined) return;
    const { outcome, error } = this.#over ?? { outcome: 'stopped' as const, error: undefined };
    if (outcome !== 'completed' && this.#options.prompt !== undefined) {
      if (!this.#sent) yield* this.#deliver('failed');
      else if (this.#delivery === 'sent' && !this.#answered && outcome !== 'stopped') yield* this.#deliver('unknown');
    }
    yield { type: 'turnEnd', outcome, ...(error === undefined ? {} : { error }) };
  }
}

function forgotten(): Ending {
  const error = new SecGeminiError('unavailable', 'The service took the message and does not work on it.', {
    action: 'What arrived is kept. Send it again if no answer comes.',
  });
  return { outcome: 'interrupted', error: errorInfo(error) };
}
