// What is said when the bytes of a sent file are not here, and who may speak for a row of the tree (S39).
import assert from 'node:assert/strict';
import type { LedgerEntry } from '../../../src/core/ledger.ts';
import { initialState } from '../../../src/core/session-state.ts';
import { sessionChildren } from '../../../src/core/session-tree.ts';
import type { Services } from '../../../src/host/services.ts';
import { sessionInfo } from '../../fakes/fake-client.ts';
import { fakeVscode } from './fake-vscode.ts';

const { createSentFilesFeature } = await import('../../../src/host/sent/sent-files.feature.ts');
const { fileArguments } = await import('../../../src/host/attach/kept-sources.ts');

const SHA = 'a'.repeat(64);
const attachments = ['one.log', 'two.log'].map((name) => ({
  id: name,
  name,
  mimeType: 'text/plain',
  size: 3,
  sha256: SHA,
}));
const [row, second] = sessionChildren(initialState(sessionInfo('s1', { attachments })));

function opener(entries: readonly Partial<LedgerEntry>[]) {
  const none = () => ({ dispose: () => undefined });
  fakeVscode['workspace'] = { registerFileSystemProvider: none, registerTextDocumentContentProvider: none };
  const { commands } = createSentFilesFeature({
    sessions: { openSent: () => undefined },
    ledger: { read: async () => entries },
    store: { add: () => undefined },
  } as unknown as Services);
  return commands.openAttachment ?? assert.fail();
}

describe('a file whose bytes are not kept here', () => {
  it('whose copy was deleted to save room: says so, and names the record and the setting', async () => {
    const open = opener([{ kind: 'file', sha256: SHA }]);
    await assert.rejects(async () => open(row), {
      code: 'notFound',
      message: 'The copy of one.log was deleted to save room on this machine.',
      action: /Show What Left.*secGemini\.keptFilesMegabytes/,
    });
  });

  it('that was sent from elsewhere: says that only the service has it', async () => {
    for (const entries of [[], [{ kind: 'prompt', sha256: SHA }], [{ kind: 'file', sha256: 'b'.repeat(64) }]] as const)
      await assert.rejects(async () => opener(entries)(row), {
        message: 'The bytes of one.log are not on this machine.',
      });
  });
});

describe('commands of a file’s row (S39)', () => {
  it('take the rows that the tree made, one or all that are selected', () => {
    assert.deepEqual(fileArguments(row, undefined), [row]);
    assert.deepEqual(fileArguments(row, [row, second]), [row, second]);
    // A row outside the selection was meant alone.
    assert.deepEqual(fileArguments(row, [second]), [row]);
  });

  it('take no row that somebody else made up, be it equal', () => {
    for (const forged of [structuredClone(row), { ...row }, undefined, 'one.log', { kind: 'session', sessionId: 's1' }])
      assert.throws(() => fileArguments(forged, [forged]), { code: 'invalidArgument', message: 'No file was chosen.' });
    assert.deepEqual(fileArguments(row, [row, structuredClone(second)]), [row]);
  });
});
