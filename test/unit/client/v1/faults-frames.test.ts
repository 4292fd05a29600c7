/** trust.md section 2 on loopback: what the wire may do to a turn, and what is promised then. Each test counts the prompts that arrived. */

import assert from 'node:assert/strict';
import type { ClientOptions } from '../../../../src/client/create-client.ts';
import type { V1Client } from '../../../../src/client/v1/client.ts';
import { FakeClock, answers, deliveries, drive, outcome, waitFor } from '../../../fakes/v1-drive.ts';
import { connectTo, finishTurn, hearQuery } from '../../../fakes/v1-faults.ts';
import { V1Fake, endMark, piece, wire } from '../../../fakes/v1-server.ts';
import { OP, frame } from '../../../fakes/v1-peer.ts';
import type { V1Peer } from '../../../fakes/v1-peer.ts';

describe('v1 under faults: what the frames say', function () {
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

  it('F09: one byte at a time, cuts inside characters', async () => {
    const text = 'naïve 🔐 “quotes” 漢字 \u{1F468}\u200D\u{1F469}\u200D\u{1F467}';
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(0);
    await hear(peer);
    const said = wire('result', text);
    const end = endMark();
    fake.keep(session, said, end);
    await peer.slices(frame(OP.text, JSON.stringify(said)));
    // And fragmented in the middle of a character, with a ping between the fragments.
    const bytes = Buffer.from(JSON.stringify(wire('thinking', text)));
    const at = bytes.indexOf(Buffer.from('🔐')) + 2;
    peer.raw(frame(OP.text, bytes.subarray(0, at), { fin: false }));
    peer.raw(frame(OP.ping, 'p'));
    peer.raw(frame(OP.continuation, bytes.subarray(at)));
    peer.text(end);
    await turn.done;
    assert.deepEqual(answers(turn), [text]);
    assert.equal(turn.state().messages.find((message) => message.kind === 'thinking')?.content, text);
  });

  const violations: readonly [string, () => Buffer[], RegExp][] = [
    ['F10: text that is not UTF-8', () => [frame(OP.text, Buffer.from([0x22, 0xff, 0xfe, 0x22]))], /not UTF-8/],
    ['F11: a message of 17 MiB', () => [frame(OP.text, Buffer.alloc(17 * 1024 * 1024, 0x20))], /larger than 16 MiB/],
    [
      'F12: fragments without end',
      () => [
        frame(OP.text, 'a', { fin: false }),
        Buffer.concat(Array.from({ length: 6000 }, () => frame(0, 'a', { fin: false }))),
      ],
      /too many fragments/,
    ],
    [
      'F12: a deflated frame nobody agreed on',
      () => [frame(OP.text, Buffer.alloc(64), { rsv1: true })],
      /broke the WebSocket protocol/,
    ],
    [
      'F12: a flood of pings',
      () => [Buffer.concat(Array.from({ length: 2000 }, () => frame(OP.ping, 'x')))],
      /flood of pings/,
    ],
  ];
  for (const [name, bytes, words] of violations) {
    it(`${name}: the connection ends with a notice, the turn goes on`, async () => {
      const turn = drive(client, session, 'hello');
      const first = await fake.peer(0);
      await hear(first);
      for (const chunk of bytes()) first.raw(chunk);
      finish(await fake.peer(1));
      const events = await turn.done;
      assert.equal(outcome(events), 'completed');
      const told = events.flatMap((event) =>
        event.type === 'notice' ? [event.text] : event.type === 'connection' ? [event.error?.message ?? ''] : [],
      );
      assert.ok(
        told.some((text) => words.test(text)),
        told.join(' | '),
      );
      assert.deepEqual(answers(turn), ['whole']);
      sentOnce();
    });
  }

  it('F11/F12: a peer that breaks the limits each time is given up with clear words', async () => {
    fake.onPeer = (peer) => {
      peer.accept();
      peer.raw(frame(OP.text, Buffer.from([0xff])));
    };
    const turn = drive(client, session, 'hello');
    const events = await turn.done;
    assert.equal(outcome(events), 'interrupted');
    assert.ok(fake.peers.length <= 4);
  });

  it('a last message that says "end" without being the end mark ends the turn when nothing follows it', async () => {
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(0);
    await hear(peer);
    const thought = wire('thinking', 'not the last', { state: 'end' });
    const result = wire('result', 'whole', { state: 'end' });
    fake.keep(session, thought, result);
    peer.text(thought);
    peer.text(result);
    assert.equal(outcome(await turn.done), 'completed');
    assert.deepEqual(answers(turn), ['whole']);
    sentOnce();
  });

  it('F13: what makes no sense is skipped, counted and told once; unknown kinds are kept', async () => {
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(0);
    await hear(peer);
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    for (const text of [
      '{',
      '[1,2]',
      'null',
      '42',
      '""',
      '{"message_type":"delete"}',
      '{"id":7,"message_type":"info"}',
      deep,
    ])
      peer.text(text);
    peer.raw(frame(OP.binary, Buffer.from([0, 1, 2])));
    peer.text({ ...wire('hologram', 'from the future'), state: 'dreaming', extra: { a: 1 } });
    peer.text('{"__proto__":{"polluted":1},"id":"p","message_type":"thinking","content":"x"}');
    finish(peer);
    const events = await turn.done;
    const notices = events.filter((event) => event.type === 'notice');
    assert.equal(notices.length, 1);
    assert.match(notices[0]?.text ?? '', /^9 messages .* skipped/);
    const odd = turn.state().messages.find((message) => message.content === 'from the future');
    assert.equal(odd?.kind, 'unknown');
    assert.equal(odd?.activity, 'dreaming');
    assert.deepEqual((odd?.raw as Record<string, unknown> | undefined)?.extra, { a: 1 });
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.deepEqual(answers(turn), ['whole']);
  });

  it('F14: replays of up to 50 messages change nothing, an earlier turn’s end among them', async () => {
    const old = [wire('query', 'before', { role: 'user' }), wire('result', 'old answer'), endMark()];
    fake.keep(session, ...old);
    const turn = drive(client, session, 'hello');
    const first = await fake.peer(0);
    await hear(first);
    const said = Array.from({ length: 40 }, (_, index) => wire('thinking', `t${index}`));
    fake.keep(session, ...said);
    for (const message of said) first.text(message);
    first.reset();
    const second = await fake.peer(1);
    for (const message of [...old.slice(1), ...said]) second.text(message);
    for (const message of said.slice(-7)) second.text(message);
    finish(second);
    await turn.done;
    const state = turn.state();
    assert.deepEqual(
      state.messages.filter((message) => message.kind === 'thinking').map((message) => message.content),
      said.map((message) => message.content),
    );
    assert.deepEqual(answers(turn), ['whole']);
    assert.equal(outcome(turn.events), 'completed');
    sentOnce();
  });

  it('F15: late and shuffled pieces do not disturb the whole', async () => {
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(0);
    await hear(peer);
    const pieces = ['one ', 'two ', 'three ', 'four'].map((text) => piece(text));
    for (const index of [1, 0, 3]) peer.text(pieces[index]);
    peer.text(wire('result', 'one two three four'));
    peer.text(pieces[2]);
    peer.text(pieces[0]);
    peer.text(endMark());
    await turn.done;
    assert.deepEqual(answers(turn), ['one two three four']);
    assert.equal(turn.state().messages.filter((message) => message.status === 'streaming').length, 0);
  });

  it('F15: pieces that share the id of the whole', async () => {
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(0);
    await hear(peer);
    for (const text of ['ha', 'ha', '!']) peer.text(piece(text, { id: 'same' }));
    await waitFor(() => answers(turn)[0] === 'haha!');
    peer.text(wire('result', 'haha!', { id: 'same' }));
    peer.text(endMark());
    await turn.done;
    assert.deepEqual(answers(turn), ['haha!']);
  });

  it('F16: pieces and no whole, nothing more in history: interrupted, partial kept and marked', async () => {
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(0);
    await hear(peer);
    peer.text(piece('half an ans'));
    await waitFor(() => answers(turn).length === 1);
    peer.reset();
    const events = await turn.done;
    assert.equal(outcome(events), 'interrupted');
    const partial = turn.state().messages.find((message) => message.kind === 'response');
    assert.equal(partial?.content, 'half an ans');
    assert.equal(partial?.status, 'interrupted');
    sentOnce();
  });

  it('F16: the last frame is lost and the connection stays: history ends the turn', async () => {
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(0);
    await hear(peer);
    peer.text(piece('who'));
    fake.keep(session, wire('result', 'whole'), endMark());
    assert.equal(outcome(await turn.done), 'completed');
    assert.deepEqual(answers(turn), ['whole']);
    assert.equal(fake.peers.length, 1);
  });

  it('F17: lost right after sending, stored: history says so and the answer is awaited', async () => {
    const turn = drive(client, session, 'hello');
    const first = await fake.peer(0);
    await hear(first, true);
    first.reset();
    finish(await fake.peer(1));
    const events = await turn.done;
    assert.equal(outcome(events), 'completed');
    assert.deepEqual(deliveries(events), ['sent', 'delivered']);
    sentOnce();
  });

  it('F17: lost right after sending, not stored: delivery unknown, never sent again', async () => {
    const turn = drive(client, session, 'hello');
    const first = await fake.peer(0);
    await hear(first, false);
    first.reset();
    const events = await turn.done;
    assert.equal(outcome(events), 'interrupted');
    assert.deepEqual(deliveries(events), ['sent', 'unknown']);
    sentOnce();
  });

  it('F22: after a sleep the connection is probed at once and decided within 10 s', async () => {
    // Time stands still but for what the test moves, so that the gap is the only thing that can cause the ping.
    const clock = new FakeClock();
    await client.close();
    client = connect({ clock });
    const turn = drive(client, session, 'hello');
    const first = await fake.peer(0);
    first.pongs = false;
    await hear(first);
    await waitFor(() => deliveries(turn.events).includes('sent'));
    clock.wallOffset += 3_600_000;
    clock.advance(5_000);
    await first.until(() => first.pingsSeen === 1);
    clock.advance(10_000);
    await waitFor(() => turn.events.some((event) => event.type === 'connection' && event.state === 'reconnecting'));
    clock.advance(1);
    finish(await fake.peer(1));
    assert.equal(outcome(await turn.done), 'completed');
    sentOnce();
  });

  it('F29: a wall clock that jumps by a day either way costs a ping and nothing else', async () => {
    const clock = new FakeClock();
    await client.close();
    client = connect({ clock });
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(0);
    await hear(peer);
    await waitFor(() => deliveries(turn.events).includes('sent'));
    for (const jump of [86_400_000, -172_800_000]) {
      clock.wallOffset += jump;
      const seen = peer.pingsSeen;
      clock.advance(5_000);
      await peer.until(() => peer.pingsSeen === seen + 1);
      const mark = wire('thinking', `after ${jump}`);
      peer.text(mark);
      await waitFor(() => turn.state().messages.some((message) => message.id === mark.id));
    }
    finish(peer);
    assert.equal(outcome(await turn.done), 'completed');
    assert.equal(fake.peers.length, 1);
  });

  it('F30: a key revoked in mid-turn ends it once, without another try with the bad key', async () => {
    fake.onPeer = (peer, number) => (number === 0 ? peer.accept() : peer.refuse(401));
    const turn = drive(client, session, 'hello');
    const first = await fake.peer(0);
    await hear(first);
    first.reset();
    const events = await turn.done;
    const last = events.at(-1);
    assert.ok(last?.type === 'turnEnd' && last.error?.code === 'unauthenticated');
    assert.equal(fake.peers.length, 2);
    sentOnce();
  });

  it('Stop ends the turn here at once; what comes late is no part of the next turn', async () => {
    const stopped = drive(client, session, 'first');
    const first = await fake.peer(0);
    const query = await hear(first);
    first.text(wire('thinking', 'still working', { parent_id: query.id }));
    await waitFor(() => stopped.state().messages.some((message) => message.kind === 'thinking'));
    stopped.stop();
    assert.equal(outcome(await stopped.done), 'stopped');
    const next = drive(client, session, 'second');
    const second = await fake.peer(1);
    const other = await hear(second);
    second.text(wire('result', 'late answer to the first', { parent_id: query.id, group: 'g1' }));
    second.text(endMark({ parent_id: query.id, group: 'g1' }));
    second.text(wire('result', 'answer to the second', { parent_id: other.id, group: 'g2' }));
    second.text(endMark({ parent_id: other.id, group: 'g2' }));
    assert.equal(outcome(await next.done), 'completed');
    assert.deepEqual(answers(next), ['late answer to the first', 'answer to the second']);
  });

  it('turns that share a group or hang on each other’s messages are told apart by their ends', async () => {
    let last = '3713';
    for (const text of ['one', 'two', 'three']) {
      const turn = drive(client, session, text);
      const peer = await fake.peer(fake.peers.length);
      await hear(peer);
      const said = wire('result', `answer to ${text}`, { parent_id: last, group: 'always the same' });
      const end = endMark({ parent_id: said.id, group: 'always the same' });
      last = String(end.id);
      peer.text(said);
      peer.text(end);
      assert.equal(outcome(await turn.done), 'completed');
      assert.deepEqual(answers(turn), [`answer to ${text}`]);
      assert.deepEqual(deliveries(turn.events), ['sent', 'delivered']);
    }
  });

  it('closing the client ends every turn', async () => {
    const turn = drive(client, session, 'hello');
    await hear(await fake.peer(0));
    await client.close();
    assert.equal(outcome(await turn.done), 'stopped');
  });

  it('a local tool is refused on the same socket, once, and not shown', async () => {
    const turn = drive(client, session, 'hello');
    const peer = await fake.peer(0);
    await hear(peer);
    const call = wire('local_tool_call', '{"tool_name":"read_file","tool_args":{"path":"/etc/passwd"}}');
    peer.text(call);
    peer.text(call);
    const answer = await peer.next();
    assert.equal(answer.message_type, 'local_tool_result');
    assert.equal(answer.role, 'user');
    assert.equal(answer.mime_type, 'text/serialized-json');
    assert.deepEqual(JSON.parse(String(answer.content)), {
      name: 'read_file',
      output: 'This client does not offer that tool.',
      is_error: true,
    });
    finish(peer);
    await turn.done;
    assert.equal(peer.texts.length, 2);
    assert.ok(!turn.state().messages.some((message) => message.kind === 'toolCall'));
  });
});
