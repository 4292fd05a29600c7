import assert from 'node:assert/strict';
import {
  cleanUp,
  Conductor,
  connect,
  engineOf,
  history,
  KEY,
  ManualClock,
  op,
  register,
  says,
  sessionBody,
  start,
  stream,
  thinking,
} from './support.ts';

describe('sandbox, v1 stream', () => {
  afterEach(cleanUp);

  it('sends pieces only to who asked for them, then the whole', async () => {
    const engine = new Conductor();
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    const [asks, listens] = [await stream(sandbox, id, '&stream=true'), await stream(sandbox, id)];
    listens.send({ message_type: 'confirmation_response', content: 'yes' });
    asks.ask('question');
    const text = `${'wörd 🔒🔒 '.repeat(400)}end`;
    engine.play(says(text));
    const got = await asks.untilEnd();
    const pieces = got.filter((message) => message['status_code'] === 206);
    assert.ok(pieces.length > 10);
    assert.equal(pieces.map((message) => message['content']).join(''), text);
    for (const piece of pieces) assert.ok(String(piece['content']).isWellFormed());
    const whole = got.filter((message) => message['message_type'] === 'result' && message['status_code'] === 200);
    assert.deepEqual(
      whole.map((message) => message['content']),
      [text],
    );
    assert.ok(got.indexOf(whole[0] ?? {}) > got.indexOf(pieces.at(-1) ?? {}));
    const heard = await listens.untilEnd();
    assert.ok(heard.every((message) => message['status_code'] === 200));
    assert.ok((await history(sandbox, id)).every((message) => message['status_code'] === 200));
  });

  it('says not found for an unknown session, waits for the prompt, then closes', async () => {
    const clock = new ManualClock();
    const sandbox = await start({ clock });
    const listener = await stream(sandbox, 'none');
    const message = await listener.next();
    assert.equal(message['status_code'], 404);
    assert.match(String(message['status_message']), /not found/i);
    listener.ask('anyone there?');
    clock.advance(3000);
    assert.equal((await listener.closed).code, 4001);
  });

  it('refuses a wrong key before the upgrade', async () => {
    const sandbox = await start();
    const id = await register(sandbox);
    await assert.rejects(stream(sandbox, id, '', 'wrong'), /403/);
    await assert.rejects(connect(sandbox, `/v1/stream?session_id=${id}`), /403/);
    await assert.rejects(connect(sandbox, '/v1/other', { 'x-api-key': KEY }), /404/);
    const byHeader = await connect(sandbox, `/v1/stream?session_id=${id}`, { 'x-api-key': KEY });
    byHeader.socket.close();
    await byHeader.closed;
  });

  it('goes on without its client, who comes back and gets what it missed', async () => {
    const engine = new Conductor();
    const clock = new ManualClock();
    const sandbox = await start({ answer: engine.answer, clock });
    const id = await register(sandbox);
    const first = await stream(sandbox, id);
    first.ask('question');
    engine.play(thinking('one'));
    const before = await first.until((message) => message['content'] === 'one');
    first.socket.close();
    await first.closed;
    engine.play(thinking('two'), says('done'));
    const back = await stream(sandbox, id);
    clock.advance(300);
    const after = await back.untilEnd();
    const kept = await history(sandbox, id);
    assert.deepEqual([...before, ...after], kept.slice(1));
  });

  it('repeats the end to who comes when all is said, but not to who comes to ask', async () => {
    const engine = new Conductor();
    engine.play(says('done'));
    const clock = new ManualClock();
    const sandbox = await start({ answer: engineOf((prompt, context) => engine.answer(prompt, context)), clock });
    const id = await register(sandbox);
    const first = await stream(sandbox, id);
    first.ask('question');
    const turn = await first.untilEnd();
    first.socket.close();
    await first.closed;
    const late = await stream(sandbox, id);
    clock.advance(2000);
    assert.deepEqual(await late.next(), turn.at(-1));
    const asks = await stream(sandbox, id);
    asks.ask('another');
    const other = await asks.untilEnd();
    clock.advance(2000);
    assert.ok(!other.some((message) => message['id'] === turn.at(-1)?.['id']));
    assert.equal(other.filter((message) => message['state'] === 'end').length, 1);
  });

  it('does not end a new question with the end of one that was left', async () => {
    const engine = new Conductor();
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    const first = await stream(sandbox, id);
    first.ask('left alone');
    engine.play(thinking('one'));
    await first.until((message) => message['content'] === 'one');
    first.socket.close();
    await first.closed;
    const second = await stream(sandbox, id);
    const query = second.ask('new');
    // Both turns end now; the new client hears its own only.
    engine.play(says('done'));
    const got = await second.untilEnd();
    assert.deepEqual(
      new Set(got.filter((message) => message['message_type'] !== 'info').map((message) => message['parent_id'])),
      new Set([query]),
    );
    const kept = await history(sandbox, id);
    assert.equal(kept.filter((message) => message['state'] === 'end').length, 2);
  });

  it('lets two listen to one turn', async () => {
    const engine = new Conductor();
    const clock = new ManualClock();
    const sandbox = await start({ answer: engine.answer, clock });
    const id = await register(sandbox);
    const [one, two] = [await stream(sandbox, id), await stream(sandbox, id)];
    one.ask('question');
    engine.play(thinking('one'));
    await one.until((message) => message['content'] === 'one');
    // Only now is it sure that the second listens; what was said meanwhile is not lost for it.
    clock.advance(300);
    engine.play(says('done'));
    const [first, second] = [await one.untilEnd(), await two.untilEnd()];
    const kept = await history(sandbox, id);
    assert.deepEqual(second, kept.slice(1));
    assert.deepEqual(first, kept.slice(-first.length));
  });

  it('cuts the connection once when told to, and says the rest to who comes back', async () => {
    const engine = new Conductor();
    const clock = new ManualClock();
    const sandbox = await start({ answer: engine.answer, clock });
    const id = await register(sandbox);
    const first = await stream(sandbox, id);
    first.ask('x');
    engine.play(thinking('one'), { type: 'drop' }, thinking('two'), says('done'));
    assert.equal((await first.closed).code, 1006);
    const second = await stream(sandbox, id);
    clock.advance(300);
    const rest = await second.untilEnd();
    assert.deepEqual([...first.all, ...rest], (await history(sandbox, id)).slice(1));
  });

  it('answers a frame that is no message and goes on', async () => {
    const engine = new Conductor();
    engine.play(says('done'));
    const sandbox = await start({ answer: engine.answer });
    const listener = await stream(sandbox, await register(sandbox));
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
    for (const frame of [
      '{"a":',
      '[1,2,3]',
      '{}',
      '{"message_type":"hologram"}',
      '{"message_type":"result"}',
      // Kept, it would make the whole session unreadable for the official client.
      '{"message_type":"query","content":"x","mime_type":"text/x-unheard-of"}',
      deep,
      `[${'0,'.repeat(200_000)}0]`,
    ]) {
      listener.socket.send(frame);
      assert.equal((await listener.next())['status_code'], 422);
    }
    listener.ask('still there?');
    await listener.untilEnd();
  });

  it('sends no frame over 1 MiB unless it was asked for', async () => {
    const big = 'é"'.repeat(600_000);
    const sandbox = await start({
      answer: engineOf(async function* () {
        yield says(big);
      }),
    });
    const listener = await stream(sandbox, await register(sandbox));
    listener.ask('something');
    const [cut] = (await listener.untilEnd()).filter((message) => message['message_type'] === 'result');
    assert.ok(Buffer.byteLength(JSON.stringify(cut)) <= 1024 * 1024);
    assert.match(String(cut?.['content']), /Cut here: \d+ of 1200000 characters/);
    listener.ask('/demo big 3000');
    const [whole] = (await listener.untilEnd()).filter((message) => message['message_type'] === 'result');
    assert.equal(whole?.['content'], big);
  });

  it('tells listeners that their session was deleted, and stops its turn', async () => {
    const engine = new Conductor();
    const clock = new ManualClock();
    const sandbox = await start({ answer: engine.answer, clock });
    const id = await register(sandbox);
    const listener = await stream(sandbox, id);
    listener.ask('x');
    await engine.nextTurn();
    await op(sandbox, '/v1/session/delete', sessionBody({ id }));
    const gone = (await listener.until((message) => message['status_code'] === 404)).at(-1);
    assert.match(String(gone?.['status_message']), /not found/i);
    clock.advance(3000);
    assert.equal((await listener.closed).code, 4001);
    assert.equal(engine.contexts[0]?.signal.aborted, true);
    assert.equal(sandbox.turns.count, 0);
  });

  it('pings, and cuts who does not answer', async () => {
    const clock = new ManualClock();
    const sandbox = await start({ clock });
    const listener = await stream(sandbox, await register(sandbox));
    const pinged = new Promise((resolve) => listener.socket.once('ping', resolve));
    clock.advance(20_000);
    await pinged;
    listener.socket.pause();
    clock.advance(20_000);
    clock.advance(20_000);
    listener.socket.resume();
    assert.equal((await listener.closed).code, 1006);
  });
});
