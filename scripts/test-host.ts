// Runs test/host inside the real extension host of the rig: `node scripts/test-host.ts`.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.ts';
import { type Counts, countsLine, oneFailed, sum } from './lib/counts.ts';
import { bundleHostSuite, makeHostWorkspace, reportHostResults, resultsVariable } from './lib/host-suite.ts';
import { root } from './lib/paths.ts';
import { runInHost } from './rig/run-in-host.ts';

const OTHER_TOOLS = join(root, 'test', 'host', 'other-tools');

/** Builds the extension and the suites, runs them (test/host/restricted without trust, test/host/api once a protocol), prints and counts the results. */
export async function testHost(only?: string): Promise<Counts> {
  await build();
  const runs = {
    // With another extension that offers tools.
    suite: () => runSuite('suite', true, { extensionPaths: [root, OTHER_TOOLS] }),
    restricted: () => runSuite('restricted', false),
    'api-v1': () => runApi('v1'),
    'api-v3': () => runApi('v3'),
  };
  const counts: Counts[] = [];
  for (const [name, run] of Object.entries(runs)) if (only === undefined || name === only) counts.push(await run());
  return sum(counts);
}

/** The table's rows through the exported API; what passed is written beside the contract suite's results. */
async function runApi(protocol: 'v1' | 'v3'): Promise<Counts> {
  const rows = join(root, 'out', 'contract', `${protocol}-through-the-exported-API.json`);
  rmSync(rows, { force: true });
  return runSuite('api', true, {
    settings: { 'secGemini.protocol': protocol },
    env: { SEC_GEMINI_API_PROTOCOL: protocol, SEC_GEMINI_API_RESULTS: rows },
  });
}

async function runSuite(
  suite: string,
  trust: boolean,
  more: {
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly env?: NodeJS.ProcessEnv;
    readonly extensionPaths?: readonly string[];
  } = {},
): Promise<Counts> {
  const testsPath = await bundleHostSuite(suite);
  const workspace = makeHostWorkspace();
  const results = join(root, 'out', 'host-suite', `${suite}.jsonl`);
  rmSync(results, { force: true });
  try {
    const env = { ...more.env, [resultsVariable]: results };
    const code = await runInHost({ extensionPaths: [root], ...more, workspace, testsPath, trust, env });
    const counts = reportHostResults(results);
    if (code === 0 || counts.failed > 0) return counts;
    console.log(`  FAIL the extension host's exit code is ${String(code)}`);
    return { ...counts, failed: 1 };
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const counts = await testHost(process.argv[2]).catch((error: unknown) => {
    console.log(error);
    return oneFailed;
  });
  console.log(countsLine(counts));
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}
