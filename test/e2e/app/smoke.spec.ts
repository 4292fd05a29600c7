// The rig itself: what the app tests lean on, shown on small extensions of its own.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeHelloExtension } from '../../../scripts/rig/hello.ts';
import { expect, test } from '../support/editor.ts';

test('the editor runs a command, shows a webview and a notification, and survives a reload', async ({
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

test('a second start on the same profile has its secrets and state, and nothing outlives the first', async ({
  openEditor,
  temporaryFolder,
}) => {
  const extension = writeRememberingExtension(join(temporaryFolder, 'remembering'));
  const log = join(temporaryFolder, 'log');
  const workspace = join(temporaryFolder, 'folder');
  mkdirSync(workspace);
  const options = {
    workspace,
    extensionPaths: [extension],
    profile: join(temporaryFolder, 'profile'),
    env: { RIG_LOG: log },
  };
  const first = await openEditor(options);
  await first.runCommand('Rig: Remember');
  await expect(first.notification('Remembered nothing')).toBeVisible();
  await first.reload();
  await first.runCommand('Rig: Remember');
  await expect(first.notification('Remembered secret and state')).toBeVisible();
  await first.close();
  for (const pid of readFileSync(log, 'utf8').trim().split('\n')) {
    expect(lives(pid), 'the detached child has ended with its editor').toBe(false);
  }
  const second = await openEditor({ ...options, port: first.editor.port, context: first.context });
  await second.runCommand('Rig: Remember');
  await expect(second.notification('Remembered secret and state')).toBeVisible();
});

/** False also for a process that has ended and waits for its parent to notice. */
function lives(pid: string): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
}

/** An extension that says what it remembers of its last run, and leaves a detached child behind. */
function writeRememberingExtension(folder: string): string {
  mkdirSync(folder);
  const manifest = {
    name: 'remembering',
    publisher: 'rig',
    version: '0.0.1',
    engines: { vscode: '^1.103.0' },
    main: './extension.cjs',
    contributes: { commands: [{ command: 'rig.remember', title: 'Remember', category: 'Rig' }] },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(folder, 'extension.cjs'),
    `const vscode = require('vscode');
exports.activate = (context) => {
  vscode.commands.registerCommand('rig.remember', async () => {
    const words = [await context.secrets.get('word'), context.globalState.get('word')].filter(Boolean);
    await context.secrets.store('word', 'secret');
    await context.globalState.update('word', 'state');
    const child = require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    child.unref();
    require('node:fs').appendFileSync(process.env.RIG_LOG, child.pid + '\\n');
    void vscode.window.showInformationMessage('Remembered ' + (words.join(' and ') || 'nothing'));
  });
};
`,
  );
  return folder;
}
