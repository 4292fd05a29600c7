import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { JobStatus } from '../../../src/client/v3/gen/api_hub_pb.js';
import { cleanUp, Conductor, says, start, temporaryFolder, thinking } from '../sandbox/support.ts';
import { join } from 'node:path';
import { closeAll, kindsOf, Peer } from './support.ts';

/** A session with one turn that has said `thoughts` thoughts and its answer. */
async function talked(thoughts: number): Promise<{ peer: Peer; id: string; conductor: Conductor; ids: string[] }> {
  const conductor = new Conductor();
  conductor.play(...Array.from({ length: thoughts }, (_, at) => thinking(`thought ${at}`)), says('done'));
  const sandbox = await start({ answer: conductor.answer });
  const peer = await Peer.of(sandbox);
  const id = await peer.create();
  await peer.prompt(id, 'one');
  await peer.status(id, JobStatus.COMPLETED);
  return { peer, id, conductor, ids: (await peer.history(id)).map((message) => message.id) };
}

describe('sandbox, v3 streams', function () {
  this.timeout(30_000);
  afterEach(closeAll);
  afterEach(cleanUp);

  it('replays from the named message on, that one included, and tells the present state after it', async () => {
    const { peer, id, ids } = await talked(5);
    for (const [at, last] of ids.entries()) {
      const reqId = peer.follow(id, last);
      await peer.until((message) => message.reqId === reqId && message.payload.case === 'sessionStateChange');
      assert.deepEqual(
        peer.messages(reqId).map((message) => message.id),
        ids.slice(at),
      );
      assert.equal(peer.seen(reqId).at(-1), '=COMPLETED');
    }
    const all = peer.follow(id, 'an-id-that-never-was');
    await peer.until((message) => message.reqId === all && message.payload.case === 'sessionStateChange');
    assert.equal(peer.messages(all).length, ids.length);
  });

  it('starts again for the same req_id, and goes on live', async () => {
    const { peer, id, ids, conductor } = await talked(2);
    const reqId = randomUUID();
    for (let round = 0; round < 2; round++) {
      const from = peer.all.length;
      peer.send({ case: 'streamMessagesRequest', value: { lastMessageId: ids.at(-1) ?? '' } }, id, reqId);
      await peer.until(({ payload }) => payload.case === 'sessionStateChange', from);
      assert.deepEqual(peer.seen(reqId, from), ['RESPONSE', '=COMPLETED']);
    }
    const from = peer.all.length;
    conductor.play(says('x'));
    await peer.prompt(id, 'two');
    await peer.status(id, JobStatus.COMPLETED, from);
    assert.equal(peer.seen(reqId, from).filter((kind) => kind === 'PROMPT').length, 1, 'one subscription, not two');
  });

  it('ends a stream by its session, and keeps the others of several, without a req_id', async () => {
    const { peer, id, conductor } = await talked(1);
    const stop = (): void => void peer.send({ case: 'stopStreamMessagesRequest', value: {} }, id);
    const one = peer.follow(id);
    const two = peer.follow(id);
    for (const reqId of [one, two])
      await peer.until((message) => message.reqId === reqId && message.payload.case === 'sessionStateChange');
    stop();
    await peer.ask({ case: 'getWhatsNewRequest', value: {} }, 'getWhatsNewResponse');
    let from = peer.all.length;
    await peer.prompt(id, 'two');
    await peer.status(id, JobStatus.COMPLETED, from);
    assert.deepEqual([peer.seen(one, from).length, peer.seen(two, from).length], [0, 0]);
    assert.equal(peer.seen('', from).filter((kind) => kind === 'PROMPT').length, 1);
    stop();
    conductor.play(says('x'));
    from = peer.all.length;
    await peer.prompt(id, 'three');
    await peer.status(id, JobStatus.COMPLETED, from);
    assert.ok(
      peer.seen('', from).every((kind) => kind.startsWith('=')),
      'only states, as on every connection of the account',
    );
  });

  it('answers requests in the middle of a long replay', async () => {
    const { peer, id } = await talked(3000);
    const from = peer.all.length;
    const reqId = peer.follow(id);
    await peer.until((message) => message.reqId === reqId, from);
    await peer.ask({ case: 'getWhatsNewRequest', value: {} }, 'getWhatsNewResponse');
    assert.ok(peer.messages(reqId).length < 3000, 'the answer did not wait for the replay');
    await peer.until((message) => message.reqId === reqId && message.payload.case === 'sessionStateChange', from);
    assert.equal(peer.messages(reqId).length, 3003);
  });

  it('tells the states of sessions that are not followed to every connection of the account', async () => {
    const { peer, id } = await talked(1);
    const from = peer.all.length;
    await peer.prompt(id, 'two');
    await peer.status(id, JobStatus.COMPLETED, from);
    assert.ok(
      peer.all.slice(from).every(({ reqId, payload }) => payload.case !== 'sessionStateChange' || reqId === ''),
    );
  });

  it('says that a session is gone: never there, or deleted while it is followed', async () => {
    const { peer, id } = await talked(1);
    for (const session of [randomUUID(), id]) {
      const reqId = peer.follow(session);
      if (session === id) {
        await peer.until((message) => message.reqId === reqId);
        assert.equal(
          (await peer.ask({ case: 'deleteSessionRequest', value: {} }, 'deleteSessionResponse', id)).success,
          true,
        );
      }
      await peer.until((message) => message.reqId === reqId && message.payload.case === 'sessionNotFound');
    }
    assert.equal((await peer.answer({ case: 'deleteSessionRequest', value: {} }, id)).case, 'sessionNotFound');
  });

  it('does not do the work of a known req_id twice: here, on the next connection, after a restart', async () => {
    const stateFile = join(temporaryFolder(), 'state');
    const conductor = new Conductor();
    conductor.play(says('x'));
    let sandbox = await start({ answer: conductor.answer, stateFile });
    let peer = await Peer.of(sandbox);
    const make = { case: 'createSessionRequest', value: { creationSource: 'test' } } as const;
    const add = { case: 'addMcpRequest', value: { name: 'mine', uri: 'https://mine.example.test/mcp' } } as const;
    const { sessionId } = await peer.ask(make, 'createSessionResponse', '', 'req-create');
    const { mcp } = await peer.ask(add, 'addMcpResponse', '', 'req-mcp');
    assert.equal(await peer.prompt(sessionId, 'one', {}, 'req-prompt'), true);
    await peer.status(sessionId, JobStatus.COMPLETED);
    for (const how of ['same', 'next', 'restart']) {
      if (how === 'next') peer = await Peer.of(sandbox);
      if (how === 'restart') {
        await sandbox.close();
        sandbox = await start({ answer: conductor.answer, stateFile });
        peer = await Peer.of(sandbox);
      }
      assert.equal((await peer.ask(make, 'createSessionResponse', '', 'req-create')).sessionId, sessionId, how);
      assert.equal((await peer.ask(add, 'addMcpResponse', '', 'req-mcp')).mcp?.id, mcp?.id, how);
      assert.equal(await peer.prompt(sessionId, 'one', {}, 'req-prompt'), true, how);
      assert.equal(
        (await peer.ask({ case: 'listSessionsRequest', value: {} }, 'listSessionsResponse')).sessions.length,
        1,
      );
      assert.deepEqual(kindsOf(await peer.history(sessionId)), ['PROMPT', 'SESSION_NAME', 'RESPONSE'], how);
    }
    // Deleting twice with one req_id is one success; with another it is a session that is not there.
    const remove = { case: 'deleteSessionRequest', value: {} } as const;
    assert.equal((await peer.ask(remove, 'deleteSessionResponse', sessionId, 'req-delete')).success, true);
    assert.equal((await peer.ask(remove, 'deleteSessionResponse', sessionId, 'req-delete')).success, true);
    assert.equal((await peer.answer(remove, sessionId)).case, 'sessionNotFound');
  });
});
