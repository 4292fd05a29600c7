import assert from 'node:assert/strict';
import { isSecGeminiError } from '../../../src/core/errors.ts';
import { localFactsSchema } from '../../../src/core/session-schema.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { sessionRow } from '../../../src/core/session-tree.ts';
import { FakeClient } from '../../fakes/fake-client.ts';

async function started(): Promise<{ sessions: SessionManager; client: FakeClient; id: string }> {
  let count = 0;
  const sessions = new SessionManager({ newId: () => `id-${(count += 1).toString()}`, now: () => 1000 });
  const client = new FakeClient();
  sessions.setClient(client);
  const { id } = await sessions.create({ name: 'One' });
  return { sessions, client, id };
}

const refused = (error: unknown): boolean =>
  isSecGeminiError(error, 'invalidArgument') && /terminated: it can only be read/.test(error.message);

describe('Terminate', () => {
  it('ends a session for good: nothing goes out any more, whoever asks', async () => {
    const { sessions, client, id } = await started();
    await sessions.terminate(id);
    const before = [...client.calls];
    await assert.rejects(sessions.send(id, 'more'), refused);
    await assert.rejects(sessions.attach(id, []), refused);
    await assert.rejects(sessions.update(id, { name: 'Other' }), refused);
    await assert.rejects(sessions.steer(id, 'pause'), refused);
    await assert.rejects(sessions.sendQueued(id, 'any'), refused);
    assert.deepEqual([client.sent, client.calls], [[], before]);
    assert.match(sessionRow(sessions.state(id)!, 2000).description, /^terminated/);
    assert.match(sessionRow(sessions.state(id)!, 2000).contextValue, /terminated/);
  });

  it('stops what runs; what waited is kept and not sent', async () => {
    const { sessions, client, id } = await started();
    client.script = async function* (_prompt, signal) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      yield { type: 'turnEnd', outcome: 'completed' };
    };
    await sessions.send(id, 'first');
    await sessions.send(id, 'second');
    await sessions.terminate(id);
    assert.equal(sessions.state(id)?.turn.phase, 'idle');
    assert.deepEqual(client.sent, ['first']);
    assert.deepEqual(
      sessions.state(id)?.queue.map(({ text }) => text),
      ['second'],
    );
  });

  it('keeps the queue back when the turn ends by itself at that very moment', async () => {
    const { sessions, client, id } = await started();
    let end = (): void => undefined;
    client.script = async function* () {
      await new Promise<void>((resolve) => (end = resolve));
      yield { type: 'turnEnd', outcome: 'completed' };
    };
    await sessions.send(id, 'first');
    await sessions.send(id, 'second');
    const listener = sessions.onDidChange(({ action }) => {
      if (action.type === 'local') end();
    });
    await sessions.terminate(id);
    listener.dispose();
    assert.deepEqual(client.sent, ['first']);
  });

  it('archives it where the service has an archive, and stays when the service fails', async () => {
    const { sessions, client, id } = await started();
    const archived: string[] = [];
    Object.assign(client, {
      archive: {
        setArchived: async (sessionId: string) => {
          archived.push(sessionId);
          throw new Error('gone away');
        },
      },
    });
    await assert.rejects(sessions.terminate(id), /gone away/);
    assert.deepEqual(archived, [id]);
    await assert.rejects(sessions.send(id, 'more'), refused);
    const facts = sessions.state(id)?.local;
    assert.deepEqual(localFactsSchema.parse(JSON.parse(JSON.stringify(facts))), { terminatedAt: 1000 });
  });

  it('needs no connection, and leaves reading and deleting', async () => {
    const { sessions, client, id } = await started();
    await sessions.terminate(id);
    await sessions.terminate(id);
    await sessions.open(id);
    assert.equal(sessions.state(id)?.history, 'loaded');
    await sessions.delete(id);
    assert.equal(client.sessions.size, 0);
  });
});
