/**
 * The session cache on disk: ROOT/ACCOUNT/SESSION/session.json (+ .bak, damaged-N, files/SHA256), ACCOUNT/SESSION.lock beside it.
 * Folder names are hashes: ids come from the service and must not become paths.
 */

import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { SecGeminiError } from '../../core/errors.ts';
import { type Log, silentLog } from '../../core/log.ts';
import type { CacheGap, CachedHead, CachedSession, SessionCache } from '../../core/session-cache.ts';
import { type AtomicRead, NotForUsError, hasDamaged, readAtomic, setAside, writeAtomic } from './atomic-file.ts';
import { inParallel } from './in-parallel.ts';
import { type HeldLock, type LockOptions, takeLock } from './lock.ts';
import { HASHED_FOLDER, pruneStorage, removedName } from './prune.ts';
import { readHeadLine } from './read-head.ts';
import { keepBytes, openBytes } from './sent-files.ts';
import {
  REV_BYTES,
  type StoredSession,
  decodeHead,
  decodeSession,
  encodeSession,
  revisionOf,
} from './session-format.ts';
import {
  type StorageFs,
  errnoOf,
  ifThere,
  nodeStorageFs,
  patiently,
  quietly,
  storageError,
  syncFolder,
} from './storage-fs.ts';

export interface SessionFilesOptions {
  /** Absolute folder that belongs to the caches of all accounts; made when it is missing. */
  readonly root: string;
  /** Scheme, host and port of the service, e.g. `https://api.secgemini.google`. */
  readonly origin: string;
  readonly userId: string;
  readonly log?: Log | undefined;
  /** A damaged or unreadable session, told once each time it is met; for a notice. */
  readonly onProblem?: ((error: SecGeminiError) => void) | undefined;
  readonly fs?: StorageFs | undefined;
  readonly lock?: LockOptions | undefined;
}

const SESSION_FILE = 'session.json';
const SEALED_FILE = 'placeholders.sealed';
const PARALLEL = 16;
/** Bytes of session files whose contents are remembered, so that an own write needs not parse the last one. */
const KNOWN_BYTES = 32 * 1024 * 1024;

function hashOf(...words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 32);
}

export class SessionFiles implements SessionCache {
  readonly #fs: StorageFs;
  readonly #root: string;
  readonly #account: string;
  readonly #log: Log;
  readonly #options: SessionFilesOptions;
  /** Per session folder: the last of this window's own updates. The file lock is for the other windows. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #known = new Map<string, { readonly stored: StoredSession; readonly bytes: number }>();

  constructor(options: SessionFilesOptions) {
    this.#options = options;
    this.#fs = options.fs ?? nodeStorageFs;
    this.#log = options.log ?? silentLog;
    this.#root = options.root;
    this.#account = join(options.root, hashOf(options.origin, options.userId));
  }

  async list(): Promise<readonly CachedSession[]> {
    return this.#eachSession((name) => this.#readFolder(name));
  }

  async heads(): Promise<readonly CachedHead[]> {
    return this.#eachSession((name) => this.#readHead(name));
  }

  async read(sessionId: string): Promise<CachedSession | undefined> {
    try {
      return await this.#readFolder(hashOf(sessionId));
    } catch (error) {
      throw describe('The saved session could not be read', error);
    }
  }

  async update(
    sessionId: string,
    change: (current: CachedSession | undefined, gap: CacheGap | undefined) => CachedSession | undefined,
  ): Promise<CachedSession | undefined> {
    const name = hashOf(sessionId);
    try {
      return await this.#exclusively(name, async (lock) => {
        const found = await this.#readRepaired(name);
        const current = found.kind === 'missing' ? undefined : found.value.session;
        const next = change(current, current === undefined ? await this.#gapOf(name, found) : undefined);
        if (next === undefined || next === current) return current;
        if (next.info.id !== sessionId)
          throw new SecGeminiError('invalidArgument', 'A session can only be saved under its own id.');
        await this.#write(name, next, found.kind === 'main', lock);
        return next;
      });
    } catch (error) {
      throw describe('The session could not be saved', error);
    }
  }

  async remove(sessionId: string): Promise<void> {
    const name = hashOf(sessionId);
    try {
      if (!this.#fs.exists(this.#account)) return;
      await this.#exclusively(name, () => this.#removeFolder(name));
    } catch (error) {
      throw describe('The saved session could not be deleted', error);
    }
  }

  async clear(): Promise<void> {
    await Promise.allSettled(this.#turns.values());
    this.#known.clear();
    try {
      const gone = join(this.#root, removedName());
      // Gone in one step, whatever it holds; an update of another window that is under way fails instead of bringing it back.
      const moved = await ifThere(() => patiently(() => this.#fs.rename(this.#account, gone)).then(() => true));
      if (moved === true) await this.#fs.removeTree(gone);
    } catch (error) {
      throw describe('The saved sessions could not be deleted', error);
    }
  }

  openSent(sessionId: string, sha256: string): AsyncIterable<Uint8Array> | undefined {
    return openBytes(this.#fs, this.#filesOf(sessionId), sha256);
  }

  keepSent(sessionId: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return keepBytes(this.#fs, this.#filesOf(sessionId), bytes, (error) =>
      this.#report(describe('A copy of what is being sent could not be kept', error)),
    );
  }

  /** What `updateSealed` kept; undefined when there is nothing. */
  async readSealed(sessionId: string): Promise<Uint8Array | undefined> {
    try {
      return await ifThere(() =>
        patiently(() => this.#fs.readFile(join(this.#account, hashOf(sessionId), SEALED_FILE))),
      );
    } catch (error) {
      throw describe('The placeholders of the session could not be read', error);
    }
  }

  /** Reads, changes and keeps bytes that go with the session, under its lock. They are sealed by the caller. */
  async updateSealed(sessionId: string, change: (sealed: Uint8Array | undefined) => Uint8Array): Promise<void> {
    const name = hashOf(sessionId);
    const folder = join(this.#account, name);
    const path = join(folder, SEALED_FILE);
    try {
      await this.#exclusively(name, async (lock) => {
        const sealed = change(await ifThere(() => patiently(() => this.#fs.readFile(path))));
        if (await this.#fs.mkdir(folder)) await syncFolder(this.#fs, this.#account);
        await writeAtomic(this.#fs, path, sealed, { keepBackup: false, stillAllowed: () => lock.stillHeld() });
      });
    } catch (error) {
      throw describe('The placeholders of the session could not be kept', error);
    }
  }

  /**
   * Deletes the sessions of every account under the root that nobody wrote for `olderThanMs` milliseconds, with their files, and what
   * killed writers left behind. `now`: milliseconds since the epoch. Resolves with the number of sessions deleted; what the disk refuses is
   * left for the next time and reported.
   */
  async prune({ olderThanMs, now }: { readonly olderThanMs: number; readonly now: number }): Promise<number> {
    const report = (error: unknown): void => this.#report(describe('Old sessions could not be deleted', error));
    const { fs } = this.#options;
    return pruneStorage(this.#root, { olderThanMs, now, report, fs: fs ?? nodeStorageFs, lock: this.#lockOptions() });
  }

  async #eachSession<T>(read: (name: string) => Promise<T | undefined>): Promise<readonly T[]> {
    let names: readonly string[];
    try {
      names = (await ifThere(() => this.#fs.readdir(this.#account))) ?? [];
    } catch (error) {
      throw describe('The saved sessions could not be read', error);
    }
    const found = await inParallel(
      PARALLEL,
      names.filter((name) => HASHED_FOLDER.test(name)).toSorted(),
      async (name) => {
        try {
          return await read(name);
        } catch (error) {
          this.#report(describe('A saved session could not be read', error));
          return undefined;
        }
      },
    );
    return found.filter((each) => each !== undefined);
  }

  async #readFolder(name: string): Promise<CachedSession | undefined> {
    const found = await this.#load(name);
    if (found.damaged.length === 0) return found.kind === 'missing' ? undefined : found.value.session;
    // Seen without the lock: another window may be at it, so it is looked at again under the lock before anything is moved.
    try {
      return await this.#exclusively(name, async () => {
        const again = await this.#readRepaired(name);
        return again.kind === 'missing' ? undefined : again.value.session;
      });
    } catch (error) {
      this.#log.warn(`A damaged session could not be set aside: ${describe('', error).message}`);
      return found.kind === 'missing' ? undefined : found.value.session;
    }
  }

  async #readHead(name: string): Promise<CachedHead | undefined> {
    try {
      const line = await readHeadLine(this.#fs, join(this.#account, name, SESSION_FILE));
      const head = decodeHead(line);
      if (hashOf(head.info.id) === name) return head;
    } catch {
      // Not there, damaged or of a newer version: the thorough way finds out which.
    }
    const session = await this.#readFolder(name);
    if (session === undefined) return undefined;
    const { messages, ...head } = session;
    return { ...head, messageCount: messages.length };
  }

  /** Reads as `readAtomic`, without parsing when the file is still the one that is known. */
  async #load(name: string): Promise<AtomicRead<StoredSession>> {
    const path = join(this.#account, name, SESSION_FILE);
    const known = this.#known.get(name);
    if (known !== undefined) {
      const rev = await ifThere(() => this.#revision(path));
      if (rev === known.stored.rev) return { kind: 'main', value: known.stored, damaged: [] };
      this.#known.delete(name);
    }
    return readAtomic(this.#fs, path, (bytes) => {
      const stored = decodeSession(bytes);
      if (hashOf(stored.session.info.id) !== name) throw new Error('It is the file of another session.');
      return stored;
    });
  }

  /** Under the lock: damaged files are set aside, and told. */
  async #readRepaired(name: string): Promise<AtomicRead<StoredSession>> {
    const found = await this.#load(name);
    if (found.damaged.length === 0) return found;
    const names = await setAside(this.#fs, found.damaged);
    const what = 'A saved session was damaged on the disk and was set aside';
    this.#log.warn(`${what} in ${name} as ${names.join(', ')}.`);
    this.#report(
      new SecGeminiError('storage', found.kind === 'missing' ? `${what}.` : `${what}; the version before it is used.`, {
        action: 'Nothing to do: what is missing comes from the service when the session is opened.',
      }),
    );
    return found;
  }

  async #gapOf(name: string, found: AtomicRead<StoredSession>): Promise<CacheGap> {
    if (found.damaged.length > 0) return 'damaged';
    return (await hasDamaged(this.#fs, join(this.#account, name))) ? 'damaged' : 'absent';
  }

  async #write(name: string, session: CachedSession, keepBackup: boolean, lock: HeldLock): Promise<void> {
    const folder = join(this.#account, name);
    if (await this.#fs.mkdir(folder)) await syncFolder(this.#fs, this.#account);
    const stored = { rev: randomUUID(), session };
    const bytes = encodeSession(stored);
    // Whatever happens now, what is known may no longer be what is there.
    this.#known.delete(name);
    await writeAtomic(this.#fs, join(folder, SESSION_FILE), bytes, {
      keepBackup,
      stillAllowed: () => lock.stillHeld(),
    });
    this.#remember(name, stored, bytes.length);
  }

  #remember(name: string, stored: StoredSession, bytes: number): void {
    if (bytes > KNOWN_BYTES) return;
    this.#known.set(name, { stored, bytes });
    let total = 0;
    for (const each of this.#known.values()) total += each.bytes;
    for (const [oldest, each] of this.#known) {
      if (total <= KNOWN_BYTES) break;
      this.#known.delete(oldest);
      total -= each.bytes;
    }
  }

  async #revision(path: string): Promise<string | undefined> {
    const handle = await patiently(() => this.#fs.open(path, 'r'));
    try {
      const start = new Uint8Array(REV_BYTES);
      const read = await handle.read(start, 0);
      return revisionOf(start.subarray(0, read));
    } finally {
      await quietly(() => handle.close());
    }
  }

  async #removeFolder(name: string): Promise<void> {
    this.#known.delete(name);
    const gone = join(this.#account, removedName());
    const moved = await ifThere(() =>
      patiently(() => this.#fs.rename(join(this.#account, name), gone)).then(() => true),
    );
    if (moved === true) await this.#fs.removeTree(gone);
  }

  /** One after another in this window, and under the lock for the others. */
  async #exclusively<T>(name: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
    const before = this.#turns.get(name);
    const turn = (async () => {
      await before?.catch(() => undefined);
      const lock = await this.#lock(name);
      try {
        return await work(lock);
      } finally {
        await lock.release();
      }
    })();
    this.#turns.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
    }
  }

  async #lock(name: string): Promise<HeldLock> {
    const path = join(this.#account, `${name}.lock`);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#fs.mkdir(this.#account);
        return await takeLock(path, this.#lockOptions());
      } catch (error) {
        // Another window signed out in between and took the folder with it, or tidied it away while it was still empty (a first start).
        if (errnoOf(error) !== 'ENOENT' || attempt >= 5) throw error;
      }
    }
  }

  #lockOptions(): LockOptions {
    return { fs: this.#fs, ...this.#options.lock };
  }

  #filesOf(sessionId: string): string {
    return join(this.#account, hashOf(sessionId), 'files');
  }

  #report(error: SecGeminiError): void {
    this.#log.warn(error.message);
    this.#options.onProblem?.(error);
  }
}

function describe(what: string, error: unknown): SecGeminiError {
  if (error instanceof NotForUsError)
    return new SecGeminiError('storage', `${what}: a newer version of this extension wrote it. It is left as it is.`, {
      action: 'Update the extension in this editor, or reload the window if it was updated just now.',
      cause: error,
    });
  return storageError(what, error);
}
