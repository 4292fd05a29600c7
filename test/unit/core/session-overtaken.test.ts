// Answers of the service that come late: what was asked, made, changed or deleted meanwhile is not undone by them.
import assert from 'node:assert/strict';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { FakeClient, sessionInfo } from '../../fakes/fake-client.ts';

function manager(): { sessions: SessionManager; client: FakeClient } {
  let count = 0;
  const sessions = new SessionManager({ newId: () => `id-${(count += 1)}`, now: () => 1000 });
  const client = new FakeClient();
  sessions.setClient(client);
  return { sessions, client };
}

interface Held {
  /** Resolves when the service has made its answer. */
  readonly made: Promise<void>;
  readonly release: () => void;
}

/** Of the next call: its answer is made at once and arrives when it is let go. */
function hold(client: FakeClient, call: 'getSession' | 'listSessions' | 'updateSession'): Held {
  const made = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const plain = client[call].bind(client) as (...given: unknown[]) => Promise<unknown>;
  Object.assign(client, {
    [call]: async (...given: unknown[]) => {
      Object.assign(client, { [call]: plain });
      const old = structuredClone(await plain(...given));
      made.resolve();
      await held.promise;
      return old;
    },
  });
  return { made: made.promise, release: held.resolve };
}

function archive(client: FakeClient, id: string): void {
  client.sessions.set(id, { ...(client.sessions.get(id) ?? sessionInfo(id)), archived: true });
}

/** A session "One", a call whose answer comes late, and what happens before it arrives. */
async function overtaken(
  call: Parameters<typeof hold>[1],
  begin: (sessions: SessionManager, id: string) => Promise<unknown>,
  meanwhile: (sessions: SessionManager, id: string, client: FakeClient) => Promise<unknown>,
): Promise<{ sessions: SessionManager; id: string }> {
  const { sessions, client } = manager();
  const { id } = await sessions.create({ name: 'One' });
  const held = hold(client, call);
  const slow = begin(sessions, id);
  await held.made;
  await meanwhile(sessions, id, client);
  held.release();
  await slow;
  return { sessions, id };
}

const archivedElsewhere = async (sessions: SessionManager, id: string, client: FakeClient): Promise<void> => {
  archive(client, id);
  await sessions.refreshSession(id);
};
const list = (sessions: SessionManager): Promise<unknown> => sessions.refresh();

describe('Late answers about sessions', () => {
  it('a list that was asked for before a session was archived does not take it out of the archive', async () => {
    const { sessions, id } = await overtaken('listSessions', list, archivedElsewhere);
    assert.equal(sessions.state(id)?.info.archived, true);
    assert.equal(sessions.list.kind, 'loaded');
  });

  it('a list that was asked for before a session was made does not take it away', async () => {
    let made = '';
    const { sessions } = await overtaken('listSessions', list, async (all) => {
      made = (await all.create({ name: 'Two' })).id;
    });
    assert.equal(sessions.state(made)?.info.name, 'Two');
  });

  it('a list that was asked for before a session was deleted does not bring it back', async () => {
    const { sessions, id } = await overtaken('listSessions', list, (all, one) => all.delete(one));
    assert.equal(sessions.state(id), undefined);
  });

  it('opening a session does not undo what is known of it by then', async () => {
    const { sessions, id } = await overtaken('getSession', (all, one) => all.open(one), archivedElsewhere);
    assert.equal(sessions.state(id)?.info.archived, true);
    assert.equal(sessions.state(id)?.history, 'loaded');
  });

  it('a question from before a new name does not bring the old one back', async () => {
    const { sessions, id } = await overtaken(
      'getSession',
      (all, one) => all.refreshSession(one),
      (all, one) => all.update(one, { name: 'Two' }),
    );
    assert.equal(sessions.state(id)?.info.name, 'Two');
  });

  it('a new name that was overtaken is asked for again', async () => {
    const { sessions, id } = await overtaken(
      'updateSession',
      (all, one) => all.update(one, { name: 'Two' }),
      archivedElsewhere,
    );
    assert.equal(sessions.state(id)?.info.archived, true);
    assert.equal(sessions.state(id)?.info.name, 'Two');
  });

  for (const first of ['older', 'newer'])
    it(`of two lists the one asked for last counts, when the ${first} comes first`, async () => {
      const { sessions, client } = manager();
      const { id } = await sessions.create({ name: 'One' });
      const older = hold(client, 'listSessions');
      const both = [sessions.refresh()];
      await older.made;
      archive(client, id);
      const newer = hold(client, 'listSessions');
      both.push(sessions.refresh());
      await newer.made;
      const order = first === 'older' ? [older, newer] : [newer, older];
      for (const held of order) {
        held.release();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(both);
      assert.equal(sessions.state(id)?.info.archived, true);
    });

  it('an answer with nothing newer is taken', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create({ name: 'One' });
    archive(client, id);
    await sessions.refresh();
    assert.equal(sessions.state(id)?.info.archived, true);
    client.sessions.delete(id);
    await sessions.refresh();
    assert.equal(sessions.state(id), undefined);
  });
});
