// Runs a CommonJS module's `run()` inside the rig's extension host and waits for the exit code that VS Code reports.
import { chromium } from 'playwright-core';
import { chromiumArguments, installChromium } from './browser.ts';
import { type EditorOptions, startEditor } from './editor.ts';

/** Bounds a run that hangs. */
const guardMs = 8 * 60_000;

/** The exit code (0: `run()` resolved), or undefined when VS Code never reported one. */
export async function runInHost(options: EditorOptions & { readonly testsPath: string }): Promise<number | undefined> {
  const executablePath = await installChromium();
  const editor = await startEditor(options);
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  let guard: NodeJS.Timeout | undefined;
  try {
    const page = await browser.newPage();
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    guard = setTimeout(() => resolve(undefined), guardMs);
    page.on('crash', () => resolve(undefined));
    await page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
    // VS Code asks for it; results come by file, and the rest of its log is noise.
    await page.exposeFunction('codeAutomationLog', () => undefined);
    await page.goto(editor.url);
    return await promise;
  } finally {
    clearTimeout(guard);
    await browser.close();
    await editor.dispose();
  }
}
