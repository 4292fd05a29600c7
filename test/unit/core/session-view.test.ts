import assert from 'node:assert/strict';
import type { SessionInfo } from '../../../src/core/model.ts';
import { type SessionState, initialState, reduce } from '../../../src/core/session-state.ts';
import {
  DEFAULT_ORDER,
  NO_FILTER,
  type SessionMark,
  arrange,
  dayGroup,
  filterWords,
  isFiltering,
  matchesFilter,
  readOrder,
  sortSessions,
} from '../../../src/core/session-view.ts';
import { message, sessionInfo } from '../../fakes/fake-client.ts';

const state = (id: string, info: Partial<SessionInfo> = {}): SessionState => initialState(sessionInfo(id, info));
const NOON = new Date(2026, 10, 21, 12).getTime();
const HOUR = 3_600_000;
const ids = (states: readonly SessionState[]): readonly string[] => states.map(({ info }) => info.id);

describe('what the sessions view shows', () => {
  it('finds every word in names, descriptions, ids or file names', () => {
    const one = state('s1', {
      name: 'Audit of Mail',
      description: 'for Ada',
      attachments: [{ id: 'f', name: 'a.py' }],
    });
    for (const text of ['', 'mail audit', 'ADA', 's1', 'a.py mail'])
      assert.ok(matchesFilter(one, { text, marks: [] }), text);
    assert.ok(!matchesFilter(one, { text: 'mail nobody', marks: [] }));
  });

  it('lets through what has any of the states, and files on top', () => {
    const base = state('s');
    const having: Readonly<Record<SessionMark, SessionState>> = {
      working: reduce(base, { type: 'turnStart', prompt: message('q', 'prompt', 'x') }),
      waiting: state('s', { status: 'waitingForConfirmation' }),
      unread: reduce(base, { type: 'message', message: message('a', 'response', 'x') }),
      failed: state('s', { status: 'failed' }),
      ended: state('s', { status: 'expired' }),
      closed: { ...base, local: { closed: true } },
      imported: state('imported-1'),
      archived: state('s', { archived: true }),
      files: state('s', { attachments: [{ id: 'f', name: 'a' }] }),
    };
    for (const [mark, one] of Object.entries(having) as [SessionMark, SessionState][]) {
      assert.ok(matchesFilter(one, { text: '', marks: [mark] }), mark);
      assert.ok(!matchesFilter(base, { text: '', marks: [mark] }), mark);
    }
    assert.ok(matchesFilter(having.failed, { text: '', marks: ['failed', 'ended'] }));
    assert.ok(!matchesFilter(having.failed, { text: '', marks: ['failed', 'files'] }));
    assert.ok(!matchesFilter(having.failed, { text: 'nobody', marks: ['failed'] }));
  });

  it('says what it filters by', () => {
    assert.ok(!isFiltering(NO_FILTER));
    assert.equal(filterWords(NO_FILTER), '');
    assert.equal(filterWords({ text: 'mail', marks: ['files', 'failed'] }), 'mail, failed, has files');
  });

  it('sorts by last use, by creation and by name as people read', () => {
    const all = [
      state('a', { name: 'Case 10', createdAt: 1, updatedAt: 5 }),
      state('b', { name: 'case 9', createdAt: 2, updatedAt: 9 }),
      state('c', { name: 'Älter', createdAt: 3, updatedAt: 5 }),
    ];
    assert.deepEqual(ids(sortSessions(all, 'used')), ['b', 'a', 'c']);
    assert.deepEqual(ids(sortSessions(all, 'created')), ['c', 'b', 'a']);
    assert.deepEqual(ids(sortSessions(all, 'name')), ['c', 'b', 'a']);
  });

  it('knows days by the local calendar', () => {
    const midnight = new Date(2026, 10, 21).getTime();
    assert.equal(dayGroup(NOON + HOUR, NOON), 'today');
    assert.equal(dayGroup(midnight, NOON), 'today');
    assert.equal(dayGroup(midnight - 1, NOON), 'yesterday');
    assert.equal(dayGroup(midnight - 25 * HOUR, NOON), 'week');
    assert.equal(dayGroup(midnight - 8 * 24 * HOUR, NOON), 'month');
    assert.equal(dayGroup(midnight - 31 * 24 * HOUR, NOON), 'older');
  });

  it('puts sessions under days only where there is more than one', () => {
    const today = state('t', { updatedAt: NOON, createdAt: NOON - 48 * HOUR });
    const before = state('y', { updatedAt: NOON - 24 * HOUR, createdAt: NOON - 48 * HOUR });
    assert.deepEqual(
      arrange([before, today], DEFAULT_ORDER, NOON).map(({ day, states }) => [day, ids(states)]),
      [
        ['today', ['t']],
        ['yesterday', ['y']],
      ],
    );
    const flat = [{ day: undefined, states: [today, before] }];
    assert.deepEqual(arrange([before, today], { sort: 'created', byDay: true }, NOON), flat);
    assert.deepEqual(arrange([before, today], { sort: 'used', byDay: false }, NOON), flat);
    assert.equal(arrange([before, today], { sort: 'name', byDay: true }, NOON).length, 1);
    assert.deepEqual(arrange([], DEFAULT_ORDER, NOON), [{ day: undefined, states: [] }]);
  });

  it('reads a kept order, and takes the default for anything else', () => {
    assert.deepEqual(readOrder({ sort: 'name', byDay: false }), { sort: 'name', byDay: false });
    for (const kept of [undefined, null, 'name', { sort: 'evil', byDay: true }, { sort: 'used' }])
      assert.deepEqual(readOrder(kept), DEFAULT_ORDER);
  });
});
