import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from '../../../src/sandbox/state/journal.ts';
import type { JournalRecord } from '../../../src/sandbox/state/journal.ts';
import { cleanUp, temporaryFolder } from './support.ts';

function readAll(path: string): { records: JournalRecord[]; journal: Journal } {
  const records: JournalRecord[] = [];
  return { records, journal: Journal.open(path, (record) => records.push(record)) };
}

const jsonOf = (records: readonly JournalRecord[]): unknown[] => records.map(({ json }) => json);

describe('sandbox, journal', () => {
  afterEach(cleanUp);

  async function written(...records: readonly JournalRecord[]): Promise<string> {
    const path = join(temporaryFolder(), 'state');
    const { journal } = readAll(path);
    for (const record of records) journal.append(record);
    await journal.close();
    return path;
  }

  it('gives back what was appended, blobs and all, and is readable by its owner only', async () => {
    const blob = Uint8Array.from({ length: 3000 }, (_, index) => index % 256);
    const path = await written({ json: { a: 'ü🔒' } }, { json: [1], blob }, { json: null });
    const { records, journal } = readAll(path);
    assert.deepEqual(jsonOf(records), [{ a: 'ü🔒' }, [1], null]);
    assert.ok(records[1]?.blob !== undefined && Buffer.from(blob).equals(records[1].blob));
    journal.append({ json: 'more' });
    await journal.close();
    const again = readAll(path);
    assert.equal(again.records.length, 4);
    await again.journal.close();
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(Journal.readFirst(path)?.json, { a: 'ü🔒' });
    assert.equal(Journal.readFirst(`${path}-none`), undefined);
  });

  it('loses only the last record wherever the file is cut, and goes on from there', async () => {
    const path = await written({ json: 'first' }, { json: 'second', blob: Buffer.from('blob') });
    const whole = readFileSync(path);
    const second = whole.indexOf('SGJ1', 4);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      const { records, journal } = readAll(path);
      assert.deepEqual(jsonOf(records), length < second ? [] : ['first'], `cut at ${length}`);
      journal.append({ json: 'next' });
      await journal.close();
      const after = readAll(path);
      assert.deepEqual(jsonOf(after.records).at(-1), 'next');
      await after.journal.close();
    }
  });

  it('steps over damaged bytes to the next whole record', async () => {
    const path = await written({ json: 'first' }, { json: 'second' }, { json: 'third SGJ1 inside' });
    const whole = readFileSync(path);
    const start = whole.indexOf('SGJ1', 4);
    for (let at = start; at < start + 16 + 8; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      writeFileSync(path, damaged);
      const { records, journal } = readAll(path);
      assert.deepEqual(jsonOf(records), ['first', 'third SGJ1 inside'], `damaged at ${at}`);
      await journal.close();
    }
    writeFileSync(path, whole);
    appendFileSync(path, Buffer.alloc(5000));
    const { records, journal } = readAll(path);
    assert.equal(records.length, 3);
    await journal.close();
    assert.equal(statSync(path).size, whole.length, 'what is no record is cut off');
  });

  it('compacts to just the given records and goes on appending', async () => {
    const path = join(temporaryFolder(), 'state');
    const { journal } = readAll(path);
    for (let i = 0; !journal.wantsCompaction; i++) journal.append({ json: i, blob: Buffer.alloc(1024 * 1024) });
    await journal.compact([{ json: 'all' }]);
    assert.equal(journal.wantsCompaction, false);
    journal.append({ json: 'after' });
    await journal.close();
    const { records, journal: again } = readAll(path);
    assert.deepEqual(jsonOf(records), ['all', 'after']);
    await again.close();
  });
});
