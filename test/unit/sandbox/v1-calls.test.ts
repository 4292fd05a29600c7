import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { call, cleanUp, KEY, op, register, session, sessionBody, start } from './support.ts';
import type { Fields } from './support.ts';

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

describe('sandbox, v1 calls', () => {
  afterEach(cleanUp);

  it('tells everything about the user, the models and the sessions', async () => {
    const sandbox = await start();
    const id = await register(sandbox);
    const { body, status } = await call(sandbox, '/v1/user/info');
    assert.equal(status, 200);
    const {
      user,
      sessions,
      available_models: models,
    } = body as { user: Fields; sessions: Fields[]; available_models: Fields[] };
    assert.deepEqual(Object.keys(user).sort(), [
      ...[
        'allow_experimental',
        'can_disable_logging',
        'id',
        'key_expire_time',
        'never_log',
        'org_id',
        'rpm',
        'tpm',
        'type',
        'vendors',
      ],
    ]);
    assert.deepEqual(
      sessions.map((one) => one['id']),
      [id],
    );
    assert.ok(models.some((model) => model['use_experimental'] === false));
    const [listed] = (await call(sandbox, '/v1/session/list')).body as Fields[];
    assert.deepEqual(listed, sessions[0]);
  });

  it('keeps what a session was registered with, fills the rest, and lists in order of creation', async () => {
    const sandbox = await start();
    const tool = { name: 'add', description: 'adds', parameters: { type: 'object', properties: {} } };
    const first = await register(sandbox, {
      name: 'eins ✓',
      language: 'de',
      ttl: 600,
      agents_config: { a: { k: 'v' } },
      local_tools: [tool],
    });
    const second = await register(sandbox, { name: '' });
    const stored = await session(sandbox, first);
    assert.ok(stored !== null);
    assert.deepEqual(Object.keys(stored).sort(), [
      ...[
        'agents_config',
        'can_log',
        'create_time',
        'description',
        'files',
        'id',
        'language',
        'local_tools',
        'logs_table',
        'messages',
        'model',
      ],
      ...['name', 'num_messages', 'org_id', 'state', 'ttl', 'turns', 'update_time', 'usage', 'user_id'],
    ]);
    assert.equal(stored['name'], 'eins ✓');
    assert.equal(stored['ttl'], 600);
    assert.deepEqual(stored['agents_config'], { a: { k: 'v' } });
    assert.deepEqual((stored['local_tools'] as Fields[])[0]?.['parameters'], tool.parameters);
    assert.notEqual((await session(sandbox, second))?.['name'], '');
    const listed = (await call(sandbox, '/v1/session/list')).body as Fields[];
    assert.deepEqual(
      listed.map((one) => one['id']),
      [first, second],
    );
  });

  it('takes a base URL with a slash at its end, as the official client joins it', async () => {
    const sandbox = await start();
    const list = await fetch(`${sandbox.endpoint}//v1/session/list`, { headers: { 'x-api-key': KEY } });
    assert.deepEqual([list.status, await list.json()], [200, []]);
    assert.equal((await fetch(`${sandbox.endpoint}//v1/session/list`)).status, 401);
    assert.equal((await fetch(`${sandbox.endpoint}//elsewhere`, { headers: { 'x-api-key': KEY } })).status, 404);
  });

  it('gives every file a type, whatever the client guessed', async () => {
    const sandbox = await start();
    const session_id = await register(sandbox);
    const typeOf = async (mime_type: string | null): Promise<unknown> =>
      (await op(sandbox, '/v1/session/attach_file', { session_id, filename: 'a', mime_type, content: 'AAEC' })).data?.[
        'mime_type'
      ];
    assert.equal(await typeOf('image/x-own'), 'image/x-own');
    for (const none of [null, '', 'rubbish']) assert.equal(await typeOf(none), 'application/octet-stream');
  });

  it('refuses what the service refuses, under HTTP 200', async () => {
    const sandbox = await start({ limits: { sessionsPerUser: 2 } });
    const id = await register(sandbox);
    const codes: Record<string, number> = {};
    const tryIt = async (name: string, path: string, body: unknown): Promise<void> => {
      const result = await op(sandbox, path, body);
      assert.equal(result.ok, false, name);
      assert.equal(result.data, null);
      codes[name] = result.status_code;
    };
    await tryIt('twice', '/v1/session/register', sessionBody({ id }));
    await tryIt('short ttl', '/v1/session/register', sessionBody({ ttl: 299 }));
    await tryIt('update to a short ttl', '/v1/session/update', sessionBody({ id, ttl: 299 }));
    await tryIt('update of none', '/v1/session/update', sessionBody());
    await tryIt('delete of none', '/v1/session/delete', sessionBody());
    await tryIt('file to none', '/v1/session/attach_file', { session_id: 'none', filename: 'a', content: '' });
    await tryIt('no base64', '/v1/session/attach_file', { session_id: id, filename: 'a', content: 'a-b' });
    await tryIt('detach of none', '/v1/session/detach_file', { session_id: id, file_idx: 0 });
    await tryIt('detach of -1', '/v1/session/detach_file', { session_id: id, file_idx: -1 });
    await tryIt('feedback to none', '/v1/session/feedback', {
      session_id: 'none',
      type: 'bug_report',
      score: 0,
      comment: '',
    });
    await register(sandbox);
    await tryIt('one too many', '/v1/session/register', sessionBody());
    assert.deepEqual(codes, {
      ...{
        twice: 409,
        'short ttl': 400,
        'update to a short ttl': 400,
        'update of none': 404,
        'delete of none': 404,
        'file to none': 404,
      },
      ...{ 'no base64': 400, 'detach of none': 404, 'detach of -1': 404, 'feedback to none': 404, 'one too many': 429 },
    });
    assert.equal(await session(sandbox, 'none'), null);
  });

  it('updates and deletes', async () => {
    const sandbox = await start();
    const id = await register(sandbox);
    const before = await session(sandbox, id);
    assert.equal(
      (await op(sandbox, '/v1/session/update', { ...before, name: 'new', description: 'd', ttl: 900 })).ok,
      true,
    );
    const after = await session(sandbox, id);
    assert.deepEqual([after?.['name'], after?.['description'], after?.['ttl']], ['new', 'd', 900]);
    assert.ok(Number(after?.['update_time']) >= Number(before?.['create_time']));
    assert.equal((await op(sandbox, '/v1/session/delete', after)).ok, true);
    assert.equal(await session(sandbox, id), null);
    assert.deepEqual((await call(sandbox, '/v1/session/list')).body, []);
  });

  it('names the fields of a body that is wrong', async () => {
    const sandbox = await start();
    const wrong = async (path: string, body: unknown): Promise<unknown> => {
      const { status, body: answer } = await call(sandbox, path, body);
      assert.equal(status, 422);
      return (answer as { detail: { loc: unknown[]; msg: string; type: string }[] }).detail.map(
        ({ loc, type, msg }) => {
          assert.ok(msg.length > 0);
          return [loc.join('.'), type];
        },
      );
    };
    assert.deepEqual(await wrong('/v1/session/feedback', {}), [
      ['body.session_id', 'missing'],
      ['body.type', 'missing'],
      ['body.score', 'missing'],
      ['body.comment', 'missing'],
    ]);
    assert.deepEqual(await wrong('/v1/session/register', sessionBody({ ttl: 'soon', name: 7, can_log: 'yes' })), [
      ['body.ttl', 'float_type'],
      ['body.name', 'string_type'],
      ['body.can_log', 'bool_type'],
    ]);
    assert.deepEqual(
      await wrong('/v1/session/feedback', { session_id: 'a', type: 'praise', score: 1.5, comment: '' }),
      [
        ['body.type', 'enum'],
        ['body.score', 'int_type'],
      ],
    );
    const { status } = await call(sandbox, '/v1/session/get');
    assert.equal(status, 422);
    const broken = await fetch(`${sandbox.endpoint}/v1/session/feedback`, {
      method: 'POST',
      headers: { 'x-api-key': KEY },
      body: '{"a":',
    });
    assert.equal(broken.status, 422);
    assert.match(await broken.text(), /json_invalid/);
  });

  it('keeps files as they are and tells what they are', async () => {
    const sandbox = await start();
    const id = await register(sandbox);
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(40)]);
    const cases: readonly (readonly [string, Uint8Array, string, string])[] = [
      ['notes.txt', Buffer.from('é\n'), 'text/plain', 'txt'],
      ['pixel.png', png, 'image/png', 'png'],
      ['mislabelled.txt', Buffer.from('%PDF-1.7\n%âãÏÓ\n'), 'application/pdf', 'pdf'],
      ['photo.jpeg', Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), 'image/jpeg', 'jpeg'],
      ['tool.py', Buffer.from('print(1)\n'), 'text/x-python', 'python'],
      ['run', Buffer.from('#!/usr/bin/env bash\n'), 'text/x-shellscript', 'shell'],
      ['odd «名» 🔒.bin', Buffer.from([0, 1, 2, 255, 254, 7]), 'application/octet-stream', 'unknown'],
      ['empty', Buffer.alloc(0), 'inode/x-empty', 'empty'],
    ];
    const wanted: Fields[] = [];
    for (const [filename, bytes, mime_type, content_type_label] of cases) {
      const result = await op(sandbox, '/v1/session/attach_file', { session_id: id, filename, content: base64(bytes) });
      wanted.push({
        name: filename,
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        mime_type,
        content_type_label,
      });
      assert.deepEqual(result.data, wanted.at(-1));
    }
    assert.deepEqual((await session(sandbox, id))?.['files'], wanted);
    assert.equal((await op(sandbox, '/v1/session/detach_file', { session_id: id, file_idx: 1 })).ok, true);
    wanted.splice(1, 1);
    assert.deepEqual((await session(sandbox, id))?.['files'], wanted);
  });

  it('takes no more than its limits', async () => {
    const sandbox = await start({ limits: { fileBytes: 100, sessionBytes: 150, totalBytes: 200 } });
    const [one, two] = [await register(sandbox), await register(sandbox)];
    const attach = async (id: string, size: number): Promise<number> =>
      (
        await op(sandbox, '/v1/session/attach_file', {
          session_id: id,
          filename: 'f',
          content: base64(Buffer.alloc(size, 97)),
        })
      ).status_code;
    assert.equal(await attach(one, 101), 413);
    assert.equal(await attach(one, 100), 200);
    assert.equal(await attach(one, 51), 413);
    assert.equal(await attach(two, 100), 200);
    assert.equal(await attach(two, 1), 413);
    assert.equal((await op(sandbox, '/v1/session/delete', sessionBody({ id: one }))).ok, true);
    assert.equal(await attach(two, 50), 200);
    const { port } = sandbox;
    const tooLong = await fetch(`http://127.0.0.1:${port}/v1/session/detach_file`, {
      method: 'POST',
      headers: { 'x-api-key': KEY },
      body: Buffer.alloc(65 * 1024 * 1024, 32),
    });
    assert.equal(tooLong.status, 413);
    assert.match(await tooLong.text(), /"detail"/);
  });

  it('keeps the users apart', async () => {
    const sandbox = await start({ users: [{ key: 'one' }, { key: 'two' }] });
    const id = await register(sandbox, {}, 'one');
    assert.equal(await session(sandbox, id, 'two'), null);
    assert.equal((await op(sandbox, '/v1/session/delete', sessionBody({ id }), 'two')).status_code, 404);
    // The same id is another session for another user.
    await register(sandbox, { id, name: "two's" }, 'two');
    assert.equal((await session(sandbox, id, 'one'))?.['name'], 'a session');
    const users = await Promise.all(
      ['one', 'two'].map(
        async (key) => (await call(sandbox, '/v1/user/info', undefined, { 'x-api-key': key })).body as { user: Fields },
      ),
    );
    assert.notEqual(users[0]?.user['id'], users[1]?.user['id']);
  });

  it('honours the logging choice where the account has one', async () => {
    const sandbox = await start({
      users: [
        { key: 'free' },
        { key: 'bound', options: { can_disable_logging: false } },
        { key: 'never', options: { never_log: true, can_disable_logging: false } },
      ],
    });
    const logs = async (key: string, can_log: boolean): Promise<unknown> => {
      const body = sessionBody({ can_log });
      const { status_code } = await op(sandbox, '/v1/session/register', body, key);
      return status_code === 200 ? (await session(sandbox, String(body['id']), key))?.['can_log'] : status_code;
    };
    assert.deepEqual([await logs('free', true), await logs('free', false)], [true, false]);
    assert.deepEqual([await logs('bound', true), await logs('bound', false)], [true, 403]);
    assert.deepEqual([await logs('never', true), await logs('never', false)], [false, false]);
    const id = await register(sandbox, {}, 'bound');
    assert.equal(
      (await op(sandbox, '/v1/session/update', sessionBody({ id, can_log: false }), 'bound')).status_code,
      403,
    );
    assert.equal((await session(sandbox, id, 'bound'))?.['can_log'], true);
  });

  it('drops keys that would change a prototype', async () => {
    const sandbox = await start();
    const body = JSON.stringify(sessionBody({ agents_config: { a: {} } })).replace(
      '"a":{}',
      '"__proto__":{"polluted":{}},"a":{"__proto__":{"x":1}}',
    );
    const { id } = JSON.parse(body) as { id: string };
    const response = await fetch(`${sandbox.endpoint}/v1/session/register`, {
      method: 'POST',
      headers: { 'x-api-key': KEY },
      body,
    });
    assert.equal(response.status, 200);
    assert.deepEqual((await session(sandbox, id))?.['agents_config'], { a: {} });
    assert.equal(({} as Fields)['polluted'], undefined);
  });
});
