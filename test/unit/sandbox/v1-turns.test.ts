import assert from 'node:assert/strict';
import {
  cleanUp,
  Conductor,
  engineOf,
  history,
  kinds,
  ManualClock,
  register,
  says,
  session,
  start,
  stream,
  thinking,
} from './support.ts';
import type { Fields } from './support.ts';

const tool = (name: string): Fields => ({
  name,
  description: 'a tool',
  parameters: { type: 'object', properties: {} },
});

describe('sandbox, v1 turns', () => {
  afterEach(cleanUp);

  it('says a block of text as what it is: Markdown that leaves it as it stands', async () => {
    const engine = new Conductor();
    const sandbox = await start({ answer: engine.answer });
    const listener = await stream(sandbox, await register(sandbox));
    listener.ask('a question');
    engine.play({ type: 'block', render: 'text', title: 'Text', content: '**not bold** ```' }, says('done'));
    const block = (await listener.untilEnd()).find(({ title }) => title === 'Text');
    assert.deepEqual(
      [block?.['mime_type'], block?.['content']],
      ['sec-gemini/markdown', '````\n**not bold** ```\n````'],
    );
  });

  it('plays a turn as the service does, and keeps it as it was said', async () => {
    const engine = new Conductor();
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    const listener = await stream(sandbox, id);
    const query = listener.ask('a question', { turn: 'turn-1' });
    engine.play(
      thinking('hm'),
      { type: 'toolCall', callId: 'c', name: 'inspect', args: { file: 'a' } },
      { type: 'toolResult', callId: 'c', name: 'inspect', text: 'nothing', isError: false },
      { type: 'block', render: 'table', title: 'T', content: '[]' },
      says('# The answer'),
    );
    const got = await listener.untilEnd();
    assert.deepEqual(kinds(got), [
      ...[
        'info/start',
        'info/running_agent',
        'thinking/thinking',
        'info/calling_tool',
        'info/tool_result',
        'info/generating',
      ],
      ...['result/answering', 'info/end'],
    ]);
    assert.equal(got[1]?.['content'], 'Transfer');
    assert.deepEqual(
      [got[3]?.['title'], got[3]?.['content'], got[4]?.['parent_id']],
      ['inspect', '{"file":"a"}', got[3]?.['id']],
    );
    assert.equal(got[5]?.['mime_type'], 'sec-gemini/table');
    assert.deepEqual([got[6]?.['content'], got[6]?.['mime_type']], ['# The answer', 'text/plain']);
    assert.equal(new Set(got.map((message) => message['id'])).size, got.length);
    for (const message of got) {
      assert.deepEqual(
        [message['status_code'], message['status_message'], message['turn'], message['group']],
        [200, 'OK', 'turn-1', got[0]?.['group']],
      );
      assert.deepEqual(Object.keys(message).sort(), [
        ...[
          'actor',
          'content',
          'created_at',
          'group',
          'icon',
          'id',
          'message_type',
          'mime_type',
          'parent_id',
          'role',
          'state',
          'status_code',
        ],
        ...['status_message', 'text_color', 'timestamp', 'title', 'turn', 'usage'],
      ]);
    }
    const kept = await history(sandbox, id);
    assert.equal(kept[0]?.['id'], query);
    assert.deepEqual(kept.slice(1), got);
    const known = new Set(['3713']);
    for (const message of kept) {
      assert.ok(known.has(String(message['parent_id'])), 'a parent that came before');
      known.add(String(message['id']));
    }
    const after = await session(sandbox, id);
    assert.deepEqual([after?.['turns'], after?.['num_messages'], after?.['state']], [1, kept.length, 'end']);
    const usage = after?.['usage'] as Fields;
    assert.ok(Number(usage['total_tokens']) > 0);
  });

  it('thinks at least once, and tells earlier prompts to the engine', async () => {
    const engine = new Conductor();
    engine.play(says('x'));
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    const listener = await stream(sandbox, id);
    listener.ask('first');
    const first = await listener.untilEnd();
    assert.ok(kinds(first).indexOf('thinking/thinking') > 0);
    listener.ask('second');
    const second = await listener.untilEnd();
    assert.deepEqual(
      engine.contexts.map(({ earlierPrompts }) => earlierPrompts),
      [[], ['first']],
    );
    assert.ok(!second.some((message) => first.some((other) => other['id'] === message['id'])));
  });

  it('works on a prompt once, however often it is sent', async () => {
    const engine = new Conductor();
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    const listener = await stream(sandbox, id);
    listener.ask('question', { id: 'same' });
    listener.ask('question', { id: 'same' });
    engine.play(says('done'));
    await listener.untilEnd();
    assert.deepEqual(engine.prompts, ['question']);
    assert.equal((await history(sandbox, id)).filter((message) => message['message_type'] === 'query').length, 1);
  });

  it('calls a tool of the client over the same socket', async () => {
    const sandbox = await start({
      answer: engineOf(async function* (_, { callTool, clientTools }) {
        const reply = await callTool?.('add', { a: 2 });
        yield says(JSON.stringify([clientTools, reply]));
      }),
    });
    const id = await register(sandbox, { local_tools: [tool('add')] });
    const replies: readonly (readonly [Fields, unknown])[] = [
      [
        { mime_type: 'text/serialized-json', content: '{"name":"add","output":"42"}' },
        { text: '42', isError: false },
      ],
      [
        { mime_type: 'text/serialized-json', content: '{"name":"add","output":"no","is_error":true}' },
        { text: 'no', isError: true },
      ],
      [
        { mime_type: 'text/serialized-json', content: "Tool 'add' execution failed: x", status_code: 500 },
        { text: "Tool 'add' execution failed: x", isError: true },
      ],
      [{ content: '{"name":"add","output":{"sum":42}}' }, { text: '{"sum":42}', isError: false }],
    ];
    const listener = await stream(sandbox, id);
    for (const [fields, wanted] of replies) {
      listener.ask('please');
      const call = (await listener.until((message) => message['message_type'] === 'local_tool_call')).at(-1);
      assert.deepEqual(JSON.parse(String(call?.['content'])), { tool_name: 'add', tool_args: { a: 2 } });
      listener.send({ message_type: 'local_tool_result', role: 'user', ...fields });
      const result = (await listener.untilEnd()).find((message) => message['message_type'] === 'result');
      assert.deepEqual(JSON.parse(String(result?.['content'])), [['add'], wanted]);
    }
    assert.ok(
      (await history(sandbox, id)).every((message) => !String(message['message_type']).startsWith('local_tool')),
    );
  });

  it('asks who comes next when the client leaves before its tool answered, and gives up in time', async () => {
    const clock = new ManualClock();
    const sandbox = await start({
      clock,
      answer: engineOf(async function* (_, { callTool }) {
        yield says(JSON.stringify(await callTool?.('add', {})));
      }),
    });
    const id = await register(sandbox, { ttl: 3600, local_tools: [tool('add')] });
    const first = await stream(sandbox, id);
    first.ask('please');
    const call = (await first.until((message) => message['message_type'] === 'local_tool_call')).at(-1);
    first.socket.terminate();
    await first.closed;
    const second = await stream(sandbox, id);
    clock.advance(300);
    const again = (await second.until((message) => message['message_type'] === 'local_tool_call')).at(-1);
    assert.equal(again?.['id'], call?.['id']);
    const ended = sandbox.store.sessions().flatMap((one) => sandbox.turns.of(one).map((turn) => turn.ended));
    clock.advance(6 * 60_000);
    assert.deepEqual(await Promise.all(ended), ['done']);
    const result = (await history(sandbox, id)).find((message) => message['message_type'] === 'result');
    assert.equal((JSON.parse(String(result?.['content'])) as Fields)['isError'], true);
  });

  it('waits for a confirmation', async () => {
    const sandbox = await start({
      answer: engineOf(async function* (_, { confirm }) {
        yield says(String((await confirm?.('scan', { host: 'example.com' }, 'Allow it?'))?.approved));
      }),
    });
    const id = await register(sandbox);
    const listener = await stream(sandbox, id);
    for (const [content, wanted] of [
      ['yes', 'true'],
      ['no', 'false'],
      ['perhaps', 'false'],
    ] as const) {
      listener.ask('scan');
      const request = (await listener.until((message) => message['message_type'] === 'confirmation_request')).at(-1);
      assert.match(String(request?.['content']), /Allow it\?/);
      listener.send({ message_type: 'confirmation_response', role: 'user', content, parent_id: request?.['id'] });
      const result = (await listener.untilEnd()).find((message) => message['message_type'] === 'result');
      assert.equal(result?.['content'], wanted);
    }
  });

  it('says errors with their status, and one end', async () => {
    const engine = new Conductor();
    engine.play({ type: 'fail', code: 429, message: 'Quota exceeded.' });
    const sandbox = await start({ answer: engine.answer });
    const listener = await stream(sandbox, await register(sandbox));
    listener.ask('x');
    const got = await listener.untilEnd();
    const error = got.find((message) => message['message_type'] === 'error');
    assert.deepEqual(
      [error?.['status_code'], error?.['status_message'], error?.['content']],
      [429, 'TOO_MANY_REQUESTS', 'Quota exceeded.'],
    );
    assert.ok(!got.some((message) => message['message_type'] === 'result'));
  });

  it('survives an engine that throws or says nothing', async () => {
    const sandbox = await start({
      answer: engineOf(async function* (prompt) {
        if (prompt === 'throw') throw new Error('broken');
        yield thinking('nothing to say');
      }),
    });
    const listener = await stream(sandbox, await register(sandbox));
    for (const prompt of ['throw', 'nothing']) {
      listener.ask(prompt);
      const got = await listener.untilEnd();
      assert.equal(got.find((message) => message['message_type'] === 'error')?.['status_code'], 500);
    }
  });

  it('refuses a ninth turn of one session at a time', async () => {
    const engine = new Conductor();
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    const listener = await stream(sandbox, id);
    for (let i = 0; i < 9; i++) listener.ask(`prompt ${i}`);
    const refused = (await listener.until((message) => message['message_type'] === 'error')).at(-1);
    assert.equal(refused?.['status_code'], 429);
    assert.equal((await history(sandbox, id)).filter((message) => message['message_type'] === 'query').length, 8);
  });
});
