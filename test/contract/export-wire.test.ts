/** What "Export Session…" writes as JSON holds the wire as it came: compared with what a second, independent client reads of the service. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createClient } from '../../src/client/create-client.ts';
import type { SecGeminiClient } from '../../src/core/client.ts';
import { encodeExport, exportOf, importedSession, jsonValue, parseExport } from '../../src/core/session-export.ts';
import { SessionManager } from '../../src/core/session-manager.ts';
import { Peer, closeAll } from '../unit/sandbox-v3/support.ts';
import { conformancePython, startConformance } from './conformance-server.ts';
import { startSandbox } from './sandbox-process.ts';

interface Written {
  readonly session: { readonly raw: unknown };
  readonly messages: readonly { readonly kind: string; readonly raw?: unknown }[];
}

/** Asks, waits for the ends of the turns, exports as the command does, and proves that an import gives the same file. */
async function exported(
  client: SecGeminiClient,
  prompts: readonly string[],
): Promise<{ id: string; document: Written }> {
  const sessions = new SessionManager({ newId: randomUUID, now: Date.now });
  sessions.setClient(client);
  const { id } = await sessions.create({ name: 'export ✓' });
  const bytes = new TextEncoder().encode('password = "needle-4711"\n');
  await client.attach(id, {
    name: 'app.py',
    size: bytes.length,
    async *open() {
      yield bytes;
    },
  });
  for (const prompt of prompts) {
    const ended = new Promise<void>((resolve) => {
      const listener = sessions.onDidChange(({ action }) => {
        if (action.type !== 'turnEnd') return;
        listener.dispose();
        resolve();
      });
    });
    await sessions.send(id, prompt);
    await ended;
  }
  await sessions.reload(id);
  const state = sessions.state(id);
  assert.ok(state !== undefined);
  const text = encodeExport(exportOf(state, { now: Date.now() }));
  const { info, local } = importedSession(parseExport(text), 'imported-1', 0);
  const offline = new SessionManager({ newId: randomUUID, now: Date.now });
  offline.adopt(info, parseExport(text).messages, local);
  const imported = offline.state('imported-1');
  assert.ok(imported !== undefined);
  assert.equal(encodeExport(exportOf(imported, { now: 0 })), text);
  offline.dispose();
  sessions.dispose();
  return { id, document: JSON.parse(text) as Written };
}

async function v1Record(
  endpoint: string,
  key: string,
  id: string,
): Promise<{ messages: unknown[]; [key: string]: unknown }> {
  const answer = await fetch(`${endpoint}/v1/session/get?session_id=${id}`, { headers: { 'x-api-key': key } });
  return (await answer.json()) as { messages: unknown[] };
}

/** The messages of a v3 session, as a second client is told them. */
async function v3Record(sandbox: Awaited<ReturnType<typeof startSandbox>>, id: string): Promise<readonly unknown[]> {
  const peer = await Peer.of(sandbox, sandbox.apiKey);
  peer.send({ case: 'streamMessagesRequest', value: {} }, id);
  // After a replay the sandbox says the session's state.
  await peer.until(({ payload }) => payload.case === 'sessionStateChange');
  return peer.all.flatMap(({ payload }) => (payload.case === 'message' ? [jsonValue(payload.value)] : []));
}

describe('an exported session and the wire', function () {
  this.timeout(60_000);
  const owned: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    closeAll();
    for (const end of owned.splice(0)) await end();
  });

  const kinds = ({ messages }: Written): ReadonlySet<string> => new Set(messages.map(({ kind }) => kind));

  it('v1, the sandbox: 5,000 messages are the wire, too', async () => {
    const sandbox = await startSandbox();
    const client = await createClient({ endpoint: sandbox.endpoint, apiKey: sandbox.apiKey, protocol: 'v1' });
    owned.push(
      () => client.close(),
      () => sandbox.kill(),
    );
    const { id, document } = await exported(client, ['/demo long 5000']);
    const { messages } = await v1Record(sandbox.endpoint, sandbox.apiKey, id);
    assert.ok(messages.length > 5000);
    assert.deepEqual(
      document.messages.map(({ raw }) => raw),
      messages,
    );
  });

  it('v3, the sandbox: 5,000 messages are the wire, too', async () => {
    const sandbox = await startSandbox();
    const client = await createClient({ endpoint: sandbox.endpoint, apiKey: sandbox.apiKey, protocol: 'v3' });
    owned.push(
      () => client.close(),
      () => sandbox.kill(),
    );
    const { id, document } = await exported(client, ['/demo long 5000']);
    const wire = await v3Record(sandbox, id);
    assert.ok(wire.length > 5000);
    assert.deepEqual(
      document.messages.map(({ raw }) => raw),
      wire,
    );
  });

  it('v1, the sandbox: every message as the service keeps it, tool calls, reasoning and usage among them', async () => {
    const sandbox = await startSandbox();
    const client = await createClient({ endpoint: sandbox.endpoint, apiKey: sandbox.apiKey, protocol: 'v1' });
    owned.push(
      () => client.close(),
      () => sandbox.kill(),
    );
    const { id, document } = await exported(client, ['What is in the files?', '/demo markdown']);
    const { messages, ...session } = await v1Record(sandbox.endpoint, sandbox.apiKey, id);
    assert.deepEqual(
      document.messages.map(({ raw }) => raw),
      messages,
    );
    assert.deepEqual(document.session.raw, session);
    for (const kind of ['prompt', 'response', 'thinking', 'toolCall', 'toolResult', 'end'])
      assert.ok(kinds(document).has(kind), kind);
  });

  it('v3, the sandbox: the same', async () => {
    const sandbox = await startSandbox();
    const client = await createClient({ endpoint: sandbox.endpoint, apiKey: sandbox.apiKey, protocol: 'v3' });
    owned.push(
      () => client.close(),
      () => sandbox.kill(),
    );
    const { id, document } = await exported(client, ['What is in the files?', '/demo markdown']);
    const wire = await v3Record(sandbox, id);
    assert.ok(wire.length > 5);
    assert.deepEqual(
      document.messages.map(({ raw }) => raw),
      wire,
    );
    for (const kind of ['prompt', 'response', 'thinking', 'toolCall', 'toolResult'])
      assert.ok(kinds(document).has(kind), kind);
  });

  const python = conformancePython('v1');
  if (python !== undefined)
    it('v1, the conformance server: kinds, states and fields of the future too', async () => {
      const server = await startConformance(python, 'v1');
      const client = await createClient({ endpoint: server.url, apiKey: server.key, protocol: 'v1' });
      owned.push(
        () => client.close(),
        () => server.stop(),
      );
      const { id, document } = await exported(client, ['hello there', '#kinds', '#unknown']);
      const { messages } = await v1Record(server.url, server.key, id);
      const wire = messages.filter(
        (message) => !['update', 'delete'].includes((message as { message_type: string }).message_type),
      );
      assert.deepEqual(
        document.messages.map(({ raw }) => raw),
        wire,
      );
      assert.ok(wire.length > 20);
    });
});
