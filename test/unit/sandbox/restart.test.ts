import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  call,
  cleanUp,
  Conductor,
  engineOf,
  history,
  KEY,
  ManualClock,
  op,
  register,
  says,
  session,
  start,
  stream,
  temporaryFolder,
  thinking,
} from './support.ts';
import { adopt, killAll, MAIN, startProcess } from './hostile.ts';

describe('sandbox, restart', () => {
  afterEach(cleanUp);

  it('keeps sessions, files, history, reports and logs', async () => {
    const stateFile = join(temporaryFolder(), 'state');
    const engine = new Conductor();
    engine.play(says('the answer'));
    const first = await start({ stateFile, answer: engine.answer });
    const id = await register(first, { name: 'kept ✓' });
    const gone = await register(first);
    await op(first, '/v1/session/delete', { ...(await session(first, gone)) });
    for (const [name, content] of [
      ['a.txt', 'YQ=='],
      ['empty', ''],
      ['b.txt', 'Yg=='],
    ]) {
      await op(first, '/v1/session/attach_file', { session_id: id, filename: name, content });
    }
    await op(first, '/v1/session/detach_file', { session_id: id, file_idx: 0 });
    await op(first, '/v1/session/feedback', { session_id: id, type: 'bug_report', score: 0, comment: 'it broke' });
    const hash = 'a'.repeat(64);
    await call(first, `/create_logs_table?logs_hash=${hash}`, {});
    await call(first, '/upload_logs', { logs_hash: hash, log_lines: ['{"a":1}'], can_log: true });
    await op(first, `/v1/session/attach_logs?session_id=${id}&logs_hash=${hash}`, {});
    await call(first, '/v1/session/generate', { id, messages: [{ message_type: 'query', content: 'x' }] });
    const before = await session(first, id);
    await first.close();

    const second = await start({ stateFile, answer: engine.answer });
    assert.deepEqual(await session(second, id), before);
    assert.equal(await session(second, gone), null);
    await call(second, '/v1/session/generate', { id, messages: [{ message_type: 'query', content: 'y' }] });
    const context = engine.contexts.at(-1);
    assert.deepEqual(
      context?.files.map(({ name, bytes }) => [name.replace(/[0-9a-f]{8}/, 'HASH'), Buffer.from(bytes).toString()]),
      [
        ['empty', ''],
        ['b.txt', 'b'],
        ['attached-log-HASH.jsonl', '{"a":1}\n'],
      ],
    );
    assert.equal(context?.reports?.[0]?.comment, 'it broke');
    assert.deepEqual(context?.earlierPrompts, ['x']);
  });

  it('stays as it is when the file is written anew without what was deleted', async () => {
    const stateFile = join(temporaryFolder(), 'state');
    const engine = new Conductor();
    const sandbox = await start({ stateFile, answer: engine.answer });
    const id = await register(sandbox);
    const content = Buffer.alloc(3 * 1024 * 1024, 'log line\n').toString('base64');
    await op(sandbox, '/v1/session/feedback', { session_id: id, type: 'bug_report', score: 0, comment: 'kept' });
    const listener = await stream(sandbox, id);
    listener.ask('unfinished');
    engine.play(thinking('so far'));
    await listener.until((message) => message['content'] === 'so far');
    const sizes: number[] = [];
    for (let i = 0; i < 6; i++) {
      await op(sandbox, '/v1/session/attach_file', { session_id: id, filename: `${i}.log`, content });
      await op(sandbox, '/v1/session/detach_file', { session_id: id, file_idx: 0 });
      sizes.push(statSync(stateFile).size);
    }
    assert.ok(Math.max(...sizes) < 10 * 1024 * 1024, `written anew: ${sizes.join()}`);
    await op(sandbox, '/v1/session/attach_file', { session_id: id, filename: 'last.txt', content: 'YQ==' });
    const before = await session(sandbox, id);
    await sandbox.close();
    const again = await start({ stateFile, answer: engine.answer });
    engine.play(says('done'));
    const [turn] = again.store.sessions().flatMap((one) => again.turns.of(one));
    await turn?.ended;
    const after = await session(again, id);
    assert.deepEqual(after?.['files'], before?.['files']);
    const contents = (await history(again, id)).map((message) => message['content']);
    assert.deepEqual(contents, ['unfinished', 'Reading the question.', 'Transfer', 'so far', 'done', 'Done']);
    assert.equal(engine.contexts.at(-1)?.reports?.[0]?.comment, 'kept');
  });

  it('keeps the key out of the state of a plain process', async () => {
    const stateFile = join(temporaryFolder(), 'state');
    const sandbox = await start({ stateFile, users: [{ key: 'a-very-secret-key' }] });
    await register(sandbox, {}, 'a-very-secret-key');
    await sandbox.close();
    assert.ok(!readFileSync(stateFile).includes('a-very-secret-key'));
  });

  it('goes on with a turn where it was cut short: nothing said twice, no tool called twice', async () => {
    const stateFile = join(temporaryFolder(), 'state');
    const clock = new ManualClock();
    const conducts: Conductor[] = [];
    const answer = engineOf(async function* (prompt, context) {
      yield thinking('before the tool');
      const reply = await context.callTool?.('add', { a: 1 });
      yield thinking(`the tool said ${reply?.text}`);
      const conductor = conducts.at(-1);
      assert.ok(conductor !== undefined);
      yield* conductor.answer(prompt, context);
    });
    conducts.push(new Conductor());
    const first = await start({ stateFile, answer, clock });
    const id = await register(first, { local_tools: [{ name: 'add', description: 'adds', parameters: {} }] });
    const client = await stream(first, id);
    client.ask('question');
    await client.until(({ message_type }) => message_type === 'local_tool_call');
    client.send({ message_type: 'local_tool_result', content: '{"name":"add","output":"42"}' });
    const seen = await client.until(({ content }) => content === 'the tool said 42');
    await first.close();

    conducts.push(new Conductor());
    const second = await start({ stateFile, answer, clock });
    const back = await stream(second, id);
    clock.advance(300);
    conducts.at(-1)?.play(says('done'));
    const rest = await back.untilEnd();
    assert.ok(!rest.some(({ message_type }) => message_type === 'local_tool_call'), 'the tool is not called again');
    assert.deepEqual(
      seen.map(({ content }) => content),
      ['the tool said 42'],
    );
    const kept = await history(second, id);
    assert.deepEqual(
      kept.map(({ content }) => content),
      ['question', 'Reading the question.', 'Transfer', 'before the tool', 'the tool said 42', 'done', 'Done'],
    );
    assert.equal(new Set(kept.map((message) => message['id'])).size, kept.length);
    assert.deepEqual(
      rest.map(({ content }) => content),
      ['done', 'Done'],
    );
    await second.close();

    const third = await start({ stateFile, answer, clock });
    assert.equal(third.turns.count, 0);
    assert.deepEqual(await history(third, id), kept);
  });

  it('repeats the end of a turn that was over to a client that the restart cut off', async () => {
    const stateFile = join(temporaryFolder(), 'state');
    const engine = new Conductor();
    engine.play(says('done'));
    const clock = new ManualClock();
    const first = await start({ stateFile, answer: engine.answer, clock });
    const id = await register(first);
    const client = await stream(first, id);
    client.ask('question');
    const end = (await client.untilEnd()).at(-1);
    await first.close();
    const second = await start({ stateFile, answer: engine.answer, clock });
    const back = await stream(second, id);
    clock.advance(1000);
    assert.deepEqual(await back.next(), end);
  });

  it('asks again, by the same id, what had not been answered', async () => {
    const stateFile = join(temporaryFolder(), 'state');
    const clock = new ManualClock();
    const answer = engineOf(async function* (_, { callTool }) {
      yield says((await callTool?.('add', {}))?.text ?? 'nothing');
    });
    const first = await start({ stateFile, answer, clock });
    const id = await register(first, { local_tools: [{ name: 'add', description: 'adds', parameters: {} }] });
    const client = await stream(first, id);
    client.ask('question');
    const call = (await client.until(({ message_type }) => message_type === 'local_tool_call')).at(-1);
    await first.close();
    const second = await start({ stateFile, answer, clock });
    const back = await stream(second, id);
    clock.advance(300);
    const again = (await back.until(({ message_type }) => message_type === 'local_tool_call')).at(-1);
    assert.equal(again?.['id'], call?.['id']);
    back.send({ message_type: 'local_tool_result', content: '{"name":"add","output":"42"}' });
    assert.ok((await back.untilEnd()).some(({ content }) => content === '42'));
  });

  describe('of the process', () => {
    afterEach(killAll);

    it('prints one line, keeps nothing on disk, and ends on SIGTERM and SIGINT', async function () {
      this.timeout(30_000);
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const { child, line, endpoint } = await startProcess('--port', '0', '--api-key', KEY, '--api-key', 'other');
        assert.deepEqual(Object.keys(line), ['endpoint', 'apiKey']);
        assert.equal(line['apiKey'], KEY);
        assert.equal((await call({ endpoint }, '/v1/user/info', undefined, { 'x-api-key': 'other' })).status, 200);
        child.kill(signal);
        assert.deepEqual(await once(child, 'exit'), [0, null]);
      }
    });

    it('says what is wrong with its command line, without the key', async function () {
      this.timeout(30_000);
      for (const args of [
        ['--api-key', ''],
        ['--port', '99999', '--api-key', 'k3y'],
        ['--api-key', 'k3y', '--user', '{'],
        ['--nonsense'],
        [],
      ]) {
        const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
        adopt(child);
        let words = '';
        child.stderr.on('data', (piece) => (words += String(piece)));
        const [code] = (await once(child, 'close')) as [number];
        assert.equal(code, 2);
        assert.match(words, /Usage: /);
        assert.ok(!words.includes('k3y'));
      }
    });
  });
});
