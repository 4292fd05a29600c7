import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { ALL_COMMANDS, runAndDismiss } from '../support/commands.ts';
import { watch } from '../support/watch.ts';

describe('Restricted Mode', () => {
  it('is on, and the extension works in it', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const extension = vscode.extensions.getExtension('secgemini-vscode.sec-gemini');
    await extension?.activate();
    assert.equal(extension?.isActive, true);
  });

  it('opens no socket and reads nothing of the workspace, whichever command is run by its id (S15)', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    const seen = watch(folder.fsPath);
    try {
      // The local sandbox is what may be connected to; without it there is nothing to talk to.
      for (const id of ALL_COMMANDS.filter((other) => !/startSandbox|showLog/.test(other))) {
        await runAndDismiss(id);
        await runAndDismiss(id, folder, [folder]);
      }
      assert.deepEqual(seen.sockets, []);
      assert.deepEqual(seen.reads, []);
    } finally {
      seen.stop();
    }
  }).timeout(240_000);

  it('sees a read when there is one: the watch itself works', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    const seen = watch(folder.fsPath);
    try {
      // A single file that the user names may be looked at here; without a session the question is as far as it gets.
      await runAndDismiss('secGemini.attachToSession', vscode.Uri.file(join(folder.fsPath, 'README.md')));
      assert.ok(seen.reads.length > 0, 'the file was opened for its size');
    } finally {
      seen.stop();
    }
  });
});
