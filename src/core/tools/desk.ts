/**
 * Tool calls that wait for a person. An answer is bound to exactly what was shown (arguments, files, output), counts once, and is void when
 * the turn or the connection goes or after five minutes (trust.md S17, S18, F19).
 */

import { APPROVAL_LIFE_MS } from '../approvals.ts';
import { type Disposable, DisposableStore, toDisposable } from '../disposable.ts';
import { Emitter, type Event } from '../emitter.ts';
import { SecGeminiError } from '../errors.ts';
import type { SecretRange } from '../redaction.ts';
import type { Budget } from './consent.ts';
import type { FileIdentity, ToolArgs } from './tool.ts';

/** A secret in the output: its place, not the secret. */
export interface OutputFlag extends SecretRange {
  readonly title: string;
  /** From 1, in the output. */
  readonly line: number;
}

/** What would leave. Undefined parts of a call that has not run yet are asked about before it does. */
export interface PreparedOutput {
  /** Exactly what would be sent. */
  readonly text: string;
  readonly bytes: number;
  readonly isError: boolean;
  readonly files: readonly FileIdentity[];
  readonly flags: readonly OutputFlag[];
}

export interface ToolRequest {
  /** Unique in this window; the id of the line in the transcript. */
  readonly id: string;
  readonly sessionId: string;
  /** The wire did not say whose call it is, and another session runs, too. */
  readonly guess: boolean;
  readonly tool: string;
  readonly title: string;
  readonly args: ToolArgs;
  /** Set when the user changed them. */
  readonly askedArgs?: ToolArgs | undefined;
  /** Scheme, host and port the answer goes to. */
  readonly destination: string;
  readonly output?: PreparedOutput | undefined;
  /** Why it is asked although the tool is allowed, and what else to know; a phrase each. */
  readonly notes: readonly string[];
  readonly budget: Budget;
  /** May be allowed for the session. */
  readonly grantable: boolean;
  /** Where the arguments go, when that is not the editor itself. */
  readonly place?: string | undefined;
  /** A foreign tool that has run already: only its output is asked about. */
  readonly hasRun?: boolean | undefined;
  /** Milliseconds since the epoch; denied by itself then. */
  readonly expiresAt: number;
}

export type ToolDecision =
  /** `redact`: what looks like a secret is replaced by placeholders first. `look`: a foreign tool runs, and its output is asked about before it leaves. */
  | {
      readonly kind: 'allow';
      readonly forSession: boolean;
      readonly redact?: boolean | undefined;
      readonly look?: boolean | undefined;
    }
  | { readonly kind: 'edit'; readonly args: unknown }
  | { readonly kind: 'deny'; readonly reason: string }
  /** The output was looked at and stays here. */
  | { readonly kind: 'withhold'; readonly reason: string }
  | { readonly kind: 'void'; readonly why: string };

interface Entry {
  readonly request: ToolRequest;
  readonly settle: (decision: ToolDecision) => void;
}

export class ToolDesk implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #pending = new Map<string, Entry>();
  readonly #asked = this.#owned.add(new Emitter<ToolRequest>());
  readonly #changed = this.#owned.add(new Emitter<void>());
  readonly #after: (milliseconds: number, run: () => void) => () => void;

  /** `after` calls once after the time; what it returns takes that back. */
  constructor(after: (milliseconds: number, run: () => void) => () => void) {
    this.#after = after;
    this.#owned.add(
      toDisposable(() => {
        for (const { settle } of this.#pending.values()) settle({ kind: 'void', why: 'the window closed' });
      }),
    );
  }

  get onDidAsk(): Event<ToolRequest> {
    return this.#asked.event;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Oldest first. */
  pending(sessionId?: string): readonly ToolRequest[] {
    const all = [...this.#pending.values()].map(({ request }) => request);
    return sessionId === undefined ? all : all.filter((request) => request.sessionId === sessionId);
  }

  get(id: string): ToolRequest | undefined {
    return this.#pending.get(id)?.request;
  }

  /** Waits for a person. Never rejects; an aborted signal makes it void. */
  async ask(request: ToolRequest, signal: AbortSignal): Promise<ToolDecision> {
    if (signal.aborted) return { kind: 'void', why: GONE };
    const { promise, resolve } = Promise.withResolvers<ToolDecision>();
    const abort = (): void => resolve({ kind: 'void', why: GONE });
    signal.addEventListener('abort', abort, { once: true });
    const cancelTimer = this.#after(APPROVAL_LIFE_MS, () =>
      resolve({ kind: 'deny', reason: 'nobody answered within 5 minutes' }),
    );
    this.#pending.set(request.id, { request, settle: resolve });
    this.#changed.fire();
    this.#asked.fire(request);
    try {
      return await promise;
    } finally {
      cancelTimer();
      signal.removeEventListener('abort', abort);
      this.#pending.delete(request.id);
      this.#changed.fire();
    }
  }

  /** Answers what was shown. Throws `invalidArgument` when that very request is no longer waiting: nothing leaves then. */
  answer(shown: ToolRequest, decision: Exclude<ToolDecision, { kind: 'void' }>): void {
    const entry = this.#pending.get(shown.id);
    // The object itself: whatever was prepared anew after it was shown is another one.
    if (entry === undefined || entry.request !== shown)
      throw new SecGeminiError('invalidArgument', 'This request is no longer waiting; nothing left this machine.', {
        action: 'Look at the conversation: a new request may be there.',
      });
    // At once, not when the waiting side wakes: a second answer must find nothing.
    this.#pending.delete(shown.id);
    entry.settle(decision);
  }

  /** Voids what waits for a session. */
  void(sessionId: string, why: string): void {
    for (const { request, settle } of this.#pending.values())
      if (request.sessionId === sessionId) {
        this.#pending.delete(request.id);
        settle({ kind: 'void', why });
      }
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

const GONE = 'the connection or the turn that asked is gone';
