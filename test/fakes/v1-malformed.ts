/** Pours malformed frames and bodies over a client: shared by the short tier and the long one. */

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createV1Client } from '../../src/client/v1/create.ts';
import { SecGeminiError } from '../../src/core/errors.ts';
import { frameText } from './v1-arbitraries.ts';
import { answers, drive, fastClock, outcome } from './v1-drive.ts';
import { FAKE_KEY, V1Fake, endMark, wire } from './v1-server.ts';

/** Frames over a real socket, all in one turn; the turn must end well. Gives how many were sent. */
export async function pourFrames(count: number, seed: number): Promise<number> {
  const fake = await V1Fake.start();
  const client = createV1Client({ endpoint: fake.url, apiKey: FAKE_KEY, protocol: 'v1', clock: fastClock(1) });
  const session = fake.addSession();
  try {
    const turn = drive(client, session, 'pour');
    const peer = await fake.peer(0);
    await peer.next();
    let sent = 0;
    for (const text of fc.sample(frameText, { numRuns: count, seed })) {
      // What happens to be a well-formed end of the turn would end it: that is not what is tried here.
      if (/"state":"end"|"status_code":(?!20[06])|confirmation_request/.test(text)) continue;
      peer.text(text);
      sent += 1;
      if (sent % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    peer.text(wire('result', 'still here'));
    peer.text(endMark());
    assert.equal(outcome(await turn.done), 'completed');
    assert.equal(answers(turn).at(-1), 'still here');
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    return sent;
  } finally {
    await client.close();
    await fake.close();
  }
}

/** Bodies as the answers of every call; each call gives a value or a SecGeminiError. */
export async function pourBodies(count: number, seed: number): Promise<void> {
  const fake = await V1Fake.start();
  const client = createV1Client({ endpoint: fake.url, apiKey: FAKE_KEY, protocol: 'v1', logsService: fake.url });
  const statuses = [200, 200, 200, 200, 422, 500];
  const bodies = fc.sample(frameText, { numRuns: count, seed });
  let at = 0;
  fake.override = () => {
    at += 1;
    return { status: statuses[at % statuses.length] ?? 200, body: bodies[at % bodies.length] ?? '' };
  };
  const upload = {
    name: 'f',
    size: 1,
    async *open() {
      yield Buffer.from('x');
    },
  };
  const calls = [
    () => client.account(),
    () => client.listSessions(),
    () => client.getSession('s'),
    () => client.history('s'),
    () => client.createSession({}),
    () => client.updateSession('s', { name: 'n' }),
    () => client.deleteSession('s'),
    () => client.attach('s', upload),
    () => client.detach('s', 'x'),
    () => client.sendFeedback('s', 1, ''),
    () => client.attachLogs('s', upload),
    () => client.api.generate('s', {}),
  ];
  try {
    for (let round = 0; round * calls.length < count; round += 1) {
      for (const call of calls) {
        try {
          await call();
        } catch (error) {
          assert.ok(error instanceof SecGeminiError, String(error));
        }
      }
    }
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  } finally {
    await client.close();
    await fake.close();
  }
}
