/** Ids, names and file endings from outside that are parts of every object: no plain map may take them for an entry. */
import assert from 'node:assert/strict';
import { planFork } from '../../src/core/session-fork.ts';
import { initialState, reduce } from '../../src/core/session-state.ts';
import { sourceOf } from '../../src/core/session-tree.ts';
import { withEnvironment } from '../../src/core/tools/mcp-config.ts';
import { languageOf } from '../../src/sandbox/engine/languages.ts';
import { identify } from '../../src/sandbox/files/identify.ts';
import { compareCells } from '../../src/webview/markdown/table.ts';
import { message, sessionInfo } from '../fakes/fake-client.ts';
import { OBJECT_NAMES } from '../fakes/object-names.ts';

for (const name of OBJECT_NAMES)
  describe(`the name ${name}`, () => {
    it('is no prompt of ours whose arrival is uncertain', () => {
      const before = reduce(initialState(sessionInfo('s1')), {
        type: 'message',
        message: message(name, 'response', 'old'),
      });
      const after = reduce(
        { ...before, delivery: { p: 'unknown' } },
        { type: 'history', messages: [message('a', 'response', 'new')] },
      );
      assert.deepEqual(
        after.messages.map(({ id }) => id),
        ['a'],
      );
    });

    it('is a file like any other: as old as the session, unchanged since', () => {
      const attachments = [{ id: name, name }];
      const state = {
        ...initialState(sessionInfo('s1', { attachments })),
        messages: [message('a', 'response', 'x')],
        sources: {},
        local: { attachedAfter: {} },
      };
      assert.equal(sourceOf(state, name), undefined);
      assert.deepEqual(planFork(state, -1, { isKept: () => true, cleanUpMedia: true }).dropped, []);
    });

    it('is no variable of the environment', () => {
      assert.deepEqual(withEnvironment({ a: `<\${env:${name}}>` }, {}), { a: '<>' });
    });

    it('is no kind of file and no language', async () => {
      const plain = { label: 'txt', mimeType: 'text/plain' };
      for (const file of [name, `a.${name}`]) {
        assert.deepEqual(await identify(file, Buffer.from('words\n')), plain);
        assert.equal(languageOf(file, name, 'words\n'), undefined);
      }
    });

    it('is no severity', () => {
      assert.deepEqual(
        ['zero', name, 'a'].toSorted(compareCells),
        ['zero', name, 'a'].toSorted(new Intl.Collator().compare),
      );
      assert.ok(compareCells(name, 'high') !== 0 && !Number.isNaN(compareCells(name, 'High')));
    });
  });
