import assert from 'node:assert/strict';
import type { Message, SessionInfo, Usage } from '../../../src/core/model.ts';
import { type SessionAction, type SessionState, initialState, reduce } from '../../../src/core/session-state.ts';

const info: SessionInfo = {
  id: 's',
  protocol: 'v3',
  name: 'Session',
  description: '',
  status: 'idle',
  createdAt: 0,
  updatedAt: 0,
};

function message(id: string, kind: Message['kind'], content = '', change: Partial<Message> = {}): Message {
  return {
    id,
    sessionId: 's',
    kind,
    sender: kind === 'prompt' ? 'user' : 'agent',
    author: '',
    title: '',
    content,
    render: 'text',
    mimeType: 'text/plain',
    status: 'complete',
    createdAt: 0,
    ...change,
  };
}

const usage = (totalTokens: number, costUsd?: number): Usage => ({
  promptTokens: totalTokens / 2,
  generatedTokens: totalTokens / 2,
  thinkingTokens: 0,
  cachedTokens: 0,
  toolTokens: 0,
  totalTokens,
  ...(costUsd === undefined ? {} : { costUsd }),
});

function after(...actions: readonly SessionAction[]): SessionState {
  return actions.reduce(reduce, initialState(info));
}
const named = (name: string, byUser: boolean): SessionAction => ({
  type: 'message',
  message: message(`name-${name}`, 'sessionName', name, { sender: byUser ? 'user' : 'agent' }),
});

describe('a session’s status', () => {
  it('is the running turn’s, whatever an older word of the service says with a new name', () => {
    const start: SessionAction = { type: 'turnStart', prompt: message('p', 'prompt', 'go') };
    const told: SessionAction = { type: 'info', info: { ...info, name: 'Named', status: 'idle' } };
    const working = after(start, { type: 'status', status: 'pending' }, { type: 'status', status: 'running' }, told);
    assert.deepEqual([working.info.name, working.info.status], ['Named', 'running']);
    assert.equal(after(start, { type: 'status', status: 'paused' }, told).info.status, 'paused');
    assert.equal(after(start, { type: 'turnEnd', outcome: 'completed' }, told).info.status, 'idle');
  });
});

describe('a session’s name', () => {
  it('follows the agent until a person chose one; that one stays', () => {
    assert.equal(after(named('First', false), named('Second', false)).info.name, 'Second');
    const chosen = after(named('First', false), named('Mine', true), named('Third', false));
    assert.equal(chosen.info.name, 'Mine');
    assert.equal(chosen.info.customName, true);
    const told = reduce(initialState({ ...info, customName: true }), named('Late', false));
    assert.equal(told.info.name, 'Session');
  });

  it('is not taken from an empty message, nor twice from the same', () => {
    assert.equal(after(named('  ', false)).info.name, 'Session');
    const once = after(named('Name', false));
    assert.equal(reduce(once, named('Name', false)).info, once.info);
  });
});

describe('a refused prompt', () => {
  it('goes back to the queue with the reason, before what waits there, and is no part of the conversation', () => {
    const state = after(
      { type: 'queue', queue: [{ id: 'q', text: 'later' }] },
      { type: 'turnStart', prompt: message('p', 'prompt', 'now') },
      { type: 'delivery', promptId: 'p', state: 'failed' },
      { type: 'turnEnd', outcome: 'failed' },
      { type: 'rejected', promptId: 'p', reason: 'A job still runs.' },
    );
    assert.deepEqual(state.queue, [
      { id: 'p', text: 'now', reason: 'A job still runs.' },
      { id: 'q', text: 'later' },
    ]);
    assert.deepEqual(state.messages, []);
    assert.deepEqual(state.delivery, {});
  });
});

describe('what a turn cost', () => {
  const turn = (...more: readonly SessionAction[]): SessionState =>
    after(
      { type: 'info', info: { ...info, usage: usage(100, 0.01) } },
      { type: 'turnStart', prompt: message('p', 'prompt') },
      { type: 'message', message: message('a', 'response', 'answer') },
      { type: 'turnEnd', outcome: 'completed' },
      { type: 'info', info: { ...info, usage: usage(300, 0.04) } },
      ...more,
    );

  it('is what the session’s counts grew by, on its last answer', () => {
    const answer = turn().messages.find(({ id }) => id === 'a');
    assert.equal(answer?.usage?.totalTokens, 200);
    assert.equal(answer?.usage?.costUsd?.toFixed(2), '0.03');
  });

  it('is noted once, and outlives the service’s history', () => {
    const again = turn(
      { type: 'info', info: { ...info, usage: usage(900) } },
      { type: 'history', messages: [message('p', 'prompt'), message('a', 'response', 'answer')] },
    );
    assert.equal(again.messages.find(({ id }) => id === 'a')?.usage?.totalTokens, 200);
  });

  it('is told of the first turn as well, and of none without counts', () => {
    const first = after(
      { type: 'turnStart', prompt: message('p', 'prompt') },
      { type: 'message', message: message('a', 'response') },
      { type: 'turnEnd', outcome: 'completed' },
      { type: 'info', info: { ...info, usage: usage(40) } },
    );
    assert.equal(first.messages.at(-1)?.usage?.totalTokens, 40);
    assert.equal(turn().messages.find(({ id }) => id === 'p')?.usage, undefined);
  });
});

describe('pause and the end of a turn', () => {
  it('a word of the service ends the state in between', () => {
    const working = after({ type: 'turnStart', prompt: message('p', 'prompt') }, { type: 'asked', what: 'pause' });
    assert.equal(working.turn.asked, 'pause');
    const paused = reduce(working, { type: 'status', status: 'paused' });
    assert.equal(paused.turn.asked, undefined);
    const on = reduce(reduce(paused, { type: 'asked', what: 'continue' }), { type: 'status', status: 'running' });
    assert.deepEqual([on.turn.phase, on.turn.asked, on.info.status], ['working', undefined, 'running']);
  });

  it('“too many attempts” stays to be said', () => {
    const state = after(
      { type: 'turnStart', prompt: message('p', 'prompt') },
      { type: 'status', status: 'maxAttemptsExceeded' },
      { type: 'turnEnd', outcome: 'failed' },
    );
    assert.equal(state.info.status, 'maxAttemptsExceeded');
  });
});
