/** Silence, sleep and stalls by a clock that the test moves (F05, F07, F22). */

import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { createV3Client } from '../../../src/client/create-client.ts';
import type { V3Client } from '../../../src/client/v3/client.ts';
import { JobStatus, MessageType } from '../../../src/client/v3/gen/api_hub_pb.js';
import { isSecGeminiError } from '../../../src/core/errors.ts';
import type { SessionEvent } from '../../../src/core/events.ts';
import { FakeClock, drive, outcome } from '../../fakes/v1-drive.ts';
import { HUB_KEY, type HubSession, V3Hub } from '../../fakes/v3-hub.ts';

describe('client v3: time', function () {
  this.timeout(20_000);
  let clock: FakeClock;
  let hub: V3Hub;
  let client: V3Client;
  let session: HubSession;

  const make = (endpoint: string): Promise<V3Client> =>
    createV3Client({ endpoint, apiKey: HUB_KEY, protocol: 'v3', clock, random: () => 0.2 });

  beforeEach(async () => {
    clock = new FakeClock();
    hub = new V3Hub();
    await hub.listen();
    client = await make(hub.url);
    const made = hub.sessions.get((await client.createSession({})).id);
    assert.ok(made !== undefined);
    session = made;
  });

  afterEach(async () => {
    await client.close();
    await hub.stop();
    // Closing leaves a last timer for a peer that takes no bytes; it is not there to be waited for.
    clock.advance(10_000);
  });

  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const until = async (test: () => boolean): Promise<void> => {
    while (!test()) await tick();
  };
  const states = (events: readonly SessionEvent[]): string[] =>
    events.flatMap((event) => (event.type === 'connection' ? [event.state] : []));
  const finish = (): void => {
    hub.say(session, MessageType.RESPONSE, 'The end');
    hub.status(session, JobStatus.COMPLETED);
  };

  it('notices a link that fell silent within 45 s and comes back (F05)', async () => {
    hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'one');
    const turn = drive(client, session.id, 'hello');
    await until(() => turn.events.some((event) => event.type === 'message' && event.message.content === 'one'));
    hub.answering = false;
    const since = clock.now();
    while (!states(turn.events).includes('reconnecting')) {
      clock.advance(1_000);
      for (let i = 0; i < 5; i += 1) await tick();
      assert.ok(clock.now() - since <= 45_000, 'found in time');
    }
    assert.equal(hub.asked('listSessionsRequest').length >= 1, true, 'it was asked for a sign of life');
    hub.answering = true;
    clock.advance(1_000);
    await until(() => states(turn.events).at(-1) === 'connected');
    finish();
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    assert.deepEqual(hub.prompts(), ['hello']);
  });

  it('decides within 10 s after the machine slept (F22)', async () => {
    hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'one');
    const turn = drive(client, session.id, 'hello');
    await until(() => turn.events.some((event) => event.type === 'message' && event.message.content === 'one'));
    hub.answering = false;
    clock.wallOffset += 3_600_000;
    clock.advance(20_000);
    for (let i = 0; i < 5; i += 1) await tick();
    assert.ok(!states(turn.events).includes('reconnecting'));
    clock.advance(8_000);
    await until(() => states(turn.events).includes('reconnecting'));
    hub.answering = true;
    clock.advance(1_000);
    await until(() => states(turn.events).at(-1) === 'connected');
    finish();
    await turn.done;
    assert.deepEqual(hub.prompts(), ['hello']);
  });

  it('gives a service up that accepts and says nothing (F07)', async () => {
    let accepted = 0;
    const silent = createServer((socket) => {
      accepted += 1;
      socket.resume();
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const waiting = await make(endpoint);
    const asked = waiting.account();
    const refused = assert.rejects(asked, (error) => isSecGeminiError(error, 'timeout'));
    const state = { over: false };
    void refused.finally(() => (state.over = true));
    await until(() => accepted === 1);
    while (!state.over) {
      for (let ticks = 0; ticks < 50; ticks += 1) await tick();
      clock.advance(1_000);
    }
    await refused;
    assert.ok(clock.now() <= 20_000);
    await waiting.close();
    await new Promise<void>((resolve) => silent.close(() => resolve()));
  });
});
