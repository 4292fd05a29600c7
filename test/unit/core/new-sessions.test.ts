import assert from 'node:assert/strict';
import { NewSessions } from '../../../src/core/new-sessions.ts';

const of = (...times: readonly number[]): { id: string; createdAt: number }[] =>
  times.map((createdAt) => ({ id: `s${createdAt}`, createdAt }));

describe('The sessions that were made just now', () => {
  it('are none of those that a start shows: kept here first, then the list', () => {
    const sessions = new NewSessions();
    assert.deepEqual(sessions.look('empty', []), []);
    assert.deepEqual(sessions.look('empty', of(1, 2)), []);
    assert.deepEqual(sessions.look('loading', of(1, 2)), []);
    assert.deepEqual(sessions.look('loaded', of(1, 2, 3)), []);
  });

  it('are those that come to a list that was whole, made here or elsewhere, each once', () => {
    const sessions = new NewSessions();
    sessions.look('loaded', of(1, 2));
    assert.deepEqual(sessions.look('loaded', of(1, 2, 3)), ['s3']);
    assert.deepEqual(sessions.look('loading', of(1, 2, 3)), []);
    assert.deepEqual(sessions.look('loaded', of(1, 2, 3, 4, 5)), ['s4', 's5']);
    assert.deepEqual(sessions.look('loaded', of(1, 2, 3, 4, 5)), []);
  });

  it('are the first ones of an account that had none', () => {
    const sessions = new NewSessions();
    sessions.look('loaded', []);
    assert.deepEqual(sessions.look('loaded', of(7)), ['s7']);
  });

  it('are not what is older and was further down, archived, taken up by its id or read from a file', () => {
    const sessions = new NewSessions();
    sessions.look('loaded', of(10, 11));
    assert.deepEqual(sessions.look('loaded', [...of(10, 11, 3), { id: 'imported-x', createdAt: 99 }]), []);
    // The newest was deleted: what is older than it is no newer for that.
    assert.deepEqual(sessions.look('loaded', of(10)), []);
    assert.deepEqual(sessions.look('loaded', of(3, 5, 10, 11)), []);
    assert.deepEqual(sessions.look('loaded', of(10, 12)), ['s12']);
  });

  it('are none of another service, whose list only begins', () => {
    const sessions = new NewSessions();
    sessions.look('loaded', of(1));
    assert.deepEqual(sessions.look('empty', []), []);
    assert.deepEqual(sessions.look('loading', of(20)), []);
    assert.deepEqual(sessions.look('loaded', of(20, 21)), []);
    assert.deepEqual(sessions.look('loaded', of(20, 21, 22)), ['s22']);
  });
});
