// An answer is saved as a file, by the editor's own dialog.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../support/editor.ts';
import { newSession, startSandbox } from '../support/gestures.ts';

test('an answer goes into a file', async ({ openEditor, temporaryFolder }) => {
  const editor = await openEditor({
    workspace: { 'src/notes.txt': 'plain\n' },
    settings: { 'files.simpleDialog.enable': true },
  });
  await startSandbox(editor);
  const chat = await newSession(editor);
  await chat.ask('/demo render');
  await expect(chat.articles('Sec-Gemini').last()).toContainText('One block of every render type');
  await chat.idle();
  await chat.conversation.press('Home');
  const sample = chat.articles('Sec-Gemini').filter({ hasText: 'A heading' });
  await sample.getByRole('heading', { name: 'A heading' }).hover();
  await sample.getByRole('button', { name: 'Save as…' }).click();
  const file = join(temporaryFolder, 'ws0', 'answer.md');
  await editor.answerFile(file, 'src');
  await expect.poll(() => existsSync(file)).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('# A heading');
});
