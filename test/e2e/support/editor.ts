// Fixtures of the app tests: `openEditor()` gives the real editor with our extension under development in it.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BrowserContext, test as base } from '@playwright/test';
import { build } from '../../../scripts/build.ts';
import { pack } from '../../../scripts/package.ts';
import { EditorPage } from '../../../scripts/rig/drive.ts';
import { type EditorOptions, startEditor } from '../../../scripts/rig/editor.ts';

export { expect } from '@playwright/test';
export { EditorPage } from '../../../scripts/rig/drive.ts';

const root = join(import.meta.dirname, '..', '..', '..');

export interface OpenOptions extends Partial<Omit<EditorOptions, 'workspace'>> {
  /** A folder to open as it is, or files (path -> text) for a fresh one. Default: a copy of examples/workspace. */
  readonly workspace?: string | Readonly<Record<string, string | Uint8Array>>;
  /** The browser that opens it; needed again for a second start on the same profile. Default: a fresh one. */
  readonly context?: BrowserContext;
}

interface Fixtures {
  /** Opens an editor (trusted workspace unless told); closed after the test, its logs are attached on failure. */
  readonly openEditor: (options?: OpenOptions) => Promise<EditorPage>;
  /** A temporary folder, removed after the test. */
  readonly temporaryFolder: string;
}

interface WorkerFixtures {
  /** The extension packed for production, for `openEditor({ vsix })`; made once. */
  readonly vsix: string;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  vsix: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixture's needs from this pattern
    async ({}, use) => {
      mkdirSync(join(root, 'out'), { recursive: true });
      await build(true);
      await use((await pack(join(root, 'out', 'e2e.vsix'))).file);
    },
    { scope: 'worker' },
  ],
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixture's needs from this pattern
  temporaryFolder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'sg-e2e-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  },
  openEditor: async ({ browser, temporaryFolder }, use, testInfo) => {
    const opened: EditorPage[] = [];
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const { workspace, context, ...rest } = options;
      const editor = await startEditor({
        ...rest,
        workspace:
          typeof workspace === 'string'
            ? workspace
            : makeWorkspace(join(temporaryFolder, `ws${String(opened.length)}`), workspace),
        extensionPaths: options.extensionPaths ?? (options.vsix === undefined ? [root] : []),
        trust: options.trust ?? true,
      });
      const used = context ?? (await browser.newContext({ viewport: { width: 1280, height: 800 } }));
      if (context === undefined) contexts.push(used);
      try {
        const editorPage = await EditorPage.open(editor, used);
        opened.push(editorPage);
        return editorPage;
      } catch (error) {
        await editor.dispose();
        throw error;
      }
    });
    if (testInfo.status !== testInfo.expectedStatus) {
      for (const { page } of opened) {
        if (!page.isClosed())
          await testInfo.attach('editor', { body: await page.screenshot(), contentType: 'image/png' });
      }
      for (const { editor } of opened) {
        for (const [name, body] of readLogs(editor.logs))
          await testInfo.attach(name, { body, contentType: 'text/plain' });
      }
    }
    for (const context of contexts) await context.close();
    for (const { editor } of opened) await editor.dispose();
  },
});

/** Writes the files of a workspace, or copies the example workspace. Returns the folder. */
export function makeWorkspace(folder: string, files?: Readonly<Record<string, string | Uint8Array>>): string {
  mkdirSync(folder, { recursive: true });
  if (files === undefined) {
    const example = join(root, 'examples', 'workspace');
    if (existsSync(example)) cpSync(example, folder, { recursive: true });
    return folder;
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** The extension host's logs, ours among them: file name and text. */
export function readLogs(logs: string): [string, string][] {
  if (!existsSync(logs)) return [];
  return readdirSync(logs, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(remoteexthost|Sec-Gemini[^/]*)\.log$/i.test(path))
    .map((path): [string, string] => [path, readFileSync(join(logs, path), 'utf8')])
    .filter(([, text]) => text.length > 0);
}
