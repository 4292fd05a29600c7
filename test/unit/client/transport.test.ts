/** Proxies and certificate authorities, proven with a name that resolves only through our own proxy, to TLS with our own authority. */

import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { createV1Client } from '../../../src/client/v1/create.ts';
import { type TransportOptions, parseProxy, proxyFromEnvironment } from '../../../src/client/transport.ts';
import type { SecGeminiClient } from '../../../src/core/client.ts';
import { isSecGeminiError } from '../../../src/core/errors.ts';
import { TestAuthority } from '../../fakes/v1-certificates.ts';
import { answers, drive, fastClock, outcome } from '../../fakes/v1-drive.ts';
import { FakeProxy } from '../../fakes/v1-proxy.ts';
import { FAKE_KEY, V1Fake, endMark, wire } from '../../fakes/v1-server.ts';

const HOST = 'sec-gemini.test.invalid';

describe('transport', function () {
  // Busy machines: a guard, not an expectation.
  this.timeout(20_000);
  const authority = new TestAuthority();
  let fake: V1Fake;
  let proxy: FakeProxy;
  let proxyPort: number;
  let clients: SecGeminiClient[];

  beforeEach(async () => {
    clients = [];
    fake = await V1Fake.start((listener) => createServer({ ...authority.issue(HOST) }, listener));
    proxy = new FakeProxy();
    proxyPort = await proxy.listen();
    proxy.names.set(`${HOST}:443`, fake.port);
  });

  afterEach(async () => {
    for (const client of clients) await client.close();
    await fake.close();
    await proxy.close();
  });

  const connect = (transport: TransportOptions): SecGeminiClient => {
    const client = createV1Client({
      endpoint: `https://${HOST}`,
      apiKey: FAKE_KEY,
      protocol: 'v1',
      transport,
      clock: fastClock(),
      random: () => 0,
    });
    clients.push(client);
    return client;
  };
  const through = (env: Record<string, string>): TransportOptions => ({
    proxyFor: proxyFromEnvironment(env),
    extraCa: [authority.cert],
  });

  it('HTTP and WebSocket go through HTTPS_PROXY, and the service’s certificate is checked', async () => {
    const client = connect(through({ HTTPS_PROXY: `http://127.0.0.1:${proxyPort}` }));
    assert.equal((await client.account()).userId, 'u');
    const id = fake.addSession();
    const turn = drive(client, id, 'through the proxy');
    const peer = await fake.peer(0);
    await peer.next();
    peer.text(wire('result', 'there'));
    peer.text(endMark());
    assert.equal(outcome(await turn.done), 'completed');
    assert.deepEqual(answers(turn), ['there']);
    assert.deepEqual(
      proxy.connects.map((connect) => connect.target),
      [`${HOST}:443`, `${HOST}:443`],
    );
  });

  it('without the proxy the name does not resolve, and NO_PROXY means without', async () => {
    for (const transport of [
      { extraCa: [authority.cert] },
      through({ HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`, NO_PROXY: '.test.invalid' }),
    ]) {
      await assert.rejects(connect(transport).account(), (error) => isSecGeminiError(error, 'unavailable'));
    }
    assert.deepEqual(proxy.connects, []);
  });

  it('S21: a certificate of an unknown authority fails closed, on HTTP and on the socket', async () => {
    const proxyFor = proxyFromEnvironment({ HTTPS_PROXY: `http://127.0.0.1:${proxyPort}` });
    for (const extraCa of [undefined, [new TestAuthority('Another').cert]]) {
      const client = connect({ proxyFor, extraCa });
      await assert.rejects(client.account(), (error) => {
        assert.ok(isSecGeminiError(error, 'unavailable'));
        assert.match(error.message, /certificate .* not trusted/);
        return true;
      });
      const turn = drive(client, 'x', 'hello');
      while (!turn.events.some((event) => event.type === 'connection' && event.state === 'reconnecting'))
        await new Promise((resolve) => setImmediate(resolve));
      turn.stop();
      await turn.done;
    }
    assert.deepEqual(fake.requests, []);
    assert.deepEqual(fake.peers, []);
  });

  it('S21: a certificate for another name fails closed', async () => {
    const wrong = await V1Fake.start((listener) => createServer({ ...authority.issue('other.invalid') }, listener));
    proxy.names.set(`${HOST}:443`, wrong.port);
    const client = connect(through({ HTTPS_PROXY: `http://127.0.0.1:${proxyPort}` }));
    await assert.rejects(client.account(), (error) => isSecGeminiError(error, 'unavailable'));
    assert.deepEqual(wrong.requests, []);
    await wrong.close();
  });

  it('a proxy that wants a user name gets it, and one that refuses is told apart', async () => {
    proxy.authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    const client = connect(through({ https_proxy: `http://me:p%40ss@127.0.0.1:${proxyPort}` }));
    assert.equal((await client.account()).userId, 'u');
    const without = connect(through({ https_proxy: `http://127.0.0.1:${proxyPort}` }));
    await assert.rejects(without.account(), (error) => isSecGeminiError(error, 'permissionDenied'));
    proxy.names.clear();
    await assert.rejects(
      connect(through({ https_proxy: `http://me:p%40ss@127.0.0.1:${proxyPort}` })).account(),
      (error) => {
        assert.ok(isSecGeminiError(error, 'unavailable'));
        assert.match(error.message, /refused the connection \(502\)/);
        assert.ok(!error.message.includes('p@ss') && !error.message.includes('p%40ss'));
        return true;
      },
    );
  });

  it('F23: the proxy moves to another port; the old socket is dropped, the new one resumes, nothing is sent twice', async () => {
    let port = proxyPort;
    const client = connect({
      proxyFor: () => ({ host: '127.0.0.1', port, secure: false }),
      extraCa: [authority.cert],
    });
    const id = fake.addSession();
    const turn = drive(client, id, 'hello');
    const first = await fake.peer(0);
    const query = await first.next();
    fake.keep(id, query);
    const moved = new FakeProxy();
    moved.names.set(`${HOST}:443`, fake.port);
    port = await moved.listen();
    await proxy.close();
    const said = [wire('result', 'after the move'), endMark()];
    fake.keep(id, ...said);
    assert.equal(outcome(await turn.done), 'completed');
    assert.deepEqual(answers(turn), ['after the move']);
    assert.equal(fake.queries.length, 1);
    assert.ok(moved.connects.length >= 1);
    await client.close();
    await moved.close();
    proxy = new FakeProxy();
    await proxy.listen();
  });

  it('this machine is never reached through a proxy', async () => {
    const plain = await V1Fake.start();
    const client = createV1Client({
      endpoint: plain.url,
      apiKey: FAKE_KEY,
      protocol: 'v1',
      transport: through({ HTTP_PROXY: `http://127.0.0.1:${proxyPort}`, HTTPS_PROXY: `http://127.0.0.1:${proxyPort}` }),
    });
    clients.push(client);
    assert.equal((await client.account()).userId, 'u');
    assert.deepEqual(proxy.connects, []);
    await plain.close();
  });

  describe('proxyFromEnvironment', () => {
    const target = (host: string, port = 443, secure = true) => ({ host, port, secure });
    const cases: [Record<string, string>, ReturnType<typeof target>, string | undefined][] = [
      [{ HTTPS_PROXY: 'http://p:8080' }, target('a.example'), 'p:8080'],
      [{ https_proxy: 'http://low:1', HTTPS_PROXY: 'http://high:2' }, target('a.example'), 'low:1'],
      [{ HTTPS_PROXY: 'p:8080' }, target('a.example'), 'p:8080'],
      [{ HTTPS_PROXY: 'https://p' }, target('a.example'), 'p:443'],
      [{ ALL_PROXY: 'http://p:3' }, target('a.example'), 'p:3'],
      [{ HTTP_PROXY: 'http://p:4' }, target('a.example', 80, false), 'p:4'],
      [{}, target('a.example'), undefined],
      [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, target('a.example'), undefined],
      [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'example' }, target('a.example'), undefined],
      [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: '.example, other' }, target('A.EXAMPLE'), undefined],
      [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: '*.example' }, target('a.example'), undefined],
      [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'ample' }, target('a.example'), 'p:1'],
      [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.example:8443' }, target('a.example'), 'p:1'],
      [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.example:8443' }, target('a.example', 8443), undefined],
      [{ HTTPS_PROXY: 'http://p:1' }, target('localhost'), undefined],
      [{ HTTPS_PROXY: 'http://p:1' }, target('::1'), undefined],
    ];
    for (const [env, to, expected] of cases) {
      it(`${JSON.stringify(env)} for ${to.host}:${to.port}`, () => {
        const found = proxyFromEnvironment(env)(to);
        assert.equal(found === undefined ? undefined : `${found.host}:${found.port}`, expected);
      });
    }

    it('refuses what is no http proxy, without repeating it', () => {
      for (const text of ['socks5://u:secret@h:1', 'http://', 'ftp://secret@h']) {
        assert.throws(
          () => parseProxy(text),
          (error) => isSecGeminiError(error, 'invalidArgument') && !error.message.includes('secret'),
        );
      }
    });
  });
});
