/** Retention: what is older than the setting goes, of every account that ever used this machine; and so does what killed processes left. */

import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { isTemporary } from './atomic-file.ts';
import { type LockOptions, takeLock } from './lock.ts';
import { type StorageFs, ifThere, patiently, quietly } from './storage-fs.ts';

export interface PruneOptions {
  readonly olderThanMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly report: (error: unknown) => void;
  readonly fs: StorageFs;
  readonly lock: LockOptions;
}

/** A folder of ours: an account's or a session's. */
export const HASHED_FOLDER = /^[0-9a-f]{32}$/;
/** A folder on its way out: renamed first, so that it is gone for everybody at once. */
export const removedName = (): string => `.removed-${randomUUID()}`;
const REMOVED = /^\.removed-/;
const LOCK = /\.lock(\.[0-9a-f-]{36}\.\d+)?$/;
/** Nothing of ours takes so long: what is older was left by a killed process. */
const LEFT_BEHIND_MS = 60 * 60 * 1000;

/** Resolves with the number of sessions deleted. */
export async function pruneStorage(root: string, options: PruneOptions): Promise<number> {
  const { fs, report } = options;
  let removed = 0;
  for (const account of await namesIn(root, options)) {
    const path = join(root, account);
    try {
      if (REMOVED.test(account)) await fs.removeTree(path);
      if (!HASHED_FOLDER.test(account)) continue;
    } catch (error) {
      report(error);
      continue;
    }
    for (const name of await namesIn(path, options)) {
      try {
        if (REMOVED.test(name)) await fs.removeTree(join(path, name));
        else if (HASHED_FOLDER.test(name)) removed += (await pruneSession(path, name, options)) ? 1 : 0;
        else if (LOCK.test(name)) await pruneLock(join(path, name), options);
        else if (isTemporary(name)) await removeLeft(join(path, name), options);
      } catch (error) {
        report(error);
      }
    }
    // Only an empty one goes.
    await quietly(() => fs.rmdir(path));
  }
  return removed;
}

async function namesIn(folder: string, { fs, report }: PruneOptions): Promise<readonly string[]> {
  try {
    return (await ifThere(() => fs.readdir(folder))) ?? [];
  } catch (error) {
    report(error);
    return [];
  }
}

async function pruneSession(account: string, name: string, options: PruneOptions): Promise<boolean> {
  const { fs, now, olderThanMs } = options;
  const folder = join(account, name);
  if (now - (await lastWrite(folder, options)) <= olderThanMs) {
    for (const sub of ['', 'files'])
      for (const each of await namesIn(join(folder, sub), options))
        if (isTemporary(each)) await removeLeft(join(folder, sub, each), options);
    return false;
  }
  const lock = await takeLock(`${folder}.lock`, options.lock);
  try {
    // Somebody may have written it while we waited.
    if (now - (await lastWrite(folder, options)) <= olderThanMs) return false;
    const gone = join(account, removedName());
    await patiently(() => fs.rename(folder, gone));
    await fs.removeTree(gone);
    return true;
  } finally {
    await lock.release();
  }
}

/** Of the newest file in the session's folder; what is being uploaded right now counts. Milliseconds since the epoch. */
async function lastWrite(folder: string, options: PruneOptions): Promise<number> {
  const { fs } = options;
  let newest = Number.NEGATIVE_INFINITY;
  for (const sub of ['', 'files'])
    for (const name of await namesIn(join(folder, sub), options)) {
      const facts = await ifThere(() => fs.stat(join(folder, sub, name)));
      newest = Math.max(newest, facts?.modifiedAt ?? newest);
    }
  return newest;
}

async function removeLeft(path: string, { fs, now }: PruneOptions): Promise<void> {
  const facts = await ifThere(() => fs.stat(path));
  if (facts !== undefined && now - facts.modifiedAt > LEFT_BEHIND_MS) await ifThere(() => fs.unlink(path));
}

/** Taking a dead lock and giving it back removes it with its claims; a living one is left alone. */
async function pruneLock(path: string, { fs, now, lock }: PruneOptions): Promise<void> {
  const facts = await ifThere(() => fs.stat(path));
  if (facts === undefined || now - facts.modifiedAt <= LEFT_BEHIND_MS) return;
  const [main] = path.split('.lock');
  const held = await takeLock(`${main}.lock`, { ...lock, waitMs: 0 }).catch(() => undefined);
  if (held === undefined) return;
  // The lock is ours now: a claim of another nonce is of no use to anybody.
  if (!path.endsWith('.lock')) await ifThere(() => fs.unlink(path));
  await held.release();
}
