// Proxy and certificates as VS Code has them: an https name that resolves only through our own CONNECT proxy, a service with its own authority.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { TestAuthority } from '../../fakes/v1-certificates.ts';
import { FakeProxy } from '../../fakes/v1-proxy.ts';
import { FAKE_KEY, V1Fake, endMark, wire } from '../../fakes/v1-server.ts';
import { HUB_KEY, V3Hub } from '../../fakes/v3-hub.ts';
import { expect, test } from '../support/editor.ts';
import { newSession, openSecGemini } from '../support/gestures.ts';

const HOST = 'sec-gemini.test.invalid';

for (const way of ['http.proxy', 'HTTPS_PROXY'] as const) {
  test(`through ${way}, with an authority of the machine's, HTTP and the stream both work`, async ({
    openEditor,
    temporaryFolder,
  }) => {
    const authority = new TestAuthority();
    const fake = await V1Fake.start((listener) => createServer({ ...authority.issue(HOST) }, listener));
    const proxy = new FakeProxy();
    const port = await proxy.listen();
    proxy.names.set(`${HOST}:443`, fake.port);
    fake.onPeer = (peer) => {
      peer.accept();
      void peer.next().then((query) => {
        const parent = String((query as { id?: unknown }).id);
        peer.text(wire('result', 'came through the proxy', { parent_id: parent }));
        peer.text(endMark({ parent_id: parent }));
      });
    };
    const ca = join(temporaryFolder, 'ca.pem');
    writeFileSync(ca, authority.cert);
    const address = `http://127.0.0.1:${port}`;
    try {
      const editor = await openEditor({
        workspace: { 'notes.txt': 'x\n' },
        settings: {
          'secGemini.endpoint': `https://${HOST}`,
          'secGemini.protocol': 'v1',
          ...(way === 'http.proxy' ? { 'http.proxy': address } : {}),
        },
        env: {
          SEC_GEMINI_API_KEY: FAKE_KEY,
          NODE_EXTRA_CA_CERTS: ca,
          ...(way === 'HTTPS_PROXY' ? { HTTPS_PROXY: address } : {}),
        },
      });
      await openSecGemini(editor);
      await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
      await editor.pressDialogButton('Use This Endpoint');
      await expect(editor.sideBar().getByRole('button', { name: 'New Session' }).first()).toBeVisible();
      const chat = await newSession(editor);
      await chat.ask('Hello?');
      await expect(chat.articles('Sec-Gemini').last()).toContainText('came through the proxy');
      expect(new Set(proxy.connects.map(({ target }) => target))).toEqual(new Set([`${HOST}:443`]));
      expect(proxy.connects.length).toBeGreaterThan(1);
      expect(fake.queries.length).toBe(1);
    } finally {
      await proxy.close();
      await fake.close();
    }
  });
}

test('gRPC goes through http.proxy too, with an authority of the machine (v3)', async ({
  openEditor,
  temporaryFolder,
}) => {
  const authority = new TestAuthority();
  const hub = new V3Hub(authority.issue(HOST));
  await hub.listen();
  const proxy = new FakeProxy();
  const port = await proxy.listen();
  proxy.names.set(`${HOST}:443`, hub.port);
  const ca = join(temporaryFolder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  try {
    const editor = await openEditor({
      workspace: { 'notes.txt': 'x\n' },
      settings: { 'secGemini.endpoint': `https://${HOST}`, 'http.proxy': `http://127.0.0.1:${port}` },
      env: { SEC_GEMINI_API_KEY: HUB_KEY, NODE_EXTRA_CA_CERTS: ca },
    });
    await openSecGemini(editor);
    await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
    await editor.pressDialogButton('Use This Endpoint');
    await expect(editor.sideBar().getByRole('button', { name: 'New Session' }).first()).toBeVisible();
    // Signed in: the hub's stream stands, and every connection went through the proxy.
    await expect(editor.statusBarItem('Sec-Gemini')).toBeVisible();
    expect(hub.links.length).toBeGreaterThan(0);
    expect(new Set(proxy.connects.map(({ target }) => target))).toEqual(new Set([`${HOST}:443`]));
  } finally {
    await proxy.close();
    await hub.stop();
  }
});

test('a certificate of an unknown authority is not accepted, and the words say so (S21)', async ({ openEditor }) => {
  const fake = await V1Fake.start((listener) => createServer({ ...new TestAuthority().issue(HOST) }, listener));
  const proxy = new FakeProxy();
  const port = await proxy.listen();
  proxy.names.set(`${HOST}:443`, fake.port);
  try {
    const editor = await openEditor({
      workspace: { 'notes.txt': 'x\n' },
      settings: {
        'secGemini.endpoint': `https://${HOST}`,
        'secGemini.protocol': 'v1',
        'http.proxy': `http://127.0.0.1:${port}`,
      },
      env: { SEC_GEMINI_API_KEY: FAKE_KEY },
    });
    await openSecGemini(editor);
    await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
    await editor.pressDialogButton('Use This Endpoint');
    await expect(editor.notification(/certificate .* not trusted/)).toBeVisible();
    await expect(editor.sideBar().getByRole('button', { name: 'Try Again' })).toBeVisible();
    expect(fake.requests).toEqual([]);
  } finally {
    await proxy.close();
    await fake.close();
  }
});
