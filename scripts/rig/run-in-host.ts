// Runs a CommonJS module's `run()` inside the rig's extension host and waits for the exit code that VS Code reports.
import { format } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumArguments, installChromium } from './browser.ts';
import { keepSecrets } from './drive.ts';
import { type EditorOptions, startEditor } from './editor.ts';

/** Bounds a run that hangs. */
const guardMs = 8 * 60_000;

/** The exit code (0: `run()` resolved), or undefined when VS Code never reported one. */
export async function runInHost(options: EditorOptions & { readonly testsPath: string }): Promise<number | undefined> {
  const executablePath = await installChromium();
  const editor = await startEditor(options);
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  const page = await browser.newPage();
  await keepSecrets(page.context());
  const errors: string[] = [];
  let guard: NodeJS.Timeout | undefined;
  let report: (code: number | undefined) => void = () => undefined;
  const reported = new Promise<number | undefined>((resolve) => {
    report = resolve;
    guard = setTimeout(() => resolve(undefined), guardMs);
  });
  try {
    page.on('crash', () => report(undefined));
    await page.exposeFunction('codeAutomationExit', (code: number) => report(code));
    // Results come by file, and most of this log is noise: only a run that failed shows its errors.
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
      if (type === 'error') errors.push(format(...args));
    });
    await page.goto(editor.url);
    const code = await reported;
    if (code !== 0) console.error(errors.slice(-10).join('\n'));
    return code;
  } finally {
    clearTimeout(guard);
    await browser.close();
    await editor.dispose();
  }
}
