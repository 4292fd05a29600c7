// What a caller of the API may still do unasked, and what it may do when the user has taken its access back.
import assert from 'node:assert/strict';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import type { Services } from '../../../src/host/services.ts';
import { FakeClient, message, sessionInfo } from '../../fakes/fake-client.ts';
import './fake-vscode.ts';

const { attachFile, fileCalls } = await import('../../../src/host/api/api-files.ts');
const { wordsOf } = await import('../../../src/host/api/api-arguments.ts');
const TOKEN = `ghp_${'a1B2'.repeat(9)}`;

describe('the API', () => {
  it('asks about no further file when access was taken back in the middle, and gives no answer', async () => {
    const client = new FakeClient();
    const attachments = ['a', 'b', 'c'].map((id) => ({ id, name: `${id}.txt` }));
    client.listSessions = async () => ({ sessions: [sessionInfo('s1', { attachments })] });
    const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 0 });
    sessions.setClient(client);
    await sessions.refresh();
    const revoked = new AbortController();
    client.script = async function* ({ id }) {
      revoked.abort();
      yield { type: 'message', message: message(`a-${id}`, 'response', 'seen') };
      yield { type: 'turnEnd', outcome: 'completed' };
    };
    const check = (): void => {
      if (revoked.signal.aborted) throw new SecGeminiError('permissionDenied', 'taken back');
    };
    const stateOf = () => {
      const state = sessions.state('s1');
      assert.ok(state);
      return state;
    };
    const access = { caller: 'c', check, revoked: revoked.signal, stateOf, opened: async () => stateOf() };
    const api = fileCalls({ sessions } as unknown as Services, { ...access, shown: () => assert.fail() });
    await assert.rejects(api.askEach('s1', ['a', 'b', 'c'], 'Why?'), { code: 'permissionDenied' });
    assert.equal(client.sent.length, 1);
  });

  it('takes no secret for a name or a description, which go unasked', async () => {
    assert.deepEqual(await wordsOf({ name: 'Case 7', description: '' }), { name: 'Case 7', description: '' });
    for (const field of ['name', 'description'])
      await assert.rejects(wordsOf({ [field]: `x ${TOKEN}` }), (error: SecGeminiError) => {
        assert.equal(error.code, 'invalidArgument');
        assert.ok(error.message.includes(field) && !error.message.includes(TOKEN));
        return true;
      });
  });

  it('sends the bytes that were there when it was called, whoever wrote their `slice`', async () => {
    class Shared extends Uint8Array {
      override slice(): this {
        return this;
      }
    }
    const given = new Shared([1, 2, 3]);
    let sent: Uint8Array | undefined;
    // Typed, so that it follows the real one.
    const attacher: Pick<Services['attacher'], 'bytes'> = {
      bytes: async (_session, files) => {
        given.fill(9);
        sent = files[0]?.bytes;
        return true;
      },
    };
    await attachFile({ attacher } as unknown as Services, 's1', { name: 'a.bin', bytes: given });
    assert.deepEqual([...(sent ?? [])], [1, 2, 3]);
  });
});
