/** Counters for logs, bounded in memory. */
import type { Count } from './logs.ts';

const MAX_VALUES = 50_000;
/** Failures from which on a success of the same address is remarkable. */
const MANY_FAILURES = 5;

/** Counts values and remembers where each was first seen; new values are dropped when there are too many. */
export class Counter {
  readonly #counts = new Map<string, { count: number; firstLine: number }>();

  add(value: string, line: number): void {
    const known = this.#counts.get(value);
    if (known !== undefined) known.count += 1;
    else if (value !== '' && this.#counts.size < MAX_VALUES) this.#counts.set(value, { count: 1, firstLine: line });
  }

  get(value: string): number {
    return this.#counts.get(value)?.count ?? 0;
  }

  /** The most frequent first; ties by their first line. */
  top(limit = 10): Count[] {
    return [...this.#counts]
      .map(([value, { count, firstLine }]) => ({ value, count, firstLine }))
      .toSorted((a, b) => b.count - a.count || a.firstLine - b.firstLine)
      .slice(0, limit);
  }
}

/** Everything that is counted while a log is read. */
export class LogTally {
  entries = 0;
  other = 0;
  failed = 0;
  first: string | undefined;
  last: string | undefined;
  readonly addresses = new Counter();
  readonly kinds = new Counter();
  readonly paths = new Counter();
  readonly keys = new Counter();
  readonly failedByAddress = new Counter();
  readonly failedByUser = new Counter();
  readonly probes = new Counter();
  /** Address -> line of its first success after many failures. */
  readonly successAfterFailures = new Map<string, number>();

  time(written: string): void {
    this.first ??= written;
    this.last = written;
  }

  fail(address: string | undefined, user: string | undefined, line: number): void {
    this.failed += 1;
    if (address !== undefined) this.failedByAddress.add(address, line);
    if (user !== undefined) this.failedByUser.add(user, line);
  }

  accept(address: string | undefined, line: number): void {
    if (address === undefined || this.successAfterFailures.has(address)) return;
    if (this.failedByAddress.get(address) >= MANY_FAILURES) this.successAfterFailures.set(address, line);
  }

  probe(address: string, line: number): void {
    this.probes.add(address, line);
  }
}
