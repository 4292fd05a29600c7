/**
 * A lock between processes: a file that only one can make.
 *
 * Why not proper-lockfile (MIT, the usual choice): its last release is of 2021, and two waiters that meet a stale lock can both end up with
 * it, because the second removes the lock that the first has just made (its issue 121, open). npm's `lockfile` has the same hole (issue 4).
 * Both decide by file times, which a clock that jumps makes wrong. Here:
 *
 * - The file appears with its contents in one step (a link to a finished file), and names its holder so that death is certain, not guessed
 *   from a time.
 * - A dead holder's lock is removed by one process only: the one that made the claim named after that lock's nonce. A claim whose maker
 *   died is followed by the next claim of the row. Whoever makes a claim late finds another nonce in the lock and lets go.
 * - Where liveness cannot be known (another machine, another container, no start time), a lock that this process saw unchanged for a minute
 *   by the monotonic clock counts as dead; its holder asks `stillHeld` before it commits and gives up then.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';
import { SecGeminiError } from '../../core/errors.ts';
import { temporaryBeside } from './atomic-file.ts';
import { type ProcessIdentity, livenessOf, ownIdentity, processIdentitySchema } from './process-identity.ts';
import {
  type StorageFs,
  FILE_MODE,
  errnoOf,
  ifThere,
  nodeStorageFs,
  patiently,
  quietly,
  writeAll,
} from './storage-fs.ts';

const holderSchema = z.looseObject({
  nonce: z.string().check(z.regex(/^[0-9a-f-]{36}$/)),
  ...processIdentitySchema.shape,
});
type Holder = z.infer<typeof holderSchema>;

export interface LockOptions {
  readonly fs?: StorageFs | undefined;
  /** Milliseconds to wait for the holder at most; default 15,000: longer than any write of ours takes. */
  readonly waitMs?: number | undefined;
  /** Milliseconds after which an unchanged lock of unknown liveness counts as dead; default 60,000. */
  readonly unknownMs?: number | undefined;
  /** Monotonic milliseconds. */
  readonly monotonic?: (() => number) | undefined;
  readonly wait?: ((ms: number) => Promise<void>) | undefined;
  /** For tests: who takes the lock. */
  readonly identity?: ProcessIdentity | undefined;
}

export interface HeldLock {
  /** Throws `storage` when the lock was taken away meanwhile. To be called right before a commit. */
  stillHeld(): Promise<void>;
  /** Never rejects. */
  release(): Promise<void>;
}

/** Locks of unknown liveness by nonce, and when this process saw them first (monotonic milliseconds). */
const firstSeen = new Map<string, number>();
const SEEN_KEPT = 1000;
/** Nonces of this process's own files that it could not remove when it was done with them: dead, though this process lives. */
const abandoned = new Set<string>();

const FIRST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 60;

/**
 * Takes the lock at `path`, whose folder must exist. Rejects with `timeout` when somebody alive holds it for longer than the wait, and with
 * the system's error when the disk refuses.
 */
export async function takeLock(path: string, options: LockOptions = {}): Promise<HeldLock> {
  const { fs = nodeStorageFs, waitMs = 15_000, monotonic = () => performance.now(), wait = delay } = options;
  const self = options.identity ?? (await ownIdentity());
  const mine: Holder = { ...self, nonce: randomUUID() };
  const started = monotonic();
  for (let attempt = 0; ; attempt += 1) {
    if (await create(fs, path, mine)) return held(fs, path, mine);
    if (await removeIfDead(fs, path, mine, { monotonic, unknownMs: options.unknownMs ?? 60_000 })) continue;
    if (monotonic() - started >= waitMs)
      throw new SecGeminiError(
        'timeout',
        'Another window is busy with this session; what was saved before is intact.',
        {
          action: 'Nothing to do: saving is tried again by itself.',
        },
      );
    // Full jitter: waiters of the same moment must not meet again.
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
    if (attempt > 0) await wait(Math.random() * longest);
  }
}

function held(fs: StorageFs, path: string, mine: Holder): HeldLock {
  const isMine = async (): Promise<boolean> => (await readHolder(fs, path))?.nonce === mine.nonce;
  return {
    async stillHeld() {
      if (!(await isMine())) throw new SecGeminiError('storage', 'The lock of this session was lost while saving.');
    },
    async release() {
      try {
        if (await isMine()) await ifThere(() => patiently(() => fs.unlink(path)));
      } catch {
        // What it guarded is done; the next one of this process takes it over.
        abandoned.add(mine.nonce);
      }
    },
  };
}

/** Makes the file with its contents in one step. False when it is there already. */
async function create(fs: StorageFs, path: string, holder: Holder): Promise<boolean> {
  // Most waiters see the lock: they need not write a file to learn it.
  if (fs.exists(path)) return false;
  const bytes = Buffer.from(JSON.stringify(holder));
  const temporary = temporaryBeside(path);
  const handle = await fs.open(temporary, 'wx', FILE_MODE);
  try {
    try {
      await writeAll(handle, bytes);
    } finally {
      await quietly(() => handle.close());
    }
    await fs.link(temporary, path);
    return true;
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code ?? '')) throw error;
  } finally {
    await quietly(() => fs.unlink(temporary));
  }
  return createWithoutLinks(fs, path, bytes);
}

/** On exFAT and the like: exclusive too, but there is a moment without contents, which counts as unknown liveness. */
async function createWithoutLinks(fs: StorageFs, path: string, bytes: Uint8Array): Promise<boolean> {
  let handle;
  try {
    handle = await fs.open(path, 'wx', FILE_MODE);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await writeAll(handle, bytes);
  } catch (error) {
    await quietly(() => fs.unlink(path));
    throw error;
  } finally {
    await quietly(() => handle.close());
  }
  return true;
}

/** The holder, or undefined when nobody holds it. Unreadable contents are a holder of whom nothing is known, the same at every look. */
async function readHolder(fs: StorageFs, path: string): Promise<Holder | undefined> {
  const bytes = await ifThere(() => patiently(() => fs.readFile(path)));
  if (bytes === undefined) return undefined;
  try {
    return holderSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return { nonce: '00000000-0000-0000-0000-000000000000', pid: 1, start: '', host: path, boot: '' };
  }
}

interface Clocks {
  readonly monotonic: () => number;
  readonly unknownMs: number;
}

async function isDead(holder: Holder, self: ProcessIdentity, { monotonic, unknownMs }: Clocks): Promise<boolean> {
  if (abandoned.has(holder.nonce)) return true;
  const liveness = await livenessOf(holder, self);
  if (liveness !== 'unknown') return liveness === 'dead';
  const key = `${holder.host} ${holder.nonce}`;
  const seen = firstSeen.get(key);
  if (seen !== undefined) return monotonic() - seen >= unknownMs;
  if (firstSeen.size >= SEEN_KEPT) firstSeen.clear();
  firstSeen.set(key, monotonic());
  return false;
}

/** Removes the lock when its holder is dead and nobody else is at it. True when it, or the one that was there, is gone. */
async function removeIfDead(fs: StorageFs, path: string, mine: Holder, clocks: Clocks): Promise<boolean> {
  const holder = await readHolder(fs, path);
  if (holder === undefined) return true;
  if (!(await isDead(holder, mine, clocks))) return false;
  const claims: string[] = [];
  for (let number = 0; ; number += 1) {
    const claim = `${path}.${holder.nonce}.${number}`;
    claims.push(claim);
    if (await create(fs, claim, mine)) break;
    const claimant = await readHolder(fs, claim);
    // Somebody alive is at it, or has just finished; either way the next try to lock tells.
    if (claimant === undefined || !(await isDead(claimant, mine, clocks))) return false;
  }
  try {
    // Not so when it is late: the lock of that nonce is gone for good, and this is somebody else's.
    if ((await readHolder(fs, path))?.nonce === holder.nonce) await ifThere(() => patiently(() => fs.unlink(path)));
  } catch (error) {
    // The claims stand for as long as the nonce is in the lock, or two could make the same one; this process may follow its own.
    abandoned.add(mine.nonce);
    throw error;
  }
  firstSeen.delete(`${holder.host} ${holder.nonce}`);
  for (const claim of claims) await quietly(() => fs.unlink(claim));
  return true;
}
