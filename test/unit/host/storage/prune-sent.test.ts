import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pruneSent } from '../../../../src/host/storage/prune-sent.ts';
import { nodeStorageFs } from '../../../../src/host/storage/storage-fs.ts';
import { cached, collect, files, folder, pieces, removeFolders, sessionFolder } from './support.ts';

const report = (error: unknown): never => assert.fail(String(error));
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Keeps a copy of 100 bytes, `age` seconds old. */
async function keep(root: string, session: string, letter: string, age: number): Promise<string> {
  const text = letter.repeat(100);
  const store = files(root);
  await store.update(session, (current) => current ?? cached(session));
  await collect(store.keepSent(session, pieces(text)));
  const path = join(sessionFolder(root, session), 'files', hashOf(text));
  utimesSync(path, Date.now() / 1000 - age, Date.now() / 1000 - age);
  return path;
}

describe('the room for copies of sent files', () => {
  afterEach(removeFolders);

  it('is kept: the oldest go first, over all sessions; what fits stays', async () => {
    const root = folder();
    const oldest = await keep(root, 's1', 'a', 300);
    const middle = await keep(root, 's2', 'b', 200);
    const newest = await keep(root, 's1', 'c', 100);
    assert.equal(await pruneSent(root, { maxBytes: 300, report }), 0);
    assert.equal(await pruneSent(root, { maxBytes: 250, report }), 100);
    assert.deepEqual(
      [oldest, middle, newest].map((path) => existsSync(path)),
      [false, true, true],
    );
    assert.equal(await pruneSent(root, { maxBytes: 0, report }), 200);
    assert.equal((await files(root).read('s1'))?.info.id, 's1');
  });

  it('touches nothing else: transcripts, placeholders, uploads on their way', async () => {
    const root = folder();
    await keep(root, 's1', 'a', 300);
    const on = join(sessionFolder(root), 'files', 'sent.1-x.tmp');
    writeFileSync(on, 'x'.repeat(1000));
    await files(root).updateSealed('s1', () => Buffer.from('sealed'));
    await pruneSent(root, { maxBytes: 0, report });
    assert.deepEqual(readdirSync(join(sessionFolder(root), 'files')), ['sent.1-x.tmp']);
    assert.deepEqual(readdirSync(sessionFolder(root)).toSorted(), ['files', 'placeholders.sealed', 'session.json']);
  });

  it('goes on behind a copy that cannot be deleted, and tells it', async () => {
    const root = folder();
    const stuck = await keep(root, 's1', 'a', 300);
    await keep(root, 's1', 'b', 200);
    const told: unknown[] = [];
    const fs = {
      ...nodeStorageFs,
      unlink: (path: string) => (path === stuck ? Promise.reject(new Error('busy')) : nodeStorageFs.unlink(path)),
    };
    assert.equal(await pruneSent(root, { maxBytes: 100, report: (error) => told.push(error), fs }), 100);
    assert.equal(told.length, 1);
  });

  it('is nothing where nothing was kept', async () => {
    assert.equal(await pruneSent(join(folder(), 'nowhere'), { maxBytes: 0, report }), 0);
  });
});
