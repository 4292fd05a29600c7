/** Requests that wait for their answer, by req_id. */

import { SecGeminiError } from '../../core/errors.ts';
import type { Clock } from '../clock.ts';
import { cancelled } from './errors.ts';
import type { ServerMessage } from './gen/api_hub_pb.js';

interface Pending {
  /** The link that carries it; it fails with that one only. */
  readonly carrier: object;
  readonly resolve: (message: ServerMessage) => void;
  readonly reject: (error: SecGeminiError) => void;
}

export class PendingRequests {
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** `onAnswer` is called before the promise settles, in the order in which messages arrive on the link. */
  add(
    reqId: string,
    carrier: object,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    onAnswer?: (message: ServerMessage) => void,
  ): Promise<ServerMessage> {
    return new Promise((resolve, reject) => {
      const forget = (): void => {
        cancelTimer();
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(reqId);
      };
      const fail = (error: SecGeminiError): void => {
        forget();
        reject(error);
      };
      const onAbort = (): void => fail(cancelled());
      const cancelTimer = this.#clock.after(timeoutMs, () =>
        fail(new SecGeminiError('timeout', 'The service did not answer in time.')),
      );
      this.#pending.set(reqId, {
        carrier,
        resolve: (message) => {
          forget();
          onAnswer?.(message);
          resolve(message);
        },
        reject: fail,
      });
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Hands an answer to who waits for it. False when nobody does (any more). */
  settle(message: ServerMessage): boolean {
    const pending = this.#pending.get(message.reqId);
    pending?.resolve(message);
    return pending !== undefined;
  }

  /** Fails everything that this link carries. */
  fail(carrier: object, error: SecGeminiError): void {
    for (const pending of [...this.#pending.values()]) if (pending.carrier === carrier) pending.reject(error);
  }
}
