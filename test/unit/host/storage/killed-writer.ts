/**
 * A child that adds one message after another to session `s1` and tells the parent each number that is committed. With SG_DIE_AT it kills
 * itself, as by kill -9, right before the file system call with that number (counted from the first update).
 * argv: root, first number.
 */

import { nodeStorageFs } from '../../../../src/host/storage/storage-fs.ts';
import { cached, files, text, watchedFs } from './support.ts';

const [root = '', first = '0'] = process.argv.slice(2);
const dieAt = process.env.SG_DIE_AT === undefined ? undefined : Number(process.env.SG_DIE_AT);
let calls = 0;
const fs =
  dieAt === undefined
    ? nodeStorageFs
    : watchedFs(() => {
        if (calls === dieAt) process.kill(process.pid, 'SIGKILL');
        calls += 1;
      });
const store = files(root, { fs });
for (let number = Number(first); ; number += 1) {
  await store.update('s1', (current = cached()) => ({
    ...current,
    draft: String(number),
    messages: [...current.messages.slice(-20), text(`m${number}`)],
  }));
  await new Promise((resolve) => process.send?.(number, resolve));
}
