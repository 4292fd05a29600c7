// `npm test`: every stage one after another, or the named ones (`npm test -- unit types`). The last line is
// `N passed, N failed`; exit code 1 when anything failed, or when a stage of tests ran none. `--full` adds the long tier.
import { globSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from './build.ts';
import { checkCapabilityTable } from './capability-table.ts';
import { checkPackage } from './check-package.ts';
import { checkRooms } from './check-rooms.ts';
import {
  type Counts,
  countsLine,
  onePassed,
  oneFailed,
  readMochaCounts,
  readPlaywrightCounts,
  sum,
  withExitCode,
} from './lib/counts.ts';
import { root, tool, toolEnvironment } from './lib/paths.ts';
import { run } from './lib/run.ts';
import { runMutants } from './mutants.ts';
import { installChromium } from './rig/browser.ts';
import { installRig } from './rig/install.ts';
import { checkSessionTable } from './session-table.ts';
import { testHost } from './test-host.ts';

interface Stage {
  readonly name: string;
  readonly run: () => Promise<Counts>;
  /** Only in the long tier, where having no tests yet is no fault. */
  readonly full?: true;
}

/** oxlint draws in colour into a pipe too. */
const plain: readonly string[] = process.stdout.isTTY ? [] : ['--format=unix'];

const lockfileRules = ['--path', 'package-lock.json', '--type', 'npm', '--validate-https', '--allowed-hosts', 'npm'];

const stages: readonly Stage[] = [
  { name: 'types', run: () => check(tool('typescript/bin/tsc'), '-b') },
  { name: 'lint', run: () => check(tool('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', ...plain) },
  { name: 'format', run: () => check(tool('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.') },
  { name: 'exports', run: () => check(tool('knip/bin/knip.js'), '--no-progress') },
  // A lockfile whose entries name another registry or lack https fails; this machine's npm writes none, so that check bites elsewhere.
  { name: 'lockfile', run: () => check(tool('lockfile-lint/bin/lockfile-lint.js'), ...lockfileRules) },
  { name: 'generated', run: () => check([process.execPath], join(root, 'scripts', 'check-generated.ts')) },
  { name: 'rooms', run: checkRooms },
  { name: 'unit', run: units },
  // Of what the contract suite just proved.
  { name: 'capabilities', run: () => Promise.resolve(checkCapabilityTable()) },
  { name: 'host', run: () => testHost() },
  // Of what the suites in the extension host just proved.
  { name: 'sessions', run: () => Promise.resolve(checkSessionTable()) },
  { name: 'panel', run: () => playwright('panel') },
  { name: 'app', run: () => playwright('app') },
  { name: 'app-long', run: () => playwright('app', { SEC_GEMINI_LONG: '1' }), full: true },
  { name: 'package', run: checkPackage },
  { name: 'full', run: longTier, full: true },
  { name: 'mutants', run: runMutants, full: true },
];

/** A tool that only says yes or no counts as one test. */
async function check(command: readonly string[], ...args: string[]): Promise<Counts> {
  const { code } = await run([...command, ...args], { onOutput: print });
  return code === 0 ? onePassed : oneFailed;
}

/** Mocha in plain Node, as three processes side by side: for half of its time a test waits. */
async function units(): Promise<Counts> {
  // Tests of the sandbox as a process, and of the page's policy, look at the bundles.
  await build();
  const files = ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'].flatMap((pattern) =>
    globSync(pattern, { cwd: root }).toSorted(),
  );
  const shares = [0, 1, 2].map((share) => files.filter((_, index) => index % 3 === share));
  // The first one's words as they come, those of the others in one piece behind them.
  const later = shares.map(() => '');
  const counts = await Promise.all(
    shares.map((share, index) =>
      mocha(`unit-${String(index + 1)}`, share, index === 0 ? print : (text) => void (later[index] += text)),
    ),
  );
  print(later.join(''));
  return sum(counts);
}

/** One process of mocha. It is not told to exit: tests that leave a timer, socket or process behind hang and fail. */
async function mocha(
  name: string,
  files: readonly string[],
  onOutput: (text: string) => void = print,
): Promise<Counts> {
  if (files.length === 0) return { passed: 0, failed: 0 };
  await mkdir(join(root, 'out'), { recursive: true });
  const report = join(root, 'out', `mocha-${name}.json`);
  rmSync(report, { force: true });
  const reporter = join(root, 'scripts', 'lib', 'mocha-reporter.ts');
  const command = [
    ...tool('mocha/bin/mocha.js'),
    '--forbid-only',
    '--forbid-pending',
    // A guard against hanging, generous because machines are busy; timings are the benchmarks' business.
    '--timeout',
    '60000',
    '--reporter',
    reporter,
    ...files,
  ];
  const result = await guarded(run(command, { onOutput, env: toolEnvironment({ SEC_GEMINI_COUNTS: report }) }));
  if (result === undefined) return sum([readMochaCounts(report) ?? { passed: 0, failed: 0 }, oneFailed]);
  return withExitCode(readMochaCounts(report), result);
}

/** The long tier, a file at a time: each has the guard for itself. */
async function longTier(): Promise<Counts> {
  await build();
  const counts: Counts[] = [];
  for (const file of globSync('test/full/**/*.test.ts', { cwd: root }).toSorted()) {
    console.log(`\n${file}`);
    counts.push(await mocha('full', [file]));
  }
  return sum(counts);
}

const guardMs = 9 * 60_000;

/** The exit code, or undefined when it did not end in time; it is then ended with this process. */
async function guarded(running: Promise<{ code: number }>): Promise<number | undefined> {
  const abort = new AbortController();
  const late = delay(guardMs, undefined, { signal: abort.signal, ref: false }).catch(() => undefined);
  const code = await Promise.race([running.then((result) => result.code), late]);
  abort.abort();
  if (code === undefined)
    console.log(`Not at its end after ${String(guardMs / 60_000)} minutes: something is still alive.`);
  return code;
}

async function playwright(name: 'panel' | 'app', more: Record<string, string> = {}): Promise<Counts> {
  await build();
  if (name === 'app') await installRig();
  // Playwright colours its workers' output by itself, and Node warns where both wishes are set.
  const env = toolEnvironment({ PLAYWRIGHT_CHROMIUM: await installChromium(), NO_COLOR: undefined, ...more });
  const report = join(root, 'out', `e2e-${name}.json`);
  rmSync(report, { force: true });
  const config = join('test', 'e2e', `playwright.${name}.config.ts`);
  const { code } = await run([...tool('@playwright/test/cli.js'), 'test', '-c', config], { onOutput: print, env });
  return withExitCode(readPlaywrightCounts(report), code);
}

function print(text: string): void {
  process.stdout.write(text);
}

const words = process.argv.slice(2);
const full = words.includes('--full');
const wanted = words.filter((word) => !word.startsWith('--'));
const unknown = wanted.filter((word) => !stages.some(({ name }) => name === word));
if (unknown.length > 0) {
  console.error(`No stage ${unknown.join(', ')}. There are: ${stages.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
const chosen = stages.filter((stage) =>
  wanted.length > 0 ? wanted.includes(stage.name) : full || stage.full !== true,
);
const results: { name: string; counts: Counts; seconds: number }[] = [];
for (const stage of chosen) {
  console.log(`\n=== ${stage.name}`);
  const started = Date.now();
  let counts: Counts;
  try {
    counts = await stage.run();
  } catch (error) {
    console.log(error instanceof Error ? (error.stack ?? error.message) : error);
    counts = oneFailed;
  }
  if (counts.passed + counts.failed === 0 && stage.full !== true) {
    console.log(`The stage ${stage.name} ran no test, which is a failure.`);
    counts = oneFailed;
  }
  results.push({ name: stage.name, counts, seconds: Math.round((Date.now() - started) / 1000) });
}
console.log('\n=== summary');
for (const { name, counts, seconds } of results) {
  console.log(
    `${counts.failed === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(8)} ${countsLine(counts)} (${String(seconds)} s)`,
  );
}
const total = sum(results.map(({ counts }) => counts));
for (const failure of total.failures ?? []) console.log(`failed: ${failure}`);
process.exitCode = total.failed === 0 ? 0 : 1;
// Exits by itself only after the last line is out: a child that hangs must not keep the run alive.
process.stdout.write(`${countsLine(total)}\n`, () => process.exit());
