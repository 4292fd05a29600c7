// The key's life: refused, kept, gone over a reload, forgotten, found in settings; and the sandbox stopped by its command.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../support/editor.ts';
import { openSecGemini, startSandbox } from '../support/gestures.ts';
import { startPlainSandbox } from '../support/plain-sandbox.ts';

const KEY = 'a-key-that-the-service-knows-0123';
const OTHER_KEY = 'a-key-that-a-team-shares-0123456';

test('a key is checked before it is kept, survives a reload, and is forgotten on request', async ({
  openEditor,
  temporaryFolder,
}) => {
  const service = await startPlainSandbox(KEY);
  try {
    const editor = await openEditor({
      workspace: { 'notes.txt': 'x\n' },
      settings: { 'secGemini.endpoint': service.endpoint },
    });
    const host = new URL(service.endpoint).host;
    await openSecGemini(editor);

    await editor.sideBar().getByRole('button', { name: 'Set API Key' }).click();
    await expect(editor.quickInput()).toContainText('Sec-Gemini API key');
    await editor.answer('a-wrong-key-0123456789');
    await expect(editor.dialog()).toContainText(`Use ${host} as Sec-Gemini endpoint?`);
    await editor.pressDialogButton('Use This Endpoint');
    await expect(editor.notification(/key/i).filter({ hasText: /Set API Key/ })).toBeVisible();
    await expect(editor.sideBar().getByRole('button', { name: 'Start Local Sandbox' })).toBeVisible();

    await editor.runCommand('Notifications: Clear All Notifications');
    await editor.runCommand('Sec-Gemini: Set API Key');
    await editor.answer(KEY);
    await expect(editor.sideBar().getByText('No sessions yet', { exact: false })).toBeVisible();

    await editor.reload();
    await openSecGemini(editor);
    await expect(editor.sideBar().getByText('No sessions yet', { exact: false })).toBeVisible();

    await editor.runCommand('Sec-Gemini: Forget API Key');
    await expect(editor.sideBar().getByRole('button', { name: 'Set API Key' })).toBeVisible();
    await editor.reload();
    await openSecGemini(editor);
    await expect(editor.sideBar().getByRole('button', { name: 'Set API Key' })).toBeVisible();

    // By the wrong door: the user's own is moved on request, a workspace's only deleted.
    const own = join(editor.editor.serverDataDir, 'data', 'User', 'settings.json');
    const shared = join(temporaryFolder, 'ws0', '.vscode', 'settings.json');
    const mine = readFileSync(own, 'utf8').replace(/^\{/, '{\n  // mine');
    mkdirSync(join(shared, '..'));
    writeFileSync(shared, `{\n  // of the team\n  "editor.tabSize": 3,\n  "secGemini.apiKey": "${OTHER_KEY}"\n}\n`);
    writeFileSync(own, mine.replace(/\n\}\s*$/, `,\n  "sec-gemini.apiKey": "${KEY}"\n}\n`));
    await editor.reload();
    await openSecGemini(editor);
    const offer = editor.notification('in your settings (sec-gemini.apiKey)');
    const advice = editor.notification("in this workspace's settings (secGemini.apiKey)");
    await expect(offer).toBeVisible();
    await expect(advice).toBeVisible();
    await expect(advice.getByRole('button', { name: 'Move to Secret Storage' })).toHaveCount(0);
    await expect(editor.notification(KEY)).toHaveCount(0);
    await expect(editor.notification(OTHER_KEY)).toHaveCount(0);
    await advice.getByRole('button', { name: 'Delete From Settings' }).click();
    await expect.poll(() => readFileSync(shared, 'utf8')).toBe('{\n  // of the team\n  "editor.tabSize": 3\n}\n');
    await expect(editor.sideBar().getByRole('button', { name: 'Set API Key' })).toBeVisible();
    await offer.getByRole('button', { name: 'Move to Secret Storage' }).click();
    await expect(editor.notification('sec-gemini.apiKey was deleted from settings')).toBeVisible();
    expect(readFileSync(own, 'utf8')).toBe(mine);
    await expect(editor.sideBar().getByText('No sessions yet', { exact: false })).toBeVisible();
  } finally {
    await service.stop();
  }
});

test('Stop Local Sandbox goes back to the configured endpoint; started again it still has its sessions', async ({
  openEditor,
}) => {
  const editor = await openEditor({ workspace: { 'notes.txt': 'x\n' } });
  await startSandbox(editor);
  await editor.runCommand('Sec-Gemini: New Session');
  await expect(editor.treeItem(/^Session /)).toBeVisible();
  await editor.runCommand('Sec-Gemini: Stop Local Sandbox');
  await expect(editor.sideBar().getByRole('button', { name: 'Start Local Sandbox' })).toBeVisible();
  await expect(editor.treeItem(/^Session /)).toHaveCount(0);
  await editor.sideBar().getByRole('button', { name: 'Start Local Sandbox' }).click();
  await expect(editor.treeItem(/^Session /)).toBeVisible();
});
