import assert from 'node:assert/strict';
import { JobStatus, MessageType } from '../../../src/client/v3/gen/api_hub_pb.js';
import { RequestType } from '../../../src/client/v3/gen/byot_pb.js';
import type { JobRequest } from '../../../src/client/v3/gen/byot_pb.js';
import { cleanUp, KEY, ManualClock, start } from '../sandbox/support.ts';
import { closeAll, Peer, ToolPeer } from './support.ts';
import type { Work } from './support.ts';

const TOOLS = [
  { name: 'add', description: 'Adds.', inputSchema: {}, annotations: { readOnlyHint: true } },
  { name: 'write', description: 'Writes.' },
  { broken: true },
];

/** Answers as a client with two tools and one resource; `call` is its CALL_TOOL. */
const working =
  (call: Work): Work =>
  (job) => {
    switch (job.requestType) {
      case RequestType.LIST_TOOLS:
        return JSON.stringify(TOOLS);
      case RequestType.LIST_RESOURCES:
        return JSON.stringify([{ uri: 'skill://triage', name: 'triage', description: 'How to look.' }]);
      case RequestType.READ_RESOURCE:
        return JSON.stringify({ contents: [{ uri: 'skill://triage', text: 'Look.' }] });
      case RequestType.PING:
        return 'pong';
      case RequestType.CALL_TOOL:
        return call(job);
      default:
        throw new Error(`an unknown request type: ${job.requestType}`);
    }
  };

const text = (words: string, isError = false): string =>
  JSON.stringify({ content: [{ type: 'text', text: words }], isError });
const calls = (peer: ToolPeer): JobRequest[] =>
  peer.jobs.filter(({ requestType }) => requestType === RequestType.CALL_TOOL);

async function clients(peer: Peer, forceRefresh = false) {
  return (await peer.ask({ case: 'listByotClientsRequest', value: { forceRefresh } }, 'listByotClientsResponse'))
    .clients;
}

const following = new Set<string>();

/** Runs `/demo …` and gives the answer. */
async function demo(peer: Peer, id: string, prompt: string, meta: Record<string, string> = {}): Promise<string> {
  if (!following.has(id)) {
    following.add(id);
    const reqId = peer.follow(id);
    await peer.until((message) => message.reqId === reqId);
  }
  const from = peer.all.length;
  await peer.prompt(id, prompt, meta);
  const { content } = await peer.message(MessageType.RESPONSE, from);
  await peer.status(id, JobStatus.COMPLETED, from);
  return content;
}

describe('sandbox, tool hub', function () {
  this.timeout(30_000);
  afterEach(closeAll);
  afterEach(cleanUp);

  it('lists a client with its tools, answers its pings, and knows at once that it left', async () => {
    const sandbox = await start({ users: [{ key: KEY }, { key: 'second' }] });
    const peer = await Peer.of(sandbox);
    const tools = new ToolPeer(
      sandbox,
      'my editor',
      working(() => text('x')),
    );
    assert.equal((await tools.registered).success, true);
    tools.ping('keepalive-1');
    await tools.until(() => tools.pongs.length > 0);
    assert.deepEqual(tools.pongs, ['keepalive-1']);
    const [client] = await clients(peer, true);
    assert.deepEqual(
      [client?.name, client?.isActive, client?.tools.map(({ name, source }) => [name, source])],
      [
        'my editor',
        true,
        [
          ['add', 'byot'],
          ['write', 'byot'],
        ],
      ],
    );
    assert.ok((client?.lastSeen ?? 0) > 1e9);
    assert.deepEqual(await clients(await Peer.of(sandbox, 'second')), []);
    const id = await peer.create();
    const { mcps } = await peer.ask({ case: 'listMcpsRequest', value: {} }, 'listMcpsResponse', id);
    assert.deepEqual(
      mcps[0]?.tools.map(({ name }) => name),
      ['add', 'write'],
    );
    tools.close();
    await tools.ended;
    while ((await clients(peer))[0]?.isActive === true) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(tools.jobs.every(({ jobId, byotName }) => jobId !== '' && byotName === 'my editor'));
  });

  it('calls a tool by its name and with the client before it, and quotes what came', async () => {
    const sandbox = await start();
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    const tools = new ToolPeer(
      sandbox,
      'my-editor',
      working((job) => text(`got ${job.requestData}`)),
    );
    await tools.registered;
    assert.match(await demo(peer, id, '/demo tool add {"a":2}'), /got \{"name":"add","arguments":\{"a":2\}\}/);
    assert.match(await demo(peer, id, '/demo tool my-editor_add'), /got \{"name":"my-editor_add","arguments":\{\}\}/);
    assert.match(await demo(peer, id, '/demo tool none'), /no tool called `none`/);
    assert.equal(calls(tools).length, 2);
    // Without the tool server that reaches the editor, the session has no tools of it.
    await peer.ask({ case: 'setMcpsRequest', value: { mcpServers: [] } }, 'setMcpsResponse', id);
    assert.match(await demo(peer, id, '/demo tool add'), /no client is connected/);
  });

  it('takes every answer: errors, images, structure, and what is no result', async () => {
    const answers = [
      text('it failed', true),
      JSON.stringify({
        content: [
          { type: 'image', data: 'AAAA', mimeType: 'image/png' },
          { type: 'resource', resource: { uri: 'u' } },
        ],
      }),
      JSON.stringify({ content: [], structuredContent: { a: 1 } }),
      'no JSON',
      '{"content":"none"}',
    ];
    const expected = [
      /\*\*failed\*\*[\s\S]*it failed/,
      /\[image, image\/png, 4 characters of base64\][\s\S]*\{"uri":"u"\}/,
      /\{"a":1\}/,
      /\*\*failed\*\*[\s\S]*no tool result: no JSON/,
      /\*\*failed\*\*/,
    ];
    const sandbox = await start();
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    let at = 0;
    const tools = new ToolPeer(
      sandbox,
      'editor',
      working(() => answers[at++]),
    );
    await tools.registered;
    for (const pattern of expected) assert.match(await demo(peer, id, '/demo tool write'), pattern);
  });

  it('serves a name by its newest connection, then by the one before', async () => {
    const sandbox = await start();
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    const old = new ToolPeer(
      sandbox,
      'editor',
      working(() => text('from the old one')),
    );
    await old.registered;
    const young = new ToolPeer(
      sandbox,
      'editor',
      working(() => text('from the young one')),
    );
    await young.registered;
    assert.match(await demo(peer, id, '/demo tool add'), /young/);
    young.close();
    await young.ended;
    // The hub learns of it from its own end of the connection.
    let answer = '';
    while (!/old/.test(answer)) answer = await demo(peer, id, '/demo tool add');
    assert.equal((await clients(peer)).length, 1);
  });

  it('calls a lost tool again only when it may be repeated', async () => {
    for (const [tool, again] of [
      ['add', true],
      ['write', false],
    ] as const) {
      const sandbox = await start();
      const peer = await Peer.of(sandbox);
      const id = await peer.create();
      const first: ToolPeer = new ToolPeer(
        sandbox,
        'editor',
        working(() => {
          first.close();
          return undefined;
        }),
      );
      await first.registered;
      const answer = demo(peer, id, `/demo tool ${tool}`);
      await first.ended;
      const second = new ToolPeer(
        sandbox,
        'editor',
        working(() => text('done at last')),
      );
      await second.registered;
      assert.match(await answer, again ? /done at last/ : /not called again/);
      assert.equal(calls(second).length, again ? 1 : 0);
    }
  });

  it('gives clients up that say nothing, and forgets them; never without asking first', async () => {
    const clock = new ManualClock();
    const sandbox = await start({ clock });
    const peer = await Peer.of(sandbox);
    let silent = false;
    const answer = working(() => text('x'));
    const tools = new ToolPeer(sandbox, 'editor', (job) => (silent ? undefined : answer(job)));
    await tools.registered;
    await tools.until(() => tools.jobs.length === 1);
    await clients(peer, true);
    clock.advance(46_000);
    await tools.until(() => tools.jobs.some(({ requestType }) => requestType === RequestType.PING));
    // Its pong counts: it is still there when 90 s have passed since its last other word.
    while (((await clients(peer))[0]?.lastSeen ?? 0) * 1000 < clock.now())
      await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60_000);
    assert.equal((await clients(peer))[0]?.isActive, true);
    silent = true;
    clock.advance(90_000);
    await tools.ended;
    assert.ok(!(await clients(peer)).some(({ isActive }) => isActive));
    clock.advance(90_000);
    assert.deepEqual(await clients(peer), []);
  });

  it('does not wait for ever: a list that does not come, a tool that does not answer', async () => {
    const clock = new ManualClock();
    const sandbox = await start({ clock });
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    peer.follow(id);
    const tools = new ToolPeer(sandbox, 'editor', (job) =>
      job.requestType === RequestType.LIST_TOOLS && tools.jobs.length === 1 ? JSON.stringify(TOOLS) : undefined,
    );
    await tools.registered;
    while ((await clients(peer))[0]?.tools.length !== 2) await new Promise((resolve) => setImmediate(resolve));
    await peer.prompt(id, '/demo tool write');
    await tools.until(() => tools.jobs.length === 2);
    clock.advance(3_000);
    await tools.until(() => calls(tools).length === 1);
    // A client's user may think for five minutes.
    for (let at = 0; at < 33; at++) {
      tools.ping(`${at}`);
      await tools.until(() => tools.pongs.length > at);
      clock.advance(10_000);
    }
    const { content } = await peer.message(MessageType.RESPONSE);
    assert.match(content, /did not answer in time/);
  });

  it('loads a skill that a client offers as a resource', async () => {
    const sandbox = await start();
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    const tools = new ToolPeer(
      sandbox,
      'editor',
      working(() => text('x')),
    );
    await tools.registered;
    const { mcps } = await peer.ask({ case: 'listSkillsRequest', value: {} }, 'listSkillsResponse');
    assert.deepEqual(
      mcps[1]?.skills.map(({ name }) => name),
      ['triage'],
    );
    await demo(peer, id, 'hello', { forced_skills: 'triage' });
    const loaded = (await peer.history(id)).find(({ messageType }) => messageType === MessageType.SKILL_LOADED);
    assert.equal(loaded?.title, 'triage');
    assert.ok(tools.jobs.some(({ requestType }) => requestType === RequestType.READ_RESOURCE));
  });

  it('refuses a client without a name', async () => {
    const sandbox = await start();
    assert.equal((await new ToolPeer(sandbox, ' ', () => undefined).registered).success, false);
  });
});
