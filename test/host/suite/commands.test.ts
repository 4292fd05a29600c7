import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ALL_COMMANDS, runAndDismiss } from '../support/commands.ts';
import { watch } from '../support/watch.ts';

const HOSTILE: readonly unknown[] = [
  null,
  '',
  'x'.repeat(100_000),
  { apiKey: 'stolen' },
  { kind: 'file', sessionId: '../../etc', attachment: null },
  { kind: 'file', sessionId: 's', attachment: { id: 'x', name: '../../etc/passwd', sha256: '../../../etc/passwd' } },
  { kind: 'session', sessionId: '__proto__' },
  vscode.Uri.parse('http://127.0.0.1:1/x'),
  vscode.Uri.parse('vscode-userdata:/user/settings.json'),
  ['a', 1, null],
  () => 'call me',
  Number.NaN,
];

describe('commands', () => {
  before(async () => {
    await vscode.extensions.getExtension('secgemini-vscode.sec-gemini')?.activate();
  });

  it('are all there after activation', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    for (const id of ALL_COMMANDS) assert.ok(known.has(id), id);
  });

  it('take arguments of other extensions for what they are: no key, no upload, no socket, no throw (S39)', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const seen = watch(folder);
    try {
      // The sandbox may be started by anybody: it is local and holds nothing of the user's.
      for (const id of ALL_COMMANDS.filter((other) => !/startSandbox|showLog/.test(other)))
        for (const argument of HOSTILE) {
          const result = await runAndDismiss(id, argument, [argument]);
          assert.ok(result === undefined || typeof result === 'string', `${id} returned ${typeof result}`);
          assert.ok(!/key|stolen/i.test(result ?? ''), id);
        }
      assert.deepEqual(seen.sockets, []);
    } finally {
      seen.stop();
    }
  }).timeout(240_000);
});
