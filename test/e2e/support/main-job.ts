// The main job as a newcomer does it: sandbox, attach, ask, read an answer about that very file, stop, reload, detach, delete.
// Played in the editor with the sources and with the packaged VSIX.
import { createHash } from 'node:crypto';
import { type EditorPage, type OpenOptions, expect, test } from './editor.ts';
import { Chat, confirmSend, newSession, openSecGemini, startSandbox } from './gestures.ts';

const KEY_LINE = 3;
const APP = ['import os', '', `AWS_KEY = "${['AKIA', 'IOSFODNN7', 'QWERTYU'].join('')}"`, 'print(os.environ)', ''].join(
  '\n',
);
const NOTES = 'connect to 203.0.113.9 before noon\n';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function mainJob(
  openEditor: (options?: OpenOptions) => Promise<EditorPage>,
  options: OpenOptions = {},
): Promise<void> {
  const editor = await openEditor({ ...options, workspace: { 'app.py': APP, 'notes.txt': NOTES } });
  await test.step('the welcome view has its two ways in', async () => {
    await openSecGemini(editor);
    await expect(editor.sideBar().getByRole('button', { name: 'Start Local Sandbox' })).toBeVisible();
    await expect(editor.sideBar().getByRole('button', { name: 'Set API Key' })).toBeVisible();
  });
  await startSandbox(editor);
  await editor.openFile('app.py');
  const chat = await newSession(editor);

  await test.step('the active file is attached by command', async () => {
    await editor.tab('app.py').click();
    await editor.runCommand('Sec-Gemini: Attach Active File');
    await expect(editor.quickInput()).toContainText('Attach to which session?');
    await expect(editor.quickInput().getByRole('option').first()).toHaveAccessibleName(/^New session/);
    await editor.quickInput().getByRole('option').nth(1).click();
    await confirmSend(editor, 1);
    await expect(editor.treeItem('File app.py')).toBeVisible();
  });

  await test.step('another file is attached by right-click in the Explorer', async () => {
    await editor.openContainer('Explorer');
    await editor.treeItem('notes.txt').click({ button: 'right' });
    await editor.chooseMenuItem('Attach to Session');
    await editor.quickInput().getByRole('option').nth(1).click();
    await confirmSend(editor, 1);
    await openSecGemini(editor);
    await expect(editor.treeItem('File notes.txt')).toBeVisible();
  });

  await test.step('the answer speaks of that very file', async () => {
    await chat.ask('What is in the files?');
    const answer = chat.articles('Sec-Gemini').last();
    await expect(answer).toContainText(sha256(APP).slice(0, 12));
    await expect(answer).toContainText(new RegExp(`\\b${KEY_LINE}\\b`));
    await expect(answer).toContainText(/AWS/i);
    await expect(answer).toContainText(/local sandbox/i);
    await expect(chat.articles('Tool call').first()).toBeVisible();
    await chat.idle();
  });

  await test.step('Stop ends a slow answer in the middle', async () => {
    await chat.ask('/demo slow 60');
    await expect(chat.status.filter({ hasText: 'Working' }).first()).toBeVisible();
    await chat.button('Stop').click();
    await chat.idle();
    await expect(chat.conversation).toContainText(/Stopped/);
  });

  await test.step('after a reload tree, panel and history are back', async () => {
    await editor.reload();
    await openSecGemini(editor);
    await expect(editor.treeItem('File app.py')).toBeVisible();
    // v3 named the session by the question, v1 has kept the name that it was made with.
    const restored = new Chat(await editor.panelFrame(/^(What is in the files|Session)/));
    await expect(restored.articles('You').last()).toContainText('/demo slow');
    // The beginning is not in the DOM while the end is shown.
    await restored.conversation.press('Home');
    await expect(restored.articles('You').first()).toContainText('What is in the files?');
    await expect(restored.articles('Sec-Gemini').first()).toContainText(sha256(APP).slice(0, 12));
  });

  await test.step('a file is detached and the session deleted', async () => {
    await editor.treeItem('File notes.txt').hover();
    await editor.treeItem('File notes.txt').getByRole('button', { name: 'Detach File' }).click();
    await expect(editor.treeItem('File notes.txt')).toHaveCount(0);
    await editor.treeItem(/^Session /).click({ button: 'right' });
    await editor.chooseMenuItem('Delete Session');
    await expect(editor.dialog()).toContainText(/Delete session .*\?/);
    await editor.pressDialogButton('Delete');
    await expect(editor.sideBar().getByText('No sessions yet', { exact: false })).toBeVisible();
  });
}
