/** What a hostile or confused service may pour onto a v3 link: bad text, floods, disorder, calls told twice. */

import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { createV3Client } from '../../../src/client/create-client.ts';
import type { V3Client } from '../../../src/client/v3/client.ts';
import { frame } from '../../../src/client/v3/frames.ts';
import { JobStatus, type Message, MessageType, ServerMessageSchema } from '../../../src/client/v3/gen/api_hub_pb.js';
import { answers, drive, fastClock, outcome, waitFor } from '../../fakes/v1-drive.ts';
import { HUB_KEY, type HubLink, type HubSession, V3Hub } from '../../fakes/v3-hub.ts';

const MIB = 1024 * 1024;

/** One PING of HTTP/2 that wants an answer. */
const PING = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);

describe('client v3: floods and disorder', function () {
  this.timeout(30_000);
  let hub: V3Hub;
  let client: V3Client;
  let session: HubSession;

  beforeEach(async () => {
    hub = new V3Hub();
    await hub.listen();
    session = hub.session();
    client = await createV3Client({
      endpoint: hub.url,
      apiKey: HUB_KEY,
      protocol: 'v3',
      clock: fastClock(20),
      random: () => 0.2,
    });
  });

  afterEach(async () => {
    await client.close();
    await hub.stop();
  });

  const finish = (): void => {
    hub.say(session, MessageType.RESPONSE, 'The end');
    hub.status(session, JobStatus.COMPLETED);
  };
  const framed = (id: string, content: string): Uint8Array => {
    const value = { id, sessionId: session.id, content, messageType: MessageType.THOUGHT };
    return frame(toBinary(ServerMessageSchema, create(ServerMessageSchema, { payload: { case: 'message', value } })));
  };

  it('skips text that is no UTF-8, says so, and goes on without a U+FFFD (F10)', async () => {
    hub.onPrompt = () => {
      const bytes = Buffer.from(framed('bad', 'caf\u00e9'));
      // The second byte of the last character.
      bytes[bytes.indexOf(0xc3) + 1] = 0x28;
      hub.links[0]?.raw(bytes);
      hub.links[0]?.raw(framed('good', 'caf\u00e9'));
      finish();
    };
    const turn = drive(client, session.id, 'hello');
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    const said = turn.events.flatMap((event) => (event.type === 'message' ? [event.message.content] : []));
    assert.deepEqual(said, ['hello', 'caf\u00e9', 'The end']);
    assert.equal(turn.events.filter((event) => event.type === 'notice').length, 1);
    assert.equal(hub.asked('registerRequest').length, 1);
  });

  it('puts 50,000 pieces of one byte together in bounded memory (F12)', async () => {
    const content = 'x'.repeat(50_000);
    hub.onPrompt = () => {
      const bytes = framed('sliced', content);
      for (let at = 0; at < bytes.length; at += 1) hub.links[0]?.raw(bytes.subarray(at, at + 1));
      finish();
    };
    const before = process.memoryUsage.rss();
    const turn = drive(client, session.id, 'hello');
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    assert.ok(turn.events.some((event) => event.type === 'message' && event.message.content === content));
    assert.ok(process.memoryUsage.rss() - before < 250 * MIB);
  });

  it('outlives 200,000 PINGs, by answering or by a new link, without sending the prompt again (F12)', async () => {
    hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'one');
    const turn = drive(client, session.id, 'hello');
    await waitFor(() => turn.events.some((event) => event.type === 'message' && event.message.kind === 'thinking'));
    const before = process.memoryUsage.rss();
    const thousand = Buffer.concat(Array.from({ length: 1_000 }, () => PING));
    for (let sent = 0; sent < 200; sent += 1) hub.wire(thousand);
    await client.listSessions().catch(() => client.listSessions());
    assert.ok(process.memoryUsage.rss() - before < 250 * MIB);
    await waitFor(() => hub.links.some((link) => link.watching.size === 1));
    finish();
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    assert.deepEqual(answers(turn), ['The end']);
    assert.deepEqual(hub.prompts(), ['hello']);
  });

  it('drops a service that floods with settings, and comes back (F12)', async () => {
    hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'one');
    const turn = drive(client, session.id, 'hello');
    await waitFor(() => turn.events.some((event) => event.type === 'message' && event.message.kind === 'thinking'));
    const first = hub.links[0];
    // More entries than one frame may have, again and again.
    const entries = Buffer.alloc(6 * 2_000);
    for (let at = 0; at < entries.length; at += 6) entries.set([0, 4, 0, 0, 255, 255], at);
    const head = Buffer.from([0, entries.length >> 8, entries.length & 255, 4, 0, 0, 0, 0, 0]);
    for (let sent = 0; sent < 100; sent += 1) hub.wire(Buffer.concat([head, entries]));
    await waitFor(() => hub.links.some((link) => link !== first && link.watching.size === 1));
    finish();
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    assert.deepEqual(hub.prompts(), ['hello']);
  });

  it('shows what arrives in its order, whatever the stamps say; the answer ends the turn, not what comes late (F15)', async () => {
    const stamps = [7, 2, 5, 1, 8, 3, 6, 4];
    hub.onPrompt = () => {
      for (const stamp of stamps)
        hub.say(session, MessageType.THOUGHT, `step ${stamp}`, { timestamp: 2_000_000_000 - stamp });
      hub.status(session, JobStatus.COMPLETED);
      hub.say(session, MessageType.RESPONSE, 'The end');
      hub.say(session, MessageType.THOUGHT, 'too late');
    };
    const turn = drive(client, session.id, 'hello');
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    const said = turn.state().messages.filter((message) => message.kind === 'thinking');
    assert.deepEqual(
      said.slice(0, 8).map((message) => message.content),
      stamps.map((stamp) => `step ${stamp}`),
    );
    assert.deepEqual(answers(turn), ['The end']);
    const history = await client.history(session.id);
    assert.deepEqual(
      history.map((message) => message.content),
      session.log.map((message) => message.content),
    );
  });

  it('gives what comes late for an ended subscription to no other of the session (F15)', async () => {
    const turn = drive(client, session.id, 'hello');
    await waitFor(() => hub.links[0]?.watching.size === 1);
    const [late = ''] = hub.links[0]?.watching.keys() ?? [];
    await turn.done;
    hub.intercept = (link, message) => {
      // Before the replay that is asked for now comes what the ended one still had on its way.
      if (message.payload.case === 'streamMessagesRequest')
        link.send(late, { case: 'message', value: session.log.at(-1) ?? {} });
      return false;
    };
    const history = await client.history(session.id);
    assert.deepEqual(
      history.map((message) => message.id),
      session.log.map((message) => message.id),
    );
  });

  it('leaves to a running turn what a history read beside it has seen first (F15)', async () => {
    let answer: Message | undefined;
    const watchers = new Map<HubLink, string[]>();
    hub.onPrompt = () => {
      hub.say(session, MessageType.THOUGHT, 'thinking');
      // The turn's own stream is slow: the history has the answer before it.
      for (const link of hub.links) {
        watchers.set(link, [...link.watching.keys()]);
        link.watching.clear();
      }
      answer = hub.say(session, MessageType.RESPONSE, 'The answer');
    };
    const turn = drive(client, session.id, 'hello');
    await waitFor(() => turn.state().messages.some((message) => message.content === 'thinking'));
    const history = await client.history(session.id);
    assert.equal(history.at(-1)?.content, 'The answer');
    for (const [link, reqIds] of watchers)
      for (const reqId of reqIds) {
        link.watching.set(reqId, session.id);
        link.send(reqId, { case: 'message', value: answer ?? {} });
      }
    hub.status(session, JobStatus.COMPLETED);
    await turn.done;
    assert.ok(
      turn.events.some((event) => event.type === 'message' && event.message.content === 'The answer'),
      'the turn has its answer',
    );
    assert.deepEqual(answers(turn), ['The answer']);
  });

  it('shows a tool call once, however often it is told (F18)', async () => {
    hub.replay = 'all';
    hub.onPrompt = () => {
      const call = hub.say(session, MessageType.TOOL_CALL, '{"host":"a"}', { title: 'dns_lookup' });
      hub.push(session, { case: 'message', value: call });
    };
    const turn = drive(client, session.id, 'hello');
    const calls = (): number => turn.state().messages.filter((message) => message.kind === 'toolCall').length;
    await waitFor(() => calls() === 1);
    const first = hub.links[0];
    hub.cut();
    await waitFor(() => hub.links.some((link) => link !== first && link.watching.size === 1));
    hub.say(session, MessageType.TOOL_RESULT, 'found');
    finish();
    await turn.done;
    assert.equal(calls(), 1);
    assert.equal(
      turn.events.filter((event) => event.type === 'message' && event.message.kind === 'toolCall').length,
      1,
    );
    assert.deepEqual(hub.prompts(), ['hello']);
  });
});
