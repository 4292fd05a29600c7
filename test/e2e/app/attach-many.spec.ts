// Many files at once, one that is too large, workspace folders whose files have the same names, and a window that is reloaded in the middle.
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, makeWorkspace, test } from '../support/editor.ts';
import { confirmSend, newSession, openSecGemini, startSandbox } from '../support/gestures.ts';

test('two workspace folders: 500 files with progress, cancel and reload, one that is too large, and names that are alike', async ({
  openEditor,
  temporaryFolder,
}) => {
  test.setTimeout(300_000);
  const files = Object.fromEntries(
    Array.from({ length: 500 }, (_file, index) => [
      `many/file-${String(index + 1).padStart(3, '0')}.txt`,
      `file number ${index + 1}\n`,
    ]),
  );
  const folder = makeWorkspace(join(temporaryFolder, 'project'), {
    ...files,
    '.env': 'TOKEN=hunter2\n',
    'app.py': 'import one\n',
    'big.bin': '',
  });
  const other = makeWorkspace(join(temporaryFolder, 'other'), { 'app.py': 'import two\n' });
  const workspace = join(temporaryFolder, 'both.code-workspace');
  writeFileSync(workspace, JSON.stringify({ folders: [{ path: folder }, { path: other }] }));
  truncateSync(join(folder, 'big.bin'), 1024 ** 3);
  const editor = await openEditor({
    workspace,
    settings: { 'secGemini.attach.maxBytes': 20_000_000, 'explorer.autoReveal': false },
  });
  await startSandbox(editor);
  const chat = await newSession(editor);

  await test.step('too large: refused by its size alone', async () => {
    await editor.openContainer('Explorer');
    await editor.treeItem('big.bin').click({ button: 'right' });
    await editor.chooseMenuItem('Attach to Session');
    await editor.quickInput().getByRole('option').nth(1).click();
    await expect(
      editor.notification(/big\.bin has 1\.1 GB; the limit is 20 MB\. Nothing was read or sent\./),
    ).toBeVisible();
    await editor.runCommand('Notifications: Clear All Notifications');
  });

  await test.step('files of one name in two folders: kept apart, and each says where it came from', async () => {
    await editor.openContainer('Explorer');
    const root = editor.treeItem('other');
    if ((await root.getAttribute('aria-expanded')) !== 'true') await root.click();
    const files = editor.page.getByRole('treeitem', { name: /^app\.py/ });
    await expect(files).toHaveCount(2);
    for (const [index, from] of ['project', 'other'].entries()) {
      await editor.openContainer('Explorer');
      await files.nth(index).click({ button: 'right' });
      await editor.chooseMenuItem('Attach to Session');
      await expect(editor.quickInput()).toContainText('Attach to which session?');
      await editor.quickInput().getByRole('option').nth(1).click();
      await expect(editor.dialog()).toContainText(`(${from}/app.py)`);
      await confirmSend(editor, 1);
      await openSecGemini(editor);
      const row = editor.treeItem(index === 0 ? 'File app.py' : 'File app (other).py');
      // A tree that is drawn anew under the pointer shows no hover until the pointer moves again.
      await expect(async () => {
        await editor.page.mouse.move(0, 0);
        await row.hover();
        await expect(editor.page.locator('.monaco-hover').last()).toContainText(
          `From: ${join(temporaryFolder, from, 'app.py')} (workspace folder "${from}")`,
          { timeout: 5000 },
        );
      }).toPass({ timeout: 30_000 });
    }
  });

  await test.step('cancelled on the way: what arrived is whole, nothing else is shown', async () => {
    await editor.openContainer('Explorer');
    await editor.treeItem('many').click({ button: 'right' });
    await editor.chooseMenuItem('Attach to Session');
    await expect(editor.dialog()).toContainText('500 files, ');
    await editor.pressDialogButton('Attach 500 Files');
    await expect(editor.quickInput()).toContainText('Attach to which session?');
    await editor.quickInput().getByRole('option').nth(1).click();
    await confirmSend(editor, 500);
    const progress = editor.notification('Attaching to');
    await progress.hover();
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await expect(progress).toHaveCount(0);
    await openSecGemini(editor);
    await expect(editor.treeItem('File file-001.txt')).toBeVisible();
    await expect(editor.page.getByRole('treeitem', { name: /, sending$/ })).toHaveCount(0);
    await chat.ask('Which files do you have?');
    const answer = chat.articles('Sec-Gemini').last();
    await expect(answer).toContainText('file-001.txt');
    await expect(answer).not.toContainText('file-500.txt');
    await chat.idle();
  });

  await test.step('a reload in the middle: what arrived is whole, the rest is named, and can be attached again', async () => {
    await editor.openContainer('Explorer');
    await editor.treeItem('many').click({ button: 'right' });
    await editor.chooseMenuItem('Attach to Session');
    await editor.pressDialogButton('Attach 500 Files');
    await expect(editor.quickInput()).toContainText('Attach to which session?');
    await editor.pick('New session');
    await confirmSend(editor, 500);
    await editor.notification('Attaching to').waitFor();
    await editor.reload();
    await expect(
      editor.notification(/The window was closed while files were being attached to .*: \d+ of 500 arrived/),
    ).toContainText(/Not attached: file-\d{3}\.txt and \d+ more\. Attach these again\./);
    await openSecGemini(editor);
    await expect(editor.page.getByRole('treeitem', { name: /, sending$/ })).toHaveCount(0);
    await editor.openContainer('Explorer');
    await editor.treeItem('app.py').click({ button: 'right' });
    await editor.chooseMenuItem('Attach to Session');
    await editor.pick('New session');
    await confirmSend(editor, 1);
    await openSecGemini(editor);
    await expect(editor.treeItem('File app.py')).toBeVisible();
  });
});
