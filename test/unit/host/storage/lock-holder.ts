/**
 * A child that takes the lock COUNT times and proves each time that it is alone: it makes a file exclusively, looks at it, removes it.
 * With SG_LEAVE=1 it dies at last with the lock in its hand. argv: folder, count. Exit code 3 = there was a second owner.
 */

import { closeSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from '../../../../src/host/storage/lock.ts';

const [folder = '', count = '0'] = process.argv.slice(2);
for (let number = 1; number <= Number(count); number += 1) {
  const lock = await takeLock(join(folder, 'x.lock'), { waitMs: 120_000 });
  const inside = join(folder, 'inside');
  try {
    closeSync(openSync(inside, 'wx'));
  } catch {
    process.exit(3);
  }
  await new Promise((resolve) => setImmediate(resolve));
  await lock.stillHeld();
  unlinkSync(inside);
  if (number === Number(count) && process.env.SG_LEAVE === '1') process.kill(process.pid, 'SIGKILL');
  await lock.release();
}
process.disconnect();
