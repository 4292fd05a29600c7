import assert from 'node:assert/strict';
import { createV1Client } from '../../../../src/client/v1/create.ts';
import type { V1Client } from '../../../../src/client/v1/client.ts';
import { chunksOfLines, logsHash } from '../../../../src/client/v1/logs.ts';
import type { Upload } from '../../../../src/core/client.ts';
import { isSecGeminiError } from '../../../../src/core/errors.ts';
import { FAKE_KEY, V1Fake } from '../../../fakes/v1-server.ts';

function upload(text: string, cut = 7): Upload {
  const bytes = Buffer.from(text);
  return {
    name: 'auth.jsonl',
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += cut) yield bytes.subarray(at, at + cut);
    },
  };
}

describe('v1 logs service', function () {
  // Busy machines: a guard, not an expectation.
  this.timeout(20_000);
  let fake: V1Fake;
  let client: V1Client;
  let session: string;
  let uploads: { log_lines: string[]; logs_hash: string }[];
  /** What /upload_logs does at each call; undefined = takes the lines. */
  let script: ('cut' | 500 | 422 | undefined)[];

  beforeEach(async () => {
    fake = await V1Fake.start();
    client = createV1Client({ endpoint: fake.url, apiKey: FAKE_KEY, protocol: 'v1', logsService: fake.url });
    session = fake.addSession({ can_log: false });
    uploads = [];
    script = [];
    fake.override = (request, response) => {
      if (request.path === '/create_logs_table') return { status: 200, body: { table_created: true } };
      if (request.path === '/v1/session/attach_logs') return { status: 200, body: { ok: true, status_code: 200 } };
      if (request.path !== '/upload_logs') return undefined;
      const step = script.shift();
      if (step === 'cut') {
        response.destroy();
        return 'taken';
      }
      if (step !== undefined) return { status: step, body: { detail: 'no' } };
      const body = JSON.parse(request.body) as { log_lines: string[]; logs_hash: string };
      uploads.push(body);
      return { status: 200, body: { inserted_log_lines: body.log_lines.length } };
    };
  });
  afterEach(async () => {
    await client.close();
    await fake.close();
  });

  it('the hash is BLAKE2s keyed with "secgemini"', async () => {
    // From Python: hashlib.blake2s(b'hello', key=b'secgemini').hexdigest()
    assert.equal(
      await logsHash(upload('hello', 2)),
      '1cf215d7a4bb521497f59e33e335b35669183cf822121c26e09ad863ee5b3f31',
    );
  });

  it('lines survive every cut: CRLF, empty lines, multi-byte characters, no last newline', async () => {
    const text = '{"a":"é"}\r\n\n{"b":"🔐"}\n  \n{"c":3}';
    for (const cut of [1, 2, 3, 5, 1000]) {
      for (const limit of [1, 12, 1000]) {
        const lines: string[] = [];
        let bytes = 0;
        for await (const chunk of chunksOfLines(upload(text, cut), limit)) {
          lines.push(...chunk.lines);
          bytes = chunk.bytes;
        }
        assert.deepEqual(lines, ['{"a":"é"}', '{"b":"🔐"}', '{"c":3}']);
        assert.ok(bytes > 0);
      }
    }
  });

  it('a cut upload starts again under the same hash and says so', async () => {
    script = ['cut', undefined];
    const restarts: number[] = [];
    const progress: number[] = [];
    const result = await client.attachLogs(session, upload('{"a":1}\n{"b":2}\n'), {
      onRestart: (attempt) => restarts.push(attempt),
      onProgress: (sent) => progress.push(sent),
    });
    assert.equal(result.insertedLines, 2);
    assert.deepEqual(restarts, [2]);
    assert.deepEqual(progress, [0, 16]);
    assert.equal(uploads[0]?.logs_hash, result.hash);
    const table = fake.requests.find((request) => request.path === '/create_logs_table');
    assert.equal(table?.query.get('can_log'), 'false');
    const bound = fake.requests.find((request) => request.path === '/v1/session/attach_logs');
    assert.deepEqual([bound?.query.get('session_id'), bound?.query.get('logs_hash')], [session, result.hash]);
  });

  it('gives up after three cuts, and at once when the service refuses; nothing is bound then', async () => {
    script = ['cut', 'cut', 'cut', undefined];
    await assert.rejects(client.attachLogs(session, upload('{}\n')), (error) => isSecGeminiError(error, 'unavailable'));
    assert.equal(script.length, 1);
    script = [422, undefined];
    await assert.rejects(client.attachLogs(session, upload('{}\n')), (error) =>
      isSecGeminiError(error, 'invalidArgument'),
    );
    assert.equal(script.length, 1);
    assert.ok(!fake.requests.some((request) => request.path === '/v1/session/attach_logs'));
  });

  it('an answer that does not say whether the log is there is no answer: nothing counts as sent', async () => {
    const { override } = fake;
    for (const body of [{}, { table_created: null }, { table_created: 'yes' }]) {
      fake.override = (request, response) =>
        request.path === '/create_logs_table' ? { status: 200, body } : override(request, response);
      await assert.rejects(client.attachLogs(session, upload('{}\n')), (error) => isSecGeminiError(error, 'protocol'));
    }
    assert.ok(!fake.requests.some((request) => request.path === '/v1/session/attach_logs'));
  });

  it('cancel, a log that changes, no service configured', async () => {
    await assert.rejects(client.attachLogs(session, upload('{}\n'), { signal: AbortSignal.abort() }), (error) =>
      isSecGeminiError(error, 'cancelled'),
    );
    await assert.rejects(client.attachLogs(session, { ...upload('{}\n'), size: 99 }), (error) =>
      isSecGeminiError(error, 'invalidArgument'),
    );
    const without = createV1Client({ endpoint: fake.url, apiKey: FAKE_KEY, protocol: 'v1' });
    assert.equal(without.capabilities.logs, false);
    await assert.rejects(without.attachLogs(session, upload('{}\n')), (error) =>
      isSecGeminiError(error, 'invalidArgument'),
    );
    await without.close();
  });
});
