import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClientOptions } from '../../../../src/client/create-client.ts';
import { createV1Client } from '../../../../src/client/v1/create.ts';
import { attachmentBody } from '../../../../src/client/v1/files.ts';
import { parseRetryAfter } from '../../../../src/client/retry-after.ts';
import type { V1Client } from '../../../../src/client/v1/client.ts';
import type { Upload } from '../../../../src/core/client.ts';
import { isSecGeminiError } from '../../../../src/core/errors.ts';
import { waitFor } from '../../../fakes/v1-drive.ts';
import { FAKE_KEY, V1Fake } from '../../../fakes/v1-server.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');

function uploadOf(bytes: Buffer, cut: number, name = 'f.bin'): Upload {
  return {
    name,
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += cut) yield bytes.subarray(at, at + cut);
    },
  };
}

describe('v1 over HTTP', function () {
  // Busy machines: a guard, not an expectation.
  this.timeout(20_000);
  let fake: V1Fake;
  let client: V1Client;

  const make = (options: Partial<ClientOptions> = {}): V1Client =>
    createV1Client({ endpoint: fake.url, apiKey: FAKE_KEY, protocol: 'v1', ...options });

  beforeEach(async () => {
    fake = await V1Fake.start();
    client = make();
  });
  afterEach(async () => {
    await client.close();
    await fake.close();
  });

  it('sends the key in its header and never in a URL', async () => {
    await client.account();
    const [request] = fake.requests;
    assert.equal(request?.headers['x-api-key'], FAKE_KEY);
    assert.equal(request?.headers['x-sdk'], 'sec-gemini-vscode');
    assert.equal([...(request?.query ?? [])].length, 0);
  });

  it('a 422 names its fields; an OpResult that is not ok is an error in spite of its 200', async () => {
    fake.override = () => ({ status: 422, body: { detail: [{ loc: ['body', 'ttl'], msg: 'too short', type: 'x' }] } });
    await assert.rejects(client.createSession({}), (error) => {
      assert.ok(isSecGeminiError(error, 'invalidArgument'));
      assert.deepEqual(error.fields, [{ path: 'body.ttl', message: 'too short' }]);
      assert.match(error.message, /body\.ttl: too short/);
      return true;
    });
    fake.override = (request) =>
      request.path === '/v1/session/register'
        ? {
            status: 200,
            body: { ok: false, status_code: 403, status_message: 'User is not authorized to disable session logging' },
          }
        : undefined;
    await assert.rejects(client.createSession({ logging: false }), (error) =>
      isSecGeminiError(error, 'permissionDenied'),
    );
  });

  it('a kept connection that is gone when it is needed again costs a question nothing, and a change is not sent twice', async () => {
    const id = fake.addSession();
    const dying = new Set<unknown>();
    let cuts = 0;
    // The first request of a connection is answered; the next one on it meets its end.
    fake.override = (_, response) => {
      const { socket } = response;
      if (socket === null || !dying.has(socket)) return void dying.add(socket);
      cuts += 1;
      socket.resetAndDestroy();
      return 'taken';
    };
    await client.getSession(id);
    assert.equal((await client.getSession(id)).id, id);
    assert.equal(cuts, 1);
    await assert.rejects(client.sendFeedback(id, 1, 'x'), (error) => isSecGeminiError(error, 'unavailable'));
    assert.equal(fake.requests.filter((request) => request.path.endsWith('/feedback')).length, 1);
  });

  it('an OpResult that says neither yes nor no is no success', async () => {
    const id = fake.addSession();
    for (const body of [{}, { ok: null, status_code: null }, { status_message: 'OK' }]) {
      fake.override = (request) => (request.path.endsWith('/feedback') ? { status: 200, body } : undefined);
      await assert.rejects(client.sendFeedback(id, 1, 'x'), (error) => isSecGeminiError(error, 'protocol'));
    }
    for (const body of [{ ok: true }, { status_code: 200 }]) {
      fake.override = (request) => (request.path.endsWith('/feedback') ? { status: 200, body } : undefined);
      await client.sendFeedback(id, 1, 'x');
    }
  });

  it('only the service says that a session is not there: no empty answer, no page of a gateway', async () => {
    const id = fake.addSession();
    for (const [answer, code] of [
      [{ status: 200, body: null }, 'notFound'],
      [{ status: 404, body: { detail: 'Not Found' } }, 'notFound'],
      [{ status: 404, body: '' }, 'notFound'],
      [{ status: 200, body: '' }, 'protocol'],
      [{ status: 204, body: '' }, 'protocol'],
      [{ status: 404, body: '<html><body>no such backend</body></html>' }, 'protocol'],
    ] as const) {
      fake.override = () => answer;
      const is = (error: unknown): boolean => isSecGeminiError(error, code);
      await assert.rejects(client.getSession(id), is, JSON.stringify(answer));
      await assert.rejects(client.history(id), is, JSON.stringify(answer));
    }
  });

  it('redirects are refused and not followed, whatever they point at', async () => {
    const other = await V1Fake.start();
    for (const status of [301, 302, 303, 307, 308]) {
      fake.override = () => ({ status, headers: { location: `${other.url}/v1/user/info` } });
      await assert.rejects(client.account(), (error) => isSecGeminiError(error, 'protocol'));
    }
    assert.deepEqual(other.requests, []);
    await other.close();
  });

  it('an answer beyond 64 MiB is cut off', async () => {
    let written = 0;
    fake.override = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const more = (): void => {
        if (response.destroyed || written > 200) return;
        written += 1;
        response.write(chunk, () => setImmediate(more));
      };
      more();
      return 'taken';
    };
    await assert.rejects(client.account(), (error) => isSecGeminiError(error, 'tooLarge'));
    assert.ok(written < 200);
  });

  it('no answer in time, a cut answer, a signal in the middle', async () => {
    fake.override = () => 'taken';
    const hasty = make({ timeouts: { responseMs: 30 } });
    await assert.rejects(hasty.account(), (error) => isSecGeminiError(error, 'timeout'));
    await hasty.close();
    const idle = make({ timeouts: { idleMs: 30 } });
    await assert.rejects(idle.account(), (error) => isSecGeminiError(error, 'timeout'));
    await idle.close();
    const abort = new AbortController();
    const call = client.account({ signal: abort.signal });
    while (fake.requests.length < 3) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await assert.rejects(call, (error) => isSecGeminiError(error, 'cancelled'));
    const open = client.account();
    while (fake.requests.length < 4) await new Promise((resolve) => setImmediate(resolve));
    await client.close();
    await assert.rejects(open, (error) => isSecGeminiError(error, 'cancelled'));
    await assert.rejects(client.account(), (error) => isSecGeminiError(error, 'cancelled'));
  });

  it('Retry-After: seconds, a date, nonsense, the past, too far', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    assert.equal(parseRetryAfter('7', now), 7000);
    assert.equal(parseRetryAfter('Sat, 21 Nov 2026 12:00:30 GMT', now), 30_000);
    assert.equal(parseRetryAfter('Sat, 21 Nov 2026 11:00:00 GMT', now), 0);
    assert.equal(parseRetryAfter('99999999', now), 86_400_000);
    for (const text of [undefined, '', 'soon', '-5', '1e9'])
      assert.equal(parseRetryAfter(text, now), undefined, String(text));
  });

  it('the whole session goes back on update, fields of the future included; delete leaves the transcript at home', async () => {
    const id = fake.addSession({ future: { kept: [1, 2] } });
    fake.keep(id, { id: 'm', message_type: 'query' });
    await client.updateSession(id, { name: ' new name ' });
    const update = JSON.parse(
      fake.requests.find((request) => request.path.endsWith('/update'))?.body ?? '{}',
    ) as Record<string, unknown>;
    assert.deepEqual([update.name, update.future, update.ttl], ['new name', { kept: [1, 2] }, 86_400]);
    await assert.rejects(client.updateSession(id, { name: ' ' }), (error) =>
      isSecGeminiError(error, 'invalidArgument'),
    );
    await client.deleteSession(id);
    const removed = JSON.parse(
      fake.requests.find((request) => request.path.endsWith('/delete'))?.body ?? '{}',
    ) as Record<string, unknown>;
    assert.deepEqual(removed.messages, []);
  });

  it('a session is registered with every field, 86400 s explicitly, and only what the account allows', async () => {
    await client.createSession({ description: 'd' });
    const body = JSON.parse(
      fake.requests.find((request) => request.path.endsWith('/register'))?.body ?? '{}',
    ) as Record<string, unknown>;
    assert.equal(body.ttl, 86_400);
    assert.equal(body.can_log, true);
    assert.match(String(body.name), /^Session \d{4}-/);
    assert.match(String(body.id), /^[0-9a-f-]{36}$/);
    await assert.rejects(client.createSession({ ttlSeconds: 299 }), (error) =>
      isSecGeminiError(error, 'invalidArgument'),
    );
    await assert.rejects(client.createSession({ model: 'nope' }), (error) =>
      isSecGeminiError(error, 'invalidArgument'),
    );
  });

  describe('attachments', () => {
    it('every size around the base64 and slice borders, cut in every way, arrives byte for byte', async () => {
      const id = fake.addSession();
      for (const size of [0, 1, 2, 3, 4, 5, 196_607, 196_608, 196_609, 500_000]) {
        const bytes = Buffer.from(Array.from({ length: size }, (_, index) => (index * 31 + size) & 255));
        for (const cut of size > 1000 ? [65_536, 99_991, size] : [1, 2, 3, 7]) {
          const sent: number[] = [];
          const file = await client.attach(id, uploadOf(bytes, cut), { onProgress: (value) => sent.push(value) });
          assert.equal(file.size, size);
          assert.equal(file.sha256, createHash('sha256').update(bytes).digest('hex'));
          assert.equal(sent.at(-1), size);
          assert.deepEqual(
            sent,
            [...sent].sort((a, b) => a - b),
          );
        }
      }
    });

    it('hostile names travel as JSON and split nothing', async () => {
      const id = fake.addSession();
      for (const name of ['a"b\\c', 'x\r\nX-Evil: 1', '../../etc/passwd', '‮gnp.exe', '\u0000', '💥'.repeat(80)]) {
        assert.equal((await client.attach(id, uploadOf(Buffer.from('x'), 1, name))).name, name);
      }
      assert.ok(fake.requests.every((request) => request.headers['x-evil'] === undefined));
    });

    it('F28: a file that grows, shrinks or fails while it is sent is not attached', async () => {
      const id = fake.addSession();
      const bytes = Buffer.alloc(100_000, 1);
      for (const size of [99_999, 100_001]) {
        await assert.rejects(client.attach(id, { ...uploadOf(bytes, 1000), size }), (error) =>
          isSecGeminiError(error, 'invalidArgument'),
        );
      }
      const broken: Upload = {
        name: 'x',
        size: 10,
        async *open() {
          yield Buffer.from('12345');
          throw new Error('EIO');
        },
      };
      await assert.rejects(client.attach(id, broken), (error) => isSecGeminiError(error));
      assert.deepEqual(fake.sessions.get(id)?.files, []);
    });

    it('cancel in the middle: nothing is attached, the source is closed', async () => {
      const id = fake.addSession();
      const abort = new AbortController();
      let closed = false;
      const endless: Upload = {
        name: 'big',
        size: 1_000_000_000,
        async *open() {
          try {
            for (;;) {
              yield Buffer.alloc(65_536);
              await new Promise((resolve) => setImmediate(resolve));
            }
          } finally {
            closed = true;
          }
        },
      };
      const attach = client.attach(id, endless, {
        signal: abort.signal,
        onProgress: (sent) => {
          if (sent > 1_000_000) abort.abort();
        },
      });
      await assert.rejects(attach, (error) => isSecGeminiError(error, 'cancelled'));
      await waitFor(() => closed);
      assert.deepEqual(fake.sessions.get(id)?.files, []);
    });

    it('a refusal in the middle (413) ends the upload and says so', async () => {
      const id = fake.addSession();
      let read = 0;
      const big: Upload = {
        name: 'big',
        size: 300_000_000,
        async *open() {
          for (; read < 300_000_000; read += 65_536) yield Buffer.alloc(65_536);
        },
      };
      const { createServer } = await import('node:http');
      const strict = createServer((request, response) => {
        request.on('error', () => undefined);
        if (request.method === 'GET') return void response.end(JSON.stringify(fake.sessions.get(id)));
        response.writeHead(413, { connection: 'close' }).end('{"detail":"too large"}');
      });
      await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve));
      const { port } = strict.address() as { port: number };
      const other = make({ endpoint: `http://127.0.0.1:${port}` });
      await assert.rejects(other.attach(id, big), (error) => isSecGeminiError(error));
      assert.ok(read < 300_000_000, 'the rest was not read');
      await other.close();
      strict.closeAllConnections();
      await new Promise<void>((resolve) => strict.close(() => resolve()));
    });

    it('other bytes than were sent are noticed', async () => {
      const id = fake.addSession();
      fake.override = (request) =>
        request.path.endsWith('attach_file')
          ? {
              status: 200,
              body: {
                ok: true,
                status_code: 200,
                data: { name: 'f.bin', size: 1, sha256: 'ab'.repeat(32), mime_type: '' },
              },
            }
          : undefined;
      await assert.rejects(client.attach(id, uploadOf(Buffer.from('x'), 1)), (error) =>
        isSecGeminiError(error, 'protocol'),
      );
    });

    it('the length is exact and nothing is held: the body of a sparse gigabyte is made piece by piece', async () => {
      const piece = Buffer.alloc(1024 * 1024);
      const body = attachmentBody(
        's',
        {
          name: 'n',
          size: 64 * piece.length,
          async *open() {
            for (let i = 0; i < 64; i += 1) yield piece;
          },
        },
        undefined,
      );
      let length = 0;
      let largest = 0;
      for await (const chunk of body.chunks()) {
        length += chunk.byteLength;
        largest = Math.max(largest, chunk.byteLength);
      }
      assert.equal(length, body.length);
      assert.ok(largest <= 300_000);
    });
  });

  it('the sources name http and https bare: with a node: prefix VS Code could not put its proxy in between', () => {
    const folder = join(root, 'src', 'client', 'v1');
    for (const file of readdirSync(folder)) {
      assert.doesNotMatch(readFileSync(join(folder, file), 'utf8'), /from 'node:https?'/, file);
    }
    assert.match(readFileSync(join(dirname(folder), 'v1', 'http.ts'), 'utf8'), /from 'https'/);
  });
});
