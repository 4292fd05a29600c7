// The scenes of the screenshots, played in this order in one editor: each goes on where the one before it ended.
import type { FrameLocator } from 'playwright-core';
import type { EditorPage } from './rig/drive.ts';

export interface Scene {
  /** The first part of the file's name. */
  readonly name: string;
  /** Of the window, in CSS pixels; 1280 x 800 unless told. Half of it is what 200 % zoom leaves. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Brings the editor into the state to show, and waits until it is on the screen. */
  readonly play: (editor: EditorPage) => Promise<void>;
}

async function ask(frame: FrameLocator, text: string): Promise<void> {
  await frame.getByRole('textbox', { name: 'Message Sec-Gemini' }).fill(text);
  await frame.getByRole('button', { name: 'Send', exact: true }).click();
}

/** The session's row says how it stands a moment after the panel does. */
const row = (editor: EditorPage, words: RegExp) =>
  editor.sideBar().locator('.monaco-list-row .label-description').filter({ hasText: words }).first();

const status = (frame: FrameLocator, word: string) => frame.getByRole('status').filter({ hasText: word }).first();

export const scenes: readonly Scene[] = [
  {
    name: 'walkthrough',
    size: { width: 1600, height: 900 },
    play: async (editor) => {
      await editor.runCommand('Welcome: Open Walkthrough...');
      await editor.pick('Get started with Sec-Gemini');
      await editor.page.locator('.getting-started-step.expanded').waitFor();
      // The step's own words stand beside it, in a page of their own, where the window has room: the page is ready before they are in it.
      const words = editor.page.locator('.getting-started-media iframe.webview.ready').contentFrame();
      await words.locator('#active-frame').contentFrame().getByText('The local sandbox').first().waitFor();
      await editor.page.mouse.move(200, 500);
    },
  },
  {
    name: 'welcome',
    play: async (editor) => {
      await editor.runCommand('View: Close All Editors');
      await editor.openContainer('Sec-Gemini');
      await editor.sideBar().getByRole('button', { name: 'Start Local Sandbox' }).waitFor();
      // The name of the icon that was clicked would stand in the picture.
      await editor.page.mouse.move(640, 400);
      // The view is there before the extension is: now it looks for a key, and then it says so.
      await editor.page.locator('.part.statusbar').getByText('Sec-Gemini', { exact: true }).waitFor();
      // A tooltip that was already on its way when the pointer left comes all the same, and goes with the next move.
      await editor.page.mouse.move(660, 420);
      await editor.page.locator('.monaco-hover:visible').waitFor({ state: 'hidden' });
    },
  },
  {
    name: 'empty',
    play: async (editor) => {
      await editor.sideBar().getByRole('button', { name: 'Start Local Sandbox' }).click();
      await editor.sideBar().getByText('No sessions yet', { exact: false }).waitFor();
      await editor.openFile('server.py');
      await editor.runCommand('Sec-Gemini: New Session');
      const frame = editor.visiblePanelFrame();
      await frame.getByText('Nothing asked yet').waitFor();
    },
  },
  {
    name: 'confirm',
    play: async (editor) => {
      await editor.tab('server.py').click();
      await editor.runCommand('Sec-Gemini: Attach Active File');
      await editor.quickInput().getByRole('option').nth(1).click();
      await editor.dialog().waitFor();
    },
  },
  {
    name: 'answer',
    play: async (editor) => {
      await editor.pressDialogButton('Send');
      await editor.treeItem('File server.py').waitFor();
      const frame = editor.visiblePanelFrame();
      await ask(frame, 'What is in the files?');
      await frame
        .getByRole('article', { name: /^Sec-Gemini/ })
        .first()
        .waitFor();
      await status(frame, 'Connected').waitFor();
      await editor.treeItem(/What is in the files\?/).waitFor();
    },
  },
  {
    name: 'failed',
    play: async (editor) => {
      const frame = editor.visiblePanelFrame();
      await ask(frame, '/demo failure');
      await frame
        .getByRole('article', { name: /^Error/ })
        .first()
        .waitFor();
      await status(frame, 'Connected').waitFor();
      await row(editor, /failed/).waitFor();
    },
  },
  {
    name: 'waiting',
    play: async (editor) => {
      const frame = editor.visiblePanelFrame();
      await ask(frame, '/demo confirm');
      await status(frame, 'Waiting for you').waitFor();
      await frame
        .getByRole('group', { name: /^Approve / })
        .last()
        .waitFor();
    },
  },
  {
    name: 'long',
    play: async (editor) => {
      const frame = editor.visiblePanelFrame();
      await frame
        .getByRole('group', { name: /^Approve / })
        .last()
        .getByRole('button', { name: 'Deny' })
        .click();
      await status(frame, 'Connected').waitFor();
      await ask(frame, '/demo long 200');
      // The turn is too quick for its Working to be relied on: what it says last is awaited.
      await frame.getByText('200', { exact: false }).last().waitFor();
      await status(frame, 'Connected').waitFor();
      await row(editor, /waits for its turn|waiting|working/).waitFor({ state: 'hidden' });
    },
  },
  {
    name: 'working',
    play: async (editor) => {
      const frame = editor.visiblePanelFrame();
      await ask(frame, '/demo slow 60');
      await status(frame, 'Working').waitFor();
      await frame.getByText('I will take 60 seconds', { exact: false }).first().waitFor();
      await row(editor, /working/).waitFor();
    },
  },
  {
    name: 'stopped',
    play: async (editor) => {
      const frame = editor.visiblePanelFrame();
      await frame.getByRole('button', { name: 'Stop', exact: true }).click();
      await frame.getByText('Stopped', { exact: false }).first().waitFor();
      await row(editor, /stopped/).waitFor();
    },
  },
  {
    name: 'narrow',
    size: { width: 880, height: 800 },
    play: async (editor) => {
      const frame = editor.visiblePanelFrame();
      await ask(frame, 'explain finding 1');
      await frame.getByText('SQL statement', { exact: false }).last().waitFor();
      await status(frame, 'Connected').waitFor();
      await row(editor, /stopped|waits for its turn|working/).waitFor({ state: 'hidden' });
    },
  },
  {
    name: 'zoomed',
    size: { width: 640, height: 400 },
    play: async (editor) => {
      await editor.runCommand('View: Toggle Primary Side Bar Visibility');
      await editor.sideBar().waitFor({ state: 'hidden' });
    },
  },
  {
    name: 'record',
    play: async (editor) => {
      await editor.openContainer('Sec-Gemini');
      await editor.runCommand('Sec-Gemini: Show What Left');
      await editor.quickInput().getByRole('option').nth(0).click();
      // The newest stands first.
      await editor.page.locator('.view-line').filter({ hasText: /slow/ }).first().waitFor();
    },
  },
  {
    name: 'findings',
    size: { width: 1400, height: 900 },
    play: async (editor) => {
      // What was opened from the panel's column goes, and the file is looked at where it is: in the other column.
      await editor.tab('What left this machine').click();
      await editor.runCommand('View: Close Editor');
      await editor.tab('server.py').click();
      await editor.runCommand('Sec-Gemini: Review File');
      await editor.pick('New session');
      await editor.pressDialogButton('Send');
      const told = editor.notification('The review found');
      await told.getByRole('button', { name: 'Show Problems' }).click();
      await editor.treeItem(/^Error: SQL statement/).dblclick();
      await editor.statusBarItem(/^Ln 23, /).waitFor();
      // The key does nothing while the editor still asks who has quick fixes: pressed again, as anybody would.
      const fixes = editor.page.locator('.action-widget').first();
      while (!(await fixes.isVisible())) {
        await editor.page.keyboard.press('Control+.');
        await fixes.waitFor({ timeout: 2000 }).catch(() => undefined);
      }
      await editor.page.mouse.move(700, 4);
    },
  },
  {
    name: 'thread',
    size: { width: 1400, height: 900 },
    play: async (editor) => {
      const { page } = editor;
      await page.keyboard.press('Escape');
      await editor.runCommand('View: Hide Panel');
      await editor.tab('server.py').click();
      await editor.runCommand('Go to Line/Column...', { filter: 'Go to Line/Column' });
      await editor.answer(':21');
      await editor.statusBarItem('Ln 21, Col 1').waitFor();
      for (let line = 21; line <= 24; line += 1) await page.keyboard.press('Shift+ArrowDown');
      await page.keyboard.press('Control+Alt+q');
      const widget = page.locator('.review-widget').filter({ visible: true }).first();
      await widget.getByRole('button', { name: 'Ask (Ctrl+Enter)' }).waitFor();
      await page.keyboard.type('Is this exploitable?');
      await page.keyboard.press('Control+Enter');
      await editor.pressDialogButton('Send');
      await widget.getByText('Verdict: exploitable').first().waitFor();
      await editor.treeItem(/^Thread Is this exploitable\?, exploitable/).waitFor();
      // VS Code opens its list of comments by itself; the thread gets the room.
      await editor.runCommand('View: Hide Panel');
      await page.locator('.part.panel').waitFor({ state: 'hidden' });
      await widget.getByText('Verdict: exploitable').last().waitFor();
      await page.mouse.move(700, 4);
    },
  },
];
