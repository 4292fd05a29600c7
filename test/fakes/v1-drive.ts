/** Runs a turn to its end and keeps what it said, beside the state that the house makes of it. */

import { randomUUID } from 'node:crypto';
import type { SecGeminiClient } from '../../src/core/client.ts';
import type { SessionEvent } from '../../src/core/events.ts';
import type { SessionInfo } from '../../src/core/model.ts';
import { type SessionState, initialState, reduce } from '../../src/core/session-state.ts';
import type { Clock } from '../../src/client/clock.ts';

export interface Driven {
  readonly promptId: string;
  readonly events: SessionEvent[];
  /** Resolves when the stream has ended. */
  readonly done: Promise<SessionEvent[]>;
  readonly stop: () => void;
  state(): SessionState;
}

export function drive(client: SecGeminiClient, sessionId: string, text: string): Driven {
  const promptId = randomUUID();
  const abort = new AbortController();
  const events: SessionEvent[] = [];
  const info: SessionInfo = {
    id: sessionId,
    protocol: 'v1',
    name: '',
    description: '',
    status: 'idle',
    createdAt: 0,
    updatedAt: 0,
  };
  const done = (async () => {
    for await (const event of client.stream(sessionId, { id: promptId, text }, { signal: abort.signal }))
      events.push(event);
    return events;
  })();
  return {
    promptId,
    events,
    done,
    stop: () => abort.abort(),
    state: () => events.reduce(reduce, initialState(info)),
  };
}

/** The outcome of a finished turn. */
export function outcome(events: readonly SessionEvent[]): string | undefined {
  const last = events.at(-1);
  return last?.type === 'turnEnd' ? last.outcome : undefined;
}

export function deliveries(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'delivery' ? [event.state] : []));
}

/** What the house shows of the agent's answers. */
export function answers(driven: Driven): string[] {
  return driven
    .state()
    .messages.filter((message) => message.kind === 'response')
    .map((message) => message.content);
}

/** A clock that stands still until the test moves it; timers run in their order. */
export class FakeClock implements Clock {
  #now = 0;
  wallOffset = 1_800_000_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now + this.wallOffset;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** The nearest timer's distance, or undefined. */
  get nearest(): number | undefined {
    const at = Math.min(...this.#timers.map((timer) => timer.at));
    return Number.isFinite(at) ? at - this.#now : undefined;
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = until;
  }
}

/** Real time, `factor` times as fast: waits of seconds pass in milliseconds, in the same order. */
export function fastClock(factor = 50): Clock {
  return {
    now: () => performance.now() * factor,
    wall: () => 1_800_000_000_000 + performance.now() * factor,
    after(ms, run) {
      const timer = setTimeout(run, ms / factor);
      return () => clearTimeout(timer);
    },
  };
}

/** Waits for a condition that other events bring about; mocha's own limit is the guard. */
export async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
