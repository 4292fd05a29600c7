/** The few calls to the file system that the stores make, as a port: tests let each one fail, and kill the process at each one. */

import { existsSync } from 'node:fs';
import {
  copyFile,
  link,
  mkdir,
  open,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { SecGeminiError } from '../../core/errors.ts';

/** An open file. Every method rejects with the system's error (`code` as in errno). */
export interface StorageHandle {
  /** Writes from the current position (at the end with O_APPEND); resolves with the bytes that were taken, which may be fewer. */
  write(bytes: Uint8Array): Promise<number>;
  /** Reads up to `buffer.length` bytes from `position`; 0 = the file ends here. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  truncate(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileFacts {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch by this machine's clock. */
  readonly modifiedAt: number;
}

export interface StorageFs {
  open(path: string, flags: 'r' | 'r+' | 'wx' | 'a', mode?: number): Promise<StorageHandle>;
  readFile(path: string): Promise<Uint8Array>;
  /** A second name for the same file; EEXIST when the name is taken. */
  link(from: string, to: string): Promise<void>;
  copyFile(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** With its parents; a folder that exists is no error. Resolves true when something was made. */
  mkdir(path: string): Promise<boolean>;
  rmdir(path: string): Promise<void>;
  /** With everything in it; a missing one is no error. */
  removeTree(path: string): Promise<void>;
  /** Names, not paths. */
  readdir(path: string): Promise<readonly string[]>;
  readlink(path: string): Promise<string>;
  stat(path: string): Promise<FileFacts>;
  /** Synchronous: the port of the cache answers "is it kept" at once. */
  exists(path: string): boolean;
}

/** Files 0600, folders 0700: transcripts and sent bytes are for the user alone (product.md). */
export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export const nodeStorageFs: StorageFs = {
  async open(path, flags, mode = FILE_MODE) {
    const handle = await open(path, flags, mode);
    return {
      write: async (bytes) => (await handle.write(bytes)).bytesWritten,
      read: async (buffer, position) => (await handle.read(buffer, 0, buffer.length, position)).bytesRead,
      truncate: () => handle.truncate(0),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  readFile: (path) => readFile(path),
  link,
  copyFile: (from, to) => copyFile(from, to),
  rename,
  unlink,
  mkdir: async (path) => (await mkdir(path, { recursive: true, mode: FOLDER_MODE })) !== undefined,
  rmdir,
  removeTree: (path) => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  readdir: (path) => readdir(path),
  readlink: (path) => readlink(path),
  stat: async (path) => {
    const { size, mtimeMs } = await stat(path);
    return { size, modifiedAt: mtimeMs };
  },
  exists: existsSync,
};

/** The errno of a thrown system error, e.g. `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}

/** Runs `work`; undefined when the file or folder is not there. */
export async function ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Runs `work` and lets it fail: for tidying up after something that matters more. */
export async function quietly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch {
    // What is left behind is found by the next prune.
  }
}

/** Writes all of the bytes, whatever pieces the system takes. */
export async function writeAll(handle: StorageHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const taken = await handle.write(done === 0 ? bytes : bytes.subarray(done));
    if (taken <= 0) throw Object.assign(new Error('The disk took no bytes'), { code: 'ENOSPC' });
    done += taken;
  }
}

/**
 * Makes the folder's entries durable. Windows cannot open a folder for this (NTFS journals names by itself), and some network file systems
 * say EINVAL; both are as durable as they get.
 */
export async function syncFolder(fs: StorageFs, path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    await quietly(() => handle.close());
  }
}

const WINDOWS_TRIES = 8;

/** On Windows a scanner or another window that has the file open makes a rename or an open fail for a moment. */
export async function patiently<T>(work: () => Promise<T>, platform: string = process.platform): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const passing = ['EPERM', 'EACCES', 'EBUSY'].includes(errnoOf(error) ?? '');
      if (platform !== 'win32' || !passing || attempt >= WINDOWS_TRIES) throw error;
      await delay(2 ** attempt);
    }
  }
}

/**
 * The disk's refusal in words for people: what could not be done and what to do. `what` is a clause like `The session could not be saved`.
 * No path is named: it tells nothing that helps and would leave with a copied message.
 */
export function storageError(what: string, error: unknown): SecGeminiError {
  if (error instanceof SecGeminiError) return error;
  const kept = 'What was saved before is intact';
  const options = (action: string): { action: string; cause: unknown } => ({ action, cause: error });
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new SecGeminiError(
        'storage',
        `${what}: the disk is full. ${kept}.`,
        options('Free some space; the editor goes on in memory and tries again by itself.'),
      );
    case 'EACCES':
    case 'EPERM':
      return new SecGeminiError(
        'storage',
        `${what}: the system does not allow it. ${kept}.`,
        options("Check who owns the editor's storage folder and its permissions; the editor goes on in memory."),
      );
    case 'EROFS':
      return new SecGeminiError(
        'storage',
        `${what}: the disk is read-only. ${kept}.`,
        options("Make the disk of the editor's storage folder writable; the editor goes on in memory."),
      );
    case 'EMFILE':
    case 'ENFILE':
      return new SecGeminiError(
        'storage',
        `${what}: too many files are open. ${kept}.`,
        options('Close some windows or programs; the editor tries again by itself.'),
      );
    default:
      return new SecGeminiError(
        'storage',
        `${what}: ${errnoOf(error) ?? (error instanceof Error ? error.message : String(error))}. ${kept}.`,
        options('Check the disk; the editor goes on in memory and tries again by itself.'),
      );
  }
}
