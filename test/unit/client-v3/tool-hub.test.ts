/** This window at the tool hub, by a clock that the test moves: registration, pings, the way back, jobs. */

import assert from 'node:assert/strict';
import { createV3Client } from '../../../src/client/create-client.ts';
import type { V3Client } from '../../../src/client/v3/client.ts';
import { RequestType } from '../../../src/client/v3/gen/byot_pb.js';
import { hubWait } from '../../../src/client/v3/tool-hub.ts';
import type { ToolHubLink, ToolServer } from '../../../src/core/client-agent.ts';
import type { ForeignResource } from '../../../src/core/tools/foreign.ts';
import type { ToolCall, ToolResult } from '../../../src/core/tools/call.ts';
import { READS } from '../../../src/core/tools/define-tool.ts';
import { FakeClock } from '../../fakes/v1-drive.ts';
import { FakeToolHub, TOOL_KEY } from '../../fakes/tool-hub.ts';

const ECHO = {
  name: 'echo',
  title: 'Echo',
  description: 'Says it again.',
  inputSchema: { type: 'object', additionalProperties: false },
  annotations: READS,
};

describe('client v3: tool hub', function () {
  this.timeout(20_000);
  let clock: FakeClock;
  let hub: FakeToolHub;
  let client: V3Client;
  let link: ToolHubLink;
  let calls: ToolCall[];
  let settled: string[];
  let answer: (call: ToolCall) => Promise<Pick<ToolResult, 'text' | 'isError'>>;

  let resources: ForeignResource[] = [];

  const server: ToolServer = {
    tools: () => [ECHO],
    resources: () => resources,
    call: async (call) => {
      calls.push(call);
      return { ...(await answer(call)), settle: (how) => void settled.push(how) };
    },
  };
  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const until = async (test: () => boolean): Promise<void> => {
    while (!test()) await tick();
  };
  const open = async (apiKey = TOOL_KEY): Promise<void> => {
    client = await createV3Client({
      endpoint: 'https://nobody.invalid',
      apiKey,
      protocol: 'v3',
      clock,
      random: () => 0.5,
    });
    link = client.toolHub.open({ endpoint: hub.url, name: 'vscode-app-3f2a', server });
  };
  const connected = (): Promise<void> => until(() => link.state.kind === 'connected');
  const result = async (jobId: string): Promise<unknown> => {
    await until(() => hub.results(jobId).length > 0);
    return JSON.parse(hub.results(jobId)[0] ?? '');
  };

  beforeEach(async () => {
    clock = new FakeClock();
    hub = new FakeToolHub();
    await hub.listen();
    calls = [];
    resources = [];
    settled = [];
    answer = async (call) => ({ text: JSON.stringify(call.args), isError: false });
  });

  afterEach(async () => {
    link.dispose();
    await client.close();
    await hub.stop();
    clock.advance(10_000);
  });

  it('registers once, under its name, with the header of the hub', async () => {
    await open();
    await connected();
    assert.deepEqual(hub.registrations(), [{ apiKey: TOOL_KEY, name: 'vscode-app-3f2a' }]);
    assert.equal(hub.calls[0]?.['x-sec-gemini-env'], 'public');
    assert.equal(hub.calls[0]?.[':path'], '/byot.BringYourOwnToolsHub/Connect');
  });

  it('tells its tools as MCP does, answers a ping, and has no resources', async () => {
    await open();
    await connected();
    hub.job('list', RequestType.LIST_TOOLS);
    assert.deepEqual(await result('list'), [
      {
        name: 'echo',
        title: 'Echo',
        description: 'Says it again.',
        inputSchema: ECHO.inputSchema,
        annotations: { title: 'Echo', ...READS },
      },
    ]);
    hub.job('ping', RequestType.PING);
    await until(() => hub.results('ping')[0] === 'pong');
    hub.job('resources', RequestType.LIST_RESOURCES);
    assert.deepEqual(await result('resources'), []);
  });

  it('lists resources, and reads one as a call: the user is asked', async () => {
    resources = [{ uri: 'notes://triage', name: 'triage', mimeType: 'text/markdown' }];
    await open();
    await connected();
    hub.job('list', RequestType.LIST_RESOURCES);
    assert.deepEqual(await result('list'), resources);
    for (const [id, data] of [
      ['object', { uri: 'notes://triage' }],
      ['bare', 'notes://triage'],
      ['quoted', '"notes://triage"'],
    ] as const) {
      hub.job(id, RequestType.READ_RESOURCE, data);
      assert.deepEqual(await result(id), {
        contents: [{ uri: 'notes://triage', mimeType: 'text/markdown', text: '{"uri":"notes://triage"}' }],
      });
    }
    assert.ok(calls.length === 3 && calls.every(({ names }) => names[0] === 'read_resource'));
    answer = async () => ({ text: 'The user denied this call.', isError: true });
    hub.job('denied', RequestType.READ_RESOURCE, { uri: 'notes://triage' });
    assert.deepEqual(await result('denied'), {
      content: [{ type: 'text', text: 'The user denied this call.' }],
      isError: true,
    });
    for (const [index, data] of [{ uri: 'file:///etc/passwd' }, '{broken', 'x'.repeat(5000), {}].entries()) {
      hub.job(`other-${index}`, RequestType.READ_RESOURCE, data);
      assert.equal(((await result(`other-${index}`)) as { isError: boolean }).isError, true);
    }
    assert.equal(calls.length, 4);
  });

  it('calls by the bare name and by every prefix of the hub', async () => {
    await open();
    await connected();
    for (const [index, name] of [
      'echo',
      'vscode-app-3f2a_echo',
      'vscodeapp3f2a_echo',
      'byot_echo',
      'workstation_echo',
    ].entries()) {
      hub.job(`job-${index}`, RequestType.CALL_TOOL, { name, arguments: { a: index } });
      assert.deepEqual(await result(`job-${index}`), {
        content: [{ type: 'text', text: `{"a":${index}}` }],
        isError: false,
      });
      assert.equal(calls[index]?.names[0], name);
      assert.ok(calls[index]?.names.includes('echo'));
      assert.equal(calls[index]?.destination, hub.url);
      assert.equal(calls[index]?.sessionId, undefined);
    }
    await until(() => settled.length === 5);
    assert.ok(settled.every((how) => how === 'sent'));
  });

  it('answers what it cannot read with an error result, and lives on', async () => {
    await open();
    await connected();
    hub.job('a', RequestType.CALL_TOOL, '{broken');
    hub.job('b', RequestType.CALL_TOOL, { arguments: {} });
    hub.job('c', RequestType.READ_RESOURCE, { uri: 'x' });
    hub.job('d', 99 as RequestType);
    for (const id of ['a', 'b', 'c', 'd']) assert.equal(((await result(id)) as { isError: boolean }).isError, true, id);
    hub.job('e', RequestType.CALL_TOOL, { name: 'echo' });
    await result('e');
    assert.equal(calls.length, 1);
  });

  it('runs jobs side by side, and too many at once are told so', async () => {
    await open();
    await connected();
    const release = Promise.withResolvers<void>();
    answer = async () => {
      await release.promise;
      return { text: 'done', isError: false };
    };
    for (let index = 0; index < 70; index += 1) hub.job(`j${index}`, RequestType.CALL_TOOL, { name: 'echo' });
    await until(() => hub.results('j69').length === 1);
    assert.equal(calls.length, 64);
    assert.match(hub.results('j69')[0] ?? '', /Too many calls/);
    release.resolve();
    await result('j0');
  });

  it('says keepalive every 10 s, and comes back 4 s after 35 s of silence', async () => {
    await open();
    await connected();
    for (let at = 1; at <= 3; at += 1) {
      clock.advance(10_000);
      await until(() => hub.said.filter(({ case: kind }) => kind === 'ping').length === at);
    }
    assert.deepEqual(
      hub.said.flatMap((payload) => (payload.case === 'ping' ? [payload.value.msg] : [])),
      ['keepalive-1', 'keepalive-2', 'keepalive-3'],
    );
    for (let i = 0; i < 20; i += 1) await tick();
    hub.pongs = false;
    const since = clock.now();
    while (link.state.kind === 'connected') {
      clock.advance(1_000);
      for (let i = 0; i < 5; i += 1) await tick();
      assert.ok(clock.now() - since <= 37_000);
    }
    assert.ok(clock.now() - since >= 33_000, String(clock.now() - since));
    assert.deepEqual(link.state.kind === 'waiting' ? link.state.retryInMs : 0, 4_000);
    hub.pongs = true;
    clock.advance(4_000);
    await connected();
    assert.equal(hub.registrations().length, 2);
  });

  it('gives a hub up that does not answer the registration within 10 s', async () => {
    hub.mode = 'silent';
    await open();
    await until(() => hub.registrations().length === 1);
    clock.advance(9_000);
    for (let i = 0; i < 20; i += 1) await tick();
    assert.equal(link.state.kind, 'connecting');
    clock.advance(1_000);
    await until(() => link.state.kind === 'waiting');
  });

  it('waits 4 s to 30 s, 20 % more or less, and comes back at once when told', async () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 50].map((failures) => hubWait(failures, 0.5)),
      [4_000, 8_000, 16_000, 30_000, 30_000, 30_000],
    );
    assert.deepEqual([hubWait(1, 0), hubWait(1, 1), hubWait(9, 1)], [3_200, 4_800, 36_000]);
    await open();
    await connected();
    hub.drop();
    await until(() => link.state.kind === 'waiting');
    link.retryNow();
    await connected();
  });

  for (const mode of ['refusing', 'denied'] as const)
    it(`stops for good when the key is not known (${mode})`, async () => {
      hub.mode = mode;
      await open();
      await until(() => link.state.kind === 'refused');
      clock.advance(120_000);
      for (let i = 0; i < 20; i += 1) await tick();
      assert.equal(hub.calls.length, 1);
    });

  it('ends what runs when the connection is lost: nothing is answered late (F19)', async () => {
    await open();
    await connected();
    const release = Promise.withResolvers<void>();
    answer = async () => {
      await release.promise;
      return { text: 'late', isError: false };
    };
    hub.job('x', RequestType.CALL_TOOL, { name: 'echo' });
    await until(() => calls.length === 1);
    hub.drop();
    await until(() => calls[0]?.signal.aborted === true);
    link.retryNow();
    await until(() => link.state.kind === 'waiting');
    link.retryNow();
    await connected();
    release.resolve();
    await until(() => settled.length === 1);
    assert.deepEqual([settled, hub.results('x')], [['failed'], []]);
  });

  it('goes with its client', async () => {
    await open();
    await connected();
    await client.close();
    for (let i = 0; i < 20; i += 1) await tick();
    clock.advance(60_000);
    for (let i = 0; i < 20; i += 1) await tick();
    assert.equal(hub.calls.length, 1);
  });
});
