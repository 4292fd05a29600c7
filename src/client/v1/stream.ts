/**
 * One turn over sockets that may break: the prompt is sent once, the rest is listening, and what a cut connection lost comes from history.
 * Whether a prompt arrived is for history to say; when it cannot, the delivery is `unknown` and the user decides (trust.md F01–F17, F22).
 */

import { type ErrorInfo, SecGeminiError, errorInfo, toSecGeminiError } from '../../core/errors.ts';
import type { DeliveryState, SessionEvent, TurnOutcome } from '../../core/events.ts';
import { Backoff } from '../backoff.ts';
import { pause } from '../clock.ts';
import { decodeFrame } from './codec.ts';
import { interrupted, isRefusal, runs } from './endings.ts';
import { type Context, withoutKey } from './http.ts';
import { type Link, openLink } from './link.ts';
import type { CloseReason } from './socket.ts';
import { type SessionMemory, type ToolCall, TurnReader, type TurnStep } from './turn.ts';
import type { WireMessage } from './wire.ts';

/** A prompt on its way; `frame` is the query as it goes over the wire. */
export interface Outgoing {
  readonly promptId: string;
  readonly frame: string;
}

export interface StreamPorts {
  readonly context: Context;
  readonly memory: SessionMemory;
  /** The transcript as the service has it now; undefined = no such session. Rejects with SecGeminiError. */
  readonly history: (signal: AbortSignal) => Promise<readonly WireMessage[] | undefined>;
  /** Answers a call of a local tool, now or later, on the connection that it came by. */
  readonly takeTool: (call: ToolCall, link: Link) => void;
  /** Takes over a turn that waits for the user: its connection stays open so that the answer goes out on it. */
  readonly park: (turn: ParkedTurn) => void;
  /** Registers a way to end a wait early ("retry now"); returns how to take it back. */
  readonly onRetryNow: (retry: () => void) => () => void;
}

/** A turn that was handed to the user (a confirmation), to be picked up by the next listener. */
export interface ParkedTurn {
  readonly link: Link;
  readonly reader: TurnReader;
}

export interface StreamOptions {
  readonly sessionId: string;
  readonly outgoing?: Outgoing | undefined;
  readonly knownIds?: ReadonlySet<string> | undefined;
  readonly parked?: ParkedTurn | undefined;
  readonly signal: AbortSignal;
}

/** A silent turn is looked up in the history after this long: its last message may have been lost on the way (F16). */
const QUIET_MS = 60_000;
/** A message that says "end" is followed by the end mark, or by nothing any more. */
const AFTER_END_MS = 5_000;
/** After a reconnect nobody knows whether the turn still runs: the history is asked sooner, with growing gaps. */
const RECHECK_MS = [1_000, 3_000, 8_000, 15_000, 30_000, 60_000];
/** A prompt that history does not know this long after a reconnect is reported as unknown. */
const ARRIVAL_CHECKS = 3;
/** After a failure the end mark usually follows at once; it is waited for so that it does not come as a surprise to the next turn. */
const LINGER_MS = 250;
/** A peer that breaks our limits again and again without saying anything in between is given up. */
const MAX_VIOLATIONS = 3;

/** Runs one turn. Ends with one `turnEnd`; without one only when nothing runs (listening alone). Never throws. */
export async function* runTurn(ports: StreamPorts, options: StreamOptions): AsyncGenerator<SessionEvent, void, void> {
  const turn = new Turn(ports, options);
  try {
    yield* turn.run();
  } finally {
    turn.dispose();
  }
}

class Turn {
  readonly #ports: StreamPorts;
  readonly #options: StreamOptions;
  readonly #reader: TurnReader;
  readonly #backoff: Backoff;
  #link: Link | undefined;
  /** True from the moment the query was handed to a socket: it never goes out again. */
  #sent = false;
  #delivery: DeliveryState | undefined;
  #everConnected = false;
  #broken = 0;
  #violations = 0;
  /** True when listening found nothing that runs. */
  #idle = false;
  #arrivalChecks = 0;
  /** True once the connection that carried the prompt is gone, and when only listening: history has to fill the gap. */
  #cut = false;
  /** Looks at the history since the last news; undefined while the first connection stands. */
  #rechecks: number | undefined;
  #over: { outcome: TurnOutcome; error: ErrorInfo | undefined } | undefined;

  constructor(ports: StreamPorts, options: StreamOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#link = options.parked?.link;
    this.#reader =
      options.parked?.reader ??
      new TurnReader({
        sessionId: options.sessionId,
        promptId: options.outgoing?.promptId,
        memory: ports.memory,
        knownIds: options.knownIds,
      });
    this.#backoff = new Backoff(ports.context.clock, ports.context.random);
  }

  dispose(): void {
    const link = this.#link;
    this.#link = undefined;
    if (link === undefined) return;
    if (this.#over?.outcome === 'waiting') this.#ports.park({ link, reader: this.#reader });
    else link.close();
  }

  async *run(): AsyncGenerator<SessionEvent, void, void> {
    const { signal } = this.#options;
    yield { type: 'connection', state: 'connecting' };
    if (this.#link !== undefined) {
      yield { type: 'connection', state: 'connected' };
      yield { type: 'status', status: 'running' };
    } else if (this.#options.outgoing === undefined) {
      // Listening: history says whether there is anything to listen to.
      const events = await this.#readHistory();
      yield* events;
      if (this.#over === undefined && this.#idle) {
        yield { type: 'connection', state: 'connected' };
        return;
      }
      this.#cut = true;
      this.#rechecks = 0;
    }
    while (this.#over === undefined && !signal.aborted) {
      const reason = yield* this.#connection();
      if (this.#over !== undefined || signal.aborted || reason === undefined) break;
      yield* this.#afterClose(reason);
    }
    if (signal.aborted && this.#over === undefined) this.#end('stopped');
    yield* this.#finish();
  }

  /** One connection from its opening to its end; gives why it ended, undefined when the turn is over. */
  async *#connection(): AsyncGenerator<SessionEvent, CloseReason | undefined, void> {
    const { signal, outgoing } = this.#options;
    const link = (this.#link ??= this.#open());
    while (!signal.aborted) {
      const item = link.mailbox.take();
      if (item === undefined) {
        if (!(await this.#next(link))) {
          if (signal.aborted) return undefined;
          yield* await this.#quiet();
          if (this.#over !== undefined) return undefined;
        }
        continue;
      }
      if (item.type === 'closed') return item.reason;
      if (item.type === 'open') {
        this.#backoff.up();
        this.#everConnected = true;
        yield { type: 'connection', state: 'connected' };
        if (outgoing !== undefined && !this.#sent) {
          this.#sent = true;
          link.send(outgoing.frame);
          yield* this.#deliver('sent');
        } else if (this.#rechecks !== undefined) {
          yield* await this.#readHistory();
          if (this.#over !== undefined) return undefined;
        }
        continue;
      }
      yield* this.#frame(item.text);
      if (this.#over !== undefined) {
        if (this.#over.outcome === 'failed') yield* this.#linger(link);
        return undefined;
      }
    }
    return undefined;
  }

  #open(): Link {
    this.#backoff.started();
    return openLink(this.#ports.context, this.#options.sessionId);
  }

  /** Waits for the next item; false when it stayed quiet for too long, or the signal was aborted. */
  async #next(link: Link): Promise<boolean> {
    const { clock } = this.#ports.context;
    const limit = new AbortController();
    const forget = linked(this.#options.signal, limit);
    const patience = this.#rechecks === undefined ? QUIET_MS : (RECHECK_MS[this.#rechecks] ?? QUIET_MS);
    const quiet = this.#reader.saysEnd ? Math.min(patience, AFTER_END_MS) : patience;
    try {
      return await Promise.race([
        link.mailbox.ready().then(() => true),
        pause(clock, quiet, limit.signal).then(() => false),
      ]);
    } finally {
      limit.abort();
      forget();
    }
  }

  *#frame(text: string): Generator<SessionEvent, void, void> {
    let wire: WireMessage;
    try {
      wire = decodeFrame(withoutKey(this.#ports.context, text));
    } catch (error) {
      this.#broken += 1;
      const { redact, log } = this.#ports.context;
      const why = error instanceof SecGeminiError ? error.message : 'unreadable';
      log('warn', redact(`A frame was skipped: ${why} ${JSON.stringify(text.slice(0, 200))}`));
      return;
    }
    this.#violations = 0;
    yield* this.#take(this.#reader.read(wire));
  }

  *#take(step: TurnStep): Generator<SessionEvent, void, void> {
    if (step.ours) {
      if (this.#rechecks !== undefined && step.events.length > 0) this.#rechecks = 0;
      if (this.#sent && !isRefusal(step.ended?.error)) yield* this.#deliver('delivered');
    }
    yield* step.events;
    if (step.toolCall !== undefined && this.#link !== undefined) this.#ports.takeTool(step.toolCall, this.#link);
    if (step.waiting === true) this.#end('waiting');
    if (step.ended !== undefined) this.#end(step.ended.outcome, step.ended.error);
  }

  /** Quiet for long: the history may know more than the socket said. */
  async #quiet(): Promise<SessionEvent[]> {
    if (!this.#everConnected && this.#options.outgoing !== undefined) return [];
    const events = await this.#readHistory();
    if (this.#reader.saysEnd) this.#end('completed');
    return events;
  }

  /** Reads the transcript and folds it in. Failures that may pass are left to the next look or the next connection. */
  async #readHistory(): Promise<SessionEvent[]> {
    const { signal } = this.#options;
    let history: readonly WireMessage[] | undefined;
    try {
      history = await this.#ports.history(signal);
    } catch (error) {
      if (signal.aborted) return [];
      const known = toSecGeminiError(error);
      if (known.code === 'unauthenticated' || known.code === 'permissionDenied') this.#fail(known);
      if (!this.#cut) return [];
      // Asked less and less often, and not for ever: nobody can say what became of the turn.
      if ((this.#rechecks = (this.#rechecks ?? 0) + 1) > RECHECK_MS.length) this.#end('interrupted', errorInfo(known));
      return [];
    }
    if (history === undefined) {
      this.#fail(
        new SecGeminiError('notFound', 'The service does not know this session any more: it expired or was deleted.'),
      );
      return [{ type: 'status', status: 'expired' }];
    }
    const listening = this.#options.outgoing === undefined;
    const step = this.#reader.readHistory(history);
    if (listening && this.#rechecks === undefined) this.#idle = !runs(history);
    if (step.found) {
      const before = this.#rechecks ?? 0;
      const events = [...this.#take(step)];
      if (!this.#cut) return events;
      this.#rechecks = step.events.length > 0 ? 0 : before + 1;
      // Nothing new for two minutes after a reconnect: nobody is working on this turn any more.
      if (this.#rechecks > RECHECK_MS.length) this.#end('interrupted', errorInfo(interrupted()));
      return events;
    }
    // While the connection that carried the prompt stands, a history without it proves nothing.
    if (!this.#cut) return [];
    this.#arrivalChecks += 1;
    this.#rechecks = Math.min((this.#rechecks ?? 0) + 1, RECHECK_MS.length - 1);
    if (this.#arrivalChecks < ARRIVAL_CHECKS || this.#delivery === 'delivered') return [];
    const events = [...this.#deliver('unknown')];
    this.#end(
      'interrupted',
      errorInfo(
        new SecGeminiError(
          'unavailable',
          'The connection broke right after the message was sent, and the service does not show it.',
          {
            action: 'It was not sent again. Send it again yourself if no answer comes.',
          },
        ),
      ),
    );
    return events;
  }

  async *#afterClose(reason: CloseReason): AsyncGenerator<SessionEvent, void, void> {
    const { context } = this.#ports;
    const { signal } = this.#options;
    this.#link?.close();
    this.#link = undefined;
    context.log('info', context.redact(`Stream ${reason.phase}: ${reason.code} ${reason.error.message}`));
    // A stream that is refused as unknown says little: what stands in between may know no WebSockets.
    if (reason.verdict === 'gone' && reason.phase === 'refused') return yield* this.#refused();
    if (reason.verdict === 'gone') yield { type: 'status', status: 'expired' };
    if (reason.verdict === 'auth' || reason.verdict === 'gone') return this.#fail(reason.error);
    if (reason.verdict === 'fatal') {
      if (!this.#sent) return this.#fail(reason.error);
      return this.#end(this.#delivery === 'delivered' ? 'interrupted' : 'failed', errorInfo(reason.error));
    }
    if (reason.verdict === 'violation') {
      this.#violations += 1;
      yield { type: 'notice', text: reason.error.message };
      if (this.#violations >= MAX_VIOLATIONS) return this.#end('interrupted', errorInfo(reason.error));
    }
    if (this.#sent || this.#options.outgoing === undefined) {
      this.#cut = true;
      this.#rechecks ??= 0;
    }
    const wait = this.#backoff.down(reason.error.retryAfterMs);
    yield { type: 'connection', state: 'reconnecting', retryInMs: Math.round(wait), error: errorInfo(reason.error) };
    const early = new AbortController();
    const forget = linked(signal, early);
    const unregister = this.#ports.onRetryNow(() => {
      this.#backoff.reset();
      early.abort();
    });
    await pause(context.clock, wait, early.signal);
    unregister();
    forget();
  }

  /** Asks for the session itself before it passes for gone. */
  async *#refused(): AsyncGenerator<SessionEvent, void, void> {
    yield* await this.#readHistory();
    this.#fail(
      new SecGeminiError('protocol', 'The service knows the session, and its stream is refused (404).', {
        action: 'Check secGemini.endpoint and the proxy: something in between may not let WebSockets through.',
      }),
    );
  }

  /** Waits a moment for the end mark behind a failure. */
  async *#linger(link: Link): AsyncGenerator<SessionEvent, void, void> {
    const until = new AbortController();
    const forget = linked(this.#options.signal, until);
    const timer = pause(this.#ports.context.clock, LINGER_MS, until.signal);
    let waiting = true;
    try {
      while (waiting && !until.signal.aborted) {
        const item = link.mailbox.take();
        if (item === undefined)
          waiting = await Promise.race([link.mailbox.ready().then(() => true), timer.then(() => false)]);
        else if (item.type === 'text') {
          const seen = [...this.#frame(item.text)];
          yield* seen;
          if (seen.some((event) => event.type === 'message' && event.message.kind === 'end')) return;
        } else return;
      }
    } finally {
      until.abort();
      forget();
    }
  }

  *#deliver(state: DeliveryState): Generator<SessionEvent, void, void> {
    const { outgoing } = this.#options;
    if (outgoing === undefined || this.#delivery === state || this.#delivery === 'delivered') return;
    this.#delivery = state;
    yield { type: 'delivery', promptId: outgoing.promptId, state };
  }

  #fail(error: SecGeminiError): void {
    this.#end('failed', errorInfo(error));
  }

  /** The first ending counts. */
  #end(outcome: TurnOutcome, error?: ErrorInfo): void {
    this.#over ??= { outcome, error };
  }

  *#finish(): Generator<SessionEvent, void, void> {
    if (this.#broken > 0) {
      const what = this.#broken === 1 ? 'One message' : `${this.#broken} messages`;
      yield {
        type: 'notice',
        text: `${what} of the service could not be read and ${this.#broken === 1 ? 'was' : 'were'} skipped.`,
      };
    }
    const { outcome, error } = this.#over ?? { outcome: 'interrupted' as const, error: undefined };
    if (outcome !== 'completed' && (!this.#sent || isRefusal(error))) yield* this.#deliver('failed');
    else if (this.#delivery === 'sent' && outcome !== 'completed' && outcome !== 'stopped')
      yield* this.#deliver('unknown');
    yield { type: 'turnEnd', outcome, ...(error === undefined ? {} : { error }) };
  }
}

/** Aborts `target` with `source`; returns how to undo the link. */
function linked(source: AbortSignal, target: AbortController): () => void {
  const abort = (): void => target.abort();
  if (source.aborted) abort();
  source.addEventListener('abort', abort, { once: true });
  return () => source.removeEventListener('abort', abort);
}
