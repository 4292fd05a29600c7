import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../../../src/core/log.ts';
import { SignOuts } from '../../../../src/host/storage/sign-outs.ts';

const ORIGIN = 'https://sec.example';

describe('A key that another window has forgotten (S22)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sg-sign-outs-'));
  const path = join(folder, 'profile', 'signed-out.json');
  const open: SignOuts[] = [];
  after(() => {
    for (const each of open) each.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function aWindow(): Promise<{ signOuts: SignOuts; next: () => Promise<string>; heard: string[] }> {
    const heard: string[] = [];
    const waiting: ((origin: string) => void)[] = [];
    const signOuts = new SignOuts({
      path,
      now: () => 1_000_000,
      log: silentLog,
      heard: (origin, what) => {
        const news = what === 'set' ? `${origin} set` : origin;
        heard.push(news);
        waiting.shift()?.(news);
      },
    });
    open.push(signOuts);
    await signOuts.start();
    return { signOuts, heard, next: async () => new Promise((resolve) => waiting.push(resolve)) };
  }

  it('is told to every other window once, and not to the one that did it', async () => {
    const [one, two, three] = [await aWindow(), await aWindow(), await aWindow()];
    const both = Promise.all([two.next(), three.next()]);
    await one.signOuts.tell(ORIGIN);
    assert.deepEqual(await both, [ORIGIN, ORIGIN]);
    const again = Promise.all([one.next(), three.next()]);
    await two.signOuts.tell('https://other.example');
    await again;
    assert.deepEqual(
      [one.heard, two.heard, three.heard],
      [['https://other.example'], [ORIGIN], [ORIGIN, 'https://other.example']],
    );
  });

  it('may as well be one that was set there', async () => {
    const [one, two] = [await aWindow(), await aWindow()];
    const told = two.next();
    await one.signOuts.tell(ORIGIN, 'set');
    assert.equal(await told, `${ORIGIN} set`);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object), ['id', 'origin', 'at', 'what']);
  });

  it('is a file that only this user reads, without a key; an old or broken one says nothing', async () => {
    const { signOuts, heard, next } = await aWindow();
    const [other, told] = [await aWindow(), next()];
    writeFileSync(path, '{"id":"x"');
    writeFileSync(path, JSON.stringify({ id: 'old', origin: ORIGIN, at: 1 }));
    await other.signOuts.tell(ORIGIN);
    await told;
    assert.deepEqual(heard, [ORIGIN]);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object), ['id', 'origin', 'at']);
    assert.equal(statSync(path).mode & 0o077, 0);
    signOuts.dispose();
  });
});
