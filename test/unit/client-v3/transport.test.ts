/** The way out: an https name that resolves only inside the proxy, an authority of our own, a token that goes only where it belongs. */

import assert from 'node:assert/strict';
import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { type ClientOptions, createClient, createV3Client } from '../../../src/client/create-client.ts';
import type { V3Client } from '../../../src/client/v3/client.ts';
import { bearerFor } from '../../../src/client/v3/oidc.ts';
import { isSecGeminiError } from '../../../src/core/errors.ts';
import { TestAuthority } from '../../fakes/v1-certificates.ts';
import { JobStatus, MessageType } from '../../../src/client/v3/gen/api_hub_pb.js';
import { answers, drive, fastClock, outcome, waitFor } from '../../fakes/v1-drive.ts';
import { FakeProxy } from '../../fakes/v1-proxy.ts';
import { HUB_KEY, V3Hub } from '../../fakes/v3-hub.ts';

const HOST = 'hub.only-behind-the-proxy.test';

const token = (aud: unknown, exp: number): string =>
  ['{}', JSON.stringify({ aud, exp }), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');

describe('client v3: transport', function () {
  this.timeout(15_000);
  const authority = new TestAuthority('authority of the test');
  let hub: V3Hub;
  let proxy: FakeProxy;
  let proxyPort: number;
  const clients: V3Client[] = [];

  beforeEach(async () => {
    hub = new V3Hub(authority.issue(HOST));
    await hub.listen();
    proxy = new FakeProxy();
    proxy.names.set(`${HOST}:443`, hub.port);
    proxyPort = await proxy.listen();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await proxy.close();
    await hub.stop();
  });

  const make = async (more: Partial<ClientOptions> = {}): Promise<V3Client> => {
    const client = await createV3Client({
      endpoint: `https://${HOST}`,
      apiKey: HUB_KEY,
      protocol: 'v3',
      clock: fastClock(20),
      random: () => 0.2,
      transport: {
        proxyFor: () => ({ host: '127.0.0.1', port: proxyPort, secure: false, authorization: 'Basic eDp5' }),
        extraCa: [authority.cert],
      },
      ...more,
    });
    clients.push(client);
    return client;
  };

  it('goes through the proxy, with the authority of the setting', async () => {
    const client = await make();
    const session = hub.session();
    const turn = drive(client, session.id, 'hello');
    assert.equal(outcome(await turn.done), 'completed');
    assert.deepEqual(answers(turn), ['Answer to: hello']);
    const bytes = Buffer.alloc(3_000_000, 'x');
    const upload = {
      name: 'a.bin',
      size: bytes.length,
      async *open() {
        yield bytes;
      },
    };
    await client.attach(session.id, upload);
    assert.ok((hub.uploads[0]?.bytes ?? 0) > bytes.length);
    assert.ok(proxy.connects.length >= 2);
    for (const connect of proxy.connects)
      assert.deepEqual(connect, { target: `${HOST}:443`, authorization: 'Basic eDp5' });
    assert.ok(!JSON.stringify(proxy.connects).includes(HUB_KEY), 'the proxy sees no key');
  });

  it('drops the old socket and resumes when the proxy moves to another port, nothing is sent twice (F23)', async () => {
    let port = proxyPort;
    const client = await make({
      transport: { proxyFor: () => ({ host: '127.0.0.1', port, secure: false }), extraCa: [authority.cert] },
    });
    const session = hub.session();
    hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'before the move');
    const turn = drive(client, session.id, 'hello');
    await waitFor(() => turn.events.some((event) => event.type === 'message' && event.message.kind === 'thinking'));
    const moved = new FakeProxy();
    moved.names.set(`${HOST}:443`, hub.port);
    port = await moved.listen();
    // Closed at the end of the test as usual; until then nothing goes through it.
    await proxy.close();
    hub.say(session, MessageType.RESPONSE, 'after the move');
    hub.status(session, JobStatus.COMPLETED);
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    assert.deepEqual(answers(turn), ['after the move']);
    assert.deepEqual(hub.prompts(), ['hello']);
    assert.equal(moved.connects.length, 1);
    await client.close();
    await moved.close();
    proxy = new FakeProxy();
    await proxy.listen();
  });

  it('is found by auto through the same proxy', async () => {
    const { transport } = {
      transport: { proxyFor: () => ({ host: '127.0.0.1', port: proxyPort, secure: false }), extraCa: [authority.cert] },
    };
    const found = await createClient({ endpoint: `https://${HOST}`, apiKey: HUB_KEY, protocol: 'auto', transport });
    assert.equal(found.protocol, 'v3');
    await found.close();
    assert.deepEqual(hub.received, [], 'nothing was said, no key least of all');
  });

  it('does not trust an authority that nobody named (S21)', async () => {
    const client = await make({
      transport: { proxyFor: () => ({ host: '127.0.0.1', port: proxyPort, secure: false }) },
    });
    await assert.rejects(
      client.account(),
      (error) => isSecGeminiError(error, 'unavailable') && /not trusted/.test(error.message),
    );
    assert.deepEqual(hub.received, []);
  });

  it('says what the proxy wants', async () => {
    proxy.authorization = 'Basic right';
    const client = await make();
    await assert.rejects(
      client.account(),
      (error) => isSecGeminiError(error, 'permissionDenied') && !error.message.includes('eDp5'),
    );
  });

  it('refuses a server that agrees on HTTP/1.1 only', async () => {
    const { cert, key } = authority.issue(HOST);
    const old = createTlsServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (socket) =>
      socket.on('error', () => undefined),
    );
    old.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    proxy.names.set(`${HOST}:443`, (old.address() as AddressInfo).port);
    const client = await make();
    await assert.rejects(client.account(), (error) => isSecGeminiError(error));
    await client.close();
    await new Promise<void>((resolve) => old.close(() => resolve()));
  });

  it('finds v1 where only HTTP/1.1 is spoken, and neither where both are strange', async () => {
    let status = 401;
    const asked: (string | undefined)[] = [];
    const server = createHttpServer((request, response) => {
      asked.push(request.url, JSON.stringify(request.headers));
      response.writeHead(status).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const found = await createClient({ endpoint, apiKey: HUB_KEY, protocol: 'auto' });
    assert.equal(found.protocol, 'v1');
    await found.close();
    assert.ok(asked.length > 0 && !JSON.stringify(asked).includes(HUB_KEY));
    status = 404;
    await assert.rejects(createClient({ endpoint, apiKey: HUB_KEY, protocol: 'auto' }), (error) =>
      isSecGeminiError(error, 'protocol'),
    );
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await assert.rejects(createClient({ endpoint, apiKey: HUB_KEY, protocol: 'auto' }), (error) =>
      isSecGeminiError(error, 'unavailable'),
    );
  });

  it('sends an identity token only to the host that it was made for', async () => {
    const far = Math.floor(Date.now() / 1000) + 100_000_000;
    const mine = token(`https://${HOST}`, far);
    const client = await make({ identityToken: () => mine });
    let seen: unknown;
    hub.intercept = (link) => {
      seen = link.headers.authorization;
      return false;
    };
    await client.account();
    assert.equal(seen, `Bearer ${mine}`);
    const other = await make({ identityToken: () => token('https://other.example', far) });
    await other.account();
    assert.equal(seen, undefined);
  });

  it('reads a token strictly', () => {
    const now = 1_000_000_000_000;
    const exp = now / 1000 + 31;
    const good = token(HOST, exp);
    assert.equal(bearerFor(good, HOST, now), `Bearer ${good}`);
    assert.ok(bearerFor(token(['x.example', `https://${HOST}/path`], exp), HOST, now));
    for (const bad of [
      undefined,
      '',
      'not a token',
      'a.b.c',
      `${good}\r\nx-evil: 1`,
      token(HOST, now / 1000 + 29),
      token(`${HOST}.evil.example`, exp),
      token(`https://${HOST}@evil.example`, exp),
      token(`https://evil.example/${HOST}`, exp),
      token(`https://user@${HOST}`, exp),
      token({ host: HOST }, exp),
      token(HOST, Number.NaN),
    ])
      assert.equal(bearerFor(bad, HOST, now), undefined, bad);
  });
});
