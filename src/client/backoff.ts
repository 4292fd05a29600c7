/** The one back-off of both protocols: full jitter, 0.5 s doubling to 30 s, never more than 20 connects a minute, never silent (F06, F08). */

import type { Clock } from './clock.ts';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** A connection that lived this long proves the other side: the next trouble starts from the beginning. */
const PROVEN_MS = 5_000;
const CONNECTS_PER_MINUTE = 20;
const MINUTE_MS = 60_000;

/** Decides how long to wait before the next try. Holds no timer. */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: () => number;
  #failures = 0;
  #upSince: number | undefined;
  #connects: number[] = [];

  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Tells that a connect is being tried now; the limit per minute counts these. */
  started(): void {
    const now = this.#clock.now();
    this.#connects = this.#connects.filter((time) => now - time < MINUTE_MS);
    this.#connects.push(now);
  }

  /** Tells that a connection stands. */
  up(): void {
    this.#upSince = this.#clock.now();
  }

  /** Milliseconds to wait after a connection failed or ended. `atLeast` is the service's own wish (Retry-After). */
  down(atLeast = 0): number {
    const now = this.#clock.now();
    if (this.#upSince !== undefined && now - this.#upSince >= PROVEN_MS) this.#failures = 0;
    this.#upSince = undefined;
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    return Math.max(atLeast, this.#random() * ceiling, this.#untilAllowed(now));
  }

  /** The user or the network said that it is worth trying now: the growth starts over. */
  reset(): void {
    this.#failures = 0;
  }

  #untilAllowed(now: number): number {
    const recent = this.#connects.filter((time) => now - time < MINUTE_MS);
    const oldest = recent[recent.length - CONNECTS_PER_MINUTE];
    return oldest === undefined ? 0 : oldest + MINUTE_MS - now;
  }
}
