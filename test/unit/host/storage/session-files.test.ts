import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { isSecGeminiError } from '../../../../src/core/errors.ts';
import type { CachedSession } from '../../../../src/core/session-cache.ts';
import { SessionFiles } from '../../../../src/host/storage/session-files.ts';
import {
  cached,
  collect,
  faultyFs,
  files,
  folder,
  interruptedFs,
  pieces,
  plain,
  removeFolders,
  seed,
  sessionFolder,
  text,
  tree,
  unsyncedFs,
  watchedFs,
} from './support.ts';

describe('session files', function () {
  // Each write is synced to the disk: slow disks are slow here.
  this.timeout(60_000);
  afterEach(removeFolders);

  it('keeps a session and gives it back to another window', async () => {
    const root = folder();
    const session = cached('s1', {
      messages: [text('m1'), text('m2', '\u0000 ‮ 😀 \ud800 \n', { parentId: undefined, raw: { future: [1] } })],
      draft: 'half a question',
      queue: [{ id: 'q', text: 'later' }],
    });
    await files(root).update('s1', () => session);
    assert.deepEqual(await files(root).read('s1'), plain(session));
    assert.deepEqual(await files(root).list(), [plain(session)]);
    const { messages, ...head } = plain(session);
    assert.deepEqual(await files(root).heads(), [{ ...head, messageCount: messages.length }]);
    assert.equal(await files(root).read('s2'), undefined);
  });

  it('keeps accounts and origins apart', async () => {
    const root = folder();
    await files(root).update('s1', () => cached());
    for (const other of [
      { userId: 'user-2' },
      { origin: 'https://other.example' },
      { origin: 'https://sec.exampleuser', userId: '-1' },
    ])
      assert.deepEqual(await files(root, other).list(), []);
  });

  it('writes files with mode 0600 in folders with mode 0700, and no id or name becomes a path', async () => {
    const root = folder();
    const id = '../../escape/../s';
    const store = files(root);
    await store.update(id, () => cached(id));
    await store.update(id, (current) => ({ ...(current ?? cached(id)), draft: 'again' }));
    await collect(store.keepSent(id, pieces('sent')));
    assert.deepEqual(readdirSync(root).length, 1);
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      // Windows has no such modes; its profile folders are the user's own.
      if (process.platform !== 'win32') assert.equal(mode, entry.isDirectory() ? 0o700 : 0o600, entry.name);
      assert.match(entry.name, /^([0-9a-f]{32}|[0-9a-f]{64}|files|session\.json(\.bak)?)$/);
    }
  });

  it('keeps fields that it does not know, of the session and of its messages', async () => {
    const root = folder();
    const strange = { ...cached('s1', { messages: [{ ...text('m1'), mood: 'fine' } as never] }), future: { a: [1] } };
    await files(root).update('s1', () => strange);
    await files(root).update('s1', (current) => current && { ...current, draft: 'x' });
    assert.deepEqual(await files(root).read('s1'), plain({ ...strange, draft: 'x' }));
  });

  it('leaves a file of a newer format alone and says so', async () => {
    const root = folder();
    await files(root).update('s1', () => cached());
    const path = join(sessionFolder(root), 'session.json');
    const newer = readFileSync(path, 'utf8').replace('"format":1', '"format":2');
    writeFileSync(path, newer);
    const problems: string[] = [];
    const store = files(root, { onProblem: (error) => problems.push(error.message) });
    await assert.rejects(store.read('s1'), /newer version/);
    await assert.rejects(
      store.update('s1', () => cached()),
      /newer version/,
    );
    assert.deepEqual(await store.list(), []);
    assert.deepEqual(await store.heads(), []);
    assert.equal(problems.length, 2);
    assert.equal(readFileSync(path, 'utf8'), newer);
  });

  it('recovers a file cut at any byte from the version before, and sets the damaged one aside', async () => {
    const root = folder();
    const before = cached('s1', { messages: [text('m1')] });
    const after = cached('s1', { messages: [text('m1'), text('m2', 'é')], draft: 'new' });
    await files(root).update('s1', () => before);
    await files(root).update('s1', () => after);
    const place = sessionFolder(root);
    const path = join(place, 'session.json');
    const whole = readFileSync(path);
    const backup = readFileSync(`${path}.bak`);
    for (let length = 0; length <= whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      writeFileSync(`${path}.bak`, backup);
      const store = files(root, { fs: unsyncedFs });
      const [head] = await store.heads();
      assert.equal(head?.draft, length >= whole.length - 1 ? 'new' : '', `head at ${length}`);
      const found = await store.read('s1');
      // Only the last line break is not needed.
      assert.deepEqual(found, plain(length >= whole.length - 1 ? after : before), `cut at ${length}`);
    }
    const aside = readdirSync(place).filter((name) => name.startsWith('damaged-'));
    assert.equal(aside.length, 3, 'the latest three are kept');
  });

  it('never shows a wrong session, whichever of its two files is cut, emptied or overwritten with NULs', async () => {
    const root = folder();
    const versions = [1, 2].map((n) => cached('s1', { messages: [text('m1')], draft: `draft ${n}` }));
    for (const version of versions) await files(root).update('s1', () => version);
    const other = cached('s2', { draft: 'other' });
    await files(root).update('s2', () => other);
    const place = readdirSync(root, { recursive: true, withFileTypes: true }).find(
      (entry) => entry.name === 'session.json.bak',
    )?.parentPath;
    assert.ok(place);
    const path = join(place, 'session.json');
    const whole = readFileSync(path);
    const backup = readFileSync(`${path}.bak`);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('cut', 'nul', 'swap', 'none'),
        fc.constantFrom('cut', 'nul', 'gone'),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (main, bak, where) => {
          const spoil = (bytes: Buffer, how: string): Buffer => {
            const at = Math.floor(where * (bytes.length - 2));
            if (how === 'cut') return bytes.subarray(0, at);
            if (how === 'none') return bytes;
            const copy = Buffer.from(bytes);
            if (how === 'swap') copy[at] = 0xff;
            else copy.fill(0, at);
            return copy;
          };
          writeFileSync(path, spoil(whole, main));
          writeFileSync(`${path}.bak`, bak === 'gone' ? '' : spoil(backup, bak));
          const store = files(root, { fs: unsyncedFs });
          const found = await store.read('s1');
          if (main === 'none') assert.deepEqual(found, plain(versions[1]));
          else assert.equal(found, undefined);
          assert.deepEqual(await store.read('s2'), plain(other));
          let gap;
          await store.update('s1', (current, why) => {
            gap = why;
            return current ?? versions[0];
          });
          assert.equal(gap, main === 'none' ? undefined : 'damaged');
          assert.equal((await files(root).list()).length, 2);
        },
      ),
      { seed: seed(), numRuns: 60 },
    );
  });

  it('says the disk is full, keeps the old file whole at a fault in any call, and saves when it is tried again', async () => {
    const first = cached('s1', { messages: [text('m1')], draft: 'old' });
    const second = { ...first, draft: 'new' };
    for (const [code, words] of [
      ['ENOSPC', /disk is full/],
      ['EACCES', /does not allow/],
      ['EROFS', /read-only/],
    ] as const) {
      let failures = 0;
      for (let failing = 0; ; failing += 1) {
        const root = folder();
        await files(root).update('s1', () => first);
        const { fs, calls } = faultyFs(failing, code);
        const store = files(root, { fs, lock: { waitMs: 0 } });
        try {
          await store.update('s1', () => second);
        } catch (error) {
          assert.ok(isSecGeminiError(error, 'storage') || isSecGeminiError(error, 'timeout'), String(error));
          if (isSecGeminiError(error, 'storage')) assert.match(error.message, words);
          failures += 1;
        }
        if (calls.length <= failing) break;
        const found = await files(root).read('s1');
        assert.ok(found?.draft === 'old' || found?.draft === 'new', `call ${failing} (${calls[failing]})`);
        assert.equal(found.messages.length, 1);
        await store.update('s1', () => second);
        assert.deepEqual(
          await files(root).read('s1'),
          plain(second),
          `again after call ${failing} (${calls[failing]})`,
        );
        removeFolders();
      }
      assert.ok(failures >= 8, `${failures} calls failed visibly`);
    }
  });

  it('sees what another window wrote, and does not parse again what it wrote itself', async () => {
    const root = folder();
    let parsed = 0;
    const fs = watchedFs((call, path) => {
      if (call === 'readFile' && path.endsWith('session.json')) parsed += 1;
    });
    const one = files(root, { fs });
    const two = files(root);
    await one.update('s1', () => cached('s1', { draft: '1' }));
    await one.update('s1', (current) => current && { ...current, draft: `${current.draft}2` });
    assert.equal(parsed, 1);
    await two.update('s1', (current) => current && { ...current, draft: `${current.draft}3` });
    await one.update('s1', (current) => current && { ...current, draft: `${current.draft}4` });
    assert.equal((await two.read('s1'))?.draft, '1234');
    assert.equal(parsed, 2);
  });

  it('loses nothing of many updates at once in one window', async () => {
    const root = folder();
    const stores = [files(root), files(root)];
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) =>
        stores[n % 2]?.update('s1', (current = cached()) => ({
          ...current,
          messages: [...current.messages, text(`m${n}`)],
        })),
      ),
    );
    const found = await files(root).read('s1');
    assert.equal(new Set(found?.messages.map(({ id }) => id)).size, 40);
  });

  it('leaves the file alone when nothing is to be changed, and refuses another id', async () => {
    const root = folder();
    const store = files(root);
    assert.equal(await store.update('s1', () => undefined), undefined);
    await store.update('s1', () => cached());
    const before = statSync(join(sessionFolder(root), 'session.json')).ino;
    assert.deepEqual(await store.update('s1', (current) => current), cached());
    assert.equal(statSync(join(sessionFolder(root), 'session.json')).ino, before);
    await assert.rejects(
      store.update('s1', () => cached('s2')),
      /own id/,
    );
  });

  it('deletes a session with everything in it, and an account at once', async () => {
    const root = folder();
    const store = files(root);
    const other = files(root, { userId: 'user-2' });
    for (const id of ['s1', 's2', 's3']) await store.update(id, () => cached(id));
    await other.update('s1', () => cached());
    await collect(store.keepSent('s1', pieces('secret')));
    await store.remove('s1');
    await store.remove('never');
    assert.deepEqual((await store.list()).map(({ info }) => info.id).toSorted(), ['s2', 's3']);
    assert.equal(
      tree(root).some((path) => path.includes('files')),
      false,
    );
    await store.clear();
    await store.clear();
    assert.deepEqual(await store.list(), []);
    assert.equal((await other.list()).length, 1);
    assert.equal(tree(root).filter((path) => path.endsWith('session.json')).length, 1);
    await store.update('s1', () => cached());
    assert.equal((await store.list()).length, 1);
  });

  it('brings nothing back when another window signs out in the middle of an update', async () => {
    let afterLock = 0;
    for (let at = 0; ; at += 1) {
      const root = folder();
      await files(root).update('s1', () => cached('s1', { draft: 'old' }));
      const { fs, calls } = interruptedFs(at, () => files(root).clear());
      const change = (): CachedSession => cached('s1', { draft: 'new' });
      const failed = await files(root, { fs })
        .update('s1', change)
        .then(
          () => false,
          (error: unknown) => isSecGeminiError(error, 'storage'),
        );
      if (calls.length <= at) break;
      const left = tree(root).filter((path) => path.includes('session.json'));
      const renamed = calls.slice(0, at).filter((call) => call === 'rename').length === 2;
      if (calls.slice(0, at).includes('link')) {
        assert.deepEqual(left, [], `before call ${at} (${calls[at]})`);
        if (!renamed) assert.ok(failed);
        afterLock += 1;
      }
      removeFolders();
    }
    assert.ok(afterLock > 8);
  });

  it('deletes what is older than the retention, of every account, and what killed writers left', async () => {
    const root = folder();
    const store = files(root);
    const other = files(root, { origin: 'https://other.example' });
    await store.update('old', () => cached('old'));
    await store.update('young', () => cached('young'));
    await other.update('old', () => cached('old'));
    const day = 86_400_000;
    const now = Date.now();
    const ages = (session: CachedSession): number => (session.info.id === 'old' ? now - 31 * day : now - 29 * day);
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      if (entry.name !== 'session.json') continue;
      const path = join(entry.parentPath, entry.name);
      const { head } = JSON.parse(readFileSync(path, 'utf8')) as { head: CachedSession };
      utimesSync(path, ages(head) / 1000, ages(head) / 1000);
    }
    const left = join(sessionFolderOf(root, 'young'), 'session.json.1-abc.tmp');
    writeFileSync(left, 'x');
    utimesSync(left, (now - 40 * day) / 1000, (now - 40 * day) / 1000);
    assert.equal(
      await store.prune({ olderThanMs: 30 * day, now: now - 5 * day }),
      0,
      'a clock that went back deletes nothing',
    );
    assert.equal(await store.prune({ olderThanMs: 30 * day, now }), 2);
    assert.deepEqual(
      (await store.list()).map(({ info }) => info.id),
      ['young'],
    );
    assert.deepEqual(
      tree(root).map((path) => path.split('/').at(-1)),
      ['session.json'],
    );
    assert.equal(readdirSync(root).length, 1, 'the empty account is gone');
  });

  it('reads the list in spite of one session that the system refuses', async () => {
    const root = folder();
    const store = new SessionFiles({ root, origin: 'https://sec.example', userId: 'user-1' });
    for (const id of ['a', 'b', 'c']) await store.update(id, () => cached(id));
    const bad = sessionFolderOf(root, 'b');
    const fs = watchedFs((call, path) => {
      if (['open', 'readFile', 'stat'].includes(call) && path.startsWith(bad))
        throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    });
    const problems: string[] = [];
    const watched = files(root, { fs, onProblem: (error) => problems.push(error.message) });
    assert.deepEqual((await watched.list()).map(({ info }) => info.id).toSorted(), ['a', 'c']);
    assert.deepEqual((await watched.heads()).map(({ info }) => info.id).toSorted(), ['a', 'c']);
    assert.equal(problems.length, 2);
    assert.equal((await store.list()).length, 3);
  });
});

function sessionFolderOf(root: string, id: string): string {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.name !== 'session.json') continue;
    if (readFileSync(join(entry.parentPath, entry.name), 'utf8').includes(`"id":"${id}"`)) return entry.parentPath;
  }
  throw new Error(`no folder of ${id}`);
}
