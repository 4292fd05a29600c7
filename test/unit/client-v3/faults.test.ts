/** What may go wrong on a v3 link, on loopback: the promise of each row of the fault matrix (F01–F31), nothing sent twice, nothing lost. */

import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { type ClientOptions, createV3Client } from '../../../src/client/create-client.ts';
import type { V3Client } from '../../../src/client/v3/client.ts';
import { frame } from '../../../src/client/v3/frames.ts';
import { JobStatus, MessageType, ServerMessageSchema } from '../../../src/client/v3/gen/api_hub_pb.js';
import { isSecGeminiError } from '../../../src/core/errors.ts';
import type { SessionEvent } from '../../../src/core/events.ts';
import { answers, deliveries, drive, fastClock, outcome } from '../../fakes/v1-drive.ts';
import { HUB_KEY, type HubSession, V3Hub } from '../../fakes/v3-hub.ts';

describe('client v3: faults', function () {
  this.timeout(20_000);
  let hub: V3Hub;
  let client: V3Client;
  let session: HubSession;

  const make = (more: Partial<ClientOptions> = {}): Promise<V3Client> =>
    createV3Client({
      endpoint: hub.url,
      apiKey: HUB_KEY,
      protocol: 'v3',
      clock: fastClock(20),
      random: () => 0.2,
      ...more,
    });

  beforeEach(async () => {
    hub = new V3Hub();
    await hub.listen();
    session = hub.session();
    client = await make();
  });

  afterEach(async () => {
    await client.close();
    await hub.stop();
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

  const cuts: Record<string, () => void> = {
    'the socket is cut (F01, F02)': () => hub.cut(),
    'the service ends the call with OK (F03)': () => hub.links[0]?.finish(0),
    'the service says UNAVAILABLE (F31)': () => hub.links[0]?.finish(14, 'restarting'),
    'the service says CANCELLED (F31)': () => hub.links[0]?.finish(1),
    'the service says DEADLINE_EXCEEDED (F31)': () => hub.links[0]?.finish(4),
    'the service says INTERNAL (F31)': () => hub.links[0]?.finish(13, 'oops'),
    'the stream is reset (F31)': () => hub.links[0]?.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
    'the stream is refused (F31)': () => hub.links[0]?.stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
    'GOAWAY without error (F31)': () => hub.links[0]?.stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR),
    'GOAWAY too_many_pings (F31)': () =>
      hub.links[0]?.stream.session?.goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings')),
    'bytes that are no gRPC (F13)': () => hub.links[0]?.raw(Buffer.from('HTTP/1.1 200 OK\r\n\r\n')),
  };
  for (const [what, cut] of Object.entries(cuts))
    for (const replay of ['after', 'inclusive', 'all'] as const)
      it(`goes on where it was, showing nothing twice (F14), when ${what}, replay ${replay}`, async () => {
        hub.replay = replay;
        hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'one');
        const turn = drive(client, session.id, 'hello');
        await until(() => turn.events.some((event) => event.type === 'message' && event.message.content === 'one'));
        const first = hub.links[0];
        cut();
        await until(() => hub.links[0] !== first);
        hub.say(session, MessageType.THOUGHT, 'two');
        finish();
        await turn.done;
        assert.equal(outcome(turn.events), 'completed');
        const said = turn.events.flatMap((event) => (event.type === 'message' ? [event.message.content] : []));
        assert.deepEqual(said, ['hello', 'one', 'two', 'The end']);
        assert.deepEqual(hub.prompts(), ['hello']);
        assert.deepEqual(states(turn.events), ['connecting', 'connected', 'reconnecting', 'connected']);
        const asked = hub.asked('streamMessagesRequest').at(-1)?.payload;
        const seen = session.log.find((message) => message.content === 'one');
        assert.equal(
          asked?.case === 'streamMessagesRequest' && asked.value.lastMessageId,
          seen?.id,
          'asked from there',
        );
      });

  for (const stored of [true, false])
    it(`never sends a prompt again whose answer was lost: ${stored ? 'it was' : 'it was not'} taken (F17)`, async () => {
      hub.intercept = (_link, message) => {
        if (message.payload.case !== 'promptRequest') return false;
        hub.intercept = () => false;
        hub.cut();
        if (stored) setTimeout(() => hub.take(session, 'hello'), 20);
        return true;
      };
      const turn = drive(client, session.id, 'hello');
      await turn.done;
      assert.deepEqual(hub.prompts(), ['hello']);
      if (stored) {
        assert.equal(outcome(turn.events), 'completed');
        assert.deepEqual(deliveries(turn.events), ['sent', 'delivered']);
        assert.deepEqual(answers(turn), ['Answer to: hello']);
      } else {
        assert.equal(outcome(turn.events), 'interrupted');
        assert.deepEqual(deliveries(turn.events), ['sent', 'unknown']);
      }
    });

  it('does not take an old prompt of the same text for the lost one', async () => {
    hub.say(session, MessageType.PROMPT, 'hello', { timestamp: 1_600_000_000 });
    hub.say(session, MessageType.RESPONSE, 'old answer', { timestamp: 1_600_000_001 });
    session.status = JobStatus.COMPLETED;
    hub.intercept = (_link, message) => {
      if (message.payload.case !== 'promptRequest') return false;
      hub.cut();
      return true;
    };
    const turn = drive(client, session.id, 'hello');
    await turn.done;
    assert.deepEqual(deliveries(turn.events), ['sent', 'unknown']);
    assert.equal(outcome(turn.events), 'interrupted');
  });

  it('sends the prompt once when the link comes up late (F06)', async () => {
    await hub.stop();
    const turn = drive(client, session.id, 'hello');
    await until(() => states(turn.events).filter((state) => state === 'reconnecting').length >= 3);
    await hub.listen();
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    assert.deepEqual(hub.prompts(), ['hello']);
  });

  it('stops waiting for a service that is away when told to', async () => {
    await hub.stop();
    const turn = drive(client, session.id, 'hello');
    await until(() => states(turn.events).includes('reconnecting'));
    turn.stop();
    assert.equal(outcome(await turn.done), 'stopped');
    assert.deepEqual(deliveries(turn.events), ['failed']);
    await hub.listen();
  });

  it('asks no more once the key was revoked (F30)', async () => {
    hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'one');
    const turn = drive(client, session.id, 'hello');
    await until(() => turn.events.some((event) => event.type === 'message' && event.message.content === 'one'));
    hub.key = 'another';
    hub.cut();
    await turn.done;
    const end = turn.events.at(-1);
    assert.ok(end?.type === 'turnEnd' && end.outcome === 'interrupted' && end.error?.code === 'unauthenticated');
    const tries = hub.asked('registerRequest').length;
    await assert.rejects(client.listSessions(), (error) => isSecGeminiError(error, 'unauthenticated'));
    assert.equal(hub.asked('registerRequest').length, tries);
    assert.equal(tries, 2);
  });

  for (const [status, code] of [
    [16, 'unauthenticated'],
    [7, 'permissionDenied'],
  ] as const)
    it(`takes gRPC status ${status} for ${code}, without another try (F04)`, async () => {
      hub.intercept = (link) => {
        link.finish(status, `no ${HUB_KEY}`);
        return true;
      };
      await assert.rejects(client.account(), (error) => {
        assert.ok(isSecGeminiError(error, code));
        assert.ok(!error.message.includes(HUB_KEY), 'the key is masked');
        return true;
      });
      await assert.rejects(client.account(), (error) => isSecGeminiError(error, code));
      assert.equal(hub.received.length, 1);
    });

  for (const [status, code] of [
    [302, 'protocol'],
    [401, 'unauthenticated'],
    [403, 'permissionDenied'],
    [404, 'protocol'],
    [429, 'rateLimited'],
    [503, 'unavailable'],
  ] as const)
    it(`takes HTTP ${status} for ${code} (F04)`, async () => {
      hub.responseHeaders = { ':status': status, 'content-type': 'text/html', location: 'https://evil.invalid/' };
      await assert.rejects(client.account(), (error) => isSecGeminiError(error, code));
    });

  it('waits as long as the service wants before it comes back (F04)', async () => {
    hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'one');
    const turn = drive(client, session.id, 'hello');
    await until(() => turn.events.some((event) => event.type === 'message' && event.message.content === 'one'));
    hub.responseHeaders = { ':status': 429, 'content-type': 'text/html', 'retry-after': '40' };
    hub.cut();
    await until(() => turn.events.some((event) => event.type === 'connection' && event.error?.code === 'rateLimited'));
    const told = turn.events.findLast((event) => event.type === 'connection');
    assert.ok(told?.type === 'connection' && (told.retryInMs ?? 0) >= 40_000, JSON.stringify(told));
    hub.responseHeaders = { ':status': 200, 'content-type': 'application/grpc+proto' };
    client.retryNow();
    await until(() => hub.links.some((link) => link.watching.size === 1));
    finish();
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
  });

  it('skips what cannot be unpacked or read, says so once, and goes on (F13, F31)', async () => {
    const message = (content: string): Uint8Array =>
      toBinary(
        ServerMessageSchema,
        create(ServerMessageSchema, {
          payload: {
            case: 'message',
            value: { id: content, sessionId: session.id, content, messageType: MessageType.THOUGHT },
          },
        }),
      );
    const flagged = (payload: Uint8Array): Uint8Array => {
      const bytes = frame(payload);
      bytes[0] = 1;
      return bytes;
    };
    hub.responseHeaders = { ...hub.responseHeaders, 'grpc-encoding': 'gzip' };
    hub.onPrompt = () => {
      const link = hub.links[0];
      link?.raw(flagged(Buffer.from('this is no gzip')));
      link?.raw(flagged(gzipSync(Buffer.alloc(40 * 1024 * 1024))));
      link?.raw(frame(Buffer.from([0xff, 0xff, 0xff, 0xff])));
      link?.raw(frame(Buffer.from('0a05abc', 'latin1')));
      link?.raw(flagged(gzipSync(message('packed'))));
      finish();
    };
    const turn = drive(client, session.id, 'hello');
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    const said = turn.events.flatMap((event) => (event.type === 'message' ? [event.message.content] : []));
    assert.deepEqual(said, ['hello', 'packed', 'The end']);
    assert.equal(turn.events.filter((event) => event.type === 'notice').length, 1);
    assert.deepEqual(states(turn.events), ['connecting', 'connected'], 'the link stays');
  });

  it('reads any cut of the bytes (F09)', async () => {
    hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'one');
    const turn = drive(client, session.id, 'hello');
    await until(() => hub.links[0]?.watching.size === 1 && session.log.length === 2);
    const [link] = hub.links;
    const [reqId = ''] = link?.watching.keys() ?? [];
    const content = '🔒 ünïcode 🔒'.repeat(20);
    const value = { id: 'sliced', sessionId: session.id, content, messageType: MessageType.THOUGHT };
    const bytes = frame(
      toBinary(ServerMessageSchema, create(ServerMessageSchema, { reqId, payload: { case: 'message', value } })),
    );
    for (const byte of bytes) {
      link?.raw(Buffer.from([byte]));
      await tick();
    }
    finish();
    await turn.done;
    assert.ok(turn.events.some((event) => event.type === 'message' && event.message.content === content));
  });

  it('looks at the list after 45 s of silence, and takes a lost end from it (F16)', async () => {
    hub.onPrompt = () => {
      // The end is stored, but never pushed.
      const watching = hub.links.map((link) => new Map(link.watching));
      hub.links.forEach((link) => link.watching.clear());
      finish();
      hub.links.forEach((link, index) => watching[index]?.forEach((id, reqId) => link.watching.set(reqId, id)));
    };
    const turn = drive(client, session.id, 'hello');
    await turn.done;
    assert.equal(outcome(turn.events), 'completed');
    assert.deepEqual(answers(turn), ['The end']);
  });

  it('keeps what is running apart from a link that flaps (F08)', async () => {
    const clock = fastClock(200);
    await client.close();
    client = await make({ clock, random: () => 1 });
    hub.onPrompt = () => undefined;
    let connects = 0;
    hub.intercept = (_link, message) => {
      if (message.payload.case === 'streamMessagesRequest') {
        connects += 1;
        if (connects > 1 && connects < 30) hub.cut();
        else if (connects >= 30) return false;
        return connects > 1;
      }
      return false;
    };
    const started = clock.now();
    const turn = drive(client, session.id, 'hello');
    await until(() => deliveries(turn.events).includes('delivered'));
    hub.cut();
    await until(() => connects >= 30 && hub.links[0]?.watching.size === 1);
    assert.ok(clock.now() - started >= 40_000, 'twenty connects a minute at most');
    finish();
    await turn.done;
    assert.deepEqual(hub.prompts(), ['hello']);
    assert.equal(outcome(turn.events), 'completed');
  });

  it('rejects what runs with cancelled when it is closed, and leaves nothing open', async () => {
    hub.onPrompt = () => hub.say(session, MessageType.THOUGHT, 'one');
    const turn = drive(client, session.id, 'hello');
    await until(() => turn.events.some((event) => event.type === 'message'));
    hub.intercept = () => true;
    const asked = client.listSessions();
    const rejected = assert.rejects(asked, (error) => isSecGeminiError(error, 'cancelled'));
    await tick();
    await client.close();
    await rejected;
    assert.equal(outcome(await turn.done), 'stopped');
    await until(() => hub.links.length === 0);
  });

  it('attaches nothing of a file that was cancelled or changed, however often', async () => {
    for (let round = 0; round < 10; round += 1) {
      const abort = new AbortController();
      const endless = {
        name: 'endless.bin',
        size: 100_000_000,
        async *open() {
          for (;;) yield Buffer.alloc(300_000);
        },
      };
      const options = {
        signal: abort.signal,
        onProgress: (sent: number) => void (sent > round * 600_000 && abort.abort()),
      };
      await assert.rejects(client.attach(session.id, endless, options), (error) =>
        isSecGeminiError(error, 'cancelled'),
      );
      for (const bytes of [9, 11]) {
        const changed = {
          name: 'changed.bin',
          size: 10,
          async *open() {
            yield Buffer.alloc(bytes);
          },
        };
        await assert.rejects(client.attach(session.id, changed), (error) => isSecGeminiError(error, 'invalidArgument'));
      }
    }
    const whole = {
      name: 'whole.bin',
      size: 10,
      async *open() {
        yield Buffer.alloc(10);
      },
    };
    await client.attach(session.id, whole);
    assert.equal(hub.uploads.filter((upload) => upload.whole).length, 1);
  });
});
