import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  cleanUp,
  Conductor,
  call,
  ManualClock,
  op,
  register,
  session,
  sessionBody,
  start,
  stream,
  temporaryFolder,
} from './support.ts';
import type { Fields } from './support.ts';
import type { WebSocket } from 'ws';

/** Everything sent before has arrived. */
async function roundTrip(socket: WebSocket): Promise<void> {
  const back = once(socket, 'pong');
  socket.ping();
  await back;
}

describe('sandbox, time to live', () => {
  afterEach(cleanUp);

  it('forgets a session ttl seconds after its last update', async () => {
    const clock = new ManualClock();
    const sandbox = await start({ clock });
    const [short, long] = [await register(sandbox, { ttl: 300 }), await register(sandbox, { ttl: 900 })];
    clock.advance(299_999);
    assert.notEqual(await session(sandbox, short), null);
    clock.advance(1);
    assert.equal(await session(sandbox, short), null);
    assert.deepEqual(
      ((await call(sandbox, '/v1/session/list')).body as Fields[]).map(({ id }) => id),
      [long],
    );
    assert.equal((await op(sandbox, '/v1/session/update', sessionBody({ id: short }))).status_code, 404);
    assert.equal(
      (await op(sandbox, '/v1/session/attach_file', { session_id: short, filename: 'a', content: '' })).status_code,
      404,
    );
    const listener = await stream(sandbox, short);
    const message = await listener.next();
    assert.equal(message['status_code'], 404);
    assert.match(String(message['status_message']), /not found/i);
  });

  it('counts from each update', async () => {
    const clock = new ManualClock();
    const sandbox = await start({ clock });
    const id = await register(sandbox, { ttl: 300 });
    const touches: readonly (() => Promise<unknown>)[] = [
      () => op(sandbox, '/v1/session/update', sessionBody({ id, ttl: 300 })),
      () => op(sandbox, '/v1/session/attach_file', { session_id: id, filename: 'a', content: '' }),
      () => op(sandbox, '/v1/session/detach_file', { session_id: id, file_idx: 0 }),
    ];
    for (const touch of touches) {
      clock.advance(290_000);
      await touch();
    }
    const stored = await session(sandbox, id);
    assert.equal(stored?.['update_time'], clock.now() / 1000);
    clock.advance(300_000);
    assert.equal(await session(sandbox, id), null);
  });

  it('ends the turn and tells the listeners of a session that expires', async () => {
    const clock = new ManualClock();
    const engine = new Conductor();
    const sandbox = await start({ clock, answer: engine.answer });
    const listener = await stream(sandbox, await register(sandbox, { ttl: 300 }));
    listener.ask('x');
    await engine.nextTurn();
    const [turn] = sandbox.store.sessions().flatMap((one) => sandbox.turns.of(one));
    // In steps with time for the pongs: a connection that is cut could not be told.
    for (let i = 0; i < 15; i++) {
      clock.advance(19_000);
      await roundTrip(listener.socket);
      await roundTrip(listener.socket);
    }
    clock.advance(15_000);
    assert.equal(await turn?.ended, 'cancelled');
    assert.equal((await listener.until(({ message_type }) => message_type === 'error')).at(-1)?.['status_code'], 404);
  });

  it('stays forgotten after a restart, by the same clock', async () => {
    const clock = new ManualClock();
    const stateFile = `${temporaryFolder()}/state`;
    const first = await start({ clock, stateFile });
    const [short, long] = [await register(first, { ttl: 300 }), await register(first, { ttl: 900 })];
    await first.close();
    clock.advance(300_000);
    const second = await start({ clock, stateFile });
    assert.equal(await session(second, short), null);
    assert.notEqual(await session(second, long), null);
  });
});
