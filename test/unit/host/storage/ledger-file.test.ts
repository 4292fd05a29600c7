import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEntry } from '../../../../src/core/ledger.ts';
import { LedgerFile } from '../../../../src/host/storage/ledger-file.ts';
import { nodeStorageFs } from '../../../../src/host/storage/storage-fs.ts';
import { child, ended, faultyFs, folder, removeFolders } from './support.ts';

function entry(id: string, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    id,
    at: 1000,
    kind: 'file',
    sessionId: 's1',
    sessionName: 'Session',
    destination: 'https://sec.example',
    name: 'a.txt',
    bytes: 5,
    sha256: 'ab'.repeat(32),
    rule: 'confirmed',
    outcome: 'started',
    ...more,
  };
}

describe('ledger file', function () {
  this.timeout(60_000);
  afterEach(removeFolders);

  it('gives back completed entries, oldest first, all or of one session', async () => {
    const path = join(folder(), 'new', 'ledger.jsonl');
    const ledger = new LedgerFile({ path });
    assert.deepEqual(await ledger.read(), []);
    await ledger.append(entry('a', { name: 'zeile\nzwei\u2028 😀' }));
    await ledger.append(entry('b', { sessionId: 's2', at: 500 }));
    await ledger.append(entry('a', { name: 'zeile\nzwei\u2028 😀', at: 2000, outcome: 'sent' }));
    await ledger.append(entry('a', { name: 'late', outcome: 'started' }));
    const a = entry('a', { name: 'zeile\nzwei\u2028 😀', outcome: 'sent' });
    const b = entry('b', { sessionId: 's2', at: 500 });
    assert.deepEqual(await new LedgerFile({ path }).read(), [a, b]);
    assert.deepEqual(await ledger.read('s2'), [b]);
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('loses only the torn entry, cut at any byte, and nothing of what comes after', async () => {
    const path = join(folder(), 'ledger.jsonl');
    const ledger = new LedgerFile({ path });
    await ledger.append(entry('a'));
    const first = statSync(path).size;
    await ledger.append(entry('b', { name: 'ü' }));
    const bytes = readFileSync(path);
    for (let length = first; length <= bytes.length; length += 1) {
      writeFileSync(path, bytes.subarray(0, length));
      await ledger.append(entry('c'));
      const ids = (await ledger.read()).map(({ id }) => id);
      assert.deepEqual(ids, length >= bytes.length - 1 ? ['a', 'b', 'c'] : ['a', 'c'], `cut at ${length}`);
    }
    appendFileSync(path, Buffer.from([0, 0, 0xff, 10]));
    await ledger.append(entry('d'));
    assert.deepEqual(
      (await ledger.read()).map(({ id }) => id),
      ['a', 'b', 'c', 'd'],
    );
  });

  it('reads lines that are longer than a piece', async () => {
    const path = join(folder(), 'ledger.jsonl');
    const ledger = new LedgerFile({ path });
    for (const [id, size] of [
      ['a', 1],
      ['b', 700_000],
      ['c', 262_000],
      ['d', 3],
    ] as const)
      await ledger.append(entry(id, { name: 'ä'.repeat(size) }));
    assert.deepEqual(
      (await ledger.read()).map(({ name }) => name.length),
      [1, 700_000, 262_000, 3],
    );
  });

  it('says in clear words when the disk refuses, at a fault in any call, and keeps what is there', async () => {
    for (const [code, words] of [
      ['ENOSPC', /disk is full/],
      ['EACCES', /does not allow/],
      ['EROFS', /read-only/],
    ] as const)
      for (let failing = 0; ; failing += 1) {
        const path = join(folder(), 'ledger.jsonl');
        const { fs, calls } = faultyFs(failing, code);
        const result = await new LedgerFile({ path, fs }).append(entry('b')).then(
          () => undefined,
          (error: unknown) => error,
        );
        // A close that fails after the sync has lost nothing.
        if (calls.length > failing && calls[failing] !== 'close') assert.match(String(result), words);
        const ledger = new LedgerFile({ path });
        await ledger.append(entry('c'));
        assert.equal((await ledger.read()).at(-1)?.id, 'c');
        removeFolders();
        if (calls.length <= failing) break;
      }
  });

  it('does not write the rest of an entry that the disk took in part', async () => {
    const path = join(folder(), 'ledger.jsonl');
    const fs: typeof nodeStorageFs = {
      ...nodeStorageFs,
      open: async (...args) => {
        const handle = await nodeStorageFs.open(...args);
        return { ...handle, write: (bytes) => handle.write(bytes.subarray(0, 30)) };
      },
    };
    await assert.rejects(new LedgerFile({ path, fs }).append(entry('a')), /disk is full/);
    assert.equal(statSync(path).size, 30);
    await new LedgerFile({ path }).append(entry('b'));
    assert.deepEqual(
      (await new LedgerFile({ path }).read()).map(({ id }) => id),
      ['b'],
    );
  });

  it('is emptied on request and goes on', async () => {
    const path = join(folder(), 'ledger.jsonl');
    const ledger = new LedgerFile({ path });
    await ledger.clear();
    await ledger.append(entry('a'));
    await ledger.clear();
    assert.deepEqual(await ledger.read(), []);
    await ledger.append(entry('b'));
    assert.deepEqual(
      (await ledger.read()).map(({ id }) => id),
      ['b'],
    );
  });

  it('keeps every entry of several processes that append at once', async () => {
    const path = join(folder(), 'ledger.jsonl');
    const script = new URL('./many-entries.ts', import.meta.url).pathname;
    const children = ['a', 'b', 'c', 'd'].map((name) => child(script, [path, name, '50']));
    assert.deepEqual(await Promise.all(children.map(ended)), [0, 0, 0, 0]);
    const warnings: string[] = [];
    const log = {
      trace: () => undefined,
      info: () => undefined,
      warn: (text: string) => warnings.push(text),
      error: () => undefined,
    };
    const entries = await new LedgerFile({ path, log }).read();
    assert.equal(new Set(entries.map(({ id }) => id)).size, 200);
    assert.deepEqual(warnings, []);
  });
});
