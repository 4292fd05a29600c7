// Runs test/host inside the real extension host of the rig: `node scripts/test-host.ts`.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from './build.ts';
import { type Counts, countsLine, oneFailed } from './lib/counts.ts';
import { bundleHostSuite, makeHostWorkspace, reportHostResults, resultsVariable } from './lib/host-suite.ts';
import { root } from './lib/paths.ts';
import { chromiumArguments, installChromium } from './rig/browser.ts';
import { startEditor } from './rig/editor.ts';

const guardMs = 8 * 60_000;

/** Builds the extension and the suite, runs it, prints and counts the results. */
export async function testHost(): Promise<Counts> {
  await build();
  const testsPath = await bundleHostSuite();
  const executablePath = await installChromium();
  const workspace = makeHostWorkspace();
  const results = join(root, 'out', 'host-suite', 'results.jsonl');
  rmSync(results, { force: true });
  const editor = await startEditor({
    workspace,
    extensionPaths: [root],
    testsPath,
    trust: true,
    env: { [resultsVariable]: results },
  });
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  try {
    const page = await browser.newPage();
    let guard: NodeJS.Timeout | undefined;
    const exit = new Promise<number | undefined>((resolve) => {
      guard = setTimeout(() => resolve(undefined), guardMs);
      void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code)).catch(() => resolve(undefined));
      page.on('crash', () => resolve(undefined));
    });
    // Asked for by VS Code; our results come by file, and the rest of its log is noise.
    await page.exposeFunction('codeAutomationLog', () => undefined);
    await page.goto(editor.url);
    const code = await exit;
    clearTimeout(guard);
    const counts = reportHostResults(results);
    if (code === undefined) console.log('  FAIL the extension host never reported an exit code');
    return code === undefined ? { ...counts, failed: counts.failed + 1 } : counts;
  } finally {
    await browser.close();
    await editor.dispose();
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
