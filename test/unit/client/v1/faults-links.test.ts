/** trust.md section 2 on loopback: what the wire may do to a turn, and what is promised then. Each test counts the prompts that arrived. */

import assert from 'node:assert/strict';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { ClientOptions } from '../../../../src/client/create-client.ts';
import { createV1Client } from '../../../../src/client/v1/create.ts';
import type { V1Client } from '../../../../src/client/v1/client.ts';
import { answers, deliveries, drive, fastClock, outcome, waitFor } from '../../../fakes/v1-drive.ts';
import { connectTo, finishTurn, hearQuery } from '../../../fakes/v1-faults.ts';
import { FAKE_KEY, V1Fake, piece, wire } from '../../../fakes/v1-server.ts';
import { OP, frame } from '../../../fakes/v1-peer.ts';
import type { V1Peer } from '../../../fakes/v1-peer.ts';

describe('v1 under faults: links that break', function () {
  // Busy machines: a guard, not an expectation.
  this.timeout(20_000);
  let fake: V1Fake;
  let client: V1Client;
  let session: string;

  const connect = (options: Partial<ClientOptions> = {}): V1Client => connectTo(fake, options);

  beforeEach(async () => {
    fake = await V1Fake.start();
    client = connect();
    session = fake.addSession();
  });

  afterEach(async () => {
    await client.close();
    await fake.close();
  });

  const hear = (peer: V1Peer, keep = true): Promise<Record<string, unknown>> => hearQuery(fake, session, peer, keep);
  const finish = (peer: V1Peer, text = 'whole'): void => finishTurn(fake, session, peer, text);

  const sentOnce = (): void => assert.equal(fake.queries.length, 1, 'the prompt went out once');

  for (const [name, cut] of [
    [
      'F02: a reset in the middle of a frame',
      (peer: V1Peer) => {
        peer.raw(frame(OP.text, JSON.stringify(wire('result', 'x'.repeat(500)))).subarray(0, 90));
        setImmediate(() => peer.reset());
      },
    ],
    ['F03: a clean close 1000 before the end', (peer: V1Peer) => peer.close(1000)],
    ['F04: close 1012 (restart)', (peer: V1Peer) => peer.close(1012)],
    ['F04: close 1013 (try later)', (peer: V1Peer) => peer.close(1013)],
    ['F04: close 1011', (peer: V1Peer) => peer.close(1011)],
    ['F04: close 3000', (peer: V1Peer) => peer.close(3000)],
  ] as const) {
    it(`${name}: reconnects, listens, completes from history`, async () => {
      const turn = drive(client, session, 'hello');
      const first = await fake.peer(0);
      await hear(first);
      const early = wire('thinking', 'early');
      fake.keep(session, early);
      first.text(early);
      first.text(piece('who'));
      // Said while nobody was connected.
      const lost = wire('thinking', 'lost on the way');
      fake.keep(session, lost);
      cut(first);
      finish(await fake.peer(1));
      const events = await turn.done;
      assert.equal(outcome(events), 'completed');
      assert.deepEqual(
        turn
          .state()
          .messages.filter((message) => message.kind === 'thinking')
          .map((message) => message.content),
        ['early', 'lost on the way'],
      );
      assert.deepEqual(answers(turn), ['whole']);
      assert.deepEqual(deliveries(events), ['sent', 'delivered']);
      sentOnce();
    });
  }

  it('F03: a history that cannot be read any more is not asked for ever: the turn ends and says why', async () => {
    const turn = drive(client, session, 'hello');
    const first = await fake.peer(0);
    await hear(first);
    const early = wire('thinking', 'early');
    first.text(early);
    await waitFor(() => turn.events.some((event) => event.type === 'message'));
    fake.override = (request) => (request.path === '/v1/session/get' ? { status: 500, body: 'oops' } : undefined);
    first.close(1000);
    await fake.peer(1);
    const events = await turn.done;
    const last = events.at(-1);
    assert.ok(last?.type === 'turnEnd' && last.outcome === 'interrupted');
    assert.equal(last.error?.code, 'unavailable');
    const asked = fake.requests.filter((request) => request.path === '/v1/session/get').length;
    assert.ok(asked > 1 && asked < 10, `${asked} times`);
    assert.ok(turn.state().messages.some((message) => message.content === 'early'));
    sentOnce();
  });

  it('F01: the server dies and comes back on the same port', async () => {
    const turn = drive(client, session, 'hello');
    const query = await hear(await fake.peer(0));
    const { port } = fake;
    const kept = fake.sessions;
    const before = fake.queries.length;
    await fake.close();
    fake = await V1Fake.start(undefined, port);
    for (const [id, value] of kept) fake.sessions.set(id, value);
    finish(await fake.peer(0));
    const events = await turn.done;
    assert.equal(outcome(events), 'completed');
    assert.deepEqual(answers(turn), ['whole']);
    assert.equal(before, 1);
    assert.deepEqual(fake.queries, [], `the prompt ${String(query.id)} did not go out again`);
    assert.ok(events.some((event) => event.type === 'connection' && event.state === 'reconnecting'));
  });

  for (const [code, expected] of [
    [1008, 'unauthenticated'],
    [4001, 'notFound'],
    [1009, 'tooLarge'],
  ] as const) {
    it(`F04: close ${code} is final (${expected})`, async () => {
      const turn = drive(client, session, 'hello');
      const peer = await fake.peer(0);
      await hear(peer);
      peer.close(code);
      const last = (await turn.done).at(-1);
      assert.ok(last?.type === 'turnEnd');
      assert.equal(last.error?.code, expected);
      assert.equal(fake.peers.length, 1, 'no second connection');
    });
  }

  it('F04: a handshake refused with 404 ends the session only where the service does not know it', async () => {
    fake.onPeer = (peer) => peer.refuse(404);
    const events = await drive(client, 'elsewhere', 'hello').done;
    const last = events.at(-1);
    assert.ok(last?.type === 'turnEnd' && last.error?.code === 'notFound');
    assert.ok(events.some((event) => event.type === 'status' && event.status === 'expired'));
    const known = await drive(client, session, 'hello').done;
    assert.ok(!known.some((event) => event.type === 'status' && event.status === 'expired'));
    assert.deepEqual(deliveries(known), ['failed']);
  });

  for (const [status, code] of [
    [400, 'invalidArgument'],
    [401, 'unauthenticated'],
    [403, 'unauthenticated'],
    // The session is there, as its history says.
    [404, 'protocol'],
    [426, 'protocol'],
    [301, 'protocol'],
    [302, 'protocol'],
    [307, 'protocol'],
    [308, 'protocol'],
  ] as const) {
    it(`F04: a handshake refused with ${status} ends the turn (${code}), once`, async () => {
      fake.onPeer = (peer) => peer.refuse(status, status < 400 ? { Location: 'http://127.0.0.1:1/elsewhere' } : {});
      const turn = drive(client, session, 'hello');
      const events = await turn.done;
      const last = events.at(-1);
      assert.ok(last?.type === 'turnEnd');
      assert.equal(last.outcome, 'failed');
      assert.equal(last.error?.code, code);
      assert.deepEqual(deliveries(events), ['failed']);
      assert.equal(fake.peers.length, 1);
    });
  }

  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    it(`F04: a handshake refused with ${status} is tried again`, async () => {
      fake.onPeer = (peer, number) => (number === 0 ? peer.refuse(status) : peer.accept());
      const turn = drive(client, session, 'hello');
      const peer = await fake.peer(1);
      await hear(peer);
      finish(peer);
      assert.equal(outcome(await turn.done), 'completed');
      sentOnce();
    });
  }

  it('F04: Retry-After is the least that is waited', async () => {
    fake.onPeer = (peer, number) => (number === 0 ? peer.refuse(429, { 'Retry-After': '7' }) : peer.accept());
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(1);
    await hear(peer);
    finish(peer);
    const events = await turn.done;
    const wait = events.find((event) => event.type === 'connection' && event.state === 'reconnecting');
    assert.ok(wait?.type === 'connection');
    assert.equal(wait.retryInMs, 7000);
    assert.equal(wait.error?.code, 'rateLimited');
  });

  it('F05: a peer that answers no ping is dropped, and the turn goes on elsewhere', async () => {
    const turn = drive(client, session, 'hello');
    const first = await fake.peer(0);
    first.pongs = false;
    await hear(first);
    finish(await fake.peer(1));
    const events = await turn.done;
    assert.equal(outcome(events), 'completed');
    assert.ok(first.pingsSeen >= 1);
    assert.ok(events.some((event) => event.type === 'connection' && event.error?.code === 'timeout'));
    sentOnce();
  });

  it('F06: nobody listens, then somebody does; "retry now" ends the wait', async () => {
    const { port } = fake;
    await fake.close();
    await client.close();
    client = createV1Client({
      endpoint: `http://127.0.0.1:${port}`,
      apiKey: FAKE_KEY,
      protocol: 'v1',
      // Full waits in real time: without the hook this would take far longer than mocha allows.
      random: () => 1,
      clock: {
        now: () => performance.now(),
        wall: () => Date.now(),
        after: (_ms, run) => {
          const timer = setTimeout(run, 3_600_000);
          return () => clearTimeout(timer);
        },
      },
    });
    const turn = drive(client, session, 'hello');
    const kept = fake.sessions;
    await waitFor(() => turn.events.some((event) => event.type === 'connection' && event.state === 'reconnecting'));
    fake = await V1Fake.start(undefined, port);
    for (const [id, value] of kept) fake.sessions.set(id, value);
    client.retryNow();
    const peer = await fake.peer(0);
    await hear(peer);
    finish(peer);
    const events = await turn.done;
    assert.equal(outcome(events), 'completed');
    const refused = events.find((event) => event.type === 'connection' && event.state === 'reconnecting');
    assert.ok(refused?.type === 'connection' && refused.error?.code === 'unavailable');
  });

  it('F06: a name that does not resolve is tried again until Stop', async () => {
    await client.close();
    client = createV1Client({
      endpoint: 'https://no-such-host.invalid',
      apiKey: FAKE_KEY,
      protocol: 'v1',
      clock: fastClock(),
      random: () => 0,
    });
    const turn = drive(client, session, 'hello');
    await waitFor(
      () => turn.events.filter((event) => event.type === 'connection' && event.state === 'reconnecting').length >= 2,
    );
    turn.stop();
    const events = await turn.done;
    assert.equal(outcome(events), 'stopped');
    assert.deepEqual(deliveries(events), ['failed']);
  });

  it('F07: a connection that is accepted and never answered is given up and tried again', async () => {
    let seen = 0;
    const silent = createTcpServer((socket) => {
      seen += 1;
      // Reads without answering, so that it sees the other side leave.
      socket.on('error', () => undefined).resume();
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const stuck = connect({ endpoint: `http://127.0.0.1:${port}`, timeouts: { handshakeMs: 50 } });
    const turn = drive(stuck, session, 'hello');
    await waitFor(() => seen >= 2);
    assert.ok(turn.events.some((event) => event.type === 'connection' && event.error?.code === 'timeout'));
    await stuck.close();
    assert.equal(outcome(await turn.done), 'stopped');
    await new Promise<void>((resolve) => silent.close(() => resolve()));
  });
});
