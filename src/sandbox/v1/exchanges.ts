/**
 * What a v1 turn asks of its client and waits for: tool calls and confirmations. A result names no call, so it goes to the call that its
 * parent_id names, else to the oldest one of its tool name, else to the oldest. When the client leaves before it answers, who comes next
 * is asked, with the same message id.
 */
import * as z from 'zod/mini';
import type { ToolAnswer } from '../engine/types.ts';
import type { Clock } from '../state/clock.ts';
import { parseJson, FRAME_LIMITS } from '../net/json.ts';
import type { Delivery, Listener } from './delivery.ts';
import type { V1Message } from './shapes.ts';

/** An answer that takes longer is none; a client's user may think for five minutes. */
const PATIENCE_MS = 330_000;

interface Pending {
  readonly turn: string;
  readonly message: V1Message;
  readonly expects: 'local_tool_result' | 'confirmation_response';
  /** Name of the tool. */
  readonly name: string;
  readonly resolve: (reply: V1Message | undefined) => void;
  /** Who was asked; undefined = nobody yet. Confirmations are in the history and were published to all. */
  asked: Listener | undefined;
}

export class Exchanges {
  readonly #delivery: Delivery;
  readonly #clock: Clock;
  readonly #pending: Pending[] = [];

  constructor(delivery: Delivery, clock: Clock) {
    this.#delivery = delivery;
    this.#clock = clock;
  }

  /** Sends a tool call to one client and resolves with its result; undefined when none came in time. */
  callTool(turn: string, name: string, message: V1Message): Promise<V1Message | undefined> {
    return this.#wait({ turn, message, name, expects: 'local_tool_result' });
  }

  /** Resolves with the answer to a published confirmation request; undefined when none came in time. */
  confirmation(turn: string, name: string, message: V1Message): Promise<V1Message | undefined> {
    return this.#wait({ turn, message, name, expects: 'confirmation_response' });
  }

  /** A client's local_tool_result or confirmation_response. False when nothing waits for it. */
  take(reply: V1Message): boolean {
    const open = this.#pending.filter(({ expects }) => expects === reply.message_type);
    const name = reply.message_type === 'local_tool_result' ? toolResult(reply).name : undefined;
    const found =
      open.find(({ message }) => message.id === reply.parent_id) ??
      open.find((pending) => pending.name === name) ??
      open.at(0);
    found?.resolve(reply);
    return found !== undefined;
  }

  /** Asks again what nobody was there to answer. */
  listenerReady(): void {
    for (const pending of this.#pending)
      if (pending.expects === 'local_tool_result' && pending.asked === undefined) this.#send(pending);
  }

  listenerGone(listener: Listener): void {
    for (const pending of this.#pending) {
      if (pending.asked !== listener) continue;
      pending.asked = undefined;
      this.#send(pending);
    }
  }

  #send(pending: Pending): void {
    pending.asked = this.#delivery.sendToOne(pending.turn, JSON.stringify(pending.message));
  }

  async #wait(init: Omit<Pending, 'resolve' | 'asked'>): Promise<V1Message | undefined> {
    const { promise, resolve } = Promise.withResolvers<V1Message | undefined>();
    const pending: Pending = { ...init, resolve, asked: undefined };
    this.#pending.push(pending);
    const forget = this.#clock.after(PATIENCE_MS, () => resolve(undefined));
    if (init.expects === 'local_tool_result') this.#send(pending);
    try {
      return await promise;
    } finally {
      forget();
      this.#pending.splice(this.#pending.indexOf(pending), 1);
    }
  }
}

const resultSchema = z.object({
  name: z.optional(z.string()),
  output: z.optional(z.unknown()),
  is_error: z.nullish(z.boolean()),
});

/** What a tool result says. A failed tool answers with is_error, or with status 500 and plain text under the JSON type. */
export function toolResult(reply: V1Message): ToolAnswer & { readonly name: string | undefined } {
  const content = reply.content ?? '';
  const failed = reply.status_code !== 200;
  try {
    const { name, output, is_error } = resultSchema.parse(parseJson(content, FRAME_LIMITS));
    const text = typeof output === 'string' ? output : JSON.stringify(output ?? null);
    return { name, text, isError: failed || is_error === true };
  } catch {
    return { name: undefined, text: content, isError: failed };
  }
}

/** True for a `yes` in any of its usual spellings; everything else refuses. */
export function isYes(reply: V1Message | undefined): boolean {
  return /^\s*(?:yes|y|true|ok|allow|allowed|approve|approved)\s*[.!]?\s*$/i.test(reply?.content ?? '');
}
