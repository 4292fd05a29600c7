// Trust.md S22: signed out in one window, every window of the profile has closed its connections and shows nothing more within 1 s. Two windows of
// the real editor in a browser, where each keeps a copy of the secrets and only our own file tells the other. From the Enter that runs the
// command to the last connection closed, seen by a relay in front of the service, and to the other window's welcome view.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EditorPage } from '../../scripts/rig/drive.ts';
import { startEditor } from '../../scripts/rig/editor.ts';
import { createV3Client } from '../../src/client/create-client.ts';
import { startSandbox } from '../contract/sandbox-process.ts';
import { launch, print } from './panel-support.ts';

const ROUNDS = Math.max(5, Number(process.env.SEC_GEMINI_BENCH_ROUNDS ?? '5'));

/** Passes bytes on, and knows which connections of the editor live. */
async function relayTo(endpoint: string) {
  const { hostname, port } = new URL(endpoint);
  const live = new Set<Socket>();
  let closed = (): void => undefined;
  const server = createServer((from) => {
    live.add(from);
    const to = connect(Number(port), hostname);
    from.pipe(to).pipe(from);
    for (const end of [from, to]) end.on('error', () => [from, to].forEach((each) => each.destroy()));
    from.on('close', () => {
      live.delete(from);
      to.destroy();
      closed();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    live: () => live.size,
    /** The time (`Date.now()`) when none lives any more. */
    allClosed: () =>
      new Promise<number>((resolve) => {
        closed = () => {
          if (live.size === 0) resolve(Date.now());
        };
      }),
    close: () => {
      for (const each of live) each.destroy();
      server.close();
    },
  };
}

/** In the editor's page: the time when the sessions are gone and a key is asked for. */
async function signedOut(): Promise<number> {
  for (;;) {
    const rows = document.querySelectorAll('.monaco-list-row[aria-label^="Session "]').length;
    const asks = [...document.querySelectorAll('.sidebar .welcome-view-content .monaco-button')].some(
      (each) => each.textContent === 'Set API Key' && each.getClientRects().length > 0,
    );
    if (rows === 0 && asks) return Date.now();
    await new Promise(requestAnimationFrame);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sg-bench-'));
writeFileSync(join(folder, 'notes.txt'), 'notes\n');
const service = await startSandbox();
const relay = await relayTo(service.endpoint);
const browser = await launch();
const client = await createV3Client({ endpoint: service.endpoint, apiKey: service.apiKey, protocol: 'v3' });
await client.createSession({ name: 'Incident' });
await client.close();
const editor = await startEditor({
  workspace: folder,
  extensionPaths: [join(import.meta.dirname, '..', '..')],
  settings: { 'secGemini.endpoint': relay.endpoint, 'secGemini.protocol': 'v3' },
  trust: true,
});

/** Until the window shows the session. */
async function signIn(window: EditorPage): Promise<void> {
  await window.runCommand('Sec-Gemini: Set API Key');
  await window.quickInput().getByText('Sec-Gemini API key', { exact: false }).first().waitFor();
  await window.answer(service.apiKey);
  const session = window.treeItem(/^Session Incident/);
  await session.or(window.dialog()).first().waitFor();
  if (await window.dialog().isVisible()) await window.pressDialogButton('Use This Endpoint');
  await session.waitFor();
}

try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const one = await EditorPage.open(editor, context);
  const two = await EditorPage.open(editor, context);
  for (const each of [one, two]) await each.openContainer('Sec-Gemini');
  const [ends, views]: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    await signIn(one);
    const before = relay.live();
    await signIn(two);
    if (relay.live() <= before) throw new Error('the second window has no connection of its own');
    await one.page.keyboard.press('F1');
    await one.quickInputBox().fill('>Sec-Gemini: Forget API Key');
    await one.quickPickRow('Sec-Gemini: Forget API Key').waitFor();
    const shown = two.page.evaluate(signedOut);
    const closed = relay.allClosed();
    const started = Date.now();
    await one.page.keyboard.press('Enter');
    ends?.push((await closed) - started);
    views?.push((await shown) - started);
    for (const each of [one, two]) await each.runCommand('Notifications: Clear All Notifications');
  }
  print('sign-out: from Enter to the last connection of both windows closed, real editor', 'ms', ends ?? []);
  print('sign-out: from Enter to the welcome view of the other window, real editor', 'ms', views ?? []);
} finally {
  await editor.dispose();
  await browser.close();
  relay.close();
  await service.kill();
  rmSync(folder, { recursive: true, force: true });
}
