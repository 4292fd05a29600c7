/**
 * What the service asks to be allowed, and who may answer: a person, natively, once. An approval is bound to the arguments that were shown
 * (trust.md S17, S18): swapped ones, an ended connection or five minutes void it. Nothing outlives the session or the window.
 */

import type { ApprovalEnd, ApprovalHow } from './approval-end.ts';
import { type Disposable, DisposableStore, toDisposable } from './disposable.ts';
import { Emitter, type Event } from './emitter.ts';
import { SecGeminiError } from './errors.ts';
import { type Log, silentLog } from './log.ts';
import type { Confirmation } from './model-agent.ts';
import type { SessionManager } from './session-manager.ts';
import { labelText } from './visible-text.ts';

export interface PendingApproval {
  readonly sessionId: string;
  readonly confirmation: Confirmation;
  /** Milliseconds since the epoch; denied by itself then. */
  readonly expiresAt: number;
}

export interface ApprovalDeskOptions {
  readonly sessions: SessionManager;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls `run` once after the time; the returned function takes it back. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
  /** Milliseconds until a request that nobody answers is denied; `APPROVAL_LIFE_MS` when absent. */
  readonly lifeMs?: number | undefined;
  readonly log?: Log | undefined;
}

/** A request that nobody answers is denied after this long. */
export const APPROVAL_LIFE_MS = 5 * 60_000;

/** A shorter life in whole seconds, e.g. of a test. Whatever else it says, five minutes stay: no setting makes a request live longer (S18). */
export function approvalLifeMs(seconds: string | undefined): number {
  const wanted = /^\d{1,3}$/.test(seconds ?? '') ? Number(seconds) * 1000 : 0;
  return wanted > 0 && wanted < APPROVAL_LIFE_MS ? wanted : APPROVAL_LIFE_MS;
}

interface Entry extends PendingApproval {
  readonly digest: string;
  readonly cancelTimer: () => void;
}

export class ApprovalDesk implements Disposable {
  readonly #options: ApprovalDeskOptions;
  readonly #log: Log;
  readonly #owned = new DisposableStore();
  readonly #pending = new Map<string, Entry>();
  /** By session: how many requests were answered or void. What was asked of the service before the last of them is old. */
  readonly #done = new Map<string, number>();
  /** By session: the digest of what is being answered. The service may still name it as waiting. */
  readonly #answering = new Map<string, string>();
  /** `session id, tool` that the user allowed for the session, in this window. */
  readonly #grants = new Set<string>();
  /** By session, then by the id of the message that asked: what this window answered. */
  readonly #ends = new Map<string, Map<string, ApprovalEnd>>();
  readonly #asked: Emitter<PendingApproval>;
  readonly #changed: Emitter<void>;

  constructor(options: ApprovalDeskOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    const report = (error: unknown): void => this.#log.error('A listener of the approvals failed', error);
    this.#asked = this.#owned.add(new Emitter<PendingApproval>(report));
    this.#changed = this.#owned.add(new Emitter<void>(report));
    this.#owned.add(
      options.sessions.onDidChange(({ sessionId, state }) => {
        if (state.info.status === 'waitingForConfirmation') void this.#look(sessionId);
        else this.#void(sessionId);
      }),
    );
    this.#owned.add(
      options.sessions.onDidChangeList(() => {
        for (const sessionId of this.#pending.keys())
          if (options.sessions.state(sessionId) === undefined) this.#void(sessionId);
        for (const sessionId of this.#ends.keys())
          if (options.sessions.state(sessionId) === undefined) this.#ends.delete(sessionId);
      }),
    );
    this.#owned.add(toDisposable(() => [...this.#pending.keys()].forEach((id) => this.#void(id))));
  }

  /** A new request waits for a person. */
  get onDidAsk(): Event<PendingApproval> {
    return this.#asked.event;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Requests that wait, oldest first. */
  pending(): readonly PendingApproval[] {
    return [...this.#pending.values()];
  }

  of(sessionId: string): PendingApproval | undefined {
    return this.#pending.get(sessionId);
  }

  /** What this window answered in the session, by the id of the message that asked. Nothing of it outlives the window. */
  ends(sessionId: string): Readonly<Record<string, ApprovalEnd>> {
    return Object.fromEntries(this.#ends.get(sessionId) ?? []);
  }

  /**
   * Answers what was shown. Rejects with `invalidArgument` when it is no longer that request: nothing is allowed then.
   * `forSession` allows this tool in this session without asking, until the window closes.
   */
  async answer(shown: PendingApproval, approved: boolean, forSession = false): Promise<void> {
    await this.#answer(shown, approved ? (forSession ? 'allowedForSession' : 'allowed') : 'denied');
  }

  async #answer(shown: PendingApproval, how: ApprovalHow): Promise<void> {
    const { sessions, now: clock } = this.#options;
    const approved = how === 'allowed' || how === 'allowedForSession' || how === 'allowedByGrant';
    const entry = this.#pending.get(shown.sessionId);
    const client = sessions.client;
    if (entry === undefined || entry.digest !== digestOf(shown.confirmation) || client?.approvals === undefined)
      throw stale();
    const messageId = this.#messageOf(shown.sessionId);
    this.#take(entry);
    this.#answering.set(shown.sessionId, entry.digest);
    let answered = false;
    try {
      if (approved) {
        // Asked once more right before: what was swapped after it was shown must not be allowed.
        const now = await client.approvals.pending(shown.sessionId);
        if (now === undefined || digestOf(now) !== entry.digest) throw stale();
      }
      if (!(await client.approvals.answer(shown.sessionId, shown.confirmation.id, approved))) throw stale();
      answered = true;
    } finally {
      this.#answering.delete(shown.sessionId);
      this.#settle(shown.sessionId);
      // What waits now, the same request among it when the answer did not get through.
      if (!answered) void this.#look(shown.sessionId);
    }
    if (how === 'allowedForSession') this.#grants.add(grantOf(shown.sessionId, shown.confirmation.toolName));
    this.#remember(shown.sessionId, messageId, { how, at: clock() });
    sessions.followTurn(shown.sessionId);
  }

  /**
   * Tells the service whether the session asks before every tool call, and remembers it: the wire cannot be asked. "Always" takes back what
   * was allowed for the session.
   */
  async setAlwaysAsk(sessionId: string, always: boolean): Promise<void> {
    const { sessions } = this.#options;
    const approvals = sessions.client?.approvals;
    if (approvals === undefined)
      throw new SecGeminiError('invalidArgument', 'This service does not ask before tool calls.');
    await approvals.setAlwaysAsk(sessionId, always);
    if (always) for (const grant of this.#grants) if (grant.startsWith(grantsOf(sessionId))) this.#grants.delete(grant);
    sessions.setFacts(sessionId, { asksAlways: always ? true : undefined });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #look(sessionId: string): Promise<void> {
    const { sessions, now, after, lifeMs = APPROVAL_LIFE_MS } = this.#options;
    const approvals = sessions.client?.approvals;
    if (approvals === undefined) return;
    const done = this.#done.get(sessionId);
    let confirmation: Confirmation | undefined;
    try {
      confirmation = await approvals.pending(sessionId);
    } catch (error) {
      this.#log.warn(`The pending approval cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
    }
    if (confirmation === undefined || sessions.client?.approvals !== approvals) return;
    if (this.#done.get(sessionId) !== done) return;
    const digest = digestOf(confirmation);
    if (this.#pending.get(sessionId)?.digest === digest || this.#answering.get(sessionId) === digest) return;
    this.#void(sessionId);
    const shown: PendingApproval = { sessionId, confirmation, expiresAt: now() + lifeMs };
    const cancelTimer = after(lifeMs, () => {
      this.#expire(shown).catch((error: unknown) => this.#log.warn(`Denying a late approval failed: ${String(error)}`));
    });
    this.#pending.set(sessionId, { ...shown, digest, cancelTimer });
    this.#changed.fire();
    if (this.#grants.has(grantOf(sessionId, confirmation.toolName))) {
      this.#answer(shown, 'allowedByGrant').catch((error: unknown) =>
        this.#log.warn(`Allowing by the session's choice failed: ${String(error)}`),
      );
    } else {
      this.#asked.fire(shown);
    }
  }

  /** Nobody was there: the conversation says why it was denied. */
  async #expire(shown: PendingApproval): Promise<void> {
    const { sessions, lifeMs = APPROVAL_LIFE_MS } = this.#options;
    await this.#answer(shown, 'ranOut');
    const time = lifeMs < 60_000 ? `${lifeMs / 1000} seconds` : `${Math.round(lifeMs / 60_000)} minutes`;
    const tool = labelText(shown.confirmation.toolName, 60);
    sessions.note(shown.sessionId, {
      type: 'notice',
      text: `Nobody answered within ${time}: ${tool} was denied.`,
    });
  }

  /** The wire names no message with a request: the last one that asks is the one that waits. */
  #messageOf(sessionId: string): string | undefined {
    return this.#options.sessions
      .state(sessionId)
      ?.messages.findLast(({ kind, id }) => kind === 'confirmationRequest' && !id.startsWith('local:'))?.id;
  }

  /** Keeps what is known of an earlier request when the message of this one had not come yet. */
  #remember(sessionId: string, messageId: string | undefined, end: ApprovalEnd): void {
    const ends = this.#ends.get(sessionId) ?? new Map<string, ApprovalEnd>();
    if (messageId === undefined || ends.has(messageId)) return;
    this.#ends.set(sessionId, ends.set(messageId, end));
    this.#changed.fire();
  }

  #take(entry: Entry): void {
    entry.cancelTimer();
    this.#pending.delete(entry.sessionId);
    this.#settle(entry.sessionId);
    this.#changed.fire();
  }

  #settle(sessionId: string): void {
    this.#done.set(sessionId, (this.#done.get(sessionId) ?? 0) + 1);
  }

  #void(sessionId: string): void {
    const entry = this.#pending.get(sessionId);
    if (entry !== undefined) this.#take(entry);
  }
}

/** Equal for the same request with the same arguments, whatever the order of their keys. */
function digestOf({ id, toolName, args, message }: Confirmation): string {
  return JSON.stringify([id, toolName, canonical(args), message]);
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, inner]) => [key, canonical(inner)]);
}

function grantOf(sessionId: string, tool: string): string {
  return `${grantsOf(sessionId)}${JSON.stringify(tool)}`;
}

/** How every grant of a session begins, and none of another. */
function grantsOf(sessionId: string): string {
  return `${JSON.stringify(sessionId)} `;
}

function stale(): SecGeminiError {
  return new SecGeminiError('invalidArgument', 'This request is no longer waiting; nothing was allowed.', {
    action: 'Look at the conversation: a new request may be there.',
  });
}
