// What only the real editor shows of the panel: where its words go in the editor, and what becomes of it when it is hidden, dead or reloaded.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Locator } from '@playwright/test';
import { type EditorPage, expect, makeWorkspace, test } from '../support/editor.ts';
import { confirmSend, newSession, startSandbox } from '../support/gestures.ts';

/** Two folders of one window, with a file of the same name in both; the first is a repository with a change. */
function twoFolders(folder: string): string {
  makeWorkspace(folder, {
    'one/src/app.py': 'import os\n\n\nprint(os.name)\n',
    'one/notes.txt': 'notes\n',
    'one/bad.json': '{ "a": }\n',
    'two/src/app.py': 'import sys\n\n\nprint(sys.path)\n',
    'two/tool.ts': '// Keys of the demonstration.\n\nexport function loadKeys(): string[] {\n  return [];\n}\n',
    'both.code-workspace': JSON.stringify({ folders: [{ path: 'one' }, { path: 'two' }] }),
  });
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid', ...args], {
      cwd: join(folder, 'one'),
    });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'The first commit');
  writeFileSync(join(folder, 'one/src/app.py'), 'import os\n\n\nprint(os.name, "changed")\n');
  return join(folder, 'both.code-workspace');
}

/** The frame of the panel that is in front, for what a page does to itself. */
async function pageOf(editor: EditorPage): Promise<Frame> {
  const handle = await editor.visiblePanelFrame().locator('html').elementHandle();
  const frame = await handle?.ownerFrame();
  if (frame == null) throw new Error('No panel is in front.');
  return frame;
}

test('the panel in its editor', async ({ openEditor, temporaryFolder }) => {
  test.setTimeout(300_000);
  const workspace = twoFolders(join(temporaryFolder, 'both'));
  const editor = await openEditor({ workspace, settings: { 'files.simpleDialog.enable': true } });
  await startSandbox(editor);
  await editor.openFile('tool.ts');
  await editor.openFile('bad.json');
  await expect(editor.statusBarItem(/Problems|Errors: [1-9]/)).toBeVisible();
  const chat = await newSession(editor);
  const { composer, conversation, frame } = chat;
  /** A file that arrived: one that is still on its way cannot be removed. */
  const chip = (name: RegExp): Locator => frame.getByRole('button', { name });
  /** Asks, and waits for an answer to it with these words. */
  const ask = async (text: string, words: string): Promise<void> => {
    const count = async (): Promise<number> =>
      Number((await frame.locator('article').last().getAttribute('aria-setsize')) ?? 0);
    const before = (await frame.locator('article').count()) === 0 ? 0 : await count();
    await chat.ask(text);
    await expect.poll(count).toBeGreaterThan(before + 1);
    await expect(chat.articles('Sec-Gemini').last()).toContainText(words);
    await expect(chat.button('Stop')).toBeHidden();
  };

  await test.step('mentions attach what the editor has, each after the one question', async () => {
    await expect(composer).toBeFocused();
    await composer.pressSequentially('look at #chan');
    await frame.getByRole('option', { name: '#changes' }).click();
    await editor.pick('Working tree');
    await confirmSend(editor, 1);
    await expect(chip(/^Remove working-tree\.diff/)).toBeVisible();
    await composer.fill('');
    await composer.pressSequentially('#prob');
    await expect(frame.getByRole('option', { name: '#problems' })).toBeVisible();
    await composer.press('Enter');
    await editor.pick('Problems of one/bad.json');
    await confirmSend(editor, 1);
    await expect(chip(/^Remove bad\.json\.problems/)).toBeVisible();
    await composer.fill('');
  });

  await test.step('a long text and a picture are pasted as files', async () => {
    await editor.setClipboard('one line of many\n'.repeat(2_000));
    await composer.press('Control+V');
    await confirmSend(editor, 1);
    await expect(chip(/^Remove pasted\.txt/)).toBeVisible();
    await expect(composer).toHaveValue('');
    await editor.page.evaluate(async () => {
      const canvas = new OffscreenCanvas(4, 4);
      canvas.getContext('2d')?.fillRect(0, 0, 4, 4);
      await navigator.clipboard.write([
        new ClipboardItem({ 'image/png': canvas.convertToBlob({ type: 'image/png' }) }),
      ]);
    });
    await composer.press('Control+V');
    await confirmSend(editor, 1);
    await expect(chip(/^Remove .*\.png$/)).toBeVisible();
  });

  await test.step('a table is sorted, and copied to the clipboard as it stands', async () => {
    await ask('/demo render', 'One block of every render type');
    await conversation.press('Home');
    const sample = chat.articles('Sec-Gemini').filter({ hasText: 'A heading' });
    const table = sample.getByRole('table');
    await table.getByRole('button', { name: 'Severity' }).click();
    await expect(table.getByRole('row').nth(1)).toContainText('high');
    await table.hover();
    await sample.getByRole('button', { name: 'Copy table as CSV' }).click();
    await expect
      .poll(() => editor.readClipboard())
      .toBe('Rule,Severity,Line\r\nsecret/password,high,3\r\npython/sql-injection,critical,12\r\n');
    await table.hover();
    await sample.getByRole('button', { name: 'Copy table as Markdown' }).click();
    await expect.poll(() => editor.readClipboard()).toContain('| secret/password | high | 3 |');
  });

  await test.step('code goes to the cursor and into a new editor', async () => {
    const sample = chat.articles('Sec-Gemini').filter({ hasText: 'A heading' });
    const code = sample.getByRole('group', { name: 'Code, python' });
    await code.hover();
    await code.getByRole('button', { name: 'Insert at cursor' }).click();
    await expect(editor.page.locator('.monaco-editor .view-lines').first()).toContainText('cursor.execute');
    await code.getByRole('button', { name: 'Open in new editor' }).click();
    await expect(editor.tab('cursor.execute')).toBeVisible();
    await editor.runCommand('View: Close Editor');
    await editor.pressDialogButton("Don't Save");
  });

  await test.step('a place in a file opens, after a pick where two folders have it; so does a symbol; Up brings the prompt back', async () => {
    await ask('src/app.py:3', 'local sandbox');
    await ask('loadKeys()', 'local sandbox');
    await ask('What did I ask before?', 'loadKeys()');
    await composer.press('ArrowUp');
    await expect(composer).toHaveValue('What did I ask before?');
    await composer.press('ArrowUp');
    await expect(composer).toHaveValue('loadKeys()');
    await composer.fill('');
    const history = chat.articles('Sec-Gemini').last();
    await history.getByRole('link', { name: 'src/app.py:3' }).click();
    await expect(editor.quickInput()).toContainText('Which src/app.py?');
    await editor.pick('two/src/app.py');
    await expect(editor.statusBarItem('Ln 3, Col 1')).toBeVisible();
    await history.getByRole('link', { name: 'loadKeys()' }).click();
    await expect(editor.tab('tool.ts')).toHaveAttribute('aria-selected', 'true');
    await expect(editor.statusBarItem('Ln 3, Col 1')).toBeVisible();
  });

  await test.step('while it works: what comes below is counted, what is queued can go at once', async () => {
    await chat.ask('/demo slow 8');
    await conversation.press('Home');
    const jump = frame.getByRole('button', { name: /^Jump to latest/ });
    await expect(jump).toHaveText(/Jump to latest \([1-9] new\)/);
    await jump.click();
    await expect(chat.articles('Sec-Gemini').last()).toContainText('Done after 8 seconds');
    await chat.idle();
    await chat.ask('/demo slow 300');
    await expect(chat.button('Stop')).toBeVisible();
    await chat.ask('Which files do you have?');
    await frame.getByRole('button', { name: 'Stop and send now: Which files do you have?' }).click();
    await expect(chat.articles('Sec-Gemini').last()).toContainText('pasted.txt');
    await chat.idle();
  });

  await test.step('what came while the panel was hidden stands below a line; the draft and the place are kept', async () => {
    await chat.ask('/demo slow 15');
    await composer.fill('half a thought');
    // The second file of this column hides the panel, and VS Code throws its page away.
    await editor.openFile('notes.txt');
    await expect(editor.treeItem(/1 new/)).toBeVisible();
    await editor.page
      .getByRole('tab', { name: /Editor Group 2$/ })
      .first()
      .click();
    await expect(frame.locator('.unread-start')).toContainText('Done after 15 seconds');
    await expect(composer).toHaveValue('half a thought');
  });

  await test.step('a page that no longer answers is offered to be loaded again, and nothing is lost', async () => {
    const page = await pageOf(editor);
    await page.evaluate(() => {
      // What a crash leaves: an empty page without a listener.
      document.open();
      document.close();
    });
    await expect(composer).toHaveCount(0);
    const offer = editor.notification('does not answer');
    await expect(offer).toBeVisible({ timeout: 60_000 });
    await offer.getByRole('button', { name: 'Reload Panel' }).click();
    await expect(chat.articles('Sec-Gemini').last()).toContainText('Done after 15 seconds');
    await expect(composer).toHaveValue('half a thought');
  });
});

test('an answer that was cut, and a prompt that waits (v1 streams)', async ({ openEditor }) => {
  test.setTimeout(300_000);
  const settings = { 'secGemini.protocol': 'v1' };
  const editor = await openEditor({ workspace: { 'notes.txt': 'notes\n' }, settings });
  await startSandbox(editor);
  const chat = await newSession(editor);
  const { composer, frame } = chat;

  await test.step('Stop cuts the answer and says so; Continue asks for the rest; what waited goes when it is told to', async () => {
    await chat.ask('/demo big 200');
    await expect(chat.articles('Sec-Gemini').last()).toContainText('Section 1');
    await chat.ask('Which files do you have?');
    await chat.button('Stop').click();
    const cut = chat.articles('Sec-Gemini').filter({ hasText: 'Interrupted: the rest did not arrive.' });
    await cut.getByRole('button', { name: 'Continue' }).click();
    await expect(composer).toHaveValue(/^Please continue/);
    await expect(composer).toBeFocused();
    await composer.fill('');
    await frame.getByRole('button', { name: 'Send now: Which files do you have?' }).click();
    await expect(chat.articles('Sec-Gemini').last()).toContainText('local sandbox');
    await chat.idle();
  });
});
