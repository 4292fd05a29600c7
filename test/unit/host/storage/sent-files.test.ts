import assert from 'node:assert/strict';
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { collect, faultyFs, files, folder, pieces, removeFolders, sessionFolder, tree } from './support.ts';

describe('sent files', function () {
  this.timeout(60_000);
  afterEach(removeFolders);

  it('keeps the bytes that pass through, whole ones only', async () => {
    const root = folder();
    const store = files(root);
    const passed = await collect(store.keepSent('s1', pieces('he', '', 'llo')));
    assert.equal(passed.toString(), 'hello');
    const hash = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    assert.equal((await collect(store.openSent('s1', hash))).toString(), 'hello');
    assert.equal(store.openSent('s1', '0'.repeat(64)), undefined);
    assert.equal(store.openSent('s1', `../${hash}`), undefined);
    assert.equal(store.openSent('s2', hash), undefined);
    // Stopped by the consumer, then by the source.
    for await (const piece of store.keepSent('s1', pieces('a', 'b'))) {
      assert.equal(Buffer.from(piece).toString(), 'a');
      break;
    }
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      throw new Error('vanished');
    };
    await assert.rejects(collect(store.keepSent('s1', broken())), /vanished/);
    assert.deepEqual(readdirSync(join(sessionFolder(root), 'files')), [hash]);
    truncateSync(join(sessionFolder(root), 'files', hash), 2);
    await assert.rejects(collect(store.openSent('s1', hash)), /damaged/);
  });

  it('lets an upload go on when its copy cannot be kept, at a fault in any call', async () => {
    for (let failing = 0; ; failing += 1) {
      const root = folder();
      const { fs, calls } = faultyFs(failing, 'ENOSPC');
      const problems: string[] = [];
      const store = files(root, { fs, onProblem: (error) => problems.push(error.message) });
      assert.equal((await collect(store.keepSent('s1', pieces('a', 'b', 'c')))).toString(), 'abc');
      if (calls.length <= failing) {
        assert.deepEqual(problems, []);
        break;
      }
      // By the time the folder is closed, the copy is safe.
      if (problems.length === 0) assert.equal(calls.lastIndexOf('close'), failing);
      else assert.match(problems.join('\n'), /^[^\n]*disk is full[^\n]*$/);
      assert.equal(
        tree(root).some((path) => path.endsWith('.tmp')),
        false,
        `${failing} ${calls[failing]}`,
      );
    }
  });
});
