// The same suite in a VS Code that @vscode/test-electron downloads (`npm run test:electron`; on Linux with a display,
// else under `xvfb-run -a`). VSCODE_VERSION picks the release, for example 1.103.0; default: the newest stable.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from '../../scripts/build.ts';
import { countsLine } from '../../scripts/lib/counts.ts';
import {
  bundleHostSuite,
  makeHostWorkspace,
  reportHostResults,
  resultsVariable,
} from '../../scripts/lib/host-suite.ts';
import { cacheDirectory, root } from '../../scripts/lib/paths.ts';

await build();
const extensionTestsPath = await bundleHostSuite();
const workspace = makeHostWorkspace();
// A short path: VS Code's socket inside the profile may have 103 characters on macOS.
const profile = mkdtempSync(join(tmpdir(), 'sg-'));
const results = join(root, 'out', 'host-suite', 'results.jsonl');
rmSync(results, { force: true });
let ran = true;
try {
  await runTests({
    version: process.env.VSCODE_VERSION ?? 'stable',
    cachePath: join(cacheDirectory(), 'vscode-test'),
    extensionDevelopmentPath: root,
    extensionTestsPath,
    extensionTestsEnv: { [resultsVariable]: results },
    launchArgs: [
      workspace,
      '--disable-extensions',
      '--disable-workspace-trust',
      '--disable-telemetry',
      `--user-data-dir=${profile}`,
    ],
  });
} catch (error) {
  ran = false;
  console.log(error instanceof Error ? error.message : error);
} finally {
  rmSync(workspace, { recursive: true, force: true });
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
const counts = reportHostResults(results);
const total = !ran && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
console.log(countsLine(total));
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
