/**
 * Who holds a lock, so that another process can tell for certain whether the holder is still alive: the pid alone is used again by the
 * system, and means nothing on another machine or in another container.
 */

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import * as z from 'zod/mini';
import { type StorageFs, errnoOf, nodeStorageFs } from './storage-fs.ts';

export const processIdentitySchema = z.looseObject({
  pid: z.int().check(z.positive()),
  /** When the process started, as the kernel counts; empty where it does not tell cheaply. */
  start: z.string(),
  /** Machine and pid namespace, as a hash. */
  host: z.string(),
  /** Changes when the machine starts anew; empty where unknown. */
  boot: z.string(),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** `unknown`: another machine or container, or a system that does not tell when a process started. */
export type Liveness = 'alive' | 'dead' | 'unknown';

async function textOf(fs: StorageFs, path: string): Promise<string> {
  try {
    return Buffer.from(await fs.readFile(path)).toString('latin1');
  } catch {
    return '';
  }
}

/** Field 22 of /proc/PID/stat: clock ticks from boot to the start of the process. The second field may hold blanks and brackets. */
async function startOf(fs: StorageFs, pid: number): Promise<string> {
  const line = await textOf(fs, `/proc/${pid}/stat`);
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

let own: Promise<ProcessIdentity> | undefined;

/** This process. Reads /proc once, past the port: what is asked here is the machine, not the store. */
export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= (async () => {
    const linux = process.platform === 'linux';
    const machine = linux ? await textOf(nodeStorageFs, '/etc/machine-id') : '';
    const namespace = linux ? await nodeStorageFs.readlink('/proc/self/ns/pid').catch(() => '') : '';
    return {
      pid: process.pid,
      start: linux ? await startOf(nodeStorageFs, process.pid) : '',
      host: createHash('sha256').update(`${hostname()}\n${machine}\n${namespace}`).digest('hex').slice(0, 16),
      boot: linux ? (await textOf(nodeStorageFs, '/proc/sys/kernel/random/boot_id')).trim() : '',
    };
  })();
  return own;
}

/** Whether the process that called itself so is still there. `dead` is only said when it is certain. */
export async function livenessOf(other: ProcessIdentity, self: ProcessIdentity): Promise<Liveness> {
  if (other.host !== self.host) return 'unknown';
  if (other.boot !== self.boot) return 'dead';
  if (other.pid === self.pid && other.start === self.start) return 'alive';
  try {
    // Signal 0 only asks.
    process.kill(other.pid, 0);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return 'dead';
  }
  if (other.start === '') return 'unknown';
  const start = await startOf(nodeStorageFs, other.pid);
  // Unreadable: gone between the two looks, or hidden by the system; the next look tells.
  return start === '' ? 'unknown' : start === other.start ? 'alive' : 'dead';
}
