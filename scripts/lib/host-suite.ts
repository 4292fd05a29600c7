// The suite that runs inside the extension host: bundled for it, and read back from it.
// Used by test-host.ts (in the rig) and by test/host/run-electron.ts (in a downloaded VS Code).
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { type Counts, firstLines } from './counts.ts';
import { root } from './paths.ts';

/** The environment variable that names the file for the results. */
export const resultsVariable = 'SEC_GEMINI_HOST_RESULTS';

/** Bundles one folder of test/host to CommonJS. Returns the module whose `run()` the extension host calls. */
export async function bundleHostSuite(suite = 'suite'): Promise<string> {
  const folder = join(root, 'out', 'host-suite', suite);
  mkdirSync(folder, { recursive: true });
  const suites = globSync(`test/host/${suite}/**/*.test.ts`, { cwd: root }).toSorted();
  const loaders = suites.map((path) => `() => import('./${path.replaceAll('\\', '/')}')`);
  await build({
    stdin: {
      contents: `import { runSuites } from './test/host/index.ts';\nexport const run = () => runSuites([${loaders.join(', ')}]);\n`,
      resolveDir: root,
    },
    absWorkingDir: root,
    outfile: join(folder, 'suites.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode', 'mocha'],
    sourcemap: 'linked',
    logLevel: 'warning',
  });
  // Node reads a source map when it loads the file, so the switch must be thrown before.
  const entry = join(folder, 'index.cjs');
  writeFileSync(
    entry,
    "'use strict';\nprocess.setSourceMapsEnabled(true);\nexports.run = () => require('./suites.cjs').run();\n",
  );
  return entry;
}

/** A fresh copy of the example workspace, so that no run changes the checkout. */
export function makeHostWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sg-host-'));
  const example = join(root, 'examples', 'workspace');
  if (existsSync(example)) cpSync(example, folder, { recursive: true });
  return folder;
}

const line = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pass'), title: z.string(), ms: z.number() }),
  z.object({ kind: z.literal('fail'), title: z.string(), error: z.string() }),
  z.object({ kind: z.literal('end') }),
]);

/** Prints the results (one JSON line per test) and counts them; a run that did not come to its end is a failure. */
export function reportHostResults(file: string): Counts {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = text
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => line.parse(JSON.parse(each)));
  let passed = 0;
  let failed = 0;
  const failures: string[] = [];
  for (const each of lines) {
    if (each.kind === 'pass') {
      passed += 1;
      console.log(`  ok   ${each.title} (${String(each.ms)} ms)`);
    } else if (each.kind === 'fail') {
      failed += 1;
      failures.push(`${each.title}: ${firstLines(each.error)}`);
      console.log(`  FAIL ${each.title}\n${each.error.replaceAll(/^/gm, '       ')}`);
    }
  }
  if (lines.at(-1)?.kind !== 'end') {
    failed += 1;
    console.log('  FAIL the run inside the extension host did not come to its end');
  }
  return { passed, failed, failures };
}
