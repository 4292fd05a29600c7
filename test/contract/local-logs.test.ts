/** A question about a local log over both wires: the sandbox's agent describes, queries and cites; the file itself stays here. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createV3Client } from '../../src/client/create-client.ts';
import { createV1Client } from '../../src/client/v1/create.ts';
import type { ToolServer } from '../../src/core/client-agent.ts';
import type { SecGeminiClient } from '../../src/core/client.ts';
import type { ToolCall, ToolResult } from '../../src/core/tools/call.ts';
import { LocalLogs } from '../../src/host/logs/local-logs.ts';
import { logTools } from '../../src/host/logs/log-tools.ts';
import { answers, drive } from '../fakes/v1-drive.ts';
import { WORKER, fixturePath } from '../unit/logs/support.ts';
import { startSandbox } from './sandbox-process.ts';

/** The log tools without their consent, which test/unit/tools proves. */
class LogServer implements ToolServer {
  readonly asked: string[] = [];
  readonly #tools: ReturnType<ReturnType<typeof logTools>['tools']>;

  constructor(logs: LocalLogs) {
    this.#tools = logTools(logs).tools();
  }

  tools(): ReturnType<ToolServer['tools']> {
    return this.#tools;
  }

  async call({ names, args, signal }: ToolCall): Promise<ToolResult> {
    const tool = this.#tools.find(({ name }) => names.includes(name));
    assert.ok(tool !== undefined, names.join());
    this.asked.push(tool.name);
    const { text } = await tool.run(tool.parse(args), { signal, sessionId: 'here' });
    return { text, isError: false, settle: () => undefined };
  }
}

async function ask(client: SecGeminiClient, sessionId: string, prompt: string): Promise<string> {
  const turn = drive(client, sessionId, prompt);
  await turn.done;
  return answers(turn).at(-1) ?? '';
}

describe('a local log over the sandbox', function () {
  this.timeout(60_000);

  for (const protocol of ['v3', 'v1'] as const)
    it(`${protocol}: is asked by queries, and its rows are cited with their lines`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sg-logs-'));
      const logs = new LocalLogs({ script: WORKER, directory: folder });
      const sandbox = await startSandbox();
      const options = { endpoint: sandbox.endpoint, apiKey: sandbox.apiKey };
      const client: SecGeminiClient =
        protocol === 'v3'
          ? await createV3Client({ ...options, protocol: 'v3' })
          : createV1Client({ ...options, protocol: 'v1' });
      try {
        await logs.add('here', fixturePath('auth.log'));
        const server = new LogServer(logs);
        const { id } = await client.createSession({});
        client.sessionTools?.serve(server);
        await client.sessionTools?.offer(id, server.tools());
        const link = client.toolHub?.open({ endpoint: sandbox.endpoint, name: 'vscode-test-1a2b', server });
        if (link !== undefined && link.state.kind !== 'connected')
          await new Promise<void>((resolve) =>
            link.onDidChange((state) => state.kind === 'connected' && resolve(undefined)),
          );
        const answer = await ask(client, id, 'Who failed to log in, and did one of them get in?');
        assert.deepEqual(server.asked, ['describe_logs', 'query_logs', 'query_logs', 'query_logs']);
        assert.match(answer, /203\.0\.113\.7/);
        assert.match(answer, /`auth\.log:12` `2026-03-01T06:30:00 · root · 203\.0\.113\.7 · password`/);
      } finally {
        await client.close();
        await sandbox.kill();
        logs.dispose();
        rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    });
});
