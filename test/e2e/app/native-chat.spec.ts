// VS Code's own chat in the real editor, with a model of another extension beside us: the participant, the tool with its confirmations, and quiet
// where AI features are off.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../support/editor.ts';
import { startSandbox } from '../support/gestures.ts';
import { writeChatExtension } from '../support/native-chat.ts';

for (const protocol of ['v1', 'v3'] as const) {
  test(`the chat of the editor as one more door (${protocol})`, async ({ openEditor, temporaryFolder }) => {
    const out = join(temporaryFolder, 'tool.txt');
    const editor = await openEditor({
      settings: { 'secGemini.protocol': protocol, 'chat.disableAIFeatures': false },
      extensionPaths: [process.cwd(), writeChatExtension(join(temporaryFolder, 'control'), out)],
    });
    const { page } = editor;
    const fetched: string[] = [];
    page.on('request', (request) => {
      const { hostname, protocol: scheme } = new URL(request.url());
      if (/^https?:$/.test(scheme) && /\b(?:invalid|example)$/.test(hostname)) fetched.push(request.url());
    });
    await page.setViewportSize({ width: 1400, height: 1000 });
    await startSandbox(editor);
    await editor.openFile('server.py');
    const chat = page.locator('.interactive-session').filter({ visible: true });
    const ask = async (words: string): Promise<void> => {
      await chat.locator('.interactive-input-part .monaco-editor').first().click();
      await page.keyboard.type(words);
      // The list of participants and commands closes when the name is complete.
      await expect(page.locator('.suggest-widget').filter({ visible: true })).toHaveCount(0);
      await page.keyboard.press('Enter');
    };

    await test.step('the tool says where a question and which files go, and asks again for each file', async () => {
      await editor.runCommand('Rig: Call the Tool');
      const dialog = editor.dialog();
      await expect(dialog).toContainText('Ask Sec-Gemini?');
      await expect(dialog).toContainText('Goes to the local sandbox on this machine (http://127.0.0.1:');
      await expect(dialog).toContainText('What is in the files?');
      await expect(dialog).toContainText('app/server.py');
      expect(existsSync(out)).toBe(false);
      await editor.pressDialogButton('Yes');
      await expect(dialog).toContainText('1 secret was found');
      await editor.pressDialogButton('Redact and Send');
      await expect.poll(() => existsSync(out)).toBe(true);
      expect(readFileSync(out, 'utf8')).toContain('I looked at 1 file');
      await expect(editor.treeItem(/Asked by a chat tool/)).toBeVisible();
    });

    await test.step('/review finds in the file that is open, by the gate', async () => {
      await page.keyboard.press('Control+Alt+i');
      // A chat without a model asks no participant either.
      await expect(chat).toContainText('Rig');
      await ask('@sec-gemini /review ');
      await expect(editor.dialog()).toContainText('1 secret was found');
      await editor.pressDialogButton('Redact and Send');
      await expect(chat).toContainText('Findings of Sec-Gemini');
      await expect(chat).toContainText('SQL statement built from text');
      await expect(chat.getByRole('button', { name: 'Open Conversation' })).toBeVisible();
      // The findings stand in Problems too; the secret was replaced before the file left.
      await expect(editor.statusBarItem(/^Errors: 2/)).toBeVisible();
    });

    await test.step('a follow-up goes to the same session; an answer with pictures fetches nothing', async () => {
      await ask('/demo render');
      await expect(chat).toContainText('Image not loaded: a picture');
      expect(fetched).toEqual([]);
      await expect(page.getByRole('treeitem', { name: /^Session .*Asked in chat/ })).toHaveCount(1);
    });
  });
}

test('where AI features are off nothing of it is there, and nothing is said', async ({ openEditor }) => {
  const editor = await openEditor({ settings: { 'chat.disableAIFeatures': true } });
  const { page } = editor;
  await startSandbox(editor);
  await page.keyboard.press('Control+Alt+i');
  await page.keyboard.press('F1');
  await editor.quickInputBox().fill('>sec-gemini: new session');
  await expect(editor.quickPickRow('Sec-Gemini: New Session')).toBeVisible();
  await expect(page.locator('.interactive-session')).toHaveCount(0);
  await expect(editor.notification()).toHaveCount(0);
});
