// The rig itself: a real editor opens, runs an extension's command, shows its webview, and survives a reload.
import { join } from 'node:path';
import { writeHelloExtension } from '../../../scripts/rig/hello.ts';
import { expect, test } from '../support/editor.ts';

test('the editor runs a command of an extension under development and shows its webview', async ({
  openEditor,
  temporaryFolder,
}) => {
  const hello = writeHelloExtension(join(temporaryFolder, 'hello'));
  const editor = await openEditor({ extensionPaths: [hello], workspace: { 'notes.txt': 'first line\n' } });
  await editor.runCommand('Rig: Greet');
  const frame = await editor.panelFrame('Rig Greeting');
  await expect(frame.getByRole('heading', { name: 'Hello from the webview' })).toBeVisible();
  await expect(editor.notification('Hello from the rig')).toBeVisible();
  await editor.openFile('notes.txt');
  await editor.reload();
  await expect(editor.tab('notes.txt')).toBeVisible();
  await editor.setClipboard('kept');
  expect(await editor.readClipboard()).toBe('kept');
});

test('an untrusted workspace opens in Restricted Mode', async ({ openEditor, temporaryFolder }) => {
  const hello = writeHelloExtension(join(temporaryFolder, 'hello'));
  const editor = await openEditor({ extensionPaths: [hello], workspace: { 'notes.txt': 'x\n' }, trust: false });
  await expect(editor.statusBarItem('Restricted Mode')).toBeVisible();
});
