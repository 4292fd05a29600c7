// A service that goes away and comes back, and then no longer knows the key: as a user sees it. One editor start per protocol.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '../support/editor.ts';
import { newSession, openSecGemini } from '../support/gestures.ts';

const OLD = 'refused-old-key-0123456789';
const NEW = 'refused-new-key-0123456789';

/** The same service over several starts: one port, one state, one user. */
class Service {
  readonly #state: string;
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(folder: string) {
    this.#state = join(folder, 'service.json');
  }

  async start(key: string): Promise<string> {
    const script = join(import.meta.dirname, '..', '..', '..', 'dist', 'sandbox.mjs');
    const args = ['--port', this.#port.toString(), '--state', this.#state, '--api-key', key, '--user', '{"id":"ada"}'];
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', (code) => reject(new Error(`The sandbox ended with ${String(code)}.`)));
    });
    const { endpoint } = JSON.parse(line) as { endpoint: string };
    this.#port = Number(new URL(endpoint).port);
    return endpoint;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await exited;
  }
}

for (const protocol of ['v1', 'v3'] as const) {
  test(`what failed is tried again, and a refused key is asked for once (${protocol})`, async ({
    openEditor,
    temporaryFolder,
  }) => {
    const service = new Service(temporaryFolder);
    try {
      const endpoint = await service.start(OLD);
      const editor = await openEditor({
        workspace: { 'app.py': 'print(1)\n' },
        settings: {
          'secGemini.protocol': protocol,
          'secGemini.endpoint': endpoint,
          'secGemini.retry.strategy': 'fixed',
          'secGemini.retry.times': 10,
        },
        env: { SEC_GEMINI_API_KEY: OLD },
      });
      await openSecGemini(editor);
      await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
      await editor.pressDialogButton('Use This Endpoint');
      await expect(editor.sideBar().getByRole('button', { name: 'New Session' }).first()).toBeVisible();
      const chat = await newSession(editor);
      await expect(chat.composer).toBeFocused();
      await chat.ask('What is attached?');
      await expect(chat.articles('Sec-Gemini').last()).toBeVisible();
      await chat.idle();

      // Away: the status bar says that it is tried again; back: it goes on by itself.
      await service.stop();
      await editor.runCommand('Sec-Gemini: Refresh Sessions');
      await expect(editor.statusBarItem(/^Sec-Gemini: trying again/)).toBeVisible();
      await service.start(OLD);
      await expect(editor.statusBarItem(/^Sec-Gemini: trying again/)).toHaveCount(0);
      await expect(editor.statusBarItem(/^Sec-Gemini/)).toBeVisible();

      // Its key is no longer known: one question, then the message that could not leave goes on; the draft stays.
      await service.stop();
      await service.start(NEW);
      await chat.ask('Which files do you have?');
      await expect(editor.quickInput()).toContainText('The service refused the key');
      await editor.answer(NEW);
      await expect(editor.quickInput()).toBeHidden();
      await expect(chat.articles('You').filter({ hasText: 'Which files do you have?' })).toHaveCount(1);
      await expect(chat.articles('Sec-Gemini')).toHaveCount(2);
      await chat.idle();
      await chat.ask('What did I ask before?');
      await expect(chat.articles('Sec-Gemini').last()).toContainText('Which files do you have?');
      await chat.idle();
    } finally {
      await service.stop();
    }
  });
}
