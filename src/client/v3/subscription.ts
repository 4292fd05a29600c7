/** What arrives for one session, in order, between the hub that pushes and a turn that pulls. */

import type { SecGeminiError } from '../../core/errors.ts';
import { Mailbox } from '../mailbox.ts';
import type { Message, SessionInfo } from './gen/api_hub_pb.js';
import type { MessageMemory } from './memory.ts';

export type Item =
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'status'; readonly status: number }
  /** The service does not know the session any more. */
  | { readonly type: 'gone' }
  /** The stream was asked for on a fresh link: the replay follows. */
  | { readonly type: 'connected' }
  | { readonly type: 'reconnecting'; readonly retryInMs: number; readonly error: SecGeminiError }
  /** The link is gone and will not be tried again. */
  | { readonly type: 'failed'; readonly error: SecGeminiError }
  /** A message, perhaps of this session, could not be taken. */
  | { readonly type: 'skipped'; readonly text: string }
  /** The turn's own prompt: handed to the link, then what the service said to it. */
  | { readonly type: 'sent' }
  | { readonly type: 'answered'; readonly success: boolean }
  | { readonly type: 'unanswered'; readonly error: SecGeminiError }
  /** What the list says about the session, asked when a stream began on a new link; undefined = not in the list. */
  | { readonly type: 'listed'; readonly session: SessionInfo | undefined };

export interface SubscriptionPorts {
  readonly onFull: (full: boolean) => void;
  readonly onClose: () => void;
}

export class Subscription {
  readonly reqId: string;
  readonly sessionId: string;
  /** Undefined: every message is handed on, known or not (history). */
  readonly memory: MessageMemory | undefined;
  readonly #mailbox: Mailbox<Item>;
  readonly #ports: SubscriptionPorts;
  readonly #seen = new Set<string>();
  #full = false;
  #closed = false;

  constructor(reqId: string, sessionId: string, memory: MessageMemory | undefined, ports: SubscriptionPorts) {
    this.reqId = reqId;
    this.sessionId = sessionId;
    this.memory = memory;
    this.#ports = ports;
    this.#mailbox = new Mailbox((full) => {
      this.#full = full;
      ports.onFull(full);
    });
  }

  /** Where the replay after a new link starts; undefined = everything. */
  get lastId(): string | undefined {
    return this.memory?.lastId;
  }

  get isFull(): boolean {
    return this.#full;
  }

  /** A message of the wire; another session's goes no further. */
  offer(message: Message): void {
    if (this.#closed || (message.sessionId !== '' && message.sessionId !== this.sessionId)) return;
    this.#mailbox.put({ type: 'message', message }, message.content.length);
  }

  put(item: Item): void {
    if (!this.#closed) this.#mailbox.put(item);
  }

  /**
   * The next item, or undefined when there is none now. What was seen before is dropped here and not at the door: what nobody took is not
   * remembered, so that it comes again with the next subscription.
   */
  take(): Item | undefined {
    for (let item = this.#mailbox.take(); item !== undefined; item = this.#mailbox.take())
      if (item.type !== 'message' || this.#isNew(item.message)) return item;
    return undefined;
  }

  ready(): Promise<void> {
    return this.#mailbox.ready();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ports.onClose();
  }

  #isNew({ id, timestamp }: Message): boolean {
    if (this.memory !== undefined) {
      if (!this.memory.add(id)) return false;
      if (id !== '') this.memory.lastId = id;
      if (timestamp > this.memory.newest) this.memory.newest = timestamp;
      return true;
    }
    if (id === '') return true;
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    return true;
  }
}
