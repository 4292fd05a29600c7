import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Sandbox } from '../../../src/sandbox/server.ts';
import { cleanUp, KEY, ManualClock, register, start } from '../sandbox/support.ts';
import { closeAll, Peer, ToolPeer } from './support.ts';

/** The status of a bare request with these headers. */
async function statusOf(sandbox: Sandbox, headers: Record<string, string>): Promise<number> {
  const session = connect(sandbox.endpoint);
  session.on('error', () => undefined);
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/secgemini.api_hub.ApiHub/Connect',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.on('error', () => undefined);
    stream.end();
    const [got] = (await once(stream, 'response')) as [{ ':status': number }];
    return got[':status'];
  } finally {
    session.destroy();
  }
}

describe('sandbox, v3 guard', function () {
  this.timeout(30_000);
  afterEach(closeAll);
  afterEach(cleanUp);

  it('refuses foreign hosts and every origin before the call', async () => {
    const sandbox = await start();
    assert.equal(await statusOf(sandbox, {}), 200);
    for (const authority of ['attacker.invalid', '0.0.0.0:1', '2130706433', 'localhost.', '127.0.0.1.nip.io'])
      assert.equal(await statusOf(sandbox, { ':authority': authority }), 403, authority);
    for (const origin of ['https://attacker.invalid', 'null', `http://127.0.0.1:${sandbox.port}`])
      assert.equal(await statusOf(sandbox, { origin }), 403, origin);
  });

  it('answers a wrong key, on both services and for files', async () => {
    const sandbox = await start();
    const peer = new Peer(sandbox);
    const answer = await peer.ask({ case: 'registerRequest', value: { apiKey: 'wrong' } }, 'registerResponse');
    assert.deepEqual([answer.success, answer.userId], [false, '']);
    assert.equal(await peer.ended, undefined);
    const tools = new ToolPeer(sandbox, 'editor', () => undefined, 'wrong');
    assert.equal((await tools.registered).success, false);
    const good = await Peer.of(sandbox);
    const id = await good.create();
    for (const key of ['wrong', ''])
      await assert.rejects(
        good.upload(id, 'a.txt', 'x', key),
        (error) => ConnectError.from(error).code === Code.Unauthenticated,
      );
  });

  it('ends a call that has not said a key within 5 seconds', async () => {
    const clock = new ManualClock();
    const sandbox = await start({ clock });
    const peer = new Peer(sandbox);
    peer.send({ case: 'listSessionsRequest', value: {} });
    // Whether the call has arrived shows in the clock: it waits for the key.
    while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(4_999);
    clock.advance(1);
    assert.equal(ConnectError.from(await peer.ended).code, Code.Unauthenticated);
    assert.equal(peer.all.length, 0, 'nothing is told before the key');
  });

  it('lets requests wait for a key that comes late', async () => {
    const sandbox = await start();
    const peer = new Peer(sandbox);
    const early = peer.send({ case: 'listSessionsRequest', value: {} });
    peer.send({ case: 'registerRequest', value: { apiKey: KEY } });
    await peer.until(({ reqId }) => reqId === early);
    assert.deepEqual(
      peer.all.map(({ payload }) => payload.case),
      ['registerResponse', 'listSessionsResponse'],
    );
  });

  it('keeps accounts apart', async () => {
    const sandbox = await start({ users: [{ key: KEY }, { key: 'second' }] });
    const [mine, other] = [await Peer.of(sandbox), await Peer.of(sandbox, 'second')];
    const id = await mine.create();
    assert.deepEqual(
      (await other.ask({ case: 'listSessionsRequest', value: {} }, 'listSessionsResponse')).sessions,
      [],
    );
    assert.equal((await other.answer({ case: 'deleteSessionRequest', value: {} }, id)).case, 'sessionNotFound');
    assert.match((await other.upload(id, 'a.txt', 'x', 'second')).errorMessage, /session not found/i);
    other.follow(id);
    await other.until(({ payload }) => payload.case === 'sessionNotFound' && payload.value.sessionId === id);
    assert.equal(await mine.prompt(id, 'hello'), true);
    // What was published may be read by anybody.
    const published = await mine.ask(
      { case: 'publishSessionPubliclyRequest', value: {} },
      'publishSessionPubliclyResponse',
      id,
    );
    assert.equal(published.success, true);
    const ask = { case: 'getPublicSessionRequest', value: { sessionId: id } } as const;
    assert.equal((await other.ask(ask, 'getPublicSessionResponse')).success, true);
    await mine.ask({ case: 'unpublishSessionRequest', value: {} }, 'unpublishSessionResponse', id);
    assert.equal((await other.ask(ask, 'getPublicSessionResponse')).success, false);
  });

  it('keeps sessions with the protocol that made them', async () => {
    const sandbox = await start();
    const old = await register(sandbox);
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    const { sessions } = await peer.ask({ case: 'listSessionsRequest', value: {} }, 'listSessionsResponse');
    assert.deepEqual(
      sessions.map(({ sessionId }) => sessionId),
      [id],
    );
    assert.equal(
      (await peer.answer({ case: 'renameSessionRequest', value: { name: 'x' } }, old)).case,
      'sessionNotFound',
    );
    const response = await fetch(`${sandbox.endpoint}/v1/session/list`, { headers: { 'x-api-key': KEY } });
    const listed = (await response.json()) as { id: string }[];
    assert.deepEqual(
      listed.map((session) => session.id),
      [old],
    );
  });

  it('says unimplemented for other paths, and ends a call whose client has said all', async () => {
    const sandbox = await start();
    const session = connect(sandbox.endpoint);
    const stream = session.request({ ':method': 'POST', ':path': '/no.such/Method' });
    stream.end();
    const [headers, flags] = (await once(stream, 'response')) as [Record<string, string>, number];
    assert.equal(headers['grpc-status'], '12');
    // A status in a head that something follows is none: grpcio then says UNKNOWN.
    assert.equal(flags & constants.NGHTTP2_FLAG_END_STREAM, constants.NGHTTP2_FLAG_END_STREAM);
    session.destroy();
    const peer = await Peer.of(sandbox);
    peer.send({ case: 'getWhatsNewRequest', value: {} });
    peer.end();
    assert.equal(await peer.ended, undefined);
    assert.equal(peer.all.at(-1)?.payload.case, 'getWhatsNewResponse');
  });
});
