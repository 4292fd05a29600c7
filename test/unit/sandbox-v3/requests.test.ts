import assert from 'node:assert/strict';
import { McpStatus } from '../../../src/client/v3/gen/api_hub_pb.js';
import { cleanUp, ManualClock, start } from '../sandbox/support.ts';
import { closeAll, Peer } from './support.ts';

interface Query {
  limit?: number;
  pageToken?: string;
  includeArchived?: boolean;
}

describe('sandbox, v3 requests', function () {
  this.timeout(30_000);
  afterEach(closeAll);
  afterEach(cleanUp);

  it('lists sessions by pages that neither repeat nor lose one when others come and go', async () => {
    const clock = new ManualClock();
    const peer = await Peer.of(await start({ clock }));
    const made: string[] = [];
    for (let at = 0; at < 7; at++) {
      made.unshift(await peer.create());
      clock.advance(1);
    }
    const list = (value: Query) => peer.ask({ case: 'listSessionsRequest', value }, 'listSessionsResponse');
    const ids = async (value: Query) => (await list(value)).sessions.map(({ sessionId }) => sessionId);
    assert.deepEqual(await ids({}), made);
    const seen: string[] = [];
    let pageToken: string | undefined;
    for (let page = 0; page < 20; page++) {
      const got = await list({ limit: 2, ...(pageToken === undefined ? {} : { pageToken }) });
      assert.ok(got.sessions.length <= 2);
      seen.push(...got.sessions.map(({ sessionId }) => sessionId));
      // The session that the token names goes, and one more comes.
      if (page === 1) {
        await peer.ask({ case: 'deleteSessionRequest', value: {} }, 'deleteSessionResponse', seen.at(-1));
        await peer.create();
      }
      pageToken = got.nextPageToken;
      if (pageToken === undefined) break;
    }
    assert.deepEqual(seen, made);
    assert.deepEqual(await ids({ limit: 2, pageToken: 'no token of ours' }), []);
    assert.equal((await ids({ limit: 0 })).length, 7);
    assert.equal((await ids({ limit: -3 })).length, 7);
    const [archived = ''] = await ids({});
    const archive = (value: { unarchive?: boolean }) =>
      peer.ask({ case: 'archiveSessionRequest', value }, 'archiveSessionResponse', archived);
    assert.equal((await archive({})).success, true);
    assert.ok(!(await ids({})).includes(archived));
    assert.ok((await ids({ includeArchived: true })).includes(archived));
    await archive({ unarchive: true });
    assert.ok((await ids({})).includes(archived));
  });

  it('takes files by name, whole, in their order, and lists them by pages', async () => {
    const sandbox = await start({ limits: { fileBytes: 3_000_000 } });
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    const names = ['empty.bin', 'one.bin', "odd «名» \u{1F512} '%#.txt"];
    assert.equal((await peer.upload(id, names[0] ?? '', '')).success, true);
    assert.equal(
      (await peer.upload(id, `some/folder\\${names[1]}`, 'x', undefined, 'application/octet-stream')).success,
      true,
    );
    assert.equal((await peer.upload(id, names[2] ?? '', 'first')).success, true);
    assert.equal((await peer.upload(id, names[2] ?? '', 'second')).success, true);
    const chunks = Array.from(
      { length: 2 },
      (_, at) => ({ payload: { case: 'chunk', value: Buffer.alloc(1024 * 1024, at) } }) as const,
    );
    const metadata = {
      payload: { case: 'metadata', value: { filename: 'big.bin', contentType: '', sessionId: id } },
    } as const;
    assert.equal((await peer.uploadParts([metadata, ...chunks])).success, true);
    const stored = sandbox.store.sessions().find((session) => session.id === id)?.files ?? [];
    assert.deepEqual(
      stored.map(({ name, bytes }) => [name, bytes.length]),
      [
        ['empty.bin', 0],
        ['one.bin', 1],
        [names[2], 6],
        ['big.bin', 2 * 1024 * 1024],
      ],
    );
    assert.match((await peer.uploadParts([metadata, ...chunks, ...chunks])).errorMessage, /too large/);
    assert.match((await peer.uploadParts(chunks)).errorMessage, /first message/);
    assert.match((await peer.uploadParts([])).errorMessage, /first message/);
    assert.match((await peer.uploadParts([metadata, metadata])).errorMessage, /twice/);
    for (const name of ['', '.', '..', 'a/', 'a\0b'])
      assert.equal((await peer.upload(id, name, 'x')).success, false, JSON.stringify(name));
    const all: (readonly [string, string])[] = [];
    let pageToken: string | undefined;
    do {
      const value = { limit: 1, ...(pageToken === undefined ? {} : { pageToken }) };
      const page = await peer.ask({ case: 'listFilesRequest', value }, 'listFilesResponse', id);
      assert.equal(page.files.length, 1);
      all.push(...page.files.map(({ filename, contentType }) => [filename, contentType] as const));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    assert.deepEqual(all.slice(0, 3), [
      ['empty.bin', 'text/plain'],
      ['one.bin', 'application/octet-stream'],
      [names[2], 'text/plain'],
    ]);
    const remove = (filename: string) =>
      peer.ask({ case: 'deleteFileRequest', value: { sessionId: id, filename } }, 'deleteFileResponse', id);
    assert.equal((await remove('one.bin')).success, true);
    assert.deepEqual(
      [(await remove('one.bin')).success, (await remove('one.bin')).errorMessage],
      [false, 'File not found.'],
    );
  });

  it('keeps tool servers by their addresses and contacts none', async () => {
    const peer = await Peer.of(await start());
    const id = await peer.create();
    const uri = 'https://unknown.example.test/mcp';
    const account = async () =>
      (await peer.ask({ case: 'listUserMcpsRequest', value: {} }, 'listUserMcpsResponse')).mcps;
    const session = async () => (await peer.ask({ case: 'listMcpsRequest', value: {} }, 'listMcpsResponse', id)).mcps;
    const set = async (...mcpServers: string[]) =>
      (await peer.ask({ case: 'setMcpsRequest', value: { mcpServers } }, 'setMcpsResponse', id)).success;
    assert.ok((await account()).some(({ name }) => name === 'Bring Your Own Tools'));
    assert.ok((await session()).every(({ status }) => status === McpStatus.MCP_RUNNING));
    assert.equal((await session()).length, 3);
    assert.equal(await set(uri), true);
    assert.deepEqual(
      (await session()).map((one) => [one.uri, one.status]),
      [[uri, McpStatus.MCP_UNREACHABLE]],
    );
    assert.equal(await set('no address'), false);
    assert.equal(await set('file:///etc/passwd'), false);
    assert.equal((await session()).length, 1);
    assert.equal(await set(), true);
    assert.deepEqual(await session(), []);
    const add = (name: string, at: string) =>
      peer.ask({ case: 'addMcpRequest', value: { name, uri: at } }, 'addMcpResponse');
    assert.equal((await add('', uri)).success, false);
    assert.equal((await add('x', 'javascript:alert(1)')).success, false);
    const { mcp } = await add('mine', uri);
    await set(uri);
    assert.deepEqual(
      (await session()).map(({ name }) => name),
      ['mine'],
    );
    const remove = async (one: string) =>
      (await peer.ask({ case: 'removeMcpRequest', value: { id: one } }, 'removeMcpResponse')).success;
    assert.deepEqual(
      [await remove(mcp?.id ?? ''), await remove(mcp?.id ?? ''), await remove('mcp-byot')],
      [true, false, false],
    );
  });

  it('keeps skills by plain names', async () => {
    const peer = await Peer.of(await start());
    const upload = (name: string, content = 'x') =>
      peer.ask({ case: 'uploadSkillRequest', value: { name, content } }, 'uploadSkillResponse');
    for (const name of ['', '.', '..', '.hidden', 'a/b', 'a\\b', 'a\nb', 'a\u202Eb', 'x'.repeat(200), 'con.'])
      assert.equal((await upload(name)).success, false, JSON.stringify(name));
    assert.equal((await upload('empty.md', ' \n')).success, false);
    const text = '---\nname: n\ndescription: What it does ✓\n---\nSay hello.\n';
    for (const name of ['skill.md', 'Prüfung 2.yaml', '名前.md'])
      assert.equal((await upload(name, text)).success, true, name);
    await upload('skill.md', `${text}more`);
    const get = (name: string) => peer.ask({ case: 'getSkillRequest', value: { name } }, 'getSkillResponse');
    assert.equal((await get('skill.md')).content, `${text}more`);
    assert.deepEqual([(await get('none')).success, (await get('none')).errorMessage], [false, 'Skill not found.']);
    const names = async () =>
      (await peer.ask({ case: 'listUploadedSkillsRequest', value: {} }, 'listUploadedSkillsResponse')).names;
    assert.deepEqual(await names(), ['skill.md', 'Prüfung 2.yaml', '名前.md']);
    const { mcps } = await peer.ask({ case: 'listSkillsRequest', value: {} }, 'listSkillsResponse');
    assert.equal(mcps[0]?.skills[0]?.description, 'What it does ✓');
    assert.equal(
      (await peer.ask({ case: 'deleteSkillRequest', value: { name: 'skill.md' } }, 'deleteSkillResponse')).success,
      true,
    );
    assert.equal(
      (await peer.ask({ case: 'deleteSkillRequest', value: { name: 'skill.md' } }, 'deleteSkillResponse')).success,
      false,
    );
    assert.equal((await names()).length, 2);
  });

  it('publishes what was said then, and takes it back', async () => {
    const sandbox = await start();
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    const publish = () =>
      peer.ask({ case: 'publishSessionPubliclyRequest', value: {} }, 'publishSessionPubliclyResponse', id);
    const rename = (name: string) =>
      peer.ask({ case: 'renameSessionRequest', value: { name } }, 'renameSessionResponse', id);
    const read = () =>
      peer.ask({ case: 'getPublicSessionRequest', value: { sessionId: id } }, 'getPublicSessionResponse');
    await rename('first');
    const { publicUrl } = await publish();
    const page = await fetch(publicUrl);
    assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/plain; charset=utf-8']);
    assert.match(await page.text(), /^first\n[^]*SESSION_NAME\nfirst/);
    assert.equal((await fetch(publicUrl, { headers: { origin: 'https://attacker.invalid' } })).status, 403);
    await rename('second');
    assert.deepEqual(
      (await read()).messages.map(({ content }) => content),
      ['first'],
    );
    const [session] = (await peer.ask({ case: 'listSessionsRequest', value: {} }, 'listSessionsResponse')).sessions;
    assert.deepEqual([session?.isPublished, session?.publishedMessageCount], [true, 1]);
    await publish();
    assert.equal((await read()).messages.length, 2);
    const unpublish = () => peer.ask({ case: 'unpublishSessionRequest', value: {} }, 'unpublishSessionResponse', id);
    assert.deepEqual(
      [(await unpublish()).success, (await unpublish()).success, (await read()).success],
      [true, false, false],
    );
    assert.equal((await fetch(publicUrl)).status, 404);
  });

  it('tells its news, and passes over a request of the future', async () => {
    const peer = await Peer.of(await start());
    const { success, version, entries } = await peer.ask(
      { case: 'getWhatsNewRequest', value: {} },
      'getWhatsNewResponse',
    );
    assert.ok(success && version === entries[0]?.version);
    peer.send(undefined as never);
    await peer.ask({ case: 'getWhatsNewRequest', value: {} }, 'getWhatsNewResponse');
  });
});
