/**
 * Local tools over the wire, on both protocols: against our sandbox and against the independent servers, where they are. What a call may do is
 * proven in test/unit/tools; here a server of tools that only counts stands behind the client.
 */

import assert from 'node:assert/strict';
import { createV3Client } from '../../src/client/create-client.ts';
import { createV1Client } from '../../src/client/v1/create.ts';
import type { ToolServer } from '../../src/core/client-agent.ts';
import type { SecGeminiClient } from '../../src/core/client.ts';
import { READS } from '../../src/core/tools/define-tool.ts';
import type { ToolCall, ToolResult } from '../../src/core/tools/call.ts';
import { answers, drive } from '../fakes/v1-drive.ts';
import { conformancePython, startConformance } from './conformance-server.ts';
import { startSandbox } from './sandbox-process.ts';

class Counting implements ToolServer {
  readonly calls: ToolCall[] = [];
  readonly settled: string[] = [];
  answer = async (call: ToolCall): Promise<Omit<ToolResult, 'settle'>> => ({
    text: `echo ${JSON.stringify(call.args)}`,
    isError: false,
  });

  tools() {
    const inputSchema = { type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: false };
    // As a server of the user's may have one: v1 takes a part of JSON Schema only, and refuses the session over anything else.
    const odd = {
      type: 'object',
      properties: {
        level: { enum: [1, 2, 3] },
        name: { type: ['string', 'null'], minLength: 1 },
        any: { type: ['string', 'number'] },
        pair: { type: 'array', items: [{ type: 'string' }, { type: 'number' }] },
        all: true,
        host: { anyOf: [{ type: 'string' }, { type: ['integer', 'null'] }] },
      },
      required: ['level'],
    };
    return [
      { name: 'echo', title: 'Echo', description: 'Says it again.', inputSchema, annotations: READS },
      { name: 'odd', title: 'Odd', description: '', inputSchema: odd, annotations: READS },
    ];
  }

  async call(call: ToolCall): Promise<ToolResult> {
    this.calls.push(call);
    return { ...(await this.answer(call)), settle: (how) => void this.settled.push(how) };
  }
}

async function ask(client: SecGeminiClient, sessionId: string, prompt: string): Promise<string> {
  const turn = drive(client, sessionId, prompt);
  await turn.done;
  return answers(turn).at(-1) ?? '';
}

async function connected(client: SecGeminiClient, endpoint: string, server: ToolServer): Promise<void> {
  const link = client.toolHub?.open({ endpoint, name: 'vscode-test-1a2b', server });
  assert.ok(link !== undefined);
  if (link.state.kind === 'connected') return;
  await new Promise<void>((resolve) => link.onDidChange((state) => state.kind === 'connected' && resolve()));
}

describe('local tools over the sandbox', function () {
  this.timeout(30_000);

  it('v3: the agent sees them, calls them by the hub, and reads the answer', async () => {
    const sandbox = await startSandbox();
    const client = await createV3Client({ endpoint: sandbox.endpoint, apiKey: sandbox.apiKey, protocol: 'v3' });
    try {
      const server = new Counting();
      await connected(client, sandbox.endpoint, server);
      const { id } = await client.createSession({});
      assert.match(
        await ask(client, id, '/demo tool echo {"a": 2}'),
        /`echo` answered, verbatim:\s+```\s+echo \{"a":2\}/,
      );
      assert.equal(server.calls[0]?.sessionId, undefined);
      assert.deepEqual(server.settled, ['sent']);
    } finally {
      await client.close();
      await sandbox.kill();
    }
  });

  it('v1: the session names them, the call comes on its stream, and what is taken back is refused', async () => {
    const sandbox = await startSandbox();
    const client = createV1Client({ endpoint: sandbox.endpoint, apiKey: sandbox.apiKey, protocol: 'v1' });
    try {
      const server = new Counting();
      const { id } = await client.createSession({});
      client.sessionTools.serve(server);
      await client.sessionTools.offer(id, server.tools());
      await client.updateSession(id, { name: 'Renamed' });
      assert.match(
        await ask(client, id, '/demo tool echo {"a": 2}'),
        /`echo` answered, verbatim:\s+```\s+echo \{"a":2\}/,
      );
      assert.equal(server.calls[0]?.sessionId, id);
      assert.deepEqual(server.settled, ['sent']);
      server.answer = async () => ({ text: 'denied: no', isError: true });
      assert.match(
        await ask(client, id, '/demo tool echo {"a": 3}'),
        /`echo` \*\*failed\*\*, verbatim:\s+```\s+denied: no/,
      );
      await client.sessionTools.offer(id, []);
      assert.match(await ask(client, id, '/demo tool echo {"a": 4}'), /offers no tool called `echo`/);
      assert.equal(server.calls.length, 2);
    } finally {
      await client.close();
      await sandbox.kill();
    }
  });
});

const v3 = conformancePython('v3');
if (v3 !== undefined)
  describe('local tools over the independent v3 server', function () {
    this.timeout(60_000);

    it('every scenario of bring your own tools', async () => {
      const server = await startConformance(v3, 'v3', '--byot-port', '0');
      const client = await createV3Client({
        endpoint: server.url,
        apiKey: server.key,
        protocol: 'v3',
        random: () => 0,
      });
      try {
        const own = new Counting();
        await connected(client, `http://127.0.0.1:${server.byotPort}`, own);
        const { id } = await client.createSession({});
        const plain = await ask(client, id, '#byot echo {"a": 2}');
        assert.match(plain, /listed: \[\{"name":"echo".*"readOnlyHint":true/);
        assert.match(plain, /result: \{"content":\[\{"type":"text","text":"echo \{\\"a\\":2\}"\}\],"isError":false\}/);
        assert.match(await ask(client, id, '#byot-prefixed echo {"a": 3}'), /echo \{\\"a\\":3\}/);
        assert.deepEqual(own.calls[1]?.names, ['vscode-test-1a2b_echo', 'echo']);
        assert.match(await ask(client, id, '#byot-resource'), /listed: \[\].*read: \{"content".*"isError":true/s);
        const odd = JSON.parse(await ask(client, id, '#byot-future')) as string[];
        assert.equal(odd[0], 'pong');
        for (const answer of [odd[1], odd[3], odd[4]]) assert.match(answer ?? '', /"isError":true/);
        assert.match(await ask(client, id, '#byot-drop'), /BYOT client back: True/);
        assert.match(await ask(client, id, '#byot echo {"a": 9}'), /echo \{\\"a\\":9\}/);
        const registered = server
          .records()
          .filter((record) => record.rpc === 'Byot' && record.payload === 'register_request');
        assert.equal(registered.length, 2);
      } finally {
        await client.close();
        await server.stop();
      }
    });
  });

const v1 = conformancePython('v1');
if (v1 !== undefined)
  describe('local tools over the independent v1 server', function () {
    this.timeout(60_000);

    it('answers calls in both spellings on the same socket, once', async () => {
      const server = await startConformance(v1, 'v1');
      const client = createV1Client({ endpoint: server.url, apiKey: server.key, protocol: 'v1' });
      try {
        const own = new Counting();
        client.sessionTools.serve(own);
        const { id } = await client.createSession({});
        await client.sessionTools.offer(id, own.tools());
        for (const prompt of ['#tool echo {"a":1}', '#tool-old echo {"a":1}']) {
          const answer = await ask(client, id, prompt);
          assert.match(answer, /echo \{\\"a\\":1\}/, answer);
          assert.match(answer, /"is_error":\s*false/, answer);
        }
        assert.deepEqual(
          own.calls.map(({ sessionId, args }) => [sessionId, args]),
          [
            [id, { a: 1 }],
            [id, { a: 1 }],
          ],
        );
      } finally {
        await client.close();
        await server.stop();
      }
    });
  });
