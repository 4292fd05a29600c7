import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type KeyStore, SecretMaps } from '../../../../src/host/storage/secret-maps.ts';
import { cached, files, folder, removeFolders, sessionFolder } from './support.ts';

const SECRET = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('');
const PLACEHOLDER = '[[SECRET-1:github-token]]';
const add = (map: Readonly<Record<string, string>>): Record<string, string> => ({ ...map, [PLACEHOLDER]: SECRET });

function keyStore(): KeyStore & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return { kept, get: async (name) => kept.get(name), store: async (name, value) => void kept.set(name, value) };
}

describe('what placeholders stand for', () => {
  afterEach(removeFolders);

  it('is read again after a restart, for its own session only', async () => {
    const root = folder();
    const keys = keyStore();
    await new SecretMaps({ files: files(root), keys, root }).update('s1', add);
    const again = new SecretMaps({ files: files(root), keys, root });
    assert.deepEqual(await again.load('s1'), { [PLACEHOLDER]: SECRET });
    assert.deepEqual(await again.load('s2'), {});
  });

  it('lies sealed on the disk, for the user alone; the key is elsewhere', async () => {
    const root = folder();
    const keys = keyStore();
    await new SecretMaps({ files: files(root), keys, root }).update('s1', add);
    const path = join(sessionFolder(root), 'placeholders.sealed');
    const bytes = readFileSync(path);
    const [key = ''] = keys.kept.values();
    for (const spelling of [SECRET, Buffer.from(SECRET).toString('base64'), Buffer.from(SECRET).toString('hex'), key])
      assert.ok(!bytes.toString('latin1').includes(spelling));
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(Buffer.from(key, 'base64').length, 32);
  });

  it('goes with its session, and with all of them when the user signs out', async () => {
    const root = folder();
    const keys = keyStore();
    const store = files(root);
    const maps = new SecretMaps({ files: store, keys, root });
    for (const id of ['s1', 's2']) {
      await store.update(id, () => cached(id));
      await maps.update(id, add);
    }
    await store.remove('s1');
    assert.deepEqual(await maps.load('s1'), {});
    assert.deepEqual(await maps.load('s2'), { [PLACEHOLDER]: SECRET });
    await store.clear();
    assert.deepEqual(await maps.load('s2'), {});
    assert.ok(!readdirSync(root, { recursive: true, encoding: 'utf8' }).some((name) => name.includes('sealed')));
  });

  it('loses nothing when windows change it at the same time, and they make one key', async () => {
    const root = folder();
    const keys = keyStore();
    const made: string[] = [];
    const watched: KeyStore = {
      get: (name) => keys.get(name),
      store: async (name, value) => (made.push(value), keys.store(name, value)),
    };
    await Promise.all(
      Array.from({ length: 20 }, (_window, index) =>
        new SecretMaps({ files: files(root), keys: watched, root }).update('s1', (map) => ({
          ...map,
          [`[[SECRET-${index + 1}:x]]`]: `secret ${index}`,
        })),
      ),
    );
    assert.equal(Object.keys(await new SecretMaps({ files: files(root), keys, root }).load('s1')).length, 20);
    assert.equal(made.length, 1);
  }).timeout(20_000);

  it('is given up when its key is gone, and its numbers are not used for other secrets', async () => {
    const root = folder();
    await new SecretMaps({ files: files(root), keys: keyStore(), root }).update('s1', add);
    const maps = new SecretMaps({ files: files(root), keys: keyStore(), root });
    const map = await maps.load('s1');
    assert.ok(!Object.hasOwn(map, PLACEHOLDER));
    assert.ok(Object.keys(map).some((placeholder) => /SECRET-\d{6}/.test(placeholder)));
  });

  it('does not open under another session', async () => {
    const root = folder();
    const keys = keyStore();
    const maps = new SecretMaps({ files: files(root), keys, root });
    await maps.update('s1', add);
    const [from, to] = ['s1', 's2'].map((id) => join(sessionFolder(root, id), 'placeholders.sealed'));
    assert.ok(from !== undefined && to !== undefined);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    assert.ok(existsSync(to));
    assert.ok(!Object.values(await maps.load('s2')).includes(SECRET));
  });

  it('is not kept without a word: no key store, no change', async () => {
    const root = folder();
    const keys: KeyStore = { get: async () => undefined, store: async () => Promise.reject(new Error('no keyring')) };
    await assert.rejects(new SecretMaps({ files: files(root), keys, root }).update('s1', add), { code: 'storage' });
  });
});
