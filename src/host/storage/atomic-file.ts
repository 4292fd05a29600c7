/**
 * One file that is either the old one or the new one, whatever dies in between: written beside, synced, renamed over, folder synced.
 * `NAME.bak` keeps the version before. A damaged file is never thrown away: it is set aside as `damaged-N`.
 *
 * Writing and setting aside need the caller's lock (lock.ts); reading needs none.
 */

import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type StorageFs, FILE_MODE, errnoOf, ifThere, patiently, quietly, syncFolder, writeAll } from './storage-fs.ts';

/** Reads a file's bytes; throws (anything) when they are not what this program wrote. */
export type Decode<T> = (bytes: Uint8Array) => T;

/**
 * What was found. `damaged` names the files that do not decode; `backup`: the main file is damaged or gone, the version before is not.
 * `missing` with damaged files means that nothing could be saved from them.
 */
export type AtomicRead<T> =
  | { readonly kind: 'main' | 'backup'; readonly value: T; readonly damaged: readonly string[] }
  | { readonly kind: 'missing'; readonly damaged: readonly string[] };

/** A file that decodes but must be left alone, e.g. one of a newer version: thrown by `Decode`, passed on to the caller. */
export class NotForUsError extends Error {
  override readonly name = 'NotForUsError';
}

const backupOf = (path: string): string => `${path}.bak`;
const DAMAGED = /^damaged-(\d+)$/;
/** More than these would only fill the disk. */
const DAMAGED_KEPT = 3;
const TEMPORARY = /\.tmp$/;

/** True for what a killed writer leaves behind. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** A name beside `path` that nobody else uses. */
export function temporaryBeside(path: string): string {
  return `${path}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`;
}

/** The newest readable version. Rejects with the system's error when the disk refuses, and with NotForUsError. */
export async function readAtomic<T>(fs: StorageFs, path: string, decode: Decode<T>): Promise<AtomicRead<T>> {
  const damaged: string[] = [];
  for (const [kind, name] of [
    ['main', path],
    ['backup', backupOf(path)],
  ] as const) {
    const bytes = await ifThere(() => patiently(() => fs.readFile(name)));
    if (bytes === undefined) continue;
    try {
      return { kind, value: decode(bytes), damaged };
    } catch (error) {
      if (error instanceof NotForUsError) throw error;
      damaged.push(name);
    }
  }
  return { kind: 'missing', damaged };
}

export interface WriteOptions {
  /** True when the file at `path` is known to be whole: it becomes the backup. A damaged one never does. */
  readonly keepBackup: boolean;
  /** Called right before the new file takes its place; throwing leaves everything as it was. */
  readonly stillAllowed?: (() => Promise<void>) | undefined;
}

/** Replaces the file. Rejects with the system's error; the old file is then whole at its place. */
export async function writeAtomic(
  fs: StorageFs,
  path: string,
  bytes: Uint8Array,
  { keepBackup, stillAllowed }: WriteOptions,
): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    const handle = await fs.open(temporary, 'wx', FILE_MODE);
    try {
      await writeAll(handle, bytes);
      await handle.sync();
    } catch (error) {
      await quietly(() => handle.close());
      throw error;
    }
    await handle.close();
    await stillAllowed?.();
    if (keepBackup) await keepAsBackup(fs, path);
    await patiently(() => fs.rename(temporary, path));
  } catch (error) {
    await quietly(() => fs.unlink(temporary));
    throw error;
  }
  await syncFolder(fs, dirname(path));
}

/** Puts the damaged files aside, `damaged-1` first; the oldest go when there are too many. */
export async function setAside(fs: StorageFs, damaged: readonly string[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (const path of damaged) {
    const folder = dirname(path);
    const numbers = (await fs.readdir(folder)).flatMap((name) => Number(DAMAGED.exec(name)?.[1] ?? []));
    const next = Math.max(0, ...numbers) + 1;
    const target = join(folder, `damaged-${next}`);
    await patiently(() => fs.rename(path, target));
    names.push(basename(target));
    for (const number of numbers)
      if (number <= next - DAMAGED_KEPT) await quietly(() => fs.unlink(join(folder, `damaged-${number}`)));
    await syncFolder(fs, folder);
  }
  return names;
}

/** True when a damaged file was set aside in this folder before. */
export async function hasDamaged(fs: StorageFs, folder: string): Promise<boolean> {
  const names = await ifThere(() => fs.readdir(folder));
  return names?.some((name) => DAMAGED.test(name)) ?? false;
}

/** A second name, no copy: the version before costs no write. The rename makes the change of names one step. */
async function keepAsBackup(fs: StorageFs, path: string): Promise<void> {
  const temporary = temporaryBeside(backupOf(path));
  try {
    await fs.link(path, temporary);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') return;
    // exFAT and some network file systems have no second names.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'].includes(code ?? '')) throw error;
    try {
      await fs.copyFile(path, temporary);
      const copy = await fs.open(temporary, 'r+');
      try {
        await copy.sync();
      } finally {
        await quietly(() => copy.close());
      }
    } catch (failed) {
      await quietly(() => fs.unlink(temporary));
      throw failed;
    }
  }
  try {
    await patiently(() => fs.rename(temporary, backupOf(path)));
  } catch (error) {
    await quietly(() => fs.unlink(temporary));
    throw error;
  }
}
