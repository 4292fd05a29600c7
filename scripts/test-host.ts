// Runs test/host inside the real extension host of the rig: `node scripts/test-host.ts`.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.ts';
import { type Counts, countsLine, oneFailed, sum } from './lib/counts.ts';
import { bundleHostSuite, makeHostWorkspace, reportHostResults, resultsVariable } from './lib/host-suite.ts';
import { root } from './lib/paths.ts';
import { runInHost } from './rig/run-in-host.ts';

/** Builds the extension and the suites, runs them (test/host/restricted in a workspace without trust), prints and counts the results. */
export async function testHost(): Promise<Counts> {
  await build();
  const trusted = await runSuite('suite', true);
  const restricted = await runSuite('restricted', false);
  return sum([trusted, restricted]);
}

async function runSuite(suite: string, trust: boolean): Promise<Counts> {
  const testsPath = await bundleHostSuite(suite);
  const workspace = makeHostWorkspace();
  const results = join(root, 'out', 'host-suite', `${suite}.jsonl`);
  rmSync(results, { force: true });
  try {
    const env = { [resultsVariable]: results };
    const code = await runInHost({ workspace, extensionPaths: [root], testsPath, trust, env });
    const counts = reportHostResults(results);
    if (code === 0 || counts.failed > 0) return counts;
    console.log(`  FAIL the extension host's exit code is ${String(code)}`);
    return { ...counts, failed: 1 };
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const counts = await testHost().catch((error: unknown) => {
    console.log(error);
    return oneFailed;
  });
  console.log(countsLine(counts));
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}
