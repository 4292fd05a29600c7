import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSecGeminiError } from '../../../../src/core/errors.ts';
import { takeLock } from '../../../../src/host/storage/lock.ts';
import { livenessOf, ownIdentity } from '../../../../src/host/storage/process-identity.ts';
import { nodeStorageFs } from '../../../../src/host/storage/storage-fs.ts';
import { child, ended, folder, interruptedFs, removeFolders } from './support.ts';

const NONCE = '11111111-2222-3333-4444-555555555555';

/** The pid of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '0']).pid;
}

describe('lock', function () {
  this.timeout(60_000);
  afterEach(removeFolders);

  it('has one owner, and the next one after the release', async () => {
    const path = join(folder(), 'x.lock');
    const first = await takeLock(path);
    await first.stillHeld();
    await assert.rejects(takeLock(path, { waitMs: 20 }), (error) => isSecGeminiError(error, 'timeout'));
    let released = false;
    const second = takeLock(path).then((lock) => {
      assert.ok(released);
      return lock;
    });
    released = true;
    await first.release();
    await (await second).release();
    assert.deepEqual(readdirSync(join(path, '..')), []);
  });

  it('takes over from a dead process at once, also when its pid is used again or the machine was started anew', async () => {
    const self = await ownIdentity();
    const path = join(folder(), 'x.lock');
    const gone = [{ ...self, pid: deadPid() }];
    // Only Linux tells these two.
    if (process.platform === 'linux') gone.push({ ...self, start: '1' }, { ...self, boot: 'an earlier one' });
    for (const identity of gone) {
      writeFileSync(path, JSON.stringify({ ...identity, nonce: NONCE }));
      const lock = await takeLock(path, { waitMs: 0 });
      await lock.stillHeld();
      await lock.release();
      assert.deepEqual(readdirSync(join(path, '..')), []);
    }
  });

  it('goes on where somebody died while taking over', async () => {
    const self = await ownIdentity();
    const path = join(folder(), 'x.lock');
    const dead = { ...self, pid: deadPid() };
    writeFileSync(path, JSON.stringify({ ...dead, nonce: NONCE }));
    for (const number of [0, 1]) writeFileSync(`${path}.${NONCE}.${number}`, JSON.stringify({ ...dead, nonce: NONCE }));
    const lock = await takeLock(path, { waitMs: 0 });
    assert.deepEqual(readdirSync(join(path, '..')), ['x.lock']);
    await lock.release();
  });

  it('leaves a dead lock to the process that has claimed it', async () => {
    const self = await ownIdentity();
    const path = join(folder(), 'x.lock');
    writeFileSync(path, JSON.stringify({ ...self, pid: deadPid(), nonce: NONCE }));
    writeFileSync(`${path}.${NONCE}.0`, JSON.stringify({ ...self, nonce: '99999999-2222-3333-4444-555555555555' }));
    await assert.rejects(takeLock(path, { waitMs: 10 }), (error) => isSecGeminiError(error, 'timeout'));
    assert.ok(existsSync(path));
  });

  it('does not remove the lock of somebody who was quicker, at whichever call the others come in between', async () => {
    const self = await ownIdentity();
    const stale = JSON.stringify({ ...self, pid: deadPid(), nonce: NONCE });
    for (let at = 0; ; at += 1) {
      const path = join(folder(), 'x.lock');
      writeFileSync(path, stale);
      let quick: Awaited<ReturnType<typeof takeLock>> | undefined;
      // The slow one stops before its call number `at` until another one has come as far as it can.
      const { fs, calls } = interruptedFs(at, async () => {
        quick = await takeLock(path, { waitMs: 30 }).catch(() => undefined);
      });
      const slow = await takeLock(path, { fs, waitMs: 30 }).catch(() => undefined);
      if (calls.length <= at) {
        await slow?.release();
        break;
      }
      assert.ok((quick === undefined) !== (slow === undefined), `one owner at call ${at}`);
      await (quick ?? slow)?.stillHeld();
      await (quick ?? slow)?.release();
      assert.equal(existsSync(path), false);
    }
  });

  it('waits for a holder of whom nothing can be known, by the monotonic clock, who then notices', async () => {
    const path = join(folder(), 'x.lock');
    const elsewhere = { ...(await ownIdentity()), host: 'another machine' };
    const old = await takeLock(path, { identity: elsewhere });
    let clock = 0;
    const options = {
      waitMs: 1_000_000,
      unknownMs: 60_000,
      monotonic: () => clock,
      wait: async () => void (clock += 10_000),
    };
    const lock = await takeLock(path, options);
    assert.equal(clock, 60_000);
    await assert.rejects(old.stillHeld(), /lost/);
    await old.release();
    await lock.stillHeld();
    await lock.release();
  });

  it('tells the living from the dead', async () => {
    const self = await ownIdentity();
    assert.equal(await livenessOf(self, self), 'alive');
    assert.equal(await livenessOf({ ...self, pid: deadPid() }, self), 'dead');
    assert.equal(await livenessOf({ ...self, host: 'x', pid: deadPid() }, self), 'unknown');
  });

  it('works without hard links', async () => {
    const root = folder();
    const path = join(root, 'x.lock');
    const fs = { ...nodeStorageFs, link: async () => Promise.reject(Object.assign(new Error(), { code: 'EPERM' })) };
    const lock = await takeLock(path, { fs });
    assert.match(readFileSync(path, 'utf8'), /nonce/);
    await assert.rejects(takeLock(path, { fs, waitMs: 10 }), (error) => isSecGeminiError(error, 'timeout'));
    await lock.release();
    assert.deepEqual(readdirSync(root), []);
  });

  it('never has two owners among processes, some of which die with it', async () => {
    const root = folder();
    const script = new URL('./lock-holder.ts', import.meta.url).pathname;
    const children = [1, 2, 3].map((number) => child(script, [root, '40'], number === 1 ? { SG_LEAVE: '1' } : {}));
    assert.deepEqual(await Promise.all(children.map(ended)), ['SIGKILL', 0, 0]);
    await (await takeLock(join(root, 'x.lock'))).release();
    assert.deepEqual(readdirSync(root), []);
  });
});
