import assert from 'node:assert/strict';
import type { SecGeminiError } from '../../../src/core/errors.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { FakeClient, message, sessionInfo } from '../../fakes/fake-client.ts';
import { memoryKept } from '../../fakes/memory-kept.ts';

const newManager = (): SessionManager => {
  let count = 0;
  return new SessionManager({ newId: () => `id-${(count += 1)}`, now: () => 5000 });
};
const idle = (sessions: SessionManager, id: string): Promise<void> =>
  new Promise((resolve) => {
    const listener = sessions.onDidChange(({ sessionId, state }) => {
      if (sessionId !== id || state.turn.phase !== 'idle' || state.turn.outcome === undefined) return;
      listener.dispose();
      resolve();
    });
  });

describe('kept sessions', () => {
  it('come back with transcript, draft and queue when the service cannot be reached', async () => {
    const kept = memoryKept();
    const client = new FakeClient();
    const first = newManager();
    first.setClient(client, kept);
    const { id } = await first.create({ name: 'Audit' });
    const done = idle(first, id);
    await first.send(id, 'hello');
    await done;
    first.setDraft(id, 'half a thought');

    const second = newManager();
    second.setClient(undefined, memoryKept(kept.disk));
    await second.restore();
    await second.open(id);
    const state = second.state(id);
    assert.equal(state?.info.name, 'Audit');
    assert.equal(state?.draft, 'half a thought');
    assert.deepEqual(
      state?.messages.map((other) => other.content),
      ['hello', 'Echo: hello'],
    );
    await assert.rejects(second.send(id, 'more'), (error: SecGeminiError) => error.code === 'unavailable');
  });

  it('show at once, and the service has the last word', async () => {
    const kept = memoryKept();
    kept.disk.set('s1', {
      info: sessionInfo('s1', { name: 'Old name' }),
      messages: [message('q', 'prompt', 'hi'), message('a', 'response', 'cut', { status: 'streaming' })],
      attachments: [],
      origins: [],
      draft: '',
      queue: [{ id: 'w', text: 'waiting' }],
      undelivered: [],
      seenAt: 0,
    });
    const client = new FakeClient();
    client.sessions.set('s1', sessionInfo('s1', { name: 'New name' }));
    client.histories.set('s1', [
      message('q', 'prompt', 'hi'),
      message('a', 'response', 'whole'),
      message('e', 'end', ''),
    ]);
    const sessions = newManager();
    sessions.setClient(client, kept);
    await sessions.restore();
    assert.equal(sessions.state('s1')?.info.name, 'Old name');
    const shown: string[][] = [];
    sessions.onDidChange(({ state }) =>
      shown.push(state.messages.map((other) => `${other.content} (${other.status})`)),
    );
    await sessions.open('s1');
    assert.deepEqual(
      shown.find((messages) => messages.length > 0),
      ['hi (complete)', 'cut (interrupted)'],
    );
    assert.deepEqual(
      sessions.state('s1')?.messages.map((other) => other.content),
      ['hi', 'whole', ''],
    );
    await sessions.refresh();
    assert.equal(sessions.state('s1')?.info.name, 'New name');
    assert.deepEqual(sessions.state('s1')?.queue, [{ id: 'w', text: 'waiting' }]);
  });

  it('keep a prompt whose arrival is not certain, even when the history does not know it', async () => {
    const kept = memoryKept();
    const client = new FakeClient();
    const sessions = newManager();
    sessions.setClient(client, kept);
    const { id } = await sessions.create();
    client.script = async function* (prompt) {
      yield { type: 'delivery', promptId: prompt.id, state: 'unknown' };
      yield { type: 'turnEnd', outcome: 'interrupted' };
    };
    const done = idle(sessions, id);
    await sessions.send(id, 'did it arrive?');
    await done;

    const later = newManager();
    later.setClient(client, memoryKept(kept.disk));
    await later.restore();
    await later.open(id);
    const state = later.state(id);
    assert.deepEqual(
      state?.messages.map((other) => other.content),
      ['did it arrive?'],
    );
    assert.equal(Object.values(state?.delivery ?? {})[0], 'unknown');
    // It did arrive after all: the history says so.
    client.histories.set(id, [
      message(state?.messages[0]?.id ?? '', 'prompt', 'did it arrive?'),
      message('e', 'end', ''),
    ]);
    const last = newManager();
    last.setClient(client, memoryKept(kept.disk));
    await last.restore();
    await last.open(id);
    assert.equal(Object.values(last.state(id)?.delivery ?? {})[0], 'delivered');
  });

  it('stay readable and are marked when the service has let them go', async () => {
    const kept = memoryKept();
    const client = new FakeClient();
    const sessions = newManager();
    sessions.setClient(client, kept);
    const { id } = await sessions.create();
    const done = idle(sessions, id);
    await sessions.send(id, 'remember me');
    await done;
    client.sessions.clear();
    await sessions.refresh();
    assert.equal(sessions.state(id)?.info.status, 'deleted');
    assert.equal(sessions.state(id)?.messages[0]?.content, 'remember me');
    await sessions.delete(id);
    assert.equal(sessions.state(id), undefined);
    assert.equal(kept.disk.size, 0);
  });

  it('are deleted from this machine by signing out', async () => {
    const kept = memoryKept();
    const sessions = newManager();
    sessions.setClient(new FakeClient(), kept);
    const { id } = await sessions.create();
    sessions.setDraft(id, 'secret');
    assert.equal(kept.disk.size, 1);
    await sessions.clearKept();
    sessions.setDraft(id, 'late');
    assert.equal(kept.disk.size, 0);
  });
});

describe('a waiting turn', () => {
  it('stays waiting on v1, whose list has no word for it', async () => {
    const sessions = newManager();
    const client = new FakeClient();
    sessions.setClient(client);
    const { id } = await sessions.create();
    client.script = async function* () {
      yield { type: 'status', status: 'waitingForConfirmation' };
      yield { type: 'turnEnd', outcome: 'waiting' };
    };
    const waiting = new Promise<void>((resolve) => {
      const listener = sessions.onDidChange(({ state }) => {
        if (state.turn.phase !== 'waiting') return;
        listener.dispose();
        resolve();
      });
    });
    await sessions.send(id, 'go');
    await waiting;
    client.sessions.set(id, sessionInfo(id, { status: 'running' }));
    await sessions.refresh();
    assert.equal(sessions.state(id)?.info.status, 'waitingForConfirmation');
  });

  it('of the other protocol stay readable and untouched, and work again after the switch back', async () => {
    const kept = memoryKept();
    const first = new FakeClient();
    const sessions = newManager();
    sessions.setClient(first, kept);
    const { id } = await sessions.create({ name: 'Audit' });
    const done = idle(sessions, id);
    await sessions.send(id, 'hello');
    await done;

    const other = new FakeClient();
    other.protocol = 'v3';
    sessions.setClient(other, memoryKept(kept.disk));
    await sessions.restore();
    await sessions.refresh();
    assert.equal(sessions.state(id)?.info.status, 'idle', 'not deleted: it was not to be listed');
    await sessions.open(id);
    assert.deepEqual(
      sessions.state(id)?.messages.map(({ content }) => content),
      ['hello', 'Echo: hello'],
    );
    const foreign = (error: SecGeminiError): boolean =>
      error.code === 'invalidArgument' && /made with protocol v1.*speaks v3/.test(error.message);
    await assert.rejects(sessions.send(id, 'more'), foreign);
    await assert.rejects(sessions.update(id, { name: 'x' }), foreign);
    await assert.rejects(sessions.delete(id), foreign);
    await assert.rejects(sessions.attach(id, []), foreign);
    assert.deepEqual(other.calls, ['listSessions'], 'the service heard nothing of it');

    sessions.setClient(first, memoryKept(kept.disk));
    await sessions.restore();
    await sessions.refresh();
    const again = idle(sessions, id);
    await sessions.send(id, 'more');
    await again;
    assert.deepEqual(first.sent, ['hello', 'more']);
  });
});
