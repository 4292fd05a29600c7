/**
 * When a turn begins and ends: a state machine without IO or time. A turn is over when both a terminal message and a terminal status have
 * come, in either order (protocol/v3.md, "A turn"). Nothing is trusted to be in order, new or of this turn (trust.md F14–F17).
 */

import type { ErrorInfo } from '../../core/errors.ts';
import type { SessionEvent, TurnOutcome } from '../../core/events.ts';
import type { Message, SessionStatus } from '../../core/model.ts';
import {
  isActive,
  isTerminal,
  isWaiting,
  roleInTurn,
  statusError,
  stripSystemContext,
  toMessage,
  toStatus,
} from './codec.ts';
import { MessageType, SourceType } from './gen/api_hub_pb.js';
import type { Message as WireMessage } from './gen/api_hub_pb.js';

export interface TurnOptions {
  readonly sessionId: string;
  /** The prompt that was sent; undefined when a running turn is picked up. */
  readonly prompt?:
    | {
        readonly id: string;
        readonly text: string;
        /** Seconds: its echo is stamped no earlier than this. The service's own clock where it is known, see client.ts. */
        readonly notBefore: number;
      }
    | undefined;
  /** When picking up: the transcript that the caller holds ends with a terminal message. */
  readonly finalKnown?: boolean | undefined;
}

/** What a turn still waits for before it is over; each has its own patience, see stream.ts. */
export type Missing =
  /** Nothing in particular: the agent works. */
  | 'progress'
  /** The answer is there, the status is not. */
  | 'status'
  /** The status is terminal, the answer is not there. */
  | 'message'
  /** A cancel may be followed by one last message, or by none. */
  | 'lastWord'
  /** The status asks the user; the message with the question has not come. */
  | 'question';

export interface Ending {
  readonly outcome: TurnOutcome;
  readonly error?: ErrorInfo | undefined;
}

export class TurnReader {
  readonly #options: TurnOptions;
  readonly #text: string;
  #accepted = false;
  #echoed = false;
  #begun: boolean;
  #final: Message | undefined;
  #hasFinal: boolean;
  #terminal: SessionStatus | undefined;
  #waiting: SessionStatus | undefined;
  #question = false;
  /** The status came before the answer: something else may be late as well. */
  #statusFirst = false;
  #status: SessionStatus | undefined;
  readonly #strange = new Set<number>();

  constructor(options: TurnOptions) {
    this.#options = options;
    this.#text = normalised(options.prompt?.text ?? '');
    this.#begun = options.prompt === undefined;
    this.#hasFinal = options.finalKnown === true;
  }

  /** True once something of this very turn was seen. */
  get begun(): boolean {
    return this.#begun;
  }

  /** True once the prompt was seen in the session: it has arrived. */
  get echoed(): boolean {
    return this.#echoed;
  }

  get status(): SessionStatus | undefined {
    return this.#status;
  }

  /** The service said yes to the prompt. */
  accept(): void {
    this.#accepted = true;
    // It refuses a prompt while a job runs, so what runs now is this one.
    if (this.#status !== undefined && isActive(this.#status)) this.#begun = true;
  }

  /** The session works although the echo never came: taken for our turn. */
  assumeBegun(): void {
    this.#begun = true;
  }

  /** One new message of the session, in the order of arrival. */
  message(wire: WireMessage): SessionEvent[] {
    const message = toMessage(wire, this.#options.sessionId);
    const { prompt } = this.#options;
    if (prompt !== undefined && !this.#echoed && this.#isEcho(wire)) {
      this.#echoed = true;
      this.#begun = true;
      // Whatever an answer before the echo was, it was not ours.
      this.#setFinal(undefined);
      return [{ type: 'message', message, replaces: prompt.id }];
    }
    if (this.#begun) {
      const role = roleInTurn(wire);
      if (role === 'terminal') this.#setFinal(message);
      else if (role === 'goesOn') this.#setFinal(undefined);
      if (message.kind === 'confirmationRequest' || message.kind === 'clarificationRequest') this.#question = true;
    }
    return [{ type: 'message', message }];
  }

  /** A state of the session, pushed or listed. */
  state(status: number): SessionEvent[] {
    const known = toStatus(status);
    const events: SessionEvent[] = [];
    if (known === 'unknown' && !this.#strange.has(status)) {
      this.#strange.add(status);
      events.push({ type: 'notice', text: `The service reports a state that this version does not know (${status}).` });
    }
    if (known !== this.#status) events.push({ type: 'status', status: known });
    this.#status = known;
    // A session that works after it took our prompt works on it; its earlier, finished state means nothing.
    if (this.#accepted && isActive(known)) this.#begun = true;
    if (!this.#begun) return events;
    if (isTerminal(known)) {
      if (this.#terminal === undefined && !this.#hasFinal) this.#statusFirst = true;
      this.#terminal = known;
      this.#waiting = undefined;
    } else if (isWaiting(known)) {
      this.#waiting = known;
      this.#terminal = undefined;
    } else if (known !== 'unknown') {
      if (this.#waiting !== undefined) this.#question = false;
      this.#waiting = undefined;
      this.#terminal = undefined;
      this.#statusFirst = false;
    }
    return events;
  }

  /** Undefined when the turn is over beyond doubt, see `ending`. */
  get missing(): Missing | undefined {
    if (!this.#begun) return 'progress';
    if (this.#waiting !== undefined) return this.#question ? undefined : 'question';
    if (this.#terminal === undefined) return this.#hasFinal ? 'status' : 'progress';
    if (this.#terminal === 'canceled' && !this.#hasFinal) return 'lastWord';
    if (!this.#hasFinal) return 'message';
    return this.#statusFirst ? 'lastWord' : undefined;
  }

  /** How the turn ends by what is known now: at its end, or when nothing more is waited for. */
  get ending(): Ending {
    if (this.#waiting !== undefined) return { outcome: 'waiting' };
    const failure = this.#final?.kind === 'failure' ? this.#final.error : undefined;
    switch (this.#terminal) {
      case 'canceled':
        return { outcome: 'stopped' };
      case 'failed':
      case 'maxAttemptsExceeded':
        return { outcome: 'failed', error: failure ?? statusError(this.#terminal) };
      case 'completed':
        return failure === undefined ? { outcome: 'completed' } : { outcome: 'failed', error: failure };
      default:
        if (failure !== undefined) return { outcome: 'failed', error: failure };
        return { outcome: this.#hasFinal ? 'completed' : 'interrupted' };
    }
  }

  #setFinal(message: Message | undefined): void {
    // A "passed" note closes what a response said; it is no response itself.
    if (message !== undefined && (message.kind === 'response' || message.kind === 'failure')) this.#final = message;
    this.#hasFinal = message !== undefined;
    if (message === undefined) this.#final = undefined;
  }

  #isEcho(wire: WireMessage): boolean {
    const { prompt } = this.#options;
    if (prompt === undefined || wire.sourceType === SourceType.AGENT) return false;
    if (wire.messageType !== MessageType.PROMPT && wire.messageType !== MessageType.CLARIFICATION_RESPONSE)
      return false;
    // Once the service took it there is no doubt left that time could settle.
    if (!this.#accepted && wire.timestamp > 0 && wire.timestamp < prompt.notBefore) return false;
    return normalised(stripSystemContext(wire.content)) === this.#text;
  }
}

/** Services may trim a prompt or change its line ends. */
function normalised(text: string): string {
  return stripSystemContext(text).replaceAll('\r\n', '\n').trim();
}
