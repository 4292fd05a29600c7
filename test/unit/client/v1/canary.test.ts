/** S20/T12: a unique key, more than forty ways to fail, and not a trace of it in log, errors, events or state, however it is spelled. */

import assert from 'node:assert/strict';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import type { ClientOptions } from '../../../../src/client/create-client.ts';
import { createV1Client } from '../../../../src/client/v1/create.ts';
import type { V1Client } from '../../../../src/client/v1/client.ts';
import { spellingsOf } from '../../../../src/core/redact.ts';
import { TestAuthority } from '../../../fakes/v1-certificates.ts';
import { drive, fastClock } from '../../../fakes/v1-drive.ts';
import { OP, frame } from '../../../fakes/v1-peer.ts';
import { type Override, V1Fake, endMark, wire } from '../../../fakes/v1-server.ts';

/** With characters that URL encoding changes; none that inspect() would escape, so that the search below cannot miss it. */
const CANARY = 'cnry+/=K3y 7f&é-0451-Zq';

describe('key canary', function () {
  // Busy machines: a guard, not an expectation.
  this.timeout(20_000);
  let fake: V1Fake;
  const lines: string[] = [];
  const seen: unknown[] = [];
  let failures = 0;

  const make = (options: Partial<ClientOptions> = {}): V1Client =>
    createV1Client({
      endpoint: fake.url,
      apiKey: CANARY,
      protocol: 'v1',
      clock: fastClock(200),
      random: () => 0,
      log: (level, text) => lines.push(`${level} ${text}`),
      logsService: fake.url,
      timeouts: { responseMs: 20_000, idleMs: 1_000, handshakeMs: 200 },
      ...options,
    });

  const expectFailure = async (run: () => Promise<unknown>): Promise<void> => {
    try {
      seen.push(await run());
      assert.fail('it should have failed');
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      failures += 1;
      seen.push(error);
    }
  };

  /** A turn that cannot go well; it is stopped when it only waits any more. */
  const failTurn = async (client: V1Client, session: string): Promise<void> => {
    const turn = drive(client, session, 'hello');
    while (
      !turn.events.some(
        (event) => event.type === 'turnEnd' || (event.type === 'connection' && event.state === 'reconnecting'),
      )
    )
      await new Promise((resolve) => setImmediate(resolve));
    turn.stop();
    seen.push(await turn.done, turn.state());
    failures += 1;
  };

  before(async () => {
    fake = await V1Fake.start();
    fake.key = CANARY;
  });
  after(() => fake.close());

  /** Everything that left the client, in each way that it could be written down. */
  const leaks = (): string[] => {
    const everything = [
      lines.join('\n'),
      ...seen.map((value) =>
        inspect(value, { depth: 12, maxArrayLength: null, maxStringLength: null, showHidden: true }),
      ),
      ...seen.map((value) =>
        value instanceof Error
          ? `${value.message} ${value.stack ?? ''} ${String(value.cause)} ${JSON.stringify(value)}`
          : JSON.stringify(value),
      ),
    ]
      .join('\n')
      .toLowerCase();
    return spellingsOf(CANARY).filter((spelling) => everything.includes(spelling.toLowerCase()));
  };

  const echo = `you sent api_key=${CANARY} and ${encodeURIComponent(CANARY)} and ${Buffer.from(CANARY).toString('base64')} and ${Buffer.from(CANARY).toString('hex')}`;

  it('HTTP: statuses, redirects, nonsense, silence, cuts; each body repeats the key', async () => {
    const client = make();
    const overrides: Override[] = [
      ...[
        301, 302, 307, 308, 400, 401, 402, 403, 404, 405, 408, 409, 413, 418, 422, 425, 426, 429, 451, 500, 501, 502,
        503, 504,
      ].map((status): Override => () => ({
        status,
        body: { detail: echo },
        headers: { location: `http://127.0.0.1:1/?api_key=${encodeURIComponent(CANARY)}`, 'retry-after': '1' },
      })),
      () => ({ status: 422, body: { detail: [{ loc: ['body', echo], msg: echo, type: 'x' }] } }),
      () => ({ status: 200, body: `not json ${echo}` }),
      () => ({ status: 200, body: { [echo]: echo } }),
      () => ({ status: 200, body: { user: { id: 7, note: echo } } }),
      (_request, response) => {
        response.destroy();
        return 'taken';
      },
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write(echo);
        setImmediate(() => response.destroy());
        return 'taken';
      },
      () => 'taken',
    ];
    for (const override of overrides) {
      fake.override = override;
      await expectFailure(() => client.account());
    }
    fake.override = () => ({ status: 200, body: { ok: false, status_code: 403, status_message: echo } });
    await expectFailure(() => client.api.feedback('s', { type: 'bug_report', score: 0, comment: '' }));
    fake.override = () => undefined;
    await client.close();
  });

  it('sockets: refusals, closes, violations, messages that repeat the key', async () => {
    const client = make();
    const session = fake.addSession();
    for (const status of [301, 401, 403, 404, 426, 429, 500, 503]) {
      fake.onPeer = (peer) =>
        peer.refuse(status, { Location: `/?api_key=${encodeURIComponent(CANARY)}`, 'Retry-After': '1' });
      await failTurn(client, session);
    }
    for (const code of [1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 4001, 4321]) {
      fake.onPeer = (peer) => peer.accept().close(code);
      await failTurn(client, session);
    }
    for (const bytes of [
      frame(OP.text, Buffer.from([0xff])),
      frame(OP.text, Buffer.alloc(17 * 1024 * 1024)),
      frame(15, 'x'),
      Buffer.from('noise'),
    ]) {
      fake.onPeer = (peer) => peer.accept().raw(bytes);
      await failTurn(client, session);
    }
    // The service's own words are shown as they came, but for the key.
    fake.onPeer = (peer) => {
      peer.accept();
      peer.text(`{"broken": "${echo}"`);
      peer.text(wire('error', `refused: ${CANARY}`, { status_code: 401, status_message: `no ${CANARY}` }));
      peer.text(endMark());
    };
    await failTurn(client, session);
    fake.onPeer = (peer) => peer.accept();
    await client.close();
  });

  it('the network: nothing there, no name, no handshake, TLS, a proxy, the logs service, closing', async () => {
    const refused = createTcpServer();
    await new Promise<void>((resolve) => refused.listen(0, '127.0.0.1', resolve));
    const { port } = refused.address() as AddressInfo;
    await new Promise<void>((resolve) => refused.close(() => resolve()));
    const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const tls = await V1Fake.start((listener) =>
      createHttpsServer({ ...new TestAuthority().issue('localhost') }, listener),
    );
    const endpoints = [
      `http://127.0.0.1:${port}`,
      'https://no-such-host.invalid',
      `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      `https://localhost:${tls.port}`,
    ];
    for (const endpoint of endpoints) {
      const client = make({ endpoint, timeouts: { idleMs: 100, responseMs: 10_000, handshakeMs: 100 } });
      await expectFailure(() => client.account());
      await failTurn(client, 's');
      await client.close();
      await expectFailure(() => client.account());
      seen.push(inspect(client, { depth: 12, showHidden: false }));
    }
    const proxied = make({
      endpoint: 'https://no-such-host.invalid',
      transport: { proxyFor: () => ({ host: '127.0.0.1', port, secure: false, authorization: `Basic ${CANARY}` }) },
    });
    await expectFailure(() => proxied.account());
    await failTurn(proxied, 's');
    await proxied.close();
    const client = make();
    fake.override = (request) =>
      request.path === '/create_logs_table' ? { status: 500, body: { detail: echo } } : undefined;
    const session = fake.addSession();
    await expectFailure(() =>
      client.attachLogs(session, {
        name: 'l',
        size: 3,
        async *open() {
          yield Buffer.from('{}\n');
        },
      }),
    );
    fake.override = () => undefined;
    await client.close();
    for (const endpoint of [`https://${encodeURIComponent(CANARY)}@host`, 'http://10.0.0.1', 'ws://localhost']) {
      await expectFailure(async () => make({ endpoint }));
    }
    await tls.close();
    await new Promise<void>((resolve) => silent.close(() => resolve()));
  });

  it('0 hits over at least 40 failures, and the search itself works', () => {
    assert.ok(failures >= 40, String(failures));
    assert.ok(lines.length >= 40);
    assert.deepEqual(leaks(), []);
    seen.push({ positive: Buffer.from(`user:${CANARY}`).toString('base64') });
    assert.notDeepEqual(leaks(), []);
  });
});
