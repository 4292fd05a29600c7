// Runs the suites with mocha inside a real extension host, and writes one JSON line per test for the runner outside.
import { appendFileSync } from 'node:fs';
import { findSourceMap } from 'node:module';
import Mocha from 'mocha';

type Loader = () => Promise<unknown>;

/** Loads and runs the suites. Rejects when a test failed, which makes VS Code exit with code 1. */
export async function runSuites(loaders: readonly Loader[]): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, forbidOnly: true, forbidPending: true });
  // The suites are bundled, so there is no file that mocha could load by itself.
  mocha.suite.emit('pre-require', globalThis, 'suites.cjs', mocha);
  for (const load of loaders) await load();
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => write({ kind: 'pass', title: test.fullTitle(), ms: test.duration ?? 0 }));
    runner.on('fail', (test, error) => write({ kind: 'fail', title: test.fullTitle(), error: mapped(error) }));
  });
  write({ kind: 'end' });
  if (failures > 0) throw new Error(`${String(failures)} tests failed`);
}

function write(line: object): void {
  const file = process.env.SEC_GEMINI_HOST_RESULTS;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** The error with its frames in our sources: VS Code replaces the hook by which Node would do it. */
function mapped(error: Error): string {
  const text = error.stack ?? String(error);
  const message = text.includes(error.message) ? text : `${error.message}\n${text}`;
  return message.replaceAll(
    /\(?((?:\/|[A-Z]:\\)[^():]*suites\.cjs):(\d+):(\d+)\)?/g,
    (frame, file: string, line: string, column: string) => {
      const entry = findSourceMap(file)?.findEntry(Number(line) - 1, Number(column) - 1);
      if (entry === undefined || !('originalSource' in entry)) return frame;
      return `(${entry.originalSource}:${String(entry.originalLine + 1)}:${String(entry.originalColumn + 1)})`;
    },
  );
}
