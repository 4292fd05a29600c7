import assert from 'node:assert/strict';
import { SecGeminiError } from '../../../src/core/errors.ts';
import type { SessionEvent } from '../../../src/core/events.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { FakeClient, message } from '../../fakes/fake-client.ts';

/** A session whose first prompt runs until it is stopped; all others are answered at once. */
async function running(): Promise<{
  sessions: SessionManager;
  client: FakeClient;
  id: string;
  idOf(text: string): string;
}> {
  let count = 0;
  const sessions = new SessionManager({ newId: () => `id-${(count += 1).toString()}`, now: () => 1000 });
  const client = new FakeClient();
  sessions.setClient(client);
  const { id } = await sessions.create();
  const plain = client.script;
  client.script = async function* (prompt, signal) {
    if (prompt.text === 'first')
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    yield* plain(prompt, signal);
  };
  for (const text of ['first', 'second', 'third']) await sessions.send(id, text);
  return {
    sessions,
    client,
    id,
    idOf: (text) => sessions.state(id)?.queue.find((prompt) => prompt.text === text)?.id ?? '',
  };
}

function idle(sessions: SessionManager, answer: string): Promise<void> {
  return new Promise((resolve) => {
    const listener = sessions.onDidChange(({ state }) => {
      if (state.turn.phase !== 'idle' || !state.messages.some(({ content }) => content === answer)) return;
      listener.dispose();
      resolve();
    });
  });
}

describe('the queue of a session', () => {
  it('sends one now: what runs is stopped, the others follow', async () => {
    const { sessions, client, id, idOf } = await running();
    const done = idle(sessions, 'Echo: second');
    await sessions.sendQueued(id, idOf('third'));
    await done;
    assert.deepEqual(client.sent, ['first', 'third', 'second']);
    assert.deepEqual(sessions.state(id)?.queue, []);
  });

  it('is not overtaken by what is sent the moment a turn ends', async () => {
    const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 1000 });
    const client = new FakeClient();
    sessions.setClient(client);
    const { id } = await sessions.create();
    const listener = sessions.onDidChange(({ action }) => {
      if (action.type !== 'turnEnd') return;
      listener.dispose();
      void sessions.send(id, 'fourth');
    });
    for (const text of ['first', 'second', 'third']) await sessions.send(id, text);
    await idle(sessions, 'Echo: fourth');
    assert.deepEqual(client.sent, ['first', 'second', 'third', 'fourth']);
  });

  it('lets what is sent again go before what was written after it, in the order of the tries', async () => {
    const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 1000 });
    const client = new FakeClient();
    sessions.setClient(client);
    const { id } = await sessions.create();
    const plain = client.script;
    client.script = async function* (prompt): AsyncGenerator<SessionEvent> {
      yield { type: 'delivery', promptId: prompt.id, state: 'failed' };
      yield { type: 'turnEnd', outcome: 'failed', error: { code: 'unavailable', message: 'Away.', action: '' } };
    };
    for (const text of ['one', 'two']) {
      const over = idle(sessions, text);
      await sessions.send(id, text);
      await over;
    }
    const idOf = (text: string): string =>
      sessions.state(id)?.messages.find(({ content }) => content === text)?.id ?? '';
    client.script = plain;
    client.sent.length = 0;
    const done = idle(sessions, 'Echo: four');
    // Something runs when they are sent again, e.g. the stream that looks whether a turn goes on.
    await Promise.all(['three', 'four'].map((text) => sessions.send(id, text)));
    await sessions.sendAgain(id, idOf('one'));
    await sessions.sendAgain(id, idOf('two'));
    await done;
    assert.deepEqual(client.sent, ['three', 'one', 'two', 'four']);
  });

  it('waits after a Stop, and sends what is asked for then', async () => {
    const { sessions, client, id, idOf } = await running();
    await sessions.stop(id);
    assert.deepEqual(client.sent, ['first']);
    const done = idle(sessions, 'Echo: second');
    await sessions.sendQueued(id, idOf('second'));
    await done;
    assert.deepEqual(client.sent.slice(0, 2), ['first', 'second']);
  });

  it('sends one now only when it is known whether something runs', async () => {
    const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 1000 });
    const client = new FakeClient();
    sessions.setClient(client);
    const { id } = await sessions.create();
    const { id: promptId } = { id: crypto.randomUUID() };
    sessions.setClient(undefined);
    sessions.setClient(client);
    await sessions.resume(id);
    const gate = Promise.withResolvers<void>();
    const history = client.history.bind(client);
    client.history = async (sessionId) => {
      await gate.promise;
      return [message('p0', 'prompt', 'before'), ...(await history(sessionId))];
    };
    client.listenScript = async function* (signal) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      client.sent.push('(stopped)');
      yield { type: 'turnEnd', outcome: 'stopped' };
    };
    const opened = sessions.open(id);
    sessions.note(id, { type: 'queue', queue: [{ id: promptId, text: 'now' }] } as never);
    const sent = sessions.sendQueued(id, promptId);
    gate.resolve();
    await opened;
    const done = idle(sessions, 'Echo: now');
    await sent;
    await done;
    assert.deepEqual(client.sent, ['(stopped)', 'now']);
  });

  it('gives back the text of what is taken out, once, and refuses what is gone', async () => {
    const { sessions, client, id, idOf } = await running();
    const second = idOf('second');
    assert.equal(sessions.removeQueued(id, second), 'second');
    assert.equal(sessions.removeQueued(id, second), undefined);
    await assert.rejects(
      sessions.sendQueued(id, second),
      (error: SecGeminiError) => error instanceof SecGeminiError && error.code === 'notFound',
    );
    assert.deepEqual(client.sent, ['first']);
    await sessions.stop(id);
  });

  it('shows the failure by which a service ends a turn that was stopped as what it is: a stop, and no failure', async () => {
    const sessions = new SessionManager({ newId: () => 'id', now: () => 1000 });
    const client = new FakeClient();
    const cancelled = Promise.withResolvers<void>();
    client.script = async function* () {
      await cancelled.promise;
      const failure = message('f', 'failure', 'The job was cancelled.');
      yield { type: 'message', message: { ...failure, title: 'Failure', status: 'error' } };
      yield { type: 'turnEnd', outcome: 'stopped' };
    };
    const turns = {
      cancel: async () => {
        cancelled.resolve();
        return true;
      },
      pause: async () => false,
      resume: async () => false,
    };
    sessions.setClient(Object.assign(client, { turns }));
    const { id } = await sessions.create();
    await sessions.send(id, 'first');
    await sessions.stop(id);
    const last = sessions.state(id)?.messages.at(-1);
    assert.deepEqual(
      [last?.kind, last?.title, last?.content, last?.status],
      ['notice', '', 'Stopped. What arrived is kept.', 'complete'],
    );
  });
});
