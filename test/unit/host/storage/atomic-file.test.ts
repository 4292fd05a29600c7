import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readAtomic, setAside, writeAtomic } from '../../../../src/host/storage/atomic-file.ts';
import { type StorageFs, nodeStorageFs, patiently, storageError } from '../../../../src/host/storage/storage-fs.ts';
import { faultyFs, folder, removeFolders, watchedFs } from './support.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const decode = (found: Uint8Array): unknown => JSON.parse(Buffer.from(found).toString());

describe('atomic file', () => {
  afterEach(removeFolders);

  it('syncs the new file before it takes its place, and the folder after', async () => {
    const path = join(folder(), 'a.json');
    writeFileSync(path, '1');
    const calls: string[] = [];
    const fs = watchedFs((call, on) => calls.push(`${call} ${basename(on).replace(/\d+-[0-9a-f]+\./, '')}`));
    await writeAtomic(fs, path, bytes('2'), { keepBackup: true });
    assert.deepEqual(
      calls.map((call) => call.replace(/sg-storage-\w+/, 'FOLDER')),
      [
        ...['open', 'write', 'sync', 'close'].map((call) => `${call} a.json.tmp`),
        'link a.json',
        'rename a.json.bak.tmp',
        'rename a.json.tmp',
        ...(process.platform === 'win32' ? [] : ['open FOLDER', 'sync FOLDER', 'close FOLDER']),
      ],
    );
    assert.deepEqual([readFileSync(path, 'utf8'), readFileSync(`${path}.bak`, 'utf8')], ['2', '1']);
  });

  it('leaves everything as it was when a fault or a veto comes before the rename', async () => {
    for (let failing = 0; ; failing += 1) {
      const path = join(folder(), 'a.json');
      writeFileSync(path, '1');
      const { fs, calls } = faultyFs(failing, 'ENOSPC');
      const failed = await writeAtomic(fs, path, bytes('2'), { keepBackup: true }).then(
        () => false,
        () => true,
      );
      const renamed = calls.slice(0, failing).filter((call) => call === 'rename').length === 2;
      assert.equal(readFileSync(path, 'utf8'), renamed ? '2' : '1');
      assert.deepEqual(
        readdirSync(join(path, '..')).filter((name) => name.endsWith('.tmp')),
        [],
      );
      if (calls.length <= failing) {
        assert.equal(failed, false);
        break;
      }
      if (!renamed) assert.equal(failed, true);
    }
    const path = join(folder(), 'a.json');
    writeFileSync(path, '1');
    const stillAllowed = async (): Promise<void> => Promise.reject(new Error('veto'));
    await assert.rejects(writeAtomic(nodeStorageFs, path, bytes('2'), { keepBackup: true, stillAllowed }), /veto/);
    assert.deepEqual([readFileSync(path, 'utf8'), readdirSync(join(path, '..')).length], ['1', 1]);
  });

  it('writes on when the system takes a piece at a time, and stops when it takes nothing', async () => {
    const path = join(folder(), 'a.json');
    const taking = (most: number): StorageFs => ({
      ...nodeStorageFs,
      open: async (...args) => {
        const handle = await nodeStorageFs.open(...args);
        return { ...handle, write: (all) => (most === 0 ? Promise.resolve(0) : handle.write(all.subarray(0, most))) };
      },
    });
    await writeAtomic(taking(3), path, bytes('[1,2,3,4,5]'), { keepBackup: false });
    assert.equal(readFileSync(path, 'utf8'), '[1,2,3,4,5]');
    await assert.rejects(writeAtomic(taking(0), path, bytes('2'), { keepBackup: true }), { code: 'ENOSPC' });
    assert.equal(readFileSync(path, 'utf8'), '[1,2,3,4,5]');
  });

  it('makes the backup by a copy where the file system has no second names', async () => {
    const path = join(folder(), 'a.json');
    const fs = { ...nodeStorageFs, link: async () => Promise.reject(Object.assign(new Error(), { code: 'EPERM' })) };
    for (const text of ['1', '2', '3']) await writeAtomic(fs, path, bytes(text), { keepBackup: text !== '1' });
    assert.deepEqual([readFileSync(path, 'utf8'), readFileSync(`${path}.bak`, 'utf8')], ['3', '2']);
    assert.equal(readdirSync(join(path, '..')).length, 2);
    if (process.platform !== 'win32') assert.equal(statSync(`${path}.bak`).mode & 0o777, 0o600);
  });

  it('reads the version before when the newest does not decode, and names what is damaged', async () => {
    const path = join(folder(), 'a.json');
    assert.deepEqual(await readAtomic(nodeStorageFs, path, decode), { kind: 'missing', damaged: [] });
    writeFileSync(`${path}.bak`, '1');
    assert.deepEqual(await readAtomic(nodeStorageFs, path, decode), { kind: 'backup', value: 1, damaged: [] });
    writeFileSync(path, '{"torn');
    assert.deepEqual(await readAtomic(nodeStorageFs, path, decode), { kind: 'backup', value: 1, damaged: [path] });
    writeFileSync(`${path}.bak`, '');
    const found = await readAtomic(nodeStorageFs, path, decode);
    assert.deepEqual(found, { kind: 'missing', damaged: [path, `${path}.bak`] });
    assert.deepEqual(await setAside(nodeStorageFs, found.damaged), ['damaged-1', 'damaged-2']);
    assert.equal(readFileSync(join(path, '..', 'damaged-1'), 'utf8'), '{"torn');
    assert.equal(existsSync(path), false);
  });

  it('is patient on Windows only, and not for ever', async () => {
    let tries = 0;
    const busy = async (): Promise<string> => {
      tries += 1;
      if (tries < 4) throw Object.assign(new Error(), { code: 'EBUSY' });
      return 'done';
    };
    assert.equal(await patiently(busy, 'win32'), 'done');
    tries = 0;
    await assert.rejects(patiently(busy, 'linux'), { code: 'EBUSY' });
    assert.equal(tries, 1);
    await assert.rejects(
      patiently(async () => Promise.reject(Object.assign(new Error(), { code: 'ENOENT' })), 'win32'),
    );
  });

  it('has words for each refusal, which name no path', () => {
    for (const code of ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EMFILE', 'EIO']) {
      const error = storageError('It was not saved', Object.assign(new Error('open /secret/path'), { code }));
      assert.equal(error.code, 'storage');
      assert.match(error.message, /^It was not saved: .+\. What was saved before is intact\.$/);
      assert.doesNotMatch(`${error.message} ${error.action}`, /secret/);
    }
  });
});
