// F25, T16: eight windows on one profile, 1,000 updates of the same session each, 8,000 present; and the ledger alike.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { LedgerFile } from '../../src/host/storage/ledger-file.ts';
import { child, ended, files, folder, removeFolders } from '../unit/host/storage/support.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const COUNT = Number(process.env.SEC_GEMINI_UPDATES ?? 1000);

describe('eight windows', function () {
  this.timeout(9 * 60_000);
  afterEach(removeFolders);

  it(`lose none of ${NAMES.length * COUNT} updates of one session`, async () => {
    const root = folder();
    const script = new URL('../unit/host/storage/many-updates.ts', import.meta.url).pathname;
    const children = NAMES.map((name) => child(script, [root, name, String(COUNT)]));
    assert.deepEqual(
      await Promise.all(children.map(ended)),
      NAMES.map(() => 0),
    );
    const found = await files(root).read('s1');
    const ids = found?.messages.map(({ id }) => id) ?? [];
    assert.equal(new Set(ids).size, NAMES.length * COUNT);
    assert.equal(ids.length, NAMES.length * COUNT);
    for (const name of NAMES)
      assert.deepEqual(
        ids.filter((id) => id.startsWith(name)),
        Array.from({ length: COUNT }, (_, number) => `${name}-${number}`),
      );
  });

  it(`lose none of ${NAMES.length * COUNT} entries of the ledger`, async () => {
    const path = join(folder(), 'ledger.jsonl');
    const script = new URL('../unit/host/storage/many-entries.ts', import.meta.url).pathname;
    const children = NAMES.map((name) => child(script, [path, name, String(COUNT)]));
    assert.deepEqual(
      await Promise.all(children.map(ended)),
      NAMES.map(() => 0),
    );
    assert.equal((await new LedgerFile({ path }).read()).length, NAMES.length * COUNT);
  });
});
