import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { Egress } from '../../../src/core/egress.ts';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import type { SessionState } from '../../../src/core/session-state.ts';
import { FakeClient, message, sessionInfo } from '../../fakes/fake-client.ts';

function manager(): { sessions: SessionManager; client: FakeClient } {
  let count = 0;
  const sessions = new SessionManager({ newId: () => `id-${(count += 1)}`, now: () => 1000 });
  const client = new FakeClient();
  sessions.setClient(client);
  return { sessions, client };
}

/** Resolves with the first state of the session that fits. */
async function until(
  sessions: SessionManager,
  id: string,
  fits: (state: SessionState) => boolean,
): Promise<SessionState> {
  const now = sessions.state(id);
  if (now !== undefined && fits(now)) return now;
  return await new Promise((resolve) => {
    const listener = sessions.onDidChange((change) => {
      if (change.sessionId !== id || !fits(change.state)) return;
      listener.dispose();
      resolve(change.state);
    });
  });
}

async function cleared(text: string, name = 'a.txt') {
  const bytes = new TextEncoder().encode(text);
  const egress = new Egress({
    confirm: async () => 'send',
    maxBytes: () => 1000,
    newHash: (algorithm) => {
      const hash = createHash(algorithm);
      return { update: (piece) => void hash.update(piece), digest: () => hash.digest('hex') };
    },
    newId: randomUUID,
    now: Date.now,
  });
  return egress.clear(
    [
      {
        name,
        origin: name,
        paths: [],
        size: bytes.length,
        async *open() {
          yield bytes;
        },
      },
    ],
    { sessionId: 's', sessionName: 's', destination: 'd' },
  );
}

describe('SessionManager', () => {
  it('runs a turn and ends with the answer and the refreshed session', async () => {
    const { sessions } = manager();
    const { id } = await sessions.create({ name: 'One' });
    await sessions.send(id, 'hello');
    const state = await until(sessions, id, (other) => other.turn.outcome === 'completed');
    assert.deepEqual(
      state.messages.map((other) => [other.kind, other.content]),
      [
        ['prompt', 'hello'],
        ['response', 'Echo: hello'],
      ],
    );
  });

  it('takes no answer about a session that a later question has overtaken', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create({ name: 'One' });
    const held = Promise.withResolvers<void>();
    const ask = client.getSession.bind(client);
    client.getSession = async (sessionId) => {
      const old = await ask(sessionId);
      client.getSession = ask;
      await held.promise;
      return old;
    };
    const slow = sessions.refreshSession(id);
    await sessions.attach(id, await cleared('text'));
    held.resolve();
    await slow;
    assert.deepEqual(
      sessions.state(id)?.attachments.map(({ name }) => name),
      ['a.txt'],
    );
  });

  it('refuses an empty prompt and sends nothing', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    await assert.rejects(sessions.send(id, ' \n'), (error: SecGeminiError) => error.code === 'invalidArgument');
    assert.deepEqual(client.sent, []);
  });

  it('queues what is sent while a turn runs and sends it once, afterwards, in order', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    const gate = Promise.withResolvers<void>();
    const plain = client.script;
    client.script = async function* (prompt, signal) {
      if (prompt.text === 'first') await gate.promise;
      yield* plain(prompt, signal);
    };
    await sessions.send(id, 'first');
    await sessions.send(id, 'second');
    await sessions.send(id, 'third');
    assert.deepEqual(
      sessions.state(id)?.queue.map((prompt) => prompt.text),
      ['second', 'third'],
    );
    sessions.removeQueued(id, sessions.state(id)?.queue[1]?.id ?? '');
    gate.resolve();
    await until(
      sessions,
      id,
      (state) => state.messages.some((other) => other.content === 'Echo: second') && state.turn.phase === 'idle',
    );
    assert.deepEqual(client.sent, ['first', 'second']);
  });

  it('stops: the turn is over here, the cut piece is marked and a note says what Stop means on v1', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    client.script = async function* (_prompt, signal) {
      yield { type: 'piece', message: message('p', 'response', ''), text: 'half' };
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      yield { type: 'message', message: message('late', 'response', 'too late') };
      yield { type: 'turnEnd', outcome: 'completed' };
    };
    await sessions.send(id, 'go');
    await until(sessions, id, (state) => state.messages.some((other) => other.content === 'half'));
    await sessions.stop(id);
    const state = sessions.state(id);
    assert.equal(state?.turn.outcome, 'stopped');
    assert.equal(state?.messages.find((other) => other.id === 'p')?.status, 'interrupted');
    assert.ok(!state?.messages.some((other) => other.id === 'late'));
    assert.match(state?.messages.at(-1)?.content ?? '', /may still finish/);
  });

  it('turns a broken stream into a failed turn with the error, and the session stays usable', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    const plain = client.script;
    client.script = async function* () {
      throw new SecGeminiError('rateLimited', 'Too many requests.', { retryAfterMs: 5000 });
    };
    await sessions.send(id, 'one');
    const failed = await until(
      sessions,
      id,
      (state) => state.turn.phase === 'idle' && state.turn.outcome !== undefined,
    );
    assert.equal(failed.turn.error?.code, 'rateLimited');
    assert.equal(failed.turn.error?.retryAfterMs, 5000);
    client.script = plain;
    await sessions.send(id, 'two');
    await until(sessions, id, (state) => state.turn.outcome === 'completed');
  });

  it('loads history once and picks up a turn that still runs', async () => {
    const { sessions, client } = manager();
    client.sessions.set('s1', sessionInfo('s1'));
    client.histories.set('s1', [message('q', 'prompt', 'hi'), message('t', 'thinking', 'hm')]);
    client.listenScript = async function* () {
      yield { type: 'message', message: message('a', 'response', 'done') };
      yield { type: 'turnEnd', outcome: 'completed' };
    };
    await sessions.refresh();
    await Promise.all([sessions.open('s1'), sessions.open('s1')]);
    const state = await until(sessions, 's1', (other) => other.turn.outcome === 'completed');
    assert.deepEqual(
      state.messages.map((other) => other.id),
      ['q', 't', 'a'],
    );
    assert.equal(client.calls.filter((call) => call === 'history').length, 1);
  });

  it('does not listen when the last turn has its end', async () => {
    const { sessions, client } = manager();
    client.sessions.set('s1', sessionInfo('s1'));
    client.histories.set('s1', [message('q', 'prompt', 'hi'), message('e', 'end', '')]);
    await sessions.refresh();
    await sessions.open('s1');
    assert.ok(!client.calls.includes('listen'));
    assert.equal(sessions.state('s1')?.turn.phase, 'idle');
  });

  it('keeps what is shown when history fails, and says what failed', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    client.failNext.set('history', new SecGeminiError('unavailable', 'No network.'));
    await sessions.open(id);
    assert.equal(sessions.state(id)?.history, 'failed');
    assert.equal(sessions.state(id)?.historyError?.code, 'unavailable');
    await sessions.open(id);
    assert.equal(sessions.state(id)?.history, 'loaded');
  });

  it('keeps the list when a refresh fails and drops sessions that are gone when it works', async () => {
    const { sessions, client } = manager();
    await sessions.create({ name: 'A' });
    client.failNext.set('listSessions', new SecGeminiError('unavailable', 'No network.'));
    await sessions.refresh();
    assert.equal(sessions.list.kind, 'failed');
    assert.equal(sessions.sessions().length, 1);
    client.sessions.clear();
    await sessions.refresh();
    assert.equal(sessions.sessions().length, 0);
  });

  it('attaches cleared uploads, shows them and takes them off again', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    const seen: number[] = [];
    await sessions.attach(id, await cleared('hello'), { onProgress: (sent) => seen.push(sent) });
    const attachment = sessions.state(id)?.attachments[0];
    assert.equal(attachment?.sha256, createHash('sha256').update('hello').digest('hex'));
    assert.deepEqual(seen, [5]);
    assert.equal(sessions.state(id)?.pending.length, 0);
    await sessions.detach(id, attachment?.id ?? '');
    assert.deepEqual(sessions.state(id)?.attachments, []);
    assert.deepEqual(client.sessions.get(id)?.attachments, []);
  });

  it('shows a file either on its way or attached, never both', async () => {
    const { sessions } = manager();
    const { id } = await sessions.create();
    const seen: string[] = [];
    const listener = sessions.onDidChange(({ state }) =>
      seen.push(
        [...state.pending.map(({ name }) => `${name} going`), ...state.attachments.map(({ name }) => name)].join(),
      ),
    );
    const [upload] = await cleared('hello');
    assert.ok(upload !== undefined);
    const settled = Promise.withResolvers<void>();
    const settle = upload.settle.bind(upload);
    const attached = sessions.attach(id, [
      Object.assign(upload, {
        settle: async (...args: Parameters<typeof settle>) => (await settled.promise, settle(...args)),
      }),
    ]);
    await until(sessions, id, (state) => state.attachments.length === 1);
    assert.deepEqual(sessions.state(id)?.pending, []);
    settled.resolve();
    await attached;
    listener.dispose();
    assert.deepEqual([...new Set(seen)], ['a.txt going', '', 'a.txt']);
  });

  it('leaves no half attached file behind when an upload fails', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    client.failNext.set('attach', new SecGeminiError('tooLarge', 'Too large.'));
    await assert.rejects(sessions.attach(id, await cleared('x')), (error: SecGeminiError) => error.code === 'tooLarge');
    assert.deepEqual(sessions.state(id)?.attachments, []);
    assert.deepEqual(sessions.state(id)?.pending, []);
  });

  it('marks a session that expired in mid-work and keeps its transcript', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    client.script = async function* () {
      yield { type: 'turnEnd', outcome: 'failed', error: { code: 'expired', message: 'gone', action: 'new' } };
    };
    client.failNext.set('getSession', new SecGeminiError('expired', 'gone'));
    await sessions.send(id, 'still there?');
    const state = await until(sessions, id, (other) => other.info.status === 'expired');
    assert.equal(state.messages[0]?.content, 'still there?');
  });

  it('forgets the sessions of one connection when another takes its place, and ends its turns', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    const ended = Promise.withResolvers<void>();
    client.script = async function* (_prompt, signal) {
      yield { type: 'piece', message: message('p', 'response', ''), text: 'x' };
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      ended.resolve();
    };
    await sessions.send(id, 'go');
    await until(sessions, id, (state) => state.messages.some((other) => other.id === 'p'));
    sessions.setClient(new FakeClient('https://other.invalid'));
    await ended.promise;
    assert.equal(sessions.state(id), undefined);
  });

  it('sends again only what is not known to have arrived, and only when told to', async () => {
    const { sessions, client } = manager();
    const { id } = await sessions.create();
    client.script = async function* (prompt) {
      yield { type: 'delivery', promptId: prompt.id, state: 'unknown' };
      yield { type: 'turnEnd', outcome: 'interrupted' };
    };
    await sessions.send(id, 'did it arrive?');
    const state = await until(sessions, id, (other) => other.turn.outcome === 'interrupted');
    assert.deepEqual(client.sent, ['did it arrive?']);
    const promptId = state.messages[0]?.id ?? '';
    await sessions.sendAgain(id, promptId);
    await until(sessions, id, (other) => other.turn.phase === 'idle');
    assert.deepEqual(client.sent, ['did it arrive?', 'did it arrive?']);
    await assert.rejects(sessions.sendAgain(id, 'nobody'), (error: SecGeminiError) => error.code === 'invalidArgument');
  });
});
