import assert from 'node:assert/strict';
import { localFactsSchema } from '../../../src/core/session-schema.ts';
import { sessionChildren, shelvedRow } from '../../../src/core/session-tree.ts';
import { initialState, reduce } from '../../../src/core/session-state.ts';
import { MAX_TICKED, requireRoom, shelfOf, shelve, unshelve } from '../../../src/core/shelf.ts';
import { sessionInfo } from '../../fakes/fake-client.ts';

const a = { id: 'a', name: 'a.py', size: 5, sha256: 'aa' };
const b = { id: 'b', name: 'b.py', size: 6, sha256: 'bb' };

describe('files without their tick', () => {
  it('lie on the shelf until the service has them again', () => {
    let state = initialState(sessionInfo('s', { attachments: [b] }));
    state = reduce(state, { type: 'local', facts: shelve(state.local, a) });
    state = reduce(state, { type: 'local', facts: shelve(state.local, a) });
    assert.deepEqual(shelfOf(state), [a]);
    assert.deepEqual(
      sessionChildren(state).map(({ kind }) => kind),
      ['file', 'shelved'],
    );
    assert.equal(shelvedRow('s', a).accessibleLabel, 'File a.py, not used');
    const again = { ...state, attachments: [b, { ...a, id: 'another' }] };
    assert.deepEqual(shelfOf(again), []);
    state = reduce(state, { type: 'local', facts: unshelve(state.local, [a]) });
    assert.deepEqual(shelfOf(state), []);
    assert.deepEqual(state.local, {});
  });

  it('are told apart by name and bytes, and survive the disk', () => {
    const other = { ...a, id: 'x', sha256: 'cc' };
    const facts = { ...shelve(shelve(undefined, a), other) };
    assert.equal(facts.shelved?.length, 2);
    assert.deepEqual(unshelve(facts, [a]).shelved, [other]);
    assert.deepEqual(localFactsSchema.parse(JSON.parse(JSON.stringify(facts))), facts);
  });

  it('a session uses at most a hundred', () => {
    const full = { attachments: Array.from({ length: MAX_TICKED }, (_, index) => ({ ...a, id: String(index) })) };
    requireRoom(full, 0);
    requireRoom({ attachments: full.attachments.slice(1) }, 1);
    assert.throws(() => requireRoom(full, 1), {
      code: 'invalidArgument',
      message: /at most 100 files: 100 are there/,
    });
  });
});
