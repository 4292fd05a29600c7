/** What the storage tests share: a folder of their own, sessions, a file system with faults, and children. */

import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '../../../../src/core/model.ts';
import type { CachedSession } from '../../../../src/core/session-cache.ts';
import { SessionFiles, type SessionFilesOptions } from '../../../../src/host/storage/session-files.ts';
import { type StorageFs, type StorageHandle, nodeStorageFs } from '../../../../src/host/storage/storage-fs.ts';

export const ORIGIN = 'https://sec.example';
export const USER = 'user-1';

/** A new folder; `afterEach(removeFolders)` deletes it. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sg-storage-'));
  folders.push(path);
  return path;
}
const folders: string[] = [];
export function removeFolders(): void {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
}

export function files(root: string, more: Partial<SessionFilesOptions> = {}): SessionFiles {
  return new SessionFiles({ root, origin: ORIGIN, userId: USER, ...more });
}

export function text(id: string, content = `text of ${id}`, more: Partial<Message> = {}): Message {
  return {
    id,
    sessionId: 's1',
    kind: 'response',
    sender: 'agent',
    author: 'Sec-Gemini',
    title: '',
    content,
    render: 'markdown',
    mimeType: 'text/markdown',
    status: 'complete',
    createdAt: 1,
    ...more,
  };
}

export function cached(id = 's1', more: Partial<CachedSession> = {}): CachedSession {
  return {
    info: {
      id,
      protocol: 'v1',
      name: `Session ${id}`,
      description: '',
      status: 'idle',
      createdAt: 1,
      updatedAt: 2,
    },
    messages: [],
    attachments: [],
    origins: [],
    draft: '',
    queue: [],
    undelivered: [],
    seenAt: 0,
    ...more,
  };
}

/** All of a stream as one buffer; an empty one for undefined. */
export async function collect(bytes: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes ?? []) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A stream of these pieces. */
export async function* pieces(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** What a value looks like after a way through JSON: without the fields that are undefined. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Every file below a folder, as paths relative to it. */
export function tree(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .toSorted();
}

/** Path of the one session's folder. */
export function sessionFolder(root: string, id?: string): string {
  const hash = (...words: readonly string[]): string =>
    createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 32);
  if (id !== undefined) return join(root, hash(ORIGIN, USER), hash(id));
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && /^[0-9a-f]{32}$/.test(entry.name) && entry.parentPath !== root,
  );
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} session folders`);
  return join(found[0].parentPath, found[0].name);
}

/** The real file system; `before` is called with the name of each call and may throw in its place. */
export function watchedFs(before: (call: string, path: string) => void, fs: StorageFs = nodeStorageFs): StorageFs {
  const handleOf = (handle: StorageHandle, path: string): StorageHandle => ({
    write: async (bytes) => {
      before('write', path);
      return handle.write(bytes);
    },
    read: async (buffer, position) => {
      before('read', path);
      return handle.read(buffer, position);
    },
    truncate: async () => {
      before('truncate', path);
      return handle.truncate();
    },
    sync: async () => {
      before('sync', path);
      return handle.sync();
    },
    close: async () => {
      // A failing close has closed all the same.
      await handle.close();
      before('close', path);
    },
  });
  const watch = <A extends [string, ...unknown[]], R>(name: string, call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      before(name, args[0]);
      return call(...args);
    };
  };
  return {
    open: async (path, flags, mode) => {
      before('open', path);
      return handleOf(await fs.open(path, flags, mode), path);
    },
    readFile: watch('readFile', (path: string) => fs.readFile(path)),
    link: watch('link', (from: string, to: string) => fs.link(from, to)),
    copyFile: watch('copyFile', (from: string, to: string) => fs.copyFile(from, to)),
    rename: watch('rename', (from: string, to: string) => fs.rename(from, to)),
    unlink: watch('unlink', (path: string) => fs.unlink(path)),
    mkdir: watch('mkdir', (path: string) => fs.mkdir(path)),
    rmdir: watch('rmdir', (path: string) => fs.rmdir(path)),
    removeTree: watch('removeTree', (path: string) => fs.removeTree(path)),
    readdir: watch('readdir', (path: string) => fs.readdir(path)),
    readlink: watch('readlink', (path: string) => fs.readlink(path)),
    stat: watch('stat', (path: string) => fs.stat(path)),
    exists: (path) => fs.exists(path),
  };
}

/** Fails the call with this number (from 0), or none; `calls` tells what was called. */
export function faultyFs(failing: number, code: string): { fs: StorageFs; calls: string[] } {
  const calls: string[] = [];
  const fs = watchedFs((call) => {
    calls.push(call);
    if (calls.length - 1 === failing) throw Object.assign(new Error(`${code}: injected`), { code });
  });
  return { fs, calls };
}

/** The real file system without waiting for the disk: for tests with thousands of files in which the power never goes out. */
export const unsyncedFs: StorageFs = {
  ...nodeStorageFs,
  open: async (path, flags, mode) => ({
    ...(await nodeStorageFs.open(path, flags, mode)),
    sync: async () => undefined,
  }),
};

/** The real file system; runs `between` once, right before the call with this number, and lets it come to its end. */
export function interruptedFs(at: number, between: () => Promise<void>): { fs: StorageFs; calls: string[] } {
  const calls: string[] = [];
  const fs = new Proxy(nodeStorageFs, {
    get(target, name: keyof StorageFs) {
      if (name === 'exists') return existsSync;
      return async (...args: never[]) => {
        calls.push(name);
        if (calls.length - 1 === at) await between();
        return (target[name] as (...all: never[]) => Promise<unknown>)(...args);
      };
    },
  });
  return { fs, calls };
}

/** Starts a script of this folder. Its messages are numbers of what it has committed. */
export function child(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return fork(script, args, {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  });
}

/** Resolves with exit code or signal. */
export async function ended(process: ChildProcess): Promise<number | string | null> {
  if (process.exitCode !== null || process.signalCode !== null) return process.exitCode ?? process.signalCode;
  const [code, signal] = (await once(process, 'exit')) as [number | null, string | null];
  return code ?? signal;
}

/** Random numbers that can be had again: mulberry32. The seed is printed by the test that uses it. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export const seed = (): number => {
  const given = Number(process.env.SEC_GEMINI_SEED ?? Date.now() % 1_000_000_000);
  console.log(`      seed ${given} (SEC_GEMINI_SEED=${given} repeats it)`);
  return given;
};
