// `npm run screenshots [-- THEME…]`: plays the scenes of screenshots-scenes.ts in the real editor, once per theme, and
// stores docs/screenshots/SCENE-THEME.png.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from './build.ts';
import { root } from './lib/paths.ts';
import { chromiumArguments, installChromium } from './rig/browser.ts';
import { EditorPage } from './rig/drive.ts';
import { startEditor } from './rig/editor.ts';
import { scenes } from './screenshots-scenes.ts';

const themes: Readonly<Record<string, string>> = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  'hc-dark': 'Default High Contrast',
  'hc-light': 'Default High Contrast Light',
};

const folder = join(root, 'docs', 'screenshots');

async function play(theme: string, colorTheme: string, executablePath: string): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'sg-shots-'));
  const workspace = join(temporary, 'workspace');
  cpSync(join(root, 'examples', 'workspace'), workspace, { recursive: true });
  const editor = await startEditor({
    workspace,
    extensionPaths: [root],
    trust: true,
    settings: {
      'workbench.colorTheme': colorTheme,
      'window.autoDetectColorScheme': false,
      'editor.minimap.enabled': false,
    },
  });
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    const editorPage = await EditorPage.open(editor, context);
    for (const scene of scenes) {
      await editorPage.page.setViewportSize(scene.size ?? { width: 1280, height: 800 });
      await scene.play(editorPage);
      await editorPage.page.screenshot({
        path: join(folder, `${scene.name}-${theme}.png`),
        animations: 'disabled',
        caret: 'hide',
      });
      console.log(`${scene.name}-${theme}.png`);
    }
  } finally {
    await browser.close();
    await editor.dispose();
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}

const wanted = process.argv.slice(2);
const executablePath = await installChromium();
await build(true);
mkdirSync(folder, { recursive: true });
for (const [theme, colorTheme] of Object.entries(themes)) {
  if (wanted.length === 0 || wanted.includes(theme)) await play(theme, colorTheme, executablePath);
}
