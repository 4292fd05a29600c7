// What becomes of what was attached: dropped onto a session, chosen by dialog or type, looked at as it was sent, told about while nobody
// looks, and there again after the editor was started anew.
import { join } from 'node:path';
import { expect, makeWorkspace, test } from '../support/editor.ts';
import { confirmSend, newSession, openSecGemini, setFocused, startSandbox } from '../support/gestures.ts';

/** A picture of one red dot. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  'base64',
);

test('files that were attached are looked at, told about and there again', async ({ openEditor, temporaryFolder }) => {
  test.setTimeout(240_000);
  const folder = makeWorkspace(join(temporaryFolder, 'project'), {
    'dot.png': PNG,
    'raw.dat': Buffer.from([0, 1, 2, 3, 0xff, 0xfe, 0, 7]),
    'page.html': '<script>document.title = "run"</script>\n',
    'odd.thing': '{"alert": 1}\n',
    'later.txt': 'as it was\n',
    'dropped.txt': 'dropped\n',
  });
  const editor = await openEditor({ workspace: folder, settings: { 'explorer.autoReveal': false } });
  await startSandbox(editor);
  const chat = await newSession(editor);

  await test.step('"Attach Files or Folders…" and the dialog', async () => {
    for (const name of ['dot.png', 'raw.dat', 'page.html', 'later.txt']) {
      await editor.runCommand('Sec-Gemini: Attach Files or Folders…');
      await expect(editor.quickInput()).toContainText('Attach Files or Folders');
      await editor.quickInput().getByRole('option', { name }).click();
      await expect(editor.quickInput()).toContainText('Attach to which session?');
      await editor.quickInput().getByRole('option').nth(1).click();
      await confirmSend(editor, 1);
      await openSecGemini(editor);
      await expect(editor.treeItem(`File ${name}`)).toBeVisible();
    }
  });

  await test.step('dragged from the Explorer onto the session', async () => {
    await editor.openContainer('Explorer');
    const { mouse } = editor.page;
    await editor.treeItem('dropped.txt').hover();
    await mouse.down();
    // Over the icon of the view, which opens it under the dragged file.
    const icon = await editor.page
      .getByRole('tab', { name: /^Sec-Gemini/ })
      .first()
      .boundingBox();
    await mouse.move((icon?.x ?? 0) + 10, (icon?.y ?? 0) + 8, { steps: 5 });
    await mouse.move((icon?.x ?? 0) + 16, (icon?.y ?? 0) + 16, { steps: 5 });
    const session = editor.treeItem('Session Session');
    await session.waitFor();
    const row = await session.boundingBox();
    await mouse.move((row?.x ?? 0) + 60, (row?.y ?? 0) + 8, { steps: 5 });
    await mouse.move((row?.x ?? 0) + 64, (row?.y ?? 0) + 10, { steps: 5 });
    await mouse.up();
    // No question which session: it was pointed at.
    await confirmSend(editor, 1);
    await expect(editor.treeItem('File dropped.txt')).toBeVisible();
  });

  await test.step('"Attach with Type…": what it looks like comes first, another can be chosen', async () => {
    await editor.openContainer('Explorer');
    await editor.treeItem('odd.thing').click({ button: 'right' });
    await editor.chooseMenuItem('Attach with Type…');
    await expect(editor.quickInput()).toContainText('What is odd.thing?');
    await expect(editor.quickInput().getByRole('option').first()).toContainText('looks like it');
    await editor.quickInput().getByRole('option').first().click();
    await editor.quickInput().getByRole('option').nth(1).click();
    await confirmSend(editor, 1);
    await openSecGemini(editor);
    await expect(editor.treeItem('File odd.thing')).toBeVisible();
  });

  await test.step('a click shows what was sent: a picture, bytes as hex, HTML as source', async () => {
    await editor.treeItem('File dot.png').click();
    await editor.tab('dot.png').waitFor();
    await expect(editor.statusBarItem(/1x1|1 x 1/)).toBeVisible();
    await editor.treeItem('File raw.dat').click();
    await editor.tab('raw.dat.hex').waitFor();
    await expect(editor.page.locator('.view-lines').last()).toContainText('00 01 02 03 ff fe 00 07');
    await editor.treeItem('File page.html').click();
    await editor.tab('page.html').waitFor();
    await expect(editor.page.locator('.view-lines').last()).toContainText('<script>document.title');
  });

  await test.step('a turn that ends while the window has no focus: a notification and a badge', async () => {
    await editor.tab('Session').click();
    await chat.composer.fill('/demo slow 8');
    await chat.button('Send').click();
    await expect(chat.button('Stop')).toBeVisible();
    await setFocused(editor, false);
    await expect(editor.notification(/Sec-Gemini has answered in/)).toBeVisible();
    await expect(editor.page.getByRole('tab', { name: /Sec-Gemini.*1 session has new answers/ })).toBeVisible();
    await setFocused(editor, true);
    await expect(editor.page.getByRole('tab', { name: /new answers/ })).toHaveCount(0);
    await editor.runCommand('Notifications: Clear All Notifications');
  });

  await test.step('after a reload: everything is there, and a change made meanwhile can be attached again', async () => {
    makeWorkspace(folder, { 'later.txt': 'changed meanwhile\n' });
    await editor.reload();
    await openSecGemini(editor);
    const row = editor.treeItem(/^File later\.txt, .*changed since attached/);
    await expect(row).toBeVisible();
    await row.hover();
    await row.getByRole('button', { name: 'Re-attach' }).click();
    await confirmSend(editor, 1);
    await expect(row).toHaveCount(0);
    await expect(editor.treeItem('File later.txt, 18 bytes')).toBeVisible();
  });
});
