/** Long runs that both tiers of tests make, in different sizes: many bad frames, many cuts of the link. */

import assert from 'node:assert/strict';
import { createV3Client } from '../../src/client/create-client.ts';
import { JobStatus, MessageType } from '../../src/client/v3/gen/api_hub_pb.js';
import { drive, fastClock, outcome } from './v1-drive.ts';
import { HUB_KEY, V3Hub } from './v3-hub.ts';
import { malformedFrame, randomFrom } from './v3-malformed.ts';

/** Sends bad frames between good messages of one turn: every good one arrives, the link stays, nothing is thrown. */
export async function runMalformed(count: number, seed: number): Promise<void> {
  const random = randomFrom(seed);
  const hub = new V3Hub();
  hub.responseHeaders = { ...hub.responseHeaders, 'grpc-encoding': 'gzip' };
  await hub.listen();
  const client = await createV3Client({ endpoint: hub.url, apiKey: HUB_KEY, protocol: 'v3' });
  try {
    const session = hub.sessions.get((await client.createSession({})).id);
    assert.ok(session !== undefined);
    hub.onPrompt = () => undefined;
    const turn = drive(client, session.id, 'hello');
    while (hub.links[0]?.watching.size !== 1 || session.log.length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    const [link] = hub.links;
    for (let sent = 0; sent < count; sent += 1) {
      link?.raw(malformedFrame(random, session.id));
      if (sent % 100 !== 99) continue;
      hub.say(session, MessageType.THOUGHT, `good ${sent}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    hub.say(session, MessageType.RESPONSE, 'done');
    hub.status(session, JobStatus.COMPLETED);
    await turn.done;
    assert.equal(outcome(turn.events), 'completed', `seed ${seed}`);
    const said = new Set(turn.events.flatMap((event) => (event.type === 'message' ? [event.message.id] : [])));
    for (const { id, content } of session.log) assert.ok(said.has(id), `${content} arrived, seed ${seed}`);
    assert.equal(hub.asked('registerRequest').length, 1, 'one link from the first to the last frame');
    assert.equal(
      turn.events.filter((event) => event.type === 'notice' && /could not be read/.test(event.text)).length,
      1,
    );
  } finally {
    await client.close();
    await hub.stop();
  }
}

/** Cuts the link once or twice in each of `count` turns, each time at another message and in another way to replay. */
export async function runCuts(count: number, seed: number): Promise<void> {
  const random = randomFrom(seed);
  const hub = new V3Hub();
  await hub.listen();
  const client = await createV3Client({
    endpoint: hub.url,
    apiKey: HUB_KEY,
    protocol: 'v3',
    clock: fastClock(50),
    random,
  });
  const steps = 10;
  try {
    for (let round = 0; round < count; round += 1) {
      const session = hub.sessions.get((await client.createSession({})).id);
      assert.ok(session !== undefined);
      hub.replay = (['after', 'inclusive', 'all'] as const)[round % 3] ?? 'after';
      const cutsAt = new Set([round % steps, Math.floor(random() * steps)]);
      hub.onPrompt = (at) => {
        let step = 0;
        const next = (): void => {
          if (cutsAt.has(step)) hub.cut();
          step += 1;
          hub.say(at, step <= steps ? MessageType.THOUGHT : MessageType.RESPONSE, `step ${step}`);
          if (step <= steps) setImmediate(next);
          else hub.status(at, JobStatus.COMPLETED);
        };
        next();
      };
      const text = `round ${round}`;
      const turn = drive(client, session.id, text);
      await turn.done;
      const where = `${text}, seed ${seed}, replay ${hub.replay}, cut at ${[...cutsAt].join(' and ')}`;
      assert.equal(outcome(turn.events), 'completed', where);
      const said = turn.events.flatMap((event) => (event.type === 'message' ? [event.message.id] : []));
      assert.deepEqual(
        said,
        session.log.map((message) => message.id),
        where,
      );
      assert.equal(hub.prompts().filter((prompt) => prompt === text).length, 1, where);
    }
  } finally {
    await client.close();
    await hub.stop();
  }
}
