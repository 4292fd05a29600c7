// Conversations at lines of code in the real editor: from the question to the applied diff and back, follow-ups, edits, a reload, a problem of
// the TypeScript server, and nothing fetched.
import { join } from 'node:path';
import { expect, test } from '../support/editor.ts';
import { Chat, confirmSend, openSecGemini, startSandbox } from '../support/gestures.ts';
import { CodeThread, writeControlExtension } from '../support/inline.ts';

const FAULT = '    rows = connect().execute(f"SELECT id FROM orders WHERE customer = \'{customer}\'")';
const FIXED = '    rows = connect().execute("SELECT id FROM orders WHERE customer = ?", (customer,))';
const SERVER = [
  'import sqlite3',
  '',
  'def connect():',
  '    return sqlite3.connect("orders.db")',
  '',
  'def orders(customer):',
  FAULT,
  '    return rows.fetchall()',
  '',
].join('\n');
const IMAGE = 'https://control.invalid/pixel.png';

for (const protocol of ['v1', 'v3'] as const) {
  test(`a thread at code, from the question to the applied change (${protocol})`, async ({
    openEditor,
    temporaryFolder,
  }) => {
    const editor = await openEditor({
      workspace: { 'src/server.py': SERVER, 'src/bad.ts': 'export const count: number = "three";\n' },
      settings: { 'secGemini.protocol': protocol, 'comments.openView': 'never' },
      extensionPaths: [process.cwd(), writeControlExtension(join(temporaryFolder, 'control'), IMAGE)],
    });
    const { page } = editor;
    const fetched: string[] = [];
    page.on('request', (request) => {
      const { hostname, protocol: scheme } = new URL(request.url());
      if (/^https?:$/.test(scheme) && hostname.endsWith('.invalid')) fetched.push(request.url());
    });
    await page.setViewportSize({ width: 1400, height: 1000 });
    await startSandbox(editor);
    const thread = new CodeThread(editor);
    const code = page.locator('.editor-instance .view-lines').first();
    await editor.openFile('src/server.py');

    await test.step('a question that is not confirmed stays with its thread, unsent', async () => {
      await thread.start(6, 8);
      await thread.ask('Fix this');
      await expect(editor.dialog()).toContainText('server.py:6-8');
      await editor.pressDialogButton('Cancel');
      await expect(thread.widget).toContainText('not sent');
      await thread.button('Send').click();
      await confirmSend(editor, 1);
      await expect(thread.comments('Sec-Gemini')).toContainText('(customer,)');
      await expect(thread.comments('You')).toHaveAccessibleName('You, Fix this');
    });

    await test.step('its code opens as a diff, is applied by the user, and one undo takes it back', async () => {
      await thread.button('Use Code…').click();
      await editor.pick('Open as Diff');
      await expect(editor.tab('server.py ↔ Proposed by Sec-Gemini')).toBeVisible();
      await page.getByRole('button', { name: 'Apply Proposed Change' }).click();
      await expect(code).toContainText(spaced(FIXED));
      await expect(editor.treeItem(/^Thread Fix this, .*the code has changed since/)).toBeVisible();
      await page.keyboard.press('Control+z');
      await expect(code).toContainText(spaced(FAULT));
      await expect(editor.treeItem(/^Thread Fix this, server\.py:6-8$/)).toBeVisible();
    });

    await test.step('edits above and inside keep it at its code; the same code is not sent twice', async () => {
      await editor.treeItem(/^Thread Fix this/).click();
      await thread.toTop();
      await page.keyboard.type('# one\n# two\n');
      await expect(thread.title).toContainText('moved from lines 6-8');
      await thread.reply('Is this exploitable?');
      await expect(thread.title).toContainText('Verdict: exploitable');
      await expect(editor.treeItem(/^Thread Fix this, exploitable, server\.py:8-10/)).toBeVisible();
      await thread.toTop();
      for (let line = 1; line < 9; line += 1) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('End');
      await page.keyboard.type('  # checked');
      await expect(thread.title).toContainText('the code has changed since');
      await editor.runCommand('File: Save');
    });

    await test.step('it is the same conversation as in the panel, reachable both ways', async () => {
      await thread.button('Open in Panel').click();
      const chat = new Chat(editor.visiblePanelFrame());
      await expect(chat.articles('You')).toHaveCount(2);
      await expect(chat.articles('Tool call').first()).toBeVisible();
      await chat.conversation.press('Home');
      await chat.frame.getByRole('button', { name: 'Compare with the code asked about' }).first().click();
      await page.getByRole('button', { name: 'Discard Proposed Change' }).click();
      await expect(editor.tab('server.py ↔ Proposed by Sec-Gemini')).toHaveCount(0);
      await chat.articles('You').last().getByRole('link', { name: 'src/server.py:8-10' }).click();
      await expect(editor.statusBarItem(/^Ln 10, Col \d+ \(\d+ selected\)/)).toBeVisible();
    });

    await test.step('it survives a reload, and is resolved, reopened and exported', async () => {
      await editor.reload();
      await openSecGemini(editor);
      await editor.treeItem(/^Thread Fix this, exploitable, server\.py:8-10, the code has changed since/).click();
      await expect(thread.comments('You').last()).toHaveAccessibleName('You, Is this exploitable?');
      await thread.button('Resolve Thread').click();
      await expect(editor.treeItem(/^Thread Fix this, exploitable, resolved/)).toBeVisible();
      const row = editor.treeItem(/^Thread Fix this/);
      await row.hover();
      await row.getByRole('button', { name: 'Reopen Thread' }).click();
      await expect(editor.treeItem(/^Thread Fix this, exploitable, server/)).toBeVisible();
      await editor.treeItem(/^Thread Fix this/).click({ button: 'right' });
      await editor.chooseMenuItem('Export Thread as Markdown');
      await expect(page.locator('.view-lines').filter({ hasText: /-.Verdict:.exploitable/ })).toBeVisible();
    });

    await test.step('a problem of the TypeScript server is explained beside it', async () => {
      await editor.openFile('src/bad.ts');
      await expect(editor.statusBarItem('Errors: 1')).toBeVisible();
      await thread.toTop();
      for (let column = 0; column < 14; column += 1) await page.keyboard.press('ArrowRight');
      // What comes while the editor still looks for actions closes the menu again.
      await expect(page.locator('.lightBulbWidget').first()).toBeVisible();
      await page.keyboard.press('Control+.');
      const action = page.getByText('Sec-Gemini: Explain This Problem');
      await expect(action).toBeVisible();
      await page.keyboard.press('Enter');
      await confirmSend(editor, 1);
      await expect(thread.comments('You')).toContainText("Type 'string' is not assignable to type 'number'");
      await expect(thread.comments('Sec-Gemini')).toContainText('2322');
      await expect(editor.treeItem(/^Thread Explain this problem 2322/)).toBeVisible();
    });

    await test.step('an answer with pictures fetches nothing', async () => {
      await thread.reply('/demo render');
      await expect(thread.widget).toContainText('Image not loaded: a picture');
      expect(fetched).toEqual([]);
    });

    await test.step('which the same editor does for a comment that is not made safe', async () => {
      await editor.runCommand('Rig: Comment With Image');
      await expect.poll(() => fetched).toContain(IMAGE);
    });

    await test.step('a deleted thread goes from the code and from the tree', async () => {
      await editor.treeItem(/^Thread Explain/).click({ button: 'right' });
      await editor.chooseMenuItem('Delete Thread');
      await editor.pressDialogButton('Delete');
      await expect(editor.treeItem(/^Thread Explain/)).toHaveCount(0);
    });
  });
}

/** The editor draws blanks as no-break spaces. */
function spaced(text: string): RegExp {
  return new RegExp(
    text
      .trim()
      .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll(' ', '[\\s\\u00a0·]'),
  );
}
