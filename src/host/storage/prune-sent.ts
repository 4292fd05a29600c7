/** The kept copies of what was sent take at most so much of the disk, in the whole profile: the oldest go first. */

import { join } from 'node:path';
import { HASHED_FOLDER } from './prune.ts';
import { type StorageFs, ifThere, nodeStorageFs } from './storage-fs.ts';

export interface PruneSentOptions {
  readonly maxBytes: number;
  readonly report: (error: unknown) => void;
  readonly fs?: StorageFs | undefined;
}

const COPY = /^[0-9a-f]{64}$/;

/** Resolves with the bytes that were freed. What the disk refuses is reported and left for the next time. */
export async function pruneSent(
  root: string,
  { maxBytes, report, fs = nodeStorageFs }: PruneSentOptions,
): Promise<number> {
  const names = async (folder: string): Promise<readonly string[]> => {
    try {
      return (await ifThere(() => fs.readdir(folder))) ?? [];
    } catch (error) {
      report(error);
      return [];
    }
  };
  const copies: { readonly path: string; readonly size: number; readonly modifiedAt: number }[] = [];
  for (const account of (await names(root)).filter((name) => HASHED_FOLDER.test(name)))
    for (const session of (await names(join(root, account))).filter((name) => HASHED_FOLDER.test(name))) {
      const folder = join(root, account, session, 'files');
      for (const name of (await names(folder)).filter((each) => COPY.test(each))) {
        const path = join(folder, name);
        try {
          const facts = await ifThere(() => fs.stat(path));
          if (facts !== undefined) copies.push({ path, ...facts });
        } catch (error) {
          report(error);
        }
      }
    }
  let total = copies.reduce((bytes, { size }) => bytes + size, 0);
  let freed = 0;
  for (const { path, size } of copies.toSorted((a, b) => a.modifiedAt - b.modifiedAt)) {
    if (total <= maxBytes) break;
    try {
      await ifThere(() => fs.unlink(path));
      freed += size;
      total -= size;
    } catch (error) {
      report(error);
    }
  }
  return freed;
}
