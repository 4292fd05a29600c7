// What the Sessions view says and does besides its rows: its words for each state of the connection while there is nothing to show, the keyboard, and
// a sign-out, and a new key, that reach the other windows of the profile. One editor start.
import { EditorPage, expect, test } from '../support/editor.ts';
import { confirmSend, newSession, openSecGemini } from '../support/gestures.ts';
import { startPlainSandbox } from '../support/plain-sandbox.ts';

const OLD = 'the-key-before-it-was-changed-01';
const NEW = 'the-key-after-it-was-changed-002';

test('an empty view says what is the matter; the keyboard; signed out in every window', async ({ openEditor }) => {
  let service = await startPlainSandbox(OLD);
  const port = Number(new URL(service.endpoint).port);
  try {
    const editor = await openEditor({
      workspace: { 'app.py': 'print(1)\n' },
      settings: { 'secGemini.endpoint': service.endpoint, 'secGemini.retry.strategy': 'none' },
    });
    const view = editor.sideBar();
    const sessions = view.getByRole('treeitem', { name: /^Session / });
    const button = (name: string) => view.getByRole('button', { name, exact: true });
    await openSecGemini(editor);

    await test.step('signed out, connected, out of reach, key refused: words and the one thing to do', async () => {
      await button('Set API Key').click();
      await editor.answer(OLD);
      await editor.pressDialogButton('Use This Endpoint');
      await expect(view.getByText('No sessions yet', { exact: false })).toBeVisible();
      await expect(button('New Session')).toBeVisible();

      await service.stop();
      await editor.runCommand('Sec-Gemini: Connect');
      await expect(view.getByText('Cannot reach Sec-Gemini. Nothing was lost.')).toBeVisible();
      await expect(button('Show Log')).toBeVisible();
      await expect(view.getByText('No sessions yet', { exact: false })).toHaveCount(0);

      service = await startPlainSandbox(NEW, { port });
      await button('Try Again').click();
      await expect(view.getByText('The service does not accept the API key.', { exact: false })).toBeVisible();
      await expect(button('Start Local Sandbox')).toBeVisible();
      await expect(editor.statusBarItem('Sec-Gemini: key refused')).toBeVisible();

      await button('Set API Key').click();
      await editor.answer(NEW);
      await expect(view.getByText('No sessions yet', { exact: false })).toBeVisible();
    });

    await test.step('F2 renames and Delete deletes the row that has the focus, chosen or not', async () => {
      await editor.openFile('app.py');
      for (let made = 0; made < 4; made += 1) await newSession(editor);
      await editor.tab('app.py').click();
      await editor.runCommand('Sec-Gemini: Attach Active File');
      await editor.quickInput().getByRole('option').nth(1).click();
      await confirmSend(editor, 1);
      await expect(editor.treeItem('File app.py').locator('.py-ext-file-icon')).toBeVisible();
      // Asked for only now: a tooltip does not travel with the list.
      await sessions.first().hover();
      await expect(editor.page.locator('.monaco-hover:visible').filter({ hasText: 'Protocol' }).first()).toBeVisible();
      await editor.page.mouse.move(640, 400);

      const focused = view.locator('.monaco-list-row.focused');
      const { keyboard } = editor.page;
      await editor.runCommand('Sec-Gemini: Focus on Sessions View');
      await keyboard.press('Home');
      await expect(focused).toHaveAttribute('aria-label', /^Session /);
      await keyboard.press('F2');
      await expect(editor.quickInput()).toContainText('Rename Session');
      await editor.answer('By the keyboard');
      await expect(editor.treeItem('Session By the keyboard')).toBeVisible();

      await editor.runCommand('Sec-Gemini: Focus on Sessions View');
      await keyboard.press('Home');
      while ((await focused.getAttribute('aria-label'))?.startsWith('File app.py') !== true)
        await keyboard.press('ArrowDown');
      await keyboard.press('F2');
      await expect(editor.notification('Only sessions can be renamed.')).toBeVisible();
      await editor.runCommand('Notifications: Clear All Notifications');
      await editor.runCommand('Sec-Gemini: Focus on Sessions View');
      await keyboard.press('Delete');
      await expect(editor.treeItem(/^File app\.py(?!.*not used)/)).toHaveCount(0);
      await expect(sessions).toHaveCount(4);

      await keyboard.press('Home');
      await expect(focused).toHaveAttribute('aria-label', /^Session By the keyboard/);
      await keyboard.press('Delete');
      await expect(editor.dialog()).toContainText('Delete session By the keyboard?');
      await editor.pressDialogButton('Delete');
      await expect(editor.treeItem('Session By the keyboard')).toHaveCount(0);
      await expect(sessions).toHaveCount(3);
    });

    await test.step('several rows that are selected are deleted with one question', async () => {
      await editor.page.keyboard.press('Escape');
      for (const at of [0, 1]) await sessions.nth(at).click({ modifiers: ['Control'] });
      await editor.page.keyboard.press('Delete');
      await expect(editor.dialog()).toContainText('Delete 2 sessions?');
      await editor.pressDialogButton('Delete');
      await expect(sessions).toHaveCount(1);
    });

    await test.step('the key forgotten in one window: the other is signed out, too, and shows nothing more', async () => {
      const other = await EditorPage.open(editor.editor, editor.context);
      await openSecGemini(other);
      await expect(other.treeItem(/^Session /)).toBeVisible();
      await expect(other.statusBarItem(/^Sec-Gemini$/)).toBeVisible();
      await editor.runCommand('Sec-Gemini: Forget API Key');
      for (const each of [other, editor]) {
        await expect(each.sideBar().getByRole('button', { name: 'Set API Key', exact: true })).toBeVisible();
        await expect(each.treeItem(/^Session /)).toHaveCount(0);
      }
      await other.closePage();
    });

    await test.step('the key set in one window: the other offers to reload, and then has it, too', async () => {
      const other = await EditorPage.open(editor.editor, editor.context);
      await openSecGemini(other);
      await editor.runCommand('Sec-Gemini: Set API Key');
      await expect(editor.quickInput()).toContainText('Sec-Gemini API key');
      await editor.answer(NEW);
      await expect(editor.treeItem(/^Session /)).toBeVisible();
      const loaded = other.page.waitForEvent('load');
      await other.notification('was set in another window').getByRole('button', { name: 'Reload Window' }).click();
      await loaded;
      await other.ready();
      await openSecGemini(other);
      await expect(other.treeItem(/^Session /)).toBeVisible();
      await other.closePage();
    });
  } finally {
    await service.stop();
  }
});
