import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { killRound } from './kill-rounds.ts';
import { child, ended, files, folder, random, removeFolders, seed, sessionFolder } from './support.ts';

describe('session files and processes', function () {
  this.timeout(180_000);
  afterEach(removeFolders);

  it('loses no update of four processes at once', async () => {
    const root = folder();
    const script = new URL('./many-updates.ts', import.meta.url).pathname;
    const children = ['a', 'b', 'c', 'd'].map((name) => child(script, [root, name, '25']));
    assert.deepEqual(await Promise.all(children.map(ended)), [0, 0, 0, 0]);
    const found = await files(root).read('s1');
    assert.equal(new Set(found?.messages.map(({ id }) => id)).size, 100);
    assert.equal(found?.messages.length, 100);
    assert.deepEqual(readdirSync(sessionFolder(root)).toSorted(), ['session.json', 'session.json.bak']);
  });

  it('keeps what was committed when the writer is killed at any point', async () => {
    const root = folder();
    const next = random(seed());
    let number = 0;
    // Half of them between two calls of the file system, which the writer chooses; half whenever the signal comes.
    for (let round = 0; round < 20; round += 1) {
      const how = round % 2 === 0 ? { dieAt: next(60) } : { commits: 1 + next(4), delay: next(8) };
      number = (await killRound(root, number, how)) + 1;
    }
  });
});
