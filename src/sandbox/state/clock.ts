/** Time as the sandbox sees it; tests put their own in its place. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once after the time; the returned function takes it back. Never keeps the process alive by itself. */
  after(milliseconds: number, run: () => void): () => void;
}

/** setTimeout counts with 32 bits: a longer wait would fire at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, milliseconds), LONGEST_WAIT_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
