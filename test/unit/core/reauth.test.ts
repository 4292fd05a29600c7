import assert from 'node:assert/strict';
import { SecGeminiError, errorInfo } from '../../../src/core/errors.ts';
import { Reauth } from '../../../src/core/reauth.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import type { SessionEvent } from '../../../src/core/events.ts';
import { FakeClient, sessionInfo } from '../../fakes/fake-client.ts';
import { memoryKept } from '../../fakes/memory-kept.ts';

const refusal = new SecGeminiError('unauthenticated', 'The service refused the API key.');
const end = (state: 'failed' | 'unknown' | 'delivered') =>
  async function* (prompt: { readonly id: string }): AsyncGenerator<SessionEvent> {
    yield { type: 'delivery', promptId: prompt.id, state };
    yield { type: 'turnEnd', outcome: 'failed', error: errorInfo(refusal) };
  };

/** A window whose key is refused by the client `old`, and taken by `next` once it was set again. */
async function started(how: 'failed' | 'unknown' | 'delivered', answers: (string | undefined)[]) {
  let count = 0;
  const sessions = new SessionManager({ newId: () => `id-${(count += 1).toString()}`, now: () => 1000 });
  const old = new FakeClient();
  const next = new FakeClient();
  for (const client of [old, next]) client.sessions.set('s', sessionInfo('s', { name: 'Case 9' }));
  old.script = end(how);
  const kept = memoryKept();
  sessions.setClient(old, kept);
  await sessions.resume('s');
  await sessions.open('s');
  const asked: (string | undefined)[] = [];
  const failures: unknown[] = [];
  let client: FakeClient | undefined = old;
  let known = false;
  const connection = {
    get client() {
      return client;
    },
    isSandbox: false,
    refused: async (): Promise<boolean> => {
      if (known) return false;
      client = undefined;
      sessions.setClient(undefined, kept);
      await sessions.restore();
      return true;
    },
    setKey: async (key: string): Promise<boolean> => {
      if (key !== 'new') throw refusal;
      client = next;
      sessions.setClient(next, kept);
      return true;
    },
    settled: async () => undefined,
  };
  const reauth = new Reauth({
    connection,
    sessions,
    ask: async (name) => {
      asked.push(name);
      return answers.shift();
    },
    fail: (error) => failures.push(error),
  });
  return { sessions, old, next, reauth, asked, failures, knows: () => (known = true) };
}

async function asksAndEnds(sessions: SessionManager, reauth: Reauth, text: string): Promise<void> {
  const over = new Promise<void>((resolve) => {
    const listener = sessions.onDidChange(({ action }) => {
      if (action.type !== 'turnEnd') return;
      listener.dispose();
      resolve();
    });
  });
  await sessions.send('s', text);
  await over;
  await reauth.settled();
}

describe('a key that is refused in the middle of a session', () => {
  it('is asked for once, by the session’s name; what never left goes out with the new one, and the queue after it', async () => {
    const { sessions, old, next, reauth, asked, failures } = await started('failed', ['new']);
    sessions.setDraft('s', 'half a thought');
    await asksAndEnds(sessions, reauth, 'first');
    assert.deepEqual([asked, failures], [['Case 9'], []]);
    assert.deepEqual([old.sent, next.sent], [['first'], ['first']]);
    assert.equal(sessions.state('s')?.draft, 'half a thought');
  });

  for (const how of ['unknown', 'delivered'] as const)
    it(`what may have arrived (${how}) is not sent again`, async () => {
      const { sessions, next, reauth, asked } = await started(how, ['new']);
      await asksAndEnds(sessions, reauth, 'first');
      assert.deepEqual([asked.length, next.sent], [1, []]);
    });

  it('closing the question leaves everything as it is, and nothing is asked again', async () => {
    const { sessions, next, reauth, asked } = await started('failed', [undefined, 'new']);
    await asksAndEnds(sessions, reauth, 'first');
    assert.deepEqual([asked.length, next.sent], [1, []]);
    assert.ok(sessions.state('s') !== undefined, 'it can be read');
  });

  it('a wrong key is told, and nothing is sent', async () => {
    const { sessions, next, reauth, failures } = await started('failed', ['wrong']);
    await asksAndEnds(sessions, reauth, 'first');
    assert.deepEqual([failures, next.sent], [[refusal], []]);
  });

  it('a service that knows the key after all is not given another one', async () => {
    const { sessions, reauth, asked, knows } = await started('failed', ['new']);
    knows();
    await asksAndEnds(sessions, reauth, 'first');
    assert.deepEqual(asked, []);
  });
});
