import assert from 'node:assert/strict';
import { age } from '../../../src/core/ages.ts';
import {
  attachmentRow,
  isOwnNode,
  isTreeNode,
  pendingRow,
  sessionChildren,
  sessionRow,
} from '../../../src/core/session-tree.ts';
import { initialState, reduce } from '../../../src/core/session-state.ts';
import { message, sessionInfo } from '../../fakes/fake-client.ts';

describe('session tree', () => {
  it('shows name, state, unread and age', () => {
    const state = reduce(initialState(sessionInfo('s1', { name: 'Audit', updatedAt: 0 })), {
      type: 'message',
      message: message('a', 'response', 'x'),
    });
    const row = sessionRow(state, 3 * 3_600_000);
    assert.equal(row.label, 'Audit');
    assert.equal(row.description, '1 new · 3 h');
    assert.equal(row.contextValue, 'session');
    assert.match(row.accessibleLabel, /^Session Audit, 1 new/);
  });

  it('says that a session works and offers Stop for it', () => {
    const state = reduce(initialState(sessionInfo('s1')), { type: 'turnStart', prompt: message('q', 'prompt', 'x') });
    assert.equal(sessionRow(state, 0).contextValue, 'session.running');
    assert.match(sessionRow(state, 0).description, /^working/);
  });

  it('says of a session that is gone only that, and not when it will be', () => {
    for (const [status, words] of [
      ['deleted', 'deleted elsewhere'],
      ['expired', 'expired'],
    ] as const) {
      const info = sessionInfo('s1', { status, updatedAt: 0, expiresAt: 10 * 3_600_000 });
      assert.equal(sessionRow(initialState(info), 3 * 3_600_000).description, `${words} · 3 h`);
    }
  });

  it('says which sessions belong to the protocol that is not spoken now, and offers nothing for them', () => {
    const state = initialState(sessionInfo('s1', { protocol: 'v1', name: 'Audit', status: 'completed' }));
    const row = sessionRow(state, 3 * 3_600_000, 'v3');
    assert.equal(row.description, 'made with v1 · 3 h');
    assert.match(row.tooltip, /Made with protocol v1, and this window speaks v3.*Set secGemini\.protocol to v1/);
    assert.match(row.accessibleLabel, /^Session Audit, made with v1/);
    assert.doesNotMatch(row.contextValue, /^session/);
    assert.deepEqual(sessionRow(state, 0, 'v1'), sessionRow(state, 0));
  });

  it('shows hostile names as plain, visible text', () => {
    const row = sessionRow(initialState(sessionInfo('s1', { name: '\u202Egpj.exe\n[x](command:evil)' })), 0);
    assert.equal(row.label, '⟦U+202E⟧gpj.exe [x](command:evil)');
    assert.ok(attachmentRow('s1', { id: 'f', name: 'a\u200bb' }).label.includes('⟦U+200B⟧'));
  });

  it('lists files with sizes and uploads with their progress', () => {
    const state = {
      ...initialState(sessionInfo('s1', { attachments: [{ id: 'f', name: 'a.py', size: 1500, sha256: 'ab' }] })),
      pending: [{ id: 'p', name: 'b.py', size: 200, sentBytes: 50 }],
    };
    assert.deepEqual(
      sessionChildren(state).map((node) => node.kind),
      ['file', 'pending'],
    );
    assert.equal(attachmentRow('s1', state.attachments[0]!).description, '1.5 kB');
    assert.equal(pendingRow('s1', state.pending[0]!).description, 'sending, 25 %');
  });

  it('writes ages short and knows its own nodes', () => {
    assert.deepEqual([-5, 59_000, 60_000, 3_600_000, 90_000_000].map(age), ['now', 'now', '1 min', '1 h', '1 d']);
    assert.ok(isTreeNode({ kind: 'session', sessionId: 'x' }));
    for (const other of [undefined, null, 'x', { kind: 'session' }, { kind: 'evil', sessionId: 'x' }])
      assert.ok(!isTreeNode(other));
  });

  it('tells its own rows from the same made by somebody else (S39)', () => {
    const attachments = [{ id: 'f', name: 'a.txt', mimeType: 'text/plain', size: 1 }];
    const [row] = sessionChildren(initialState(sessionInfo('s1', { attachments })));
    assert.ok(isOwnNode(row));
    assert.ok(!isOwnNode({ ...row }));
  });

  it('tells where a file came from, with nothing hidden', () => {
    const row = attachmentRow('s1', { id: 'f', name: 'a.txt' }, undefined, '/ws/\u202Ea.txt (workspace folder "one")');
    assert.match(row.tooltip, /\nFrom: \/ws\/⟦U\+202E⟧a\.txt \(workspace folder "one"\)/);
  });
});
