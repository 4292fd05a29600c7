import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { denyHead } from '../../../src/sandbox/net/guard.ts';
import { cleanUp, KEY, register, start } from './support.ts';
import type { Sandbox } from '../../../src/sandbox/server.ts';

const ORIGINS: readonly (string | undefined)[] = [
  undefined,
  '',
  'null',
  'https://evil.example',
  'http://localhost',
  'http://localhost:3000',
  'http://127.0.0.1',
  'http://[::1]:80',
  'file://',
  'vscode-webview://abc',
  'chrome-extension://abc',
  'https://api.secgemini.google',
];
const HOSTS = [
  '127.0.0.1',
  '127.0.0.1:PORT',
  'localhost:1',
  '[::1]:PORT',
  'attacker.invalid',
  '127.0.0.1.nip.io',
  'localhost.',
  '0.0.0.0:PORT',
  '2130706433',
  '0x7f000001:PORT',
];
const GOOD_HOSTS = 4;
const TOKENS: readonly (string | undefined)[] = [KEY, 'wrong', undefined];

interface Outcome {
  readonly status: number;
  readonly body: string;
}

/** A GET, or an upgrade to a WebSocket, with exactly these headers. */
function ask(sandbox: Sandbox, path: string, headers: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: sandbox.port, path, headers, agent: false, setHost: false });
    call.on('response', (response) => {
      let body = '';
      response.on('data', (piece) => (body += String(piece)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    call.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve({ status: 101, body: '' });
    });
    call.on('error', reject);
    call.end();
  });
}

/** What comes back for bytes as they are. */
function raw(sandbox: Sandbox, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(sandbox.port, '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.on('data', (piece) => (got += String(piece)));
    socket.on('error', reject);
    socket.on('close', () => resolve(got));
  });
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

describe('sandbox, guard', () => {
  afterEach(cleanUp);

  for (const kind of ['an HTTP call', 'a WebSocket', 'a window that holds it'] as const) {
    it(`lets ${kind} in for 1 class of the 360 combinations of origin, host and key`, async () => {
      const sandbox = await start();
      const id = await register(sandbox);
      const path = {
        'an HTTP call': '/v1/user/info',
        'a WebSocket': `/v1/stream?session_id=${id}`,
        'a window that holds it': '/sandbox/hold',
      }[kind];
      let tried = 0;
      for (const origin of ORIGINS) {
        for (const [index, host] of HOSTS.entries()) {
          for (const token of TOKENS) {
            const headers = {
              host: host.replace('PORT', String(sandbox.port)),
              ...(origin === undefined ? {} : { origin }),
              ...(token === undefined ? {} : { 'x-api-key': token }),
              ...(kind === 'an HTTP call' ? {} : UPGRADE),
            };
            const { status, body } = await ask(sandbox, path, headers);
            const mayPass = origin === undefined && index < GOOD_HOSTS;
            const wanted = !mayPass
              ? 403
              : token === KEY
                ? kind === 'an HTTP call'
                  ? 200
                  : 101
                : kind === 'an HTTP call'
                  ? 401
                  : 403;
            assert.equal(status, wanted, JSON.stringify(headers));
            if (wanted >= 400) assert.equal(typeof (JSON.parse(body) as { detail: unknown }).detail, 'string');
            tried += 1;
          }
        }
      }
      assert.equal(tried, 360);
    });
  }

  it('refuses a missing, a doubled and an absolute target host', async () => {
    const sandbox = await start();
    const end = `x-api-key: ${KEY}\r\nconnection: close\r\n\r\n`;
    assert.match(await raw(sandbox, `GET /v1/user/info HTTP/1.1\r\n${end}`), /^HTTP\/1\.1 403 /);
    assert.match(
      await raw(sandbox, `GET /v1/user/info HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n${end}`),
      /^HTTP\/1\.1 (?:403|400) /,
    );
    assert.match(
      await raw(sandbox, `GET http://evil.example/v1/user/info HTTP/1.1\r\nhost: localhost\r\n${end}`),
      /^HTTP\/1\.1 400 /,
    );
    assert.match(await raw(sandbox, `GET /v1/user/info HTTP/1.1\r\nhost: localhost\r\n${end}`), /^HTTP\/1\.1 200 /);
  });

  it('takes no header block over 16 KB', async () => {
    const sandbox = await start();
    assert.match(
      await raw(sandbox, `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(17_000)}\r\n\r\n`),
      /^HTTP\/1\.1 431 /,
    );
  });

  it('answers unknown paths and methods only to who has the key', async () => {
    const sandbox = await start();
    const key = { host: 'localhost', 'x-api-key': KEY };
    assert.equal((await ask(sandbox, '/nothing', { host: 'localhost' })).status, 401);
    assert.equal((await ask(sandbox, '/nothing', key)).status, 404);
    assert.equal((await ask(sandbox, '/v1/session/register', key)).status, 405);
    assert.equal((await ask(sandbox, '/health', { host: 'localhost' })).status, 200);
    assert.equal(
      (await ask(sandbox, '/v1/user/info', { host: 'localhost', authorization: `Bearer ${KEY}` })).status,
      200,
    );
  });

  it('refuses an expired key', async () => {
    const sandbox = await start({ users: [{ key: KEY, options: { key_expire_time: 1000 } }] });
    assert.equal((await ask(sandbox, '/v1/user/info', { host: 'localhost', 'x-api-key': KEY })).status, 401);
  });

  it('knows loopback by its exact spelling', () => {
    const verdict = (host: string): number | undefined =>
      denyHead({ hosts: [host], hasOrigin: false, target: '/' })?.status;
    for (const good of ['localhost', 'localhost:65535', '127.0.0.1:1', '[::1]'])
      assert.equal(verdict(good), undefined, good);
    for (const bad of [
      '',
      'LOCALHOST',
      '127.1',
      '127.0.0.1:',
      '127.0.0.1:1:2',
      '127.0.0.2',
      '::1',
      '[::ffff:127.0.0.1]',
      'localhost@evil',
      'user@localhost',
      'localhost evil',
      ' localhost',
      '[::1].evil',
      '127.0.0.1\n',
    ]) {
      assert.equal(verdict(bad), 403, JSON.stringify(bad));
    }
  });
});
