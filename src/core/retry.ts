/**
 * Trying again: which failures are worth it, how long to wait, and what waits right now, so that it can be shown. Only for calls that may be
 * made twice without harm; a prompt that may have arrived is never one of them.
 */

import type { Disposable } from './disposable.ts';
import { Emitter, type Event } from './emitter.ts';
import { type ErrorCode, type ErrorInfo, SecGeminiError, errorInfo, toSecGeminiError } from './errors.ts';

export type RetryStrategy = 'none' | 'fixed' | 'exponential';

export interface RetryPolicy {
  /** `fixed`: the same wait each time. `exponential`: each wait is twice the one before, up to 30 s. */
  readonly strategy: RetryStrategy;
  /** Tries after the first one. */
  readonly times: number;
  /** Milliseconds before the first of them. */
  readonly delayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { strategy: 'exponential', times: 3, delayMs: 1000 };
export const MAX_TIMES = 10;
const LONGEST_MS = 30_000;

/** What passes by itself. A wrong request, a refused key or a session that is gone does not. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['unavailable', 'timeout', 'rateLimited']);

export function mayPass(code: ErrorCode | undefined): boolean {
  return code !== undefined && PASSING.has(code);
}

/** Milliseconds before try `attempt` (from 1). A wait that the service asked for is kept to. */
export function delayBefore({ strategy, delayMs }: RetryPolicy, attempt: number, retryAfterMs = 0): number {
  const own = strategy === 'exponential' ? delayMs * 2 ** (attempt - 1) : delayMs;
  return Math.max(Math.min(own, LONGEST_MS), retryAfterMs);
}

/** One call that waits for its next try. */
export interface Retry {
  /** Undefined for a call of no session, e.g. the list. */
  readonly sessionId: string | undefined;
  /** From 1. */
  readonly attempt: number;
  readonly of: number;
  readonly inMs: number;
  readonly error: ErrorInfo;
}

/** `Trying again in 2 s (1 of 3).` */
export function retryWords({ attempt, of, inMs }: Pick<Retry, 'attempt' | 'of' | 'inMs'>): string {
  const seconds = inMs < 1000 ? (inMs / 1000).toFixed(1) : Math.round(inMs / 1000).toString();
  return `Trying again in ${seconds} s (${attempt.toString()} of ${of.toString()}).`;
}

export interface RetryOptions {
  /** Of the settings. */
  readonly policy: () => RetryPolicy;
  /** Runs later; gives a function that takes it back. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
}

interface Call {
  readonly sessionId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class RetryDesk implements Disposable {
  readonly #options: RetryOptions;
  readonly #waiting = new Map<object, { readonly retry: Retry; readonly end: () => void }>();
  /** By session: the policy of the API calls that run, the latest last. */
  readonly #own = new Map<string, RetryPolicy[]>();
  readonly #changes = new Emitter<Retry['sessionId']>();

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** Fires with the session (undefined: none) for which something begins or ends to wait. */
  get onDidChange(): Event<Retry['sessionId']> {
    return this.#changes.event;
  }

  /** What waits, for a session or for none; the one that began last. */
  of(sessionId: string | undefined): Retry | undefined {
    return [...this.#waiting.values()].map(({ retry }) => retry).findLast((retry) => retry.sessionId === sessionId);
  }

  /** All calls of the session that are made while `work` runs follow `policy`; without one the settings hold. */
  async within<T>(sessionId: string, policy: RetryPolicy | undefined, work: () => Promise<T>): Promise<T> {
    if (policy === undefined) return await work();
    this.#own.set(sessionId, [...(this.#own.get(sessionId) ?? []), policy]);
    try {
      return await work();
    } finally {
      const left = (this.#own.get(sessionId) ?? []).filter((other) => other !== policy);
      if (left.length === 0) this.#own.delete(sessionId);
      else this.#own.set(sessionId, left);
    }
  }

  policyOf(sessionId: string | undefined): RetryPolicy {
    return (sessionId === undefined ? undefined : this.#own.get(sessionId)?.at(-1)) ?? this.#options.policy();
  }

  /** Makes the call until it succeeds, fails for good, or was tried as often as the policy says. Rejects with its last error. */
  async run<T>(call: () => Promise<T>, about: Call = {}): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        if (!(await this.again(attempt, toSecGeminiError(error), about))) throw error;
      }
    }
  }

  /** After failure number `attempt`: waits, and gives true when it is to be tried again. */
  async again(attempt: number, error: SecGeminiError | ErrorInfo, { sessionId, signal }: Call = {}): Promise<boolean> {
    const policy = this.policyOf(sessionId);
    const of = policy.strategy === 'none' ? 0 : policy.times;
    if (!mayPass(error.code) || attempt > of || signal?.aborted === true) return false;
    const inMs = delayBefore(policy, attempt, error.retryAfterMs);
    const known = error instanceof SecGeminiError ? errorInfo(error) : error;
    return await this.#wait({ sessionId, attempt, of, inMs, error: known }, signal);
  }

  /** Ends every wait. */
  dispose(): void {
    for (const { end } of [...this.#waiting.values()]) end();
    this.#changes.dispose();
  }

  #wait(retry: Retry, signal: AbortSignal | undefined): Promise<boolean> {
    const key = {};
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const end = (again: boolean): void => {
      cancel();
      signal?.removeEventListener('abort', stop);
      if (this.#waiting.delete(key)) this.#changes.fire(retry.sessionId);
      resolve(again);
    };
    const stop = (): void => end(false);
    const cancel = this.#options.after(retry.inMs, () => end(true));
    signal?.addEventListener('abort', stop, { once: true });
    this.#waiting.set(key, { retry, end: stop });
    this.#changes.fire(retry.sessionId);
    return promise;
  }
}
