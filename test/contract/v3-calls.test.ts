/** Every call of v3 beside turns, against the harness's independent server: files, lists, tool servers, skills, publishing, keys. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createClient, createV3Client } from '../../src/client/create-client.ts';
import type { V3Client } from '../../src/client/v3/client.ts';
import { isSecGeminiError } from '../../src/core/errors.ts';
import { drive, outcome } from '../fakes/v1-drive.ts';
import { type ConformanceServer, conformancePython, startConformance } from './conformance-server.ts';
import type { Recorded } from './v3-record.ts';

const python = conformancePython('v3');

if (python !== undefined)
  describe('v3 calls against the conformance server', function () {
    this.timeout(30_000);
    let server: ConformanceServer;
    let client: V3Client;
    let sessionId: string;

    before(async () => {
      server = await startConformance(python, 'v3');
      client = await createV3Client({ endpoint: server.url, apiKey: server.key, protocol: 'v3', random: () => 0.1 });
    });

    after(async () => {
      await client.close();
      await server.stop();
    });

    beforeEach(async () => {
      sessionId = (await client.createSession({})).id;
    });

    const records = (): Recorded[] => server.records() as unknown as Recorded[];

    it('uploads by chunks, byte for byte, with the metadata that the service wants', async () => {
      // Every word another: a chunk in the place of another, or written over on its way, would be noticed.
      const bytes = Buffer.from(Uint32Array.from({ length: 3_000_001 }, (_, at) => at).buffer);
      const files = [
        ['empty.bin', Buffer.alloc(0)],
        ['odd «名» \u{1f512} %#.txt', Buffer.from('x')],
        ['folder/big.bin', bytes],
      ] as const;
      for (const [name, content] of files) {
        const progress: number[] = [];
        const upload = {
          name,
          size: content.length,
          mimeType: 'text/plain',
          async *open() {
            for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
          },
        };
        const attachment = await client.attach(sessionId, upload, { onProgress: (sent) => progress.push(sent) });
        assert.equal(attachment.size, content.length);
        const record = records().findLast((other) => other.rpc === 'UploadFile');
        assert.equal(record?.sha256, createHash('sha256').update(content).digest('hex'));
        assert.equal(record?.metadata?.['sec-gemini-api-key'], server.key);
        assert.equal(record?.metadata?.['x-sec-gemini-env'], 'public');
        assert.deepEqual(record?.fields, {
          filename: name.split('/').at(-1),
          content_type: 'text/plain',
          session_id: sessionId,
        });
        assert.ok((record?.chunks ?? []).every((size) => size <= 1_000_000));
        if (content.length > 0) assert.equal(progress.at(-1), content.length);
      }
      const page = await client.files.list(sessionId, { limit: 2 });
      assert.equal(page.files.length, 2);
      const rest = await client.files.list(sessionId, { limit: 2, pageToken: page.nextPageToken });
      assert.deepEqual([rest.files.length, rest.nextPageToken], [1, undefined]);
      assert.equal((await client.getSession(sessionId)).attachments?.length, 3);
      const connect = records().filter((record) => record.rpc === 'Connect' && record.metadata !== undefined);
      assert.ok(connect.every((record) => !JSON.stringify(record.metadata).includes(server.key)));
    });

    it('attaches nothing when cancelled, and nothing of a file that changed', async () => {
      const abort = new AbortController();
      const endless = {
        name: 'never.bin',
        size: 50_000_000,
        async *open() {
          for (;;) yield Buffer.alloc(100_000);
        },
      };
      const options = { signal: abort.signal, onProgress: (sent: number) => sent > 3_000_000 && abort.abort() };
      await assert.rejects(client.attach(sessionId, endless, options), (error) => isSecGeminiError(error, 'cancelled'));
      const short = {
        name: 'short.bin',
        size: 10,
        async *open() {
          yield Buffer.alloc(9);
        },
      };
      await assert.rejects(client.attach(sessionId, short), (error) => isSecGeminiError(error, 'invalidArgument'));
      assert.deepEqual((await client.getSession(sessionId)).attachments, []);
    });

    it('renames, archives and pages', async () => {
      const renamed = await client.updateSession(sessionId, { name: 'Renamed ✓ 名' });
      assert.deepEqual([renamed.name, renamed.customName], ['Renamed ✓ 名', true]);
      const turn = drive(client, sessionId, 'what now');
      await turn.done;
      assert.equal(turn.state().info.name, 'Renamed ✓ 名', 'a name that a person chose stays');
      await client.archive.setArchived(sessionId, true);
      const listed = async (includeArchived: boolean): Promise<boolean> =>
        (await client.listSessions({ includeArchived })).sessions.some((session) => session.id === sessionId);
      assert.deepEqual([await listed(false), await listed(true)], [false, true]);
      await client.archive.setArchived(sessionId, false);
      assert.equal(await listed(false), true);
      const ids: string[] = [];
      let pageToken: string | undefined;
      do {
        const page = await client.listSessions({ limit: 2, pageToken });
        assert.ok(page.sessions.length <= 2);
        ids.push(...page.sessions.map((session) => session.id));
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined);
      assert.ok(ids.includes(sessionId) && new Set(ids).size === ids.length);
      await assert.rejects(client.updateSession(sessionId, { description: 'x' }), (error) =>
        isSecGeminiError(error, 'invalidArgument'),
      );
    });

    it('keeps tool servers of the account and of a session', async () => {
      const url = 'https://tools.example.test/mcp';
      assert.ok((await client.mcp.listAccount()).some((other) => other.name === 'Bring Your Own Tools'));
      const added = await client.mcp.add('contract', url);
      assert.deepEqual([added.name, added.url], ['contract', url]);
      await client.mcp.setSession(sessionId, [url]);
      assert.deepEqual(
        (await client.mcp.listSession(sessionId)).map((other) => [other.url, other.state]),
        [[url, 'unreachable']],
      );
      assert.deepEqual([await client.mcp.remove(added.id), await client.mcp.remove(added.id)], [true, false]);
    });

    it('keeps skills', async () => {
      const content = '---\nname: contract\n---\nSay hello ✓.\n';
      await client.skills.upload('contract.md', content);
      assert.ok((await client.skills.listUploaded()).includes('contract.md'));
      assert.equal(await client.skills.get('contract.md'), content);
      await client.skills.listSession(sessionId);
      await client.skills.delete('contract.md');
      await assert.rejects(client.skills.get('contract.md'), (error) => isSecGeminiError(error, 'notFound'));
    });

    it('publishes and takes back', async () => {
      await drive(client, sessionId, 'hello').done;
      assert.match(await client.publishing.publish(sessionId), /^https?:\/\//);
      assert.equal((await client.getSession(sessionId)).published, true);
      const open = await client.publishing.get(sessionId);
      assert.ok(open.messages.length > 0 && open.publishedAt > 0);
      await client.publishing.unpublish(sessionId);
      await assert.rejects(client.publishing.get(sessionId), (error) => isSecGeminiError(error, 'notFound'));
    });

    it('tells the news and the tool clients', async () => {
      assert.deepEqual((await client.news.list())[0], { version: 3, message: 'Third *news*' });
      assert.deepEqual(await client.toolClients.list({ refresh: true }), []);
    });

    it('asks no more with a key that was refused', async () => {
      const wrong = await createV3Client({ endpoint: server.url, apiKey: 'wrong-key-000', protocol: 'v3' });
      const registrations = (): number => records().filter((record) => record.payload === 'register_request').length;
      const before = registrations();
      await assert.rejects(wrong.account(), (error) => isSecGeminiError(error, 'unauthenticated'));
      await assert.rejects(wrong.listSessions(), (error) => isSecGeminiError(error, 'unauthenticated'));
      assert.equal(outcome(await drive(wrong, sessionId, 'hello').done), 'failed');
      assert.equal(registrations(), before + 1);
      await wrong.close();
    });

    it('shares one stream among all sessions', async () => {
      const other = (await client.createSession({ name: 'other' })).id;
      const open = new Set(records().flatMap((record) => (record.rpc === 'Connect' ? [record.conn] : [])));
      const turns = [drive(client, sessionId, '#slow 5 0.02'), drive(client, other, '#slow 5 0.02')];
      for (const turn of turns) assert.equal(outcome(await turn.done), 'completed');
      for (const turn of turns)
        assert.equal(turn.state().messages.filter((message) => message.kind === 'thinking').length, 5);
      const now = new Set(records().flatMap((record) => (record.rpc === 'Connect' ? [record.conn] : [])));
      assert.equal(now.size, open.size, 'no stream of its own');
    });

    it('is found by auto, and asked once', async () => {
      const told: string[] = [];
      const options = { endpoint: server.url, apiKey: server.key, protocol: 'auto' as const };
      const found = await createClient({
        ...options,
        onProtocol: (origin, protocol) => told.push(`${origin} ${protocol}`),
      });
      assert.equal(found.protocol, 'v3');
      assert.deepEqual(told, [`${server.url} v3`]);
      const again = await createClient({
        ...options,
        knownProtocol: 'v3',
        onProtocol: () => assert.fail('asked twice'),
      });
      assert.equal(again.protocol, 'v3');
      await Promise.all([found.close(), again.close()]);
    });
  });
