// What today's agent offers beside the conversation: archive, options, tool servers, skills, publishing, news. On the sandbox and on an
// independent server made of the official package.
import { expect, test } from '../support/editor.ts';
import { newSession, openSecGemini, startSandbox } from '../support/gestures.ts';

test('a session is named, renamed, archived and taken back', async ({ openEditor }) => {
  const editor = await openEditor({ workspace: { 'notes.txt': 'x\n' } });
  await startSandbox(editor);
  const chat = await newSession(editor);

  await test.step('the service names it by the first question; a name of the user stays', async () => {
    await expect(editor.treeItem(/^Session Session \d{4}-/)).toBeVisible();
    await chat.ask('Which files do you have?');
    await chat.idle();
    await expect(editor.treeItem('Session Which files')).toBeVisible();
    await editor.treeItem('Session Which files').click({ button: 'right' });
    await editor.chooseMenuItem('Rename Session');
    await editor.answer('Case 17');
    await expect(editor.treeItem('Session Case 17')).toBeVisible();
    await chat.ask('summarise');
    await chat.idle();
    await expect(editor.treeItem('Session Case 17')).toBeVisible();
    await expect(editor.tab('Case 17')).toBeVisible();
  });

  await test.step('it is archived and comes back', async () => {
    await editor.treeItem('Session Case 17').click({ button: 'right' });
    await editor.chooseMenuItem('Archive Session');
    await expect(editor.treeItem('Archived sessions')).toBeVisible();
    await expect(editor.treeItem('Session Case 17')).toHaveCount(0);
    await editor.treeItem('Archived sessions').click();
    await expect(editor.treeItem('Session Case 17')).toBeVisible();
    await editor.treeItem('Session Case 17').hover();
    if (process.env['SHOTS'] !== undefined) {
      await editor.page.locator('.monaco-hover').first().waitFor();
      await editor.page.screenshot({ path: `${process.env['SHOTS']}/archived.png` });
    }
    await editor.treeItem('Session Case 17').getByRole('button', { name: 'Unarchive Session' }).click();
    await expect(editor.treeItem('Archived sessions')).toHaveCount(0);
    await expect(editor.treeItem('Session Case 17')).toBeVisible();
  });
  await openSecGemini(editor);
});
