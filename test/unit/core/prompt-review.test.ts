// Every way of sending asks the gate first, and a text that is kept is lost nowhere (S32).
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { FakeClient } from '../../fakes/fake-client.ts';

/** The gate answers: `keep …` stays here, `redact …` leaves changed, all else leaves as it is. */
async function session() {
  let count = 0;
  const asked: string[] = [];
  const recorded: string[] = [];
  const waiting = new EventEmitter();
  const sessions = new SessionManager({
    newId: () => `id-${(count += 1)}`,
    now: () => 1000,
    reviewPrompt: async (_about, text) => {
      asked.push(text);
      if (text.startsWith('keep')) throw new SecGeminiError('cancelled', 'The message was not sent.');
      return text.replace(/^redact/, 'redacted');
    },
    // `wait …`: nobody in this window has agreed to it.
    reviewWaiting: (_about, text) => {
      if (!text.startsWith('wait ')) return text;
      if (!text.startsWith('wait keep')) return Promise.resolve('redacted second');
      queueMicrotask(() => waiting.emit('kept'));
      return Promise.reject(new SecGeminiError('cancelled', 'The message was not sent.'));
    },
    recordPrompt: async (_about, text) => {
      recorded.push(text);
      if (text.startsWith('fail')) throw new SecGeminiError('storage', 'The disk is full.');
      return { settle: async () => undefined };
    },
  });
  const client = new FakeClient();
  sessions.setClient(client);
  const { id } = await sessions.create();
  return { sessions, client, id, asked, recorded, waiting };
}

function ended(sessions: SessionManager): Promise<void> {
  return new Promise((resolve) => {
    const listener = sessions.onDidChange(({ action, state }) => {
      if (action.type !== 'turnEnd' || state.queue.length > 0) return;
      listener.dispose();
      resolve();
    });
  });
}

describe('sending asks the gate', () => {
  it('sends what the gate gives, and shows and records the same', async () => {
    const { sessions, client, id, recorded } = await session();
    const done = ended(sessions);
    await sessions.send(id, 'redact this');
    await done;
    assert.deepEqual(client.sent, ['redacted this']);
    assert.deepEqual(recorded, ['redacted this']);
    assert.equal(sessions.state(id)?.messages[0]?.content, 'redacted this');
  });

  it('sends and shows nothing when the user keeps the text; the draft stays', async () => {
    const { sessions, client, id } = await session();
    sessions.setDraft(id, 'keep this');
    await assert.rejects(sessions.send(id, 'keep this'), { code: 'cancelled' });
    assert.deepEqual(client.sent, []);
    assert.deepEqual(sessions.state(id)?.messages, []);
    assert.equal(sessions.state(id)?.draft, 'keep this');
    assert.equal(sessions.state(id)?.turn.phase, 'idle');
  });

  it('asks before a text waits in the queue, which then holds what may leave', async () => {
    const { sessions, client, id, asked } = await session();
    const plain = client.script;
    let release = (): void => undefined;
    client.script = async function* (prompt, signal) {
      if (prompt.text === 'first') await new Promise<void>((resolve) => (release = resolve));
      yield* plain(prompt, signal);
    };
    await sessions.send(id, 'first');
    await sessions.send(id, 'redact second');
    await assert.rejects(sessions.send(id, 'keep third'), { code: 'cancelled' });
    assert.deepEqual(asked, ['first', 'redact second', 'keep third']);
    assert.deepEqual(
      sessions.state(id)?.queue.map(({ text }) => text),
      ['redacted second'],
    );
    const done = ended(sessions);
    release();
    await done;
    assert.deepEqual(client.sent, ['first', 'redacted second']);
  });

  it('asks again about what waited where nobody here agreed to it, and leaves it in the queue when the user keeps it', async () => {
    const { sessions, client, id, waiting } = await session();
    const plain = client.script;
    let release = (): void => undefined;
    client.script = async function* (prompt, signal) {
      if (prompt.text === 'first') await new Promise<void>((resolve) => (release = resolve));
      yield* plain(prompt, signal);
    };
    for (const text of ['first', 'wait redact second', 'wait keep third', 'fourth']) await sessions.send(id, text);
    const kept = new Promise<void>((resolve) => waiting.once('kept', resolve));
    release();
    await kept;
    assert.deepEqual(client.sent, ['first', 'redacted second']);
    const queue = sessions.state(id)?.queue ?? [];
    assert.deepEqual(
      queue.map(({ text }) => text),
      ['wait keep third', 'fourth'],
    );
    // Asked before anything is stopped; kept again, it stays where it was.
    await assert.rejects(sessions.sendQueued(id, queue[0]?.id ?? ''), { code: 'cancelled' });
    assert.equal(sessions.state(id)?.queue.length, 2);
    // What is written now does not wait behind what the user keeps.
    const answered = new Promise<void>((resolve) => waiting.once('kept', resolve));
    await sessions.send(id, 'fifth');
    await answered;
    assert.deepEqual(client.sent, ['first', 'redacted second', 'fifth']);
    const done = ended(sessions);
    sessions.removeQueued(id, queue[0]?.id ?? '');
    await sessions.sendQueued(id, queue[1]?.id ?? '');
    await done;
    assert.deepEqual(client.sent, ['first', 'redacted second', 'fifth', 'fourth']);
  });

  it('keeps a message that is sent again and then kept after all', async () => {
    const { sessions, id } = await session();
    const done = ended(sessions);
    await sessions.send(id, 'fail');
    await done;
    const [message] = sessions.state(id)?.messages ?? [];
    assert.ok(message);
    // The gate now says no: as if the user had pressed "Keep as Draft".
    Object.assign(message, { content: 'keep it' });
    await assert.rejects(sessions.sendAgain(id, message.id), { code: 'cancelled' });
    assert.deepEqual(
      sessions.state(id)?.messages.map((each) => each.id),
      [message.id],
    );
  });
});
