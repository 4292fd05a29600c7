import assert from 'node:assert/strict';
import type { ClearedUpload } from '../../../src/core/egress.ts';
import { SecGeminiError, isSecGeminiError } from '../../../src/core/errors.ts';
import { logsWords, parseFieldsMapping, requireJsonLines, sendLogs } from '../../../src/core/log-upload.ts';
import { FakeClient } from '../../fakes/fake-client.ts';

const RESULT = { hash: 'ab'.repeat(32), insertedLines: 1200, alreadyThere: false };

function upload(): { readonly cleared: ClearedUpload; readonly settled: string[] } {
  const settled: string[] = [];
  const cleared = {
    name: 'a.jsonl',
    size: 0,
    async *open() {},
    settle: async (outcome: string) => void settled.push(outcome),
    sentSha256: () => undefined,
  } as unknown as ClearedUpload;
  return { cleared, settled };
}

describe('a log for the service', () => {
  it('is lines of JSON objects; what is none is named by its line before anything is asked', () => {
    requireJsonLines('a', '{"a":1}\r\n\n{"b":2}', true);
    requireJsonLines('a', '{"a":1}\n{"cut": "in the mid', false);
    for (const [text, line] of [
      ['{"a":1}\nJan 1 sshd', 2],
      ['[1]\n', 1],
      ['"text"', 1],
    ] as const)
      assert.throws(
        () => requireJsonLines('a.log', text, true),
        (error) => isSecGeminiError(error, 'invalidArgument') && error.message.includes(`line ${line.toString()} `),
      );
  });

  it('may name its fields otherwise', () => {
    assert.equal(parseFieldsMapping(' , '), undefined);
    assert.deepEqual(parseFieldsMapping('timestamp=ts, message = msg'), { timestamp: 'ts', message: 'msg' });
    for (const bad of ['timestamp', '=ts', 'a=b=c', 'a='])
      assert.throws(() => parseFieldsMapping(bad), { code: 'invalidArgument' });
  });

  it('is recorded as sent, failed or cancelled', async () => {
    const client = new FakeClient();
    let answer: () => Promise<typeof RESULT> = async () => RESULT;
    Object.assign(client, { attachLogs: async () => answer() });
    const one = upload();
    assert.equal(await sendLogs(client, 's', one.cleared, {}), RESULT);
    answer = async () => {
      throw new SecGeminiError('unavailable', 'gone');
    };
    await assert.rejects(sendLogs(client, 's', one.cleared, {}), { code: 'unavailable' });
    await assert.rejects(sendLogs(client, 's', one.cleared, { signal: AbortSignal.abort() }), { code: 'unavailable' });
    assert.deepEqual(one.settled, ['sent', 'failed', 'cancelled']);
  });

  it('is not on a protocol without a log store, and says what to do instead', async () => {
    const { cleared, settled } = upload();
    await assert.rejects(
      sendLogs(Object.assign(new FakeClient(), { protocol: 'v3' }), 's', cleared, {}),
      (error) => isSecGeminiError(error, 'invalidArgument') && /not on this protocol yet \(v3\)/.test(error.message),
    );
    assert.deepEqual(settled, ['failed']);
  });

  it('is told in one line', () => {
    assert.match(logsWords('a.jsonl', RESULT), /^Log a\.jsonl is attached to this session: 1,200 lines sent/);
    assert.match(logsWords('a.jsonl', { ...RESULT, alreadyThere: true }), /nothing was sent/);
  });
});
