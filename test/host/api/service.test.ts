// Rows of the table about a service that goes away and no longer knows the key: one of our own, beside the editor's sandbox.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import { apiSuite, code, until } from '../support/api-suite.ts';
import { row } from '../support/rows.ts';

const OLD = 'host-suite-old-key-0123456789';
const NEW = 'host-suite-new-key-0123456789';

describe('a service of our own', () => {
  const suite = apiSuite();
  const folder = mkdtempSync(join(tmpdir(), 'sg-service-'));
  let child: ChildProcess | undefined;
  let port = 0;

  /** The same service over several starts: one port, one state, one user. */
  const start = async (key: string): Promise<string> => {
    const root = vscode.extensions.getExtension('secgemini-vscode.sec-gemini')?.extensionPath ?? '';
    const user = ['--api-key', key, '--user', '{"id":"ada"}'];
    const script = [
      join(root, 'dist', 'sandbox.mjs'),
      '--port',
      port.toString(),
      '--state',
      join(folder, 'state.json'),
    ];
    const started = spawn(process.execPath, [...script, ...user], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: started.stdout }).once('line', resolve);
      started.once('exit', (status) => reject(new Error(`The service ended with ${String(status)}.`)));
    });
    const { endpoint } = JSON.parse(line) as { endpoint: string };
    port = Number(new URL(endpoint).port);
    return endpoint;
  };
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null) return;
    const exited = new Promise((resolve) => child?.once('exit', resolve));
    child.kill();
    await exited;
  };
  const endpointSetting = async (value: string | undefined): Promise<void> => {
    await vscode.workspace.getConfiguration('secGemini').update('endpoint', value, vscode.ConfigurationTarget.Global);
  };

  before(async function () {
    this.timeout(120_000);
    await endpointSetting(await start(OLD));
    suite.answers.expect(/^Sec-Gemini API key$/, OLD);
    suite.answers.expect(/^Use 127\.0\.0\.1:\d+ as Sec-Gemini endpoint\?/, 'Use This Endpoint');
    await vscode.commands.executeCommand('secGemini.setApiKey');
    assert.equal(suite.api.isConnected(), true);
  });
  after(async function () {
    this.timeout(120_000);
    const stands = until(suite.api.listen({ types: ['connected'] }), 'connected');
    await vscode.commands.executeCommand('secGemini.startSandbox');
    await stands;
    await endpointSetting(undefined);
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  row('cancel', (part) => {
    part('retry policy', 'what fails is tried again as often as was asked', async () => {
      const { api, id } = suite;
      await stop();
      await assert.rejects(api.resume(id, { retry: { strategy: 'none' } }), code('unavailable'));
      const found = api.resume(id, { retry: { strategy: 'fixed', times: 10, delay: 1000 } });
      await start(OLD);
      assert.equal((await found).id, id);
      await assert.rejects(api.resume(id, { retry: { strategy: 'fixed', times: 11 } }), code('invalidArgument'));
    });
  });

  row('reauth', (part) => {
    part(
      'draft and queue kept',
      'asked for once; what could not leave goes on, and what waited behind it',
      async () => {
        const { api, id, answers } = suite;
        assert.equal((await api.query(id, 'What is attached?')).statusCode, 200);
        await stop();
        await start(NEW);
        const asked = until(api.listen({ types: ['reauthRequest'] }), 'reauthRequest');
        const turns = api.listen({ sessionId: id, types: ['streaming'], queueSize: 0 });
        answers.expect(/^Sec-Gemini API key$/, NEW);
        await api.send(id, 'First after the new key');
        await api.send(id, 'Second after the new key');
        assert.match((await asked).reason, /key/);
        const prompts = async (): Promise<readonly string[]> =>
          (await api.messages(id)).filter(({ kind }) => kind === 'prompt').map(({ text }) => text);
        for await (const event of turns) {
          // The look whether a turn still runs ends, too.
          if (event.type === 'streaming' && event.outcome === 'completed' && (await prompts()).length === 3) break;
        }
        assert.deepEqual((await prompts()).slice(1), ['First after the new key', 'Second after the new key']);
      },
    );
  });
});
