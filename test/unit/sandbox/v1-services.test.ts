import assert from 'node:assert/strict';
import { blake2s } from '@noble/hashes/blake2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { call, cleanUp, Conductor, history, KEY, op, register, says, session, start } from './support.ts';
import type { Fields } from './support.ts';

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

describe('sandbox, v1 answers, reports, logs and chat completions', () => {
  afterEach(cleanUp);

  it('answers a prompt without a socket, and keeps it', async () => {
    const engine = new Conductor();
    engine.play(says('the answer'));
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    const query = { message_type: 'query', content: 'a question', role: 'user', state: 'query' };
    const { body } = await call(sandbox, '/v1/session/generate', { id, messages: [query] });
    const { messages, status_code, usage } = body as { messages: Fields[]; status_code: number; usage: Fields };
    assert.equal(status_code, 200);
    assert.ok(Number(usage['total_tokens']) > 0);
    assert.deepEqual(
      messages
        .filter(({ message_type, mime_type }) => message_type === 'result' && mime_type === 'text/plain')
        .map(({ content }) => content),
      ['the answer'],
    );
    const kept = await history(sandbox, id);
    assert.deepEqual(kept.slice(1), messages);
    assert.equal(kept[0]?.['content'], 'a question');
    const missing = (await call(sandbox, '/v1/session/generate', { id: 'none', messages: [query] })).body as Fields;
    assert.deepEqual([missing['status_code'], missing['messages']], [404, []]);
  });

  it('names a session after its first prompt', async () => {
    const engine = new Conductor();
    engine.play(says('.'));
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    await call(sandbox, '/v1/session/generate', {
      id,
      messages: [{ message_type: 'query', content: 'Is this phishing mail real?' }],
    });
    const result = (await call(sandbox, `/v1/session/generate_name?session_id=${id}`)).body as { data: Fields };
    assert.equal(result.data['name'], 'Is this phishing mail real?');
    assert.equal((await session(sandbox, id))?.['name'], 'Is this phishing mail real?');
  });

  it('counts prompts per minute and says how long to wait', async () => {
    const engine = new Conductor();
    engine.play(says('.'));
    const sandbox = await start({ answer: engine.answer, users: [{ key: KEY, options: { rpm: 1 } }] });
    const id = await register(sandbox);
    const ask = async () =>
      call(sandbox, '/v1/session/generate', { id, messages: [{ message_type: 'query', content: 'x' }] });
    assert.equal((await ask()).status, 200);
    const refused = await ask();
    assert.equal(refused.status, 429);
    const seconds = Number(refused.headers.get('retry-after'));
    assert.ok(seconds > 0 && seconds <= 60);
    assert.equal((await history(sandbox, id)).filter(({ message_type }) => message_type === 'query').length, 1);
  });

  it('keeps feedback and bug reports for the engine', async () => {
    const engine = new Conductor();
    engine.play(says('.'));
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    await op(sandbox, '/v1/session/feedback', {
      session_id: id,
      type: 'user_feedback',
      score: 5,
      comment: 'good ✓',
      group_id: 'g',
    });
    await op(sandbox, '/v1/session/feedback', { session_id: id, type: 'bug_report', score: 0, comment: 'it broke' });
    await call(sandbox, '/v1/session/generate', { id, messages: [{ message_type: 'query', content: 'x' }] });
    const reports = engine.contexts[0]?.reports?.map(({ type, score, comment, groupId }) => [
      type,
      score,
      comment,
      groupId,
    ]);
    assert.deepEqual(reports, [
      ['user_feedback', 5, 'good ✓', 'g'],
      ['bug_report', 0, 'it broke', undefined],
    ]);
  });

  it('takes logs by the hash of their file, starts a cut upload again, and shows them to the engine', async () => {
    const engine = new Conductor();
    engine.play(says('.'));
    const sandbox = await start({ answer: engine.answer });
    const id = await register(sandbox);
    const lines = ['{"a":1}\n', '{"a":2}\n', '{"a":3}\n'];
    const hash = bytesToHex(blake2s(Buffer.from(lines.join('')), { key: Buffer.from('secgemini') }));
    const create = async (): Promise<unknown> =>
      ((await call(sandbox, `/create_logs_table?logs_hash=${hash}&can_log=True`, {})).body as Fields)['table_created'];
    const upload = async (some: readonly string[]): Promise<unknown> =>
      (
        (
          await call(sandbox, '/upload_logs', {
            logs_hash: hash,
            can_log: true,
            log_lines: some,
            custom_fields_mapping: { id: 'a' },
          })
        ).body as Fields
      )['inserted_log_lines'];
    assert.equal(
      (await call(sandbox, '/upload_logs', { logs_hash: hash, can_log: true, log_lines: lines })).status,
      404,
    );
    assert.equal(await create(), true);
    assert.equal(await upload(lines.slice(0, 2)), 2);
    assert.equal(await create(), true, 'a cut upload starts again');
    assert.equal(await upload(lines.slice(0, 2)), 2);
    assert.equal(await upload(lines.slice(2)), 1);
    assert.equal(await create(), false, 'a whole log is not sent twice');
    assert.equal(
      (await call(sandbox, '/upload_logs', { logs_hash: hash, can_log: true, log_lines: ['no json'] })).status,
      422,
    );
    assert.equal((await op(sandbox, `/v1/session/attach_logs?session_id=${id}&logs_hash=${hash}`, {})).ok, true);
    assert.equal(
      (await op(sandbox, `/v1/session/attach_logs?session_id=${id}&logs_hash=${'0'.repeat(64)}`, {})).status_code,
      404,
    );
    assert.deepEqual((await session(sandbox, id))?.['logs_table'], { blake2s: hash });
    await call(sandbox, '/v1/session/generate', { id, messages: [{ message_type: 'query', content: 'x' }] });
    assert.deepEqual(
      engine.contexts[0]?.files.map(({ bytes }) => Buffer.from(bytes).toString()),
      ['{"id":1}\n{"id":2}\n{"id":3}\n'],
    );
  });

  it('takes the lines of a log as the official client cuts them', async () => {
    const sandbox = await start();
    await register(sandbox);
    // Where Python's splitlines() cuts, two of them inside a JSON text.
    const log_lines = ['{"a":"1\u2028', '2\u0085', '3"}\n', '{"a":"4"}\n'];
    const logs_hash = bytesToHex(blake2s(Buffer.from(log_lines.join('')), { key: Buffer.from('secgemini') }));
    const create = async (): Promise<unknown> =>
      ((await call(sandbox, `/create_logs_table?logs_hash=${logs_hash}`, {})).body as Fields)['table_created'];
    assert.equal(await create(), true);
    const taken = await call(sandbox, '/upload_logs', { logs_hash, can_log: true, log_lines });
    assert.deepEqual([taken.status, taken.body], [200, { inserted_log_lines: 2 }]);
    assert.equal(await create(), false, 'the log is whole');
  });

  it('speaks the OpenAI-compatible way', async () => {
    const engine = new Conductor();
    engine.play(says('the answer'));
    const sandbox = await start({ answer: engine.answer });
    const bearer = { authorization: `Bearer ${KEY}` };
    const file = { type: 'file', file: { filename: 'a.txt', file_data: `data:text/plain;base64,${base64('hello')}` } };
    const body = {
      model: 'sec-gemini-1.1',
      messages: [
        { role: 'user', content: 'before' },
        { role: 'assistant', content: 'yes' },
        { role: 'user', content: [{ type: 'text', text: 'now' }, file] },
      ],
    };
    const { body: whole, status } = await call(sandbox, '/chat/completions', body, bearer);
    assert.equal(status, 200);
    const { choices, object } = whole as { object: string; choices: { message: Fields; finish_reason: string }[] };
    assert.deepEqual(
      [object, choices[0]?.message, choices[0]?.finish_reason],
      ['chat.completion', { role: 'assistant', content: 'the answer' }, 'stop'],
    );
    assert.deepEqual([engine.prompts[0]?.trim(), engine.contexts[0]?.earlierPrompts], ['now', ['before']]);
    assert.equal(Buffer.from(engine.contexts[0]?.files[0]?.bytes ?? []).toString(), 'hello');
    const streamed = await fetch(`${sandbox.endpoint}/chat/completions`, {
      method: 'POST',
      headers: bearer,
      body: JSON.stringify({ ...body, stream: true }),
    });
    const text = await streamed.text();
    const chunks = text
      .split('\n\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)) as { choices: { delta: Fields }[] });
    assert.equal(
      chunks.map((chunk) => (chunk.choices[0]?.delta['content'] as string | undefined) ?? '').join(''),
      'the answer',
    );
    assert.ok(text.endsWith('data: [DONE]\n\n'));
    assert.equal(
      (await call(sandbox, '/chat/completions', { model: 'm', messages: [{ role: 'system', content: 'x' }] }, bearer))
        .status,
      422,
    );
  });
});
