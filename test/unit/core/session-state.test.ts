import assert from 'node:assert/strict';
import type { SessionAction, SessionState } from '../../../src/core/session-state.ts';
import { initialState, reduce } from '../../../src/core/session-state.ts';
import { message, sessionInfo } from '../../fakes/fake-client.ts';

function run(...actions: SessionAction[]): SessionState {
  return actions.reduce(reduce, initialState(sessionInfo('s1')));
}
const ids = (state: SessionState): string[] => state.messages.map((other) => other.id);

describe('session state', () => {
  it('replaces the pieces of an answer by the whole, under the same id or another', () => {
    const piece = message('p', 'response', '');
    for (const wholeId of ['p', 'whole']) {
      const state = run(
        { type: 'piece', message: piece, text: 'Hel' },
        { type: 'piece', message: piece, text: 'lo' },
        { type: 'message', message: message(wholeId, 'response', 'Hello!'), replaces: 'p' },
      );
      assert.deepEqual(ids(state), [wholeId]);
      assert.equal(state.messages[0]?.content, 'Hello!');
      assert.equal(state.messages[0]?.status, 'complete');
    }
  });

  it('appends pieces and ignores one that comes after the whole', () => {
    const piece = message('p', 'response', '');
    const open = run({ type: 'piece', message: piece, text: 'a' }, { type: 'piece', message: piece, text: 'b' });
    assert.equal(open.messages[0]?.content, 'ab');
    assert.equal(open.messages[0]?.status, 'streaming');
    const whole = reduce(open, { type: 'message', message: message('p', 'response', 'abc') });
    assert.equal(reduce(whole, { type: 'piece', message: piece, text: 'late' }), whole);
  });

  it('keeps one message per id, in its place', () => {
    const state = run(
      { type: 'message', message: message('a', 'info', 'one') },
      { type: 'message', message: message('b', 'info', 'two') },
      { type: 'message', message: message('a', 'info', 'changed') },
    );
    assert.deepEqual(ids(state), ['a', 'b']);
    assert.equal(state.messages[0]?.content, 'changed');
  });

  it('marks what still streams as interrupted when the turn breaks, and as complete when it ends well', () => {
    for (const [outcome, status] of [
      ['interrupted', 'interrupted'],
      ['stopped', 'interrupted'],
      ['completed', 'complete'],
    ] as const) {
      const state = run(
        { type: 'turnStart', prompt: message('q', 'prompt', 'hi') },
        { type: 'piece', message: message('p', 'response', ''), text: 'half' },
        { type: 'turnEnd', outcome },
      );
      assert.equal(state.messages.at(-1)?.status, status);
      assert.equal(state.messages.at(-1)?.content, 'half');
      assert.equal(state.turn.phase, 'idle');
      assert.equal(state.turn.outcome, outcome);
    }
  });

  it('takes the history of the service and keeps local notes behind their predecessor', () => {
    const before = run(
      { type: 'message', message: message('a', 'prompt', 'q') },
      { type: 'notice', text: 'Stopped listening.' },
      { type: 'message', message: message('b', 'response', 'old') },
    );
    const after = reduce(before, {
      type: 'history',
      messages: [message('a', 'prompt', 'q'), message('b', 'response', 'whole'), message('c', 'end', '')],
    });
    assert.deepEqual(
      after.messages.map((other) => other.content),
      ['q', 'Stopped listening.', 'whole', ''],
    );
    assert.equal(after.history, 'loaded');
  });

  it('counts as unread only what is to be read, and forgets the count when seen', () => {
    const state = run(
      { type: 'message', message: message('a', 'thinking', 'hm') },
      { type: 'message', message: message('b', 'response', 'yes') },
      { type: 'message', message: message('b', 'response', 'yes, again') },
    );
    assert.equal(state.unread, 1);
    assert.equal(reduce(state, { type: 'seen' }).unread, 0);
  });

  it('keeps the waiting turn with the user and the status of the service', () => {
    const state = run(
      { type: 'turnStart', prompt: message('q', 'prompt', 'hi') },
      { type: 'status', status: 'waitingForConfirmation' },
      { type: 'turnEnd', outcome: 'waiting' },
    );
    assert.equal(state.turn.phase, 'waiting');
    assert.equal(state.info.status, 'waitingForConfirmation');
  });

  it('remembers size and hash of what was sent where the service tells names only (v3)', () => {
    const sent = { id: 'a.py', name: 'a.py', size: 3, sha256: 'ab' };
    const told = reduce(run({ type: 'attachments', attachments: [sent] }), {
      type: 'info',
      info: sessionInfo('s1', { attachments: [{ id: 'a.py', name: 'a.py' }] }),
    });
    assert.deepEqual(told.attachments, [sent]);
    const replaced = reduce(told, { type: 'attachments', attachments: [{ ...sent, size: 4, sha256: 'cd' }] });
    assert.equal(replaced.attachments[0]?.sha256, 'cd');
  });
});
