// In the sandbox a session belongs to the protocol that made it; after a switch the tree says so, and nothing of it is lost.
import { expect, test } from '../support/editor.ts';
import { Chat, newSession, startSandbox, switchProtocol } from '../support/gestures.ts';

test('after a switch of the protocol the tree says which sessions belong to the other one', async ({ openEditor }) => {
  const editor = await openEditor({ workspace: { 'notes.txt': 'x\n' }, settings: { 'secGemini.protocol': 'v3' } });
  await startSandbox(editor);
  const first = await newSession(editor);
  await first.ask('hello over v3');
  await expect(first.articles('Sec-Gemini').last()).toBeVisible();
  await first.idle();

  await switchProtocol(editor, 'v1');
  const foreign = editor.treeItem(/^Session .*made with v3/);
  await expect(foreign).toBeVisible();
  // It can be read, and says why nothing more; what was typed stays.
  await foreign.click();
  const read = new Chat(editor.visiblePanelFrame());
  await expect(read.conversation).toContainText('hello over v3');
  await expect(read.frame.getByText('made with protocol v3', { exact: false }).first()).toBeVisible();
  await read.ask('and now?');
  await expect(read.composer).toHaveValue('and now?');

  await switchProtocol(editor, 'v3');
  await expect(foreign).toHaveCount(0);
  await editor.treeItem(/^Session /).click();
  const again = new Chat(editor.visiblePanelFrame());
  await again.ask('once more');
  await expect(again.conversation).toContainText('once more');
  await again.idle();
});
