import assert from 'node:assert/strict';
import { initialState, reduce } from '../../../src/core/session-state.ts';
import { attachmentRow } from '../../../src/core/session-tree.ts';
import { sessionInfo } from '../../fakes/fake-client.ts';

describe('the source of an attachment', () => {
  it('is told as changed, as gone, and as it was', () => {
    const before = initialState(sessionInfo('s1'));
    const changed = reduce(before, { type: 'source', attachmentId: 'a', now: 'changed' });
    assert.deepEqual(changed.sources, { a: 'changed' });
    assert.equal(reduce(changed, { type: 'source', attachmentId: 'a', now: 'changed' }), changed);
    const gone = reduce(changed, { type: 'source', attachmentId: 'a', now: 'gone' });
    assert.deepEqual(gone.sources, { a: 'gone' });
    assert.deepEqual(reduce(gone, { type: 'source', attachmentId: 'a', now: undefined }).sources, {});
    assert.equal(reduce(before, { type: 'source', attachmentId: 'a', now: undefined }), before);
  });

  it('shows on the row, where Re-attach is offered for what has changed only', () => {
    const attachment = { id: 'a', name: 'app.py', size: 1500 };
    const row = attachmentRow('s1', attachment, 'changed');
    assert.equal(row.description, 'changed since attached · 1.5 kB');
    assert.equal(row.contextValue, 'file.changed');
    assert.equal(row.accessibleLabel, 'File app.py, changed since attached, 1.5 kB');
    assert.equal(attachmentRow('s1', attachment, 'gone').contextValue, 'file');
    assert.match(attachmentRow('s1', attachment, 'gone').description, /no longer there/);
    assert.equal(attachmentRow('s1', attachment).contextValue, 'file');
  });
});
