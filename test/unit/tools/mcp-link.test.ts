// The user's own MCP servers as processes and over HTTP: what they get, what they say, and how they end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as z from 'zod';
import type { Log } from '../../../src/core/log.ts';
import type { McpServerConfig } from '../../../src/core/tools/mcp-config.ts';
import { type McpEvents, type McpLink, openMcp } from '../../../src/host/tools/mcp/link.ts';
import { McpSource } from '../../../src/host/tools/mcp/source.ts';

/** The variable that the setting of the server names. */
const TOKEN_NAME = 'SG_TEST_NOTES_TOKEN';

const SCRIPT = join(import.meta.dirname, '../../fakes/mcp-server.ts');
const signal = new AbortController().signal;

const config = (...args: string[]): McpServerConfig => ({
  kind: 'stdio',
  name: 'notes',
  command: process.execPath,
  args: [SCRIPT, ...args],
  env: { NOTES_TOKEN: `\${env:${TOKEN_NAME}}` },
  cwd: undefined,
});

describe("the user's own MCP servers", function () {
  // A guard against hanging only: machines are busy.
  this.timeout(60_000);
  const links: McpLink[] = [];
  const open = async (server: McpServerConfig, events: Partial<McpEvents> = {}): Promise<McpLink> => {
    const none = (): void => undefined;
    const link = await openMcp(server, '0', { onClose: none, onChanged: none, onSaid: none, ...events });
    links.push(link);
    return link;
  };
  afterEach(() => {
    for (const link of links.splice(0)) link.kill();
  });

  it('over stdio list their tools with hints, and their resources', async () => {
    const { tools, resources } = await (await open(config())).list();
    const find = tools.find(({ name }) => name === 'find_note');
    assert.equal(find?.title, 'Find a note');
    assert.equal(find?.annotations?.readOnlyHint, true);
    assert.equal(tools.find(({ name }) => name === 'add_note')?.annotations?.readOnlyHint, false);
    assert.deepEqual(
      resources.map(({ uri, name }) => [uri, name]),
      [['notes://skills/triage', 'Triage skill']],
    );
  });

  it('answer calls, with what is no text named and kept here, and errors as errors', async () => {
    const link = await open(config());
    assert.match((await link.call('find_note', { query: 'x' }, signal)).text, /beacon began at 03:12/);
    assert.match((await link.call('image', {}, signal)).text, /^\[image, image\/png, 3 bytes: not handed on\]$/);
    const failed = await link.call('fail', {}, signal);
    assert.equal(failed.isError, true);
    assert.match(failed.text, /the notes are locked/);
    assert.match((await link.read('notes://skills/triage', signal)).text, /First the beacon/);
  });

  it('get a minimal environment: what the setting names, and no key of this extension', async () => {
    process.env[TOKEN_NAME] = 'value of the notes';
    process.env['SEC_GEMINI_API_KEY'] = 'CANARY';
    process.env['SG_TEST_OTHER'] = 'CANARY';
    try {
      const names = (await (await open(config())).call('environment', {}, signal)).text.split('\n');
      assert.ok(names.includes('NOTES_TOKEN') && names.includes('PATH'), names.join());
      const known = ['HOME', 'LANG', 'LOGNAME', 'NOTES_TOKEN', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'USER'];
      // macOS puts one of its own into every process.
      assert.deepEqual(
        names.filter((name) => !known.includes(name) && !name.startsWith('__CF')),
        [],
      );
    } finally {
      for (const name of [TOKEN_NAME, 'SEC_GEMINI_API_KEY', 'SG_TEST_OTHER']) delete process.env[name];
    }
  });

  it('end with all that they started, at once', async () => {
    const { promise: said, resolve } = Promise.withResolvers<number>();
    const link = await open(config('--child'), {
      onSaid: (line) => {
        const pid = /^child (\d+)$/.exec(line)?.[1];
        if (pid !== undefined) resolve(Number(pid));
      },
    });
    const pid = await said;
    assert.doesNotThrow(() => process.kill(pid, 0));
    link.kill();
    for (let alive = true; alive; await new Promise(setImmediate))
      try {
        process.kill(pid, 0);
      } catch {
        alive = false;
      }
  });

  it('that do not exist, or speak no MCP, are an error that says so', async () => {
    await assert.rejects(open({ ...config(), command: 'no-such-program-of-ours' } as McpServerConfig), /ENOENT/);
    await assert.rejects(
      open({ ...config(), args: ['-e', 'console.log("hello"); process.exit(1)'] } as McpServerConfig),
      /closed/i,
    );
  });

  it('come back after a fall with growing waits, and after five falls only by hand', async () => {
    const waits: { ms: number; run: () => void }[] = [];
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    const log: Log = { trace: write, info: write, warn: write, error: write };
    let fails = false;
    const source = new McpSource(config(), {
      open: async (server, events) => {
        if (fails) throw new Error('no luck');
        return open(server, events);
      },
      log,
      now: () => 0,
      after: (ms, run) => {
        waits.push({ ms, run });
        return () => undefined;
      },
    });
    const until = async (kind: string): Promise<void> => {
      if (source.state.kind === kind) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const listener = source.onDidChange(() => source.state.kind === kind && resolve());
      await promise;
      listener.dispose();
    };
    await source.start();
    assert.equal(source.state.kind, 'ready');
    assert.ok(
      lines.some((line) => line.includes('notes are ready')),
      lines.join(),
    );
    await assert.rejects(source.call('fall', {}, { signal }), /MCP server notes answered with an error/);
    await until('waiting');
    assert.deepEqual(source.tools(), []);
    waits.at(-1)?.run();
    await until('ready');
    fails = true;
    await source.start();
    for (let round = 0; round < 4; round += 1) {
      await until('waiting');
      waits.at(-1)?.run();
      await until('starting').catch(() => undefined);
      await new Promise(setImmediate);
    }
    await until('failed');
    assert.match(source.state.words, /failed 5 times: no luck/);
    assert.deepEqual(
      waits.slice(1).map(({ ms }) => ms),
      [1000, 2000, 4000, 8000],
    );
    source.dispose();
  });

  it('over HTTP are asked at their one origin, and a redirect to another is not followed', async () => {
    const seen: string[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(`elsewhere ${request.url ?? ''}`);
      response.end();
    }).listen(0, '127.0.0.1');
    const server = createServer((request, response) => {
      seen.push(`${request.headers['x-notes'] as string} ${request.headers['x-api-key'] as string}`);
      if (request.url === '/away')
        return void response
          .writeHead(307, { location: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/mcp` })
          .end();
      const mcp = new McpServer({ name: 'http', version: '1' });
      mcp.registerTool('add', { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => ({
        content: [{ type: 'text', text: String(a + b) }],
      }));
      const transport = new StreamableHTTPServerTransport({});
      void mcp.connect(transport as never).then(() => transport.handleRequest(request, response));
    }).listen(0, '127.0.0.1');
    for (const each of [server, elsewhere]) if (!each.listening) await once(each, 'listening');
    const at = (path: string): McpServerConfig => ({
      kind: 'http',
      name: 'web',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
      headers: { 'x-notes': 'mine' },
    });
    try {
      const link = await open(at('/mcp'));
      assert.deepEqual(
        (await link.list()).tools.map(({ name }) => name),
        ['add'],
      );
      assert.equal((await link.call('add', { a: 2, b: 3 }, signal)).text, '5');
      assert.ok(seen.length > 0 && seen.every((line) => line === 'mine undefined'), seen.join());
      await assert.rejects(open(at('/away')));
      assert.ok(!seen.some((line) => line.startsWith('elsewhere')), seen.join());
    } finally {
      for (const each of [server, elsewhere]) {
        each.closeAllConnections();
        each.close();
      }
    }
  });
});
