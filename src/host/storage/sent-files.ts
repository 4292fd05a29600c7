/** The bytes that were sent, kept by their hash in the session's folder, so that the tree can show exactly what left. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SecGeminiError } from '../../core/errors.ts';
import { temporaryBeside } from './atomic-file.ts';
import {
  type StorageFs,
  type StorageHandle,
  FILE_MODE,
  patiently,
  quietly,
  syncFolder,
  writeAll,
} from './storage-fs.ts';

const SHA256 = /^[0-9a-f]{64}$/;
const PIECE_BYTES = 64 * 1024;

/**
 * Passes the bytes through and keeps them when the stream ends well. A consumer that stops early, or a source that fails, leaves nothing.
 * The upload matters more than its copy: when the disk refuses, the bytes go on and `onProblem` is told, once.
 */
export async function* keepBytes(
  fs: StorageFs,
  folder: string,
  bytes: AsyncIterable<Uint8Array>,
  onProblem: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const temporary = temporaryBeside(join(folder, 'sent'));
  const hash = createHash('sha256');
  let handle: StorageHandle | undefined;
  let whole = false;
  const give = async (error: unknown): Promise<void> => {
    onProblem(error);
    const open = handle;
    handle = undefined;
    if (open !== undefined) await quietly(() => open.close());
    await quietly(() => fs.unlink(temporary));
  };
  try {
    try {
      await fs.mkdir(folder);
      handle = await fs.open(temporary, 'wx', FILE_MODE);
    } catch (error) {
      await give(error);
    }
    for await (const piece of bytes) {
      if (handle !== undefined) {
        hash.update(piece);
        try {
          await writeAll(handle, piece);
        } catch (error) {
          await give(error);
        }
      }
      yield piece;
    }
    whole = true;
  } finally {
    if (handle !== undefined) {
      try {
        if (whole) await handle.sync();
        await handle.close();
        handle = undefined;
        if (whole) {
          // Equal bytes have equal names: replacing what is kept already changes nothing.
          await patiently(() => fs.rename(temporary, join(folder, hash.digest('hex'))));
          await syncFolder(fs, folder);
        } else await quietly(() => fs.unlink(temporary));
      } catch (error) {
        await give(error);
      }
    }
  }
}

/** The kept bytes; undefined when they are not there. A copy that no longer fits its hash ends with an error of code `storage`. */
export function openBytes(fs: StorageFs, folder: string, sha256: string): AsyncIterable<Uint8Array> | undefined {
  // The name may come from the service: nothing but a hash becomes a path.
  if (!SHA256.test(sha256)) return undefined;
  const path = join(folder, sha256);
  return fs.exists(path) ? readBytes(fs, path, sha256) : undefined;
}

async function* readBytes(fs: StorageFs, path: string, sha256: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await patiently(() => fs.open(path, 'r'));
  const hash = createHash('sha256');
  try {
    for (let position = 0; ;) {
      const buffer = new Uint8Array(PIECE_BYTES);
      const read = await handle.read(buffer, position);
      if (read === 0) break;
      position += read;
      const piece = buffer.subarray(0, read);
      hash.update(piece);
      yield piece;
    }
  } finally {
    await quietly(() => handle.close());
  }
  if (hash.digest('hex') !== sha256)
    throw new SecGeminiError(
      'storage',
      'The kept copy of this file was damaged on the disk; it is not what was sent.',
      {
        action: 'Compare with the hash that "Show What Left" names.',
      },
    );
}
