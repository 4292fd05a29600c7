/** Kills writers and looks at what they left. Shared by the short and the long tier. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cached, child, ended, files } from './support.ts';

const writer = import.meta.resolve('./killed-writer.ts');

/**
 * One round: starts a writer on the store of the rounds before, lets it be killed, and asserts that the store reads, that nothing which the
 * writer had committed is lost, and that the next writer is not locked out. Resolves with the number that was reached.
 *
 * `dieAt`: the number of the file system call at which it kills itself; undefined: the parent does after `commits` commits, at any point.
 */
export async function killRound(
  root: string,
  from: number,
  how: { readonly dieAt: number } | { readonly commits: number; readonly delay: number },
  env: NodeJS.ProcessEnv = {},
): Promise<number> {
  const process = child(
    new URL(writer).pathname,
    [root, String(from)],
    'dieAt' in how ? { ...env, SG_DIE_AT: String(how.dieAt) } : env,
  );
  let committed = from - 1;
  process.on('message', (number) => {
    committed = Number(number);
    if ('commits' in how && committed - from + 1 >= how.commits) setTimeout(() => process.kill('SIGKILL'), how.delay);
  });
  const disconnected = once(process, 'disconnect');
  assert.equal(await ended(process), 'SIGKILL');
  // The last message may come after the exit.
  await disconnected;
  const problems: string[] = [];
  const store = files(root, { onProblem: (error) => problems.push(error.message) });
  const found = await store.read('s1');
  assert.deepEqual(problems, [], 'a killed writer damages nothing');
  const reached = Number(found?.draft ?? -1);
  assert.ok(reached >= committed, `committed ${committed}, found ${reached}`);
  assert.ok(reached <= committed + 1, `committed ${committed}, found ${reached}`);
  if (reached >= 0) assert.equal(found?.messages.at(-1)?.id, `m${reached}`);
  // Takes the lock of the dead one.
  await store.update('s1', (current = cached()) => ({
    ...current,
    draft: String(reached),
    seenAt: current.seenAt + 1,
  }));
  return reached;
}
