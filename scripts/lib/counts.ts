// Counts of passed and failed tests, and the exact ways in which our runners report them.
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Which tests failed and the first line of why, for the end of a long log. */
  readonly failures?: readonly string[] | undefined;
}

export const nothing: Counts = { passed: 0, failed: 0 };
export const onePassed: Counts = { passed: 1, failed: 0 };
export const oneFailed: Counts = { passed: 0, failed: 1 };

/** The sum of several counts. */
export function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      failures: [...(a.failures ?? []), ...(b.failures ?? [])],
    }),
    nothing,
  );
}

/** The closing line of every runner. */
export function countsLine({ passed, failed }: Counts): string {
  return `${String(passed)} passed, ${String(failed)} failed`;
}

/** Counts of checks that each say what is wrong (an empty list: passed); prints one line for each. */
export function countChecks(checks: readonly (readonly [name: string, faults: readonly string[]])[]): Counts {
  for (const [name, faults] of checks) {
    console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
    for (const fault of faults) console.log(`       ${fault}`);
  }
  const failed = checks.filter(([, faults]) => faults.length > 0).length;
  return { passed: checks.length - failed, failed };
}

/** What a runner that ended with `code` has done; a runner that failed without a failed test counts as one failure. */
export function withExitCode(counts: Counts | undefined, code: number): Counts {
  if (counts === undefined) return oneFailed;
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

const mochaCounts = z.object({ passed: z.number(), failed: z.number(), failures: z.array(z.string()).optional() });

/** Reads what mocha-reporter.ts wrote; undefined when it wrote nothing. */
export function readMochaCounts(file: string): Counts | undefined {
  return existsSync(file) ? mochaCounts.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

interface Suite {
  readonly specs: readonly {
    readonly title: string;
    readonly file: string;
    readonly tests: readonly {
      readonly status: string;
      readonly results: readonly { readonly error?: { readonly message?: string | undefined } | undefined }[];
    }[];
  }[];
  readonly suites?: readonly Suite[] | undefined;
}

const playwrightSuite: z.ZodType<Suite> = z.object({
  specs: z.array(
    z.object({
      title: z.string(),
      file: z.string(),
      tests: z.array(
        z.object({
          status: z.string(),
          results: z.array(z.object({ error: z.object({ message: z.string().optional() }).optional() })),
        }),
      ),
    }),
  ),
  get suites() {
    return z.array(playwrightSuite).optional();
  },
});

const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }),
  suites: z.array(playwrightSuite),
});

/** Reads Playwright's JSON report; undefined when there is none. Flaky is failed: there are no retries here. */
export function readPlaywrightCounts(file: string): Counts | undefined {
  if (!existsSync(file)) return undefined;
  const { stats, suites } = playwrightReport.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, failures: suites.flatMap(failuresOf) };
}

function failuresOf({ specs, suites }: Suite): readonly string[] {
  const failed = specs.flatMap(({ file, title, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ results }) => {
        const why = results.find(({ error }) => error !== undefined)?.error?.message;
        return `${file}: ${title}: ${firstLines(why ?? 'no error was reported')}`;
      }),
  );
  return [...failed, ...(suites ?? []).flatMap(failuresOf)];
}

/** The start of an error's message in one line, without colours. */
export function firstLines(message: string): string {
  // oxlint-disable-next-line no-control-regex -- the colours are what goes
  return message
    .replaceAll(/\u001b\[[0-9;]*m/g, '')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 400);
}
