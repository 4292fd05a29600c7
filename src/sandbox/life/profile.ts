/**
 * One sandbox per editor profile. The state file names its port, and a port can be bound once: so of two windows that start one at the
 * same time, one gets the port and the other finds the first.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatLease, LEASE_FILE, parseLease, STATE_FILE } from '../../core/sandbox-lease.ts';
import type { SandboxLease } from '../../core/sandbox-lease.ts';
import { startSandbox } from '../server.ts';
import type { Sandbox } from '../server.ts';
import { systemClock } from '../state/clock.ts';
import type { Clock } from '../state/clock.ts';
import { sayHello } from './hello.ts';
import type { Run } from './plain.ts';
import { ensureState, portsOf } from './profile-state.ts';

/** It ends this long after its last window left, or when none comes. */
export const GRACE_MS = 60_000;
/** A sandbox that is about to end gives its port back within this many rounds of waiting. */
const MOST_ROUNDS = 100;
const ROUND_MS = 100;

export interface ProfileOptions {
  readonly folder: string;
  readonly graceMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface ProfileLine {
  readonly endpoint: string;
  readonly apiKey: string;
  readonly pid: number;
  /** The sandbox of another window is used; this process has nothing more to do. */
  readonly joined: boolean;
}

/** `say` gets words for stderr. `ended` resolves when it has stopped: asked to, left by everybody, or joined to another. */
export function runProfile(options: ProfileOptions, say: (words: string) => void): Run<ProfileLine> {
  const { folder, clock = systemClock, graceMs = GRACE_MS } = options;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const leaseFile = join(folder, LEASE_FILE);
  let forget = (): void => undefined;
  let sandbox: Sandbox | undefined;

  const serve = async (): Promise<ProfileLine> => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { key, port } = await ensureState(folder, say);
    const lease = readLease(leaseFile);
    if (lease?.key === key && (await sayHello(lease.port, key)) === 'ours') {
      resolve();
      return { endpoint: endpointOf(lease.port), apiKey: key, pid: lease.pid, joined: true };
    }
    const waitForWindows = (): void => {
      forget();
      forget = clock.after(graceMs, () => void stop());
    };
    let holders = 0;
    const onHolders = (count: number): void => {
      holders = count;
      if (count === 0) waitForWindows();
      else forget();
    };
    const onError = (error: unknown): void => say(`The sandbox failed: ${String(error)}`);
    const users = [{ key }];
    const start = (candidate: number): Promise<Sandbox> =>
      startSandbox({ port: candidate, users, stateFile: join(folder, STATE_FILE), clock, onHolders, onError });
    const found = await startOrFind(portsOf(key, port), key, start);
    if (typeof found === 'number') {
      resolve();
      return { endpoint: endpointOf(found), apiKey: key, pid: readLease(leaseFile)?.pid ?? 0, joined: true };
    }
    sandbox = found;
    if (holders === 0) waitForWindows();
    writeLease(leaseFile, { version: 1, pid: process.pid, port: found.port, key, startedAt: clock.now() });
    return { endpoint: found.endpoint, apiKey: key, pid: process.pid, joined: false };
  };
  const ready = serve();

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      await ready;
      forget();
      // First the lease: whoever looks from here on waits for the port.
      if (sandbox !== undefined && readLease(leaseFile)?.pid === process.pid) rmSync(leaseFile, { force: true });
      await sandbox?.close();
      resolve();
    })();
    return stopping;
  };
  return { ready, ended, stop };
}

const endpointOf = (port: number): string => `http://127.0.0.1:${port}`;

/** A sandbox of our own on the first of these ports that no other program has, or the port of the profile's running one. */
async function startOrFind(
  ports: readonly number[],
  key: string,
  start: (port: number) => Promise<Sandbox>,
): Promise<Sandbox | number> {
  for (const port of ports) {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      try {
        return await start(port);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        // EACCES: Windows keeps some ports for itself.
        if (code === 'EACCES') break;
        if (code !== 'EADDRINUSE') throw error;
      }
      const who = await sayHello(port, key);
      if (who === 'ours') return port;
      if (who === 'other') break;
      // It ends, or has just ended: its port is free in a moment, and only then its state.
      await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    }
  }
  throw new Error('The sandbox cannot start: no port is free for it.');
}

function readLease(file: string): SandboxLease | undefined {
  try {
    return parseLease(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Readers see the old lease or the new one, never half of it. */
function writeLease(file: string, lease: SandboxLease): void {
  const temporary = `${file}.${process.pid}`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, formatLease(lease), { mode: 0o600, flag: 'wx' });
  renameSync(temporary, file);
}
