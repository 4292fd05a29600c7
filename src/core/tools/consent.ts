/**
 * Who may use tools at all: off until a session of this window is switched on; then only while a turn of it runs, within a budget for each
 * turn, and by a policy for each tool, where deny beats allow (trust.md S27). Nothing but a "deny" outlives the window.
 */

import { type Disposable, DisposableStore } from '../disposable.ts';
import { Emitter, type Event } from '../emitter.ts';
import type { SessionManager } from '../session-manager.ts';

export const MAX_CALLS_PER_TURN = 50;
export const MAX_BYTES_PER_TURN = 2 * 1024 * 1024;

/** `allow` holds for one session, `deny` for all of them. */
export type ToolPolicy = 'ask' | 'allow' | 'deny';

export interface Budget {
  readonly calls: number;
  readonly bytes: number;
}

/** Whose call it is. `guess`: the wire did not say, and more than one session could have asked. */
export interface Attribution {
  readonly sessionId: string;
  readonly guess: boolean;
}

export interface ConsentOptions {
  readonly sessions: SessionManager;
  /** False in Restricted Mode: nothing is on then. */
  readonly trusted: () => boolean;
  /** Names of the tools that are denied in every session; kept over windows, in the application's scope only (S16). */
  readonly denied: { get(): readonly string[]; set(names: readonly string[]): void };
}

interface Grant {
  /** With whom it was agreed: another client may be another service or account, and gets a question of its own. */
  readonly client: SessionManager['client'];
  readonly allowed: Set<string>;
  calls: number;
  bytes: number;
  /** Rises with each turn; the latest one has the highest. */
  started: number;
}

export class ToolConsent implements Disposable {
  readonly #options: ConsentOptions;
  readonly #owned = new DisposableStore();
  readonly #on = new Map<string, Grant>();
  readonly #changed = this.#owned.add(new Emitter<void>());
  readonly #turnOver = this.#owned.add(new Emitter<string>());
  readonly #lost = this.#owned.add(new Emitter<number>());
  #turns = 0;

  constructor(options: ConsentOptions) {
    this.#options = options;
    const { sessions } = options;
    this.#owned.add(
      sessions.onDidChange(({ sessionId, action, state }) => {
        const grant = this.#on.get(sessionId);
        if (grant === undefined) return;
        if (action.type === 'turnStart') {
          // A new question of the user, a new budget; a turn that goes on (after an approval, a reconnect) keeps the old one.
          grant.calls = 0;
          grant.bytes = 0;
          this.#turns += 1;
          grant.started = this.#turns;
          this.#changed.fire();
        }
        const lost = action.type === 'connection' && action.state !== 'connected';
        if (state.turn.phase !== 'working' || lost) this.#turnOver.fire(sessionId);
      }),
    );
    this.#owned.add(
      sessions.onDidChangeList(() => {
        let lost = 0;
        for (const [sessionId, { client }] of this.#on) {
          const isOther = client !== sessions.client;
          if (!isOther && sessions.state(sessionId) !== undefined) continue;
          if (isOther) lost += 1;
          this.switchOff(sessionId);
        }
        if (lost > 0) this.#lost.fire(lost);
      }),
    );
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** A session's turn is over, stopped, waits for the user, or has lost its connection: what was asked for it is void. */
  get onDidEndTurn(): Event<string> {
    return this.#turnOver.event;
  }

  /** The connection that the tools were switched on for is another now, or none: they are off in so many sessions, unasked. */
  get onDidLose(): Event<number> {
    return this.#lost.event;
  }

  /** Sessions whose tools are on, in this window. */
  sessions(): readonly string[] {
    return [...this.#on.keys()];
  }

  isOn(sessionId: string): boolean {
    return this.#on.has(sessionId) && this.#options.trusted();
  }

  switchOn(sessionId: string): void {
    if (this.#on.has(sessionId) || !this.#options.trusted()) return;
    const { client } = this.#options.sessions;
    this.#on.set(sessionId, { client, allowed: new Set(), calls: 0, bytes: 0, started: 0 });
    this.#changed.fire();
  }

  /** Takes every grant of the session back. */
  switchOff(sessionId: string): void {
    if (!this.#on.delete(sessionId)) return;
    this.#turnOver.fire(sessionId);
    this.#changed.fire();
  }

  policy(tool: string, sessionId: string): ToolPolicy {
    if (this.isDenied(tool)) return 'deny';
    return this.#on.get(sessionId)?.allowed.has(tool) === true ? 'allow' : 'ask';
  }

  isDenied(tool: string): boolean {
    return this.#options.denied.get().includes(tool);
  }

  /** How many sessions a tool is allowed in without asking. */
  grantsOf(tool: string): number {
    return [...this.#on.values()].filter(({ allowed }) => allowed.has(tool)).length;
  }

  /** `allow` needs a session whose tools are on. `ask` and `deny` hold for all, and take grants back. */
  setPolicy(tool: string, policy: ToolPolicy, sessionId?: string): void {
    const { denied } = this.#options;
    const others = denied.get().filter((name) => name !== tool);
    if (policy === 'allow') {
      // Deny beats allow: who wants it back says so by "ask" first.
      if (sessionId !== undefined && !this.isDenied(tool)) this.#on.get(sessionId)?.allowed.add(tool);
    } else {
      denied.set(policy === 'deny' ? [...others, tool] : others);
      for (const grant of this.#on.values()) grant.allowed.delete(tool);
    }
    this.#changed.fire();
  }

  /** Takes every grant of a tool back, and leaves a denial as it is: it is no longer what was allowed. */
  revoke(tool: string): void {
    const had = this.grantsOf(tool) > 0;
    for (const grant of this.#on.values()) grant.allowed.delete(tool);
    if (had) this.#changed.fire();
  }

  /**
   * The session that a call belongs to: the one that the wire names, else the one whose turn runs. Undefined when no turn of a session that
   * is on runs.
   */
  attribute(named: string | undefined): Attribution | undefined {
    const { sessions } = this.#options;
    const runs = (id: string): boolean => sessions.state(id)?.turn.phase === 'working';
    if (named !== undefined) return this.isOn(named) && runs(named) ? { sessionId: named, guess: false } : undefined;
    const open = this.sessions().filter((id) => this.isOn(id) && runs(id));
    const latest = open.toSorted((a, b) => (this.#on.get(b)?.started ?? 0) - (this.#on.get(a)?.started ?? 0))[0];
    if (latest === undefined) return undefined;
    const running = sessions.sessions().filter(({ info }) => runs(info.id)).length;
    return { sessionId: latest, guess: running > 1 };
  }

  budget(sessionId: string): Budget {
    const { calls = 0, bytes = 0 } = this.#on.get(sessionId) ?? {};
    return { calls, bytes };
  }

  /** Counts a call of the running turn. False when there were too many: it is not run. */
  countCall(sessionId: string): boolean {
    const grant = this.#on.get(sessionId);
    if (grant === undefined || grant.calls >= MAX_CALLS_PER_TURN) return false;
    grant.calls += 1;
    this.#changed.fire();
    return true;
  }

  /** Takes bytes that are about to leave. False when they are too many for this turn: they stay. */
  takeBytes(sessionId: string, bytes: number): boolean {
    const grant = this.#on.get(sessionId);
    if (grant === undefined || grant.bytes + bytes > MAX_BYTES_PER_TURN) return false;
    grant.bytes += bytes;
    this.#changed.fire();
    return true;
  }

  dispose(): void {
    this.#on.clear();
    this.#owned.dispose();
  }
}
