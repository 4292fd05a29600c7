// A local log inside the real extension host: its process and database are those that ship, and a cited line opens where the file is.
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { LocalLogs } from '../../../src/host/logs/local-logs.ts';
import { openLogPlace } from '../../../src/host/logs/log-places.ts';
import { logTools } from '../../../src/host/logs/log-tools.ts';

describe('a local log', function () {
  this.timeout(120_000);
  let folder: string;
  let logs: LocalLogs;
  before(() => {
    const extension = vscode.extensions.getExtension('secgemini-vscode.sec-gemini');
    assert.ok(extension !== undefined);
    // Outside of the workspace.
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'sg-host-logs-')));
    logs = new LocalLogs({
      script: join(extension.extensionPath, 'dist', 'log-worker.mjs'),
      directory: join(folder, 'databases'),
    });
  });
  after(() => {
    logs.dispose();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('answers a query with rows whose place opens in the editor', async () => {
    const path = join(folder, 'sshd.log');
    const line = (n: number): string =>
      `Mar  1 06:25:${String(n).padStart(2, '0')} web1 sshd[1]: ${n === 7 ? 'Accepted' : 'Failed'} password for root from 203.0.113.7 port 50${n} ssh2`;
    writeFileSync(path, `${Array.from({ length: 9 }, (_, n) => line(n + 1)).join('\n')}\n`);
    await logs.add('session', path);
    const [, query] = logTools(logs).tools();
    assert.ok(query !== undefined);
    const args = query.parse({ sql: "SELECT line, user FROM log WHERE event = 'accepted'" });
    const { text } = await query.run(args, { signal: new AbortController().signal, sessionId: 'session' });
    assert.equal(text, '1 row of sshd.log; columns: line\tuser\nsshd.log:7: root');
    assert.equal(await openLogPlace({ logs }, 'other.log:7'), false);
    assert.equal(await openLogPlace({ logs }, 'sshd.log:7'), true);
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.uri.fsPath, path);
    assert.equal(editor?.selection.start.line, 6);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });
});
