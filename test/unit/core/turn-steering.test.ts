import assert from 'node:assert/strict';
import type { TurnControl } from '../../../src/core/client-agent.ts';
import { type SecGeminiError, SecGeminiError as Failure } from '../../../src/core/errors.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { FakeClient } from '../../fakes/fake-client.ts';

/** A client whose turn runs until it is told otherwise. */
class SteeredClient extends FakeClient {
  taken = true;
  readonly steered: string[] = [];
  readonly turns: TurnControl = {
    cancel: async () => this.#call('cancel'),
    pause: async () => this.#call('pause'),
    resume: async () => this.#call('resume'),
  };
  #call(what: string): boolean {
    this.steered.push(what);
    return this.taken;
  }
}

async function running(client: FakeClient) {
  const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 0 });
  sessions.setClient(client);
  client.script = async function* (_prompt, signal) {
    yield { type: 'status', status: 'running' };
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield { type: 'turnEnd', outcome: 'stopped' };
  };
  const { id } = await sessions.create();
  await sessions.send(id, 'go');
  return { sessions, id, turn: () => sessions.state(id)?.turn };
}
const refused = (error: SecGeminiError): boolean => error.code === 'invalidArgument';

describe('steering a turn', () => {
  it('asks the service, and stands in between until it has answered', async () => {
    const client = new SteeredClient();
    const { sessions, id, turn } = await running(client);
    const asked = sessions.steer(id, 'pause');
    assert.equal(turn()?.asked, 'pause');
    await asked;
    assert.equal(turn()?.asked, 'pause', 'until the state itself arrives');
    await sessions.steer(id, 'continue');
    assert.deepEqual(client.steered, ['pause', 'resume']);
    sessions.dispose();
  });

  it('says no when the service did not take it, and nothing stays in between', async () => {
    const client = new SteeredClient();
    const { sessions, id, turn } = await running(client);
    client.taken = false;
    await assert.rejects(sessions.steer(id, 'pause'), refused);
    assert.equal(turn()?.asked, undefined);
    sessions.dispose();
  });

  it('needs a turn that runs, and a service that can', async () => {
    const idle = new SteeredClient();
    const sessions = new SessionManager({ newId: () => 'x', now: () => 0 });
    sessions.setClient(idle);
    const { id } = await sessions.create();
    await assert.rejects(sessions.steer(id, 'pause'), refused);
    assert.deepEqual(idle.steered, []);
    const plain = await running(new FakeClient());
    await assert.rejects(plain.sessions.steer(plain.id, 'pause'), refused);
    plain.sessions.dispose();
    sessions.dispose();
  });
});

describe('a prompt that the service did not take', () => {
  it('stays in the queue with the reason and is not sent by itself', async () => {
    const client = new FakeClient();
    const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 0 });
    sessions.setClient(client);
    client.script = async function* (prompt) {
      yield { type: 'delivery', promptId: prompt.id, state: 'failed' };
      const error = new Failure('rateLimited', 'A job still runs in this session.', { action: 'Wait.' });
      yield {
        type: 'turnEnd',
        outcome: 'failed',
        error: { code: error.code, message: error.message, action: error.action },
      };
    };
    const { id } = await sessions.create();
    const done = new Promise<void>((resolve) => {
      const listener = sessions.onDidChange(({ action }) => {
        if (action.type !== 'rejected') return;
        listener.dispose();
        resolve();
      });
    });
    await sessions.send(id, 'hello');
    await done;
    await new Promise(setImmediate);
    const state = sessions.state(id);
    assert.deepEqual(
      state?.queue.map(({ text, reason }) => [text, reason]),
      [['hello', 'A job still runs in this session.']],
    );
    assert.equal(client.sent.length, 1);
    sessions.dispose();
  });

  it('goes out behind the job of this session that nobody knew of here', async () => {
    const client = new FakeClient();
    const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 0 });
    sessions.setClient(client);
    const { id } = await sessions.create();
    const info = client.sessions.get(id);
    assert.ok(info);
    client.sessions.set(id, { ...info, status: 'running' });
    const plain = client.script;
    client.script = async function* (prompt) {
      yield { type: 'delivery', promptId: prompt.id, state: 'failed' };
      yield { type: 'turnEnd', outcome: 'failed', error: { code: 'rateLimited', message: 'Busy.', action: 'Wait.' } };
    };
    client.listenScript = async function* () {
      // It listens until the job of before is over.
      client.script = plain;
      client.sessions.set(id, info);
      yield { type: 'turnEnd', outcome: 'completed' };
    };
    const answered = new Promise<void>((resolve) => {
      const listener = sessions.onDidChange(({ state }) => {
        if (!state.messages.some(({ content }) => content === 'Echo: hello')) return;
        listener.dispose();
        resolve();
      });
    });
    await sessions.send(id, 'hello');
    await answered;
    assert.deepEqual(client.sent, ['hello', 'hello'], 'the first was not taken');
    assert.deepEqual(sessions.state(id)?.queue, []);
    sessions.dispose();
  });

  it('says how many jobs run when that is why', async () => {
    const client = new FakeClient();
    const list = client.listSessions.bind(client);
    client.listSessions = async () => ({ ...(await list()), jobs: { running: 3, limit: 3 } });
    const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 0 });
    sessions.setClient(client);
    client.script = async function* (prompt) {
      yield { type: 'delivery', promptId: prompt.id, state: 'failed' };
      yield { type: 'turnEnd', outcome: 'failed', error: { code: 'rateLimited', message: 'No.', action: 'Wait.' } };
    };
    const { id } = await sessions.create();
    const told = new Promise<void>((resolve) => {
      const listener = sessions.onDidChange(({ state }) => {
        if (!state.queue[0]?.reason?.startsWith('3 of your 3 jobs run')) return;
        listener.dispose();
        resolve();
      });
    });
    await sessions.send(id, 'hello');
    await told;
    sessions.dispose();
  });
});
