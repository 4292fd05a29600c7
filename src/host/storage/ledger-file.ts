/**
 * The ledger on disk: one JSON object per line, only ever appended. Each entry is one write with O_APPEND, which the system puts at the end
 * undivided, so that windows need no lock. A line cut by a kill or a full disk is skipped when reading; each entry brings its own line break
 * in front, so that it never continues such a line.
 */

import { dirname } from 'node:path';
import * as z from 'zod/mini';
import type { Ledger, LedgerEntry } from '../../core/ledger.ts';
import { type Log, silentLog } from '../../core/log.ts';
import {
  type StorageFs,
  FILE_MODE,
  ifThere,
  nodeStorageFs,
  patiently,
  quietly,
  storageError,
  syncFolder,
} from './storage-fs.ts';

export interface LedgerFileOptions {
  /** Absolute path of the file; its folder is made when it is missing. */
  readonly path: string;
  readonly log?: Log | undefined;
  readonly fs?: StorageFs | undefined;
}

const entrySchema = z.looseObject({
  id: z.string(),
  at: z.number(),
  kind: z.enum(['file', 'prompt', 'tool', 'feedback', 'log', 'skill', 'published']),
  sessionId: z.string(),
  sessionName: z.string(),
  destination: z.string(),
  name: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  rule: z.string(),
  outcome: z.enum(['started', 'sent', 'failed', 'cancelled']),
});

const PIECE_BYTES = 256 * 1024;
const LINE_BREAK = 10;

export class LedgerFile implements Ledger {
  readonly #fs: StorageFs;
  readonly #path: string;
  readonly #log: Log;

  constructor(options: LedgerFileOptions) {
    this.#fs = options.fs ?? nodeStorageFs;
    this.#path = options.path;
    this.#log = options.log ?? silentLog;
  }

  async append(entry: LedgerEntry): Promise<void> {
    try {
      const isNew = !this.#fs.exists(this.#path);
      if (isNew) await this.#fs.mkdir(dirname(this.#path));
      const handle = await patiently(() => this.#fs.open(this.#path, 'a', FILE_MODE));
      try {
        const line = Buffer.from(`\n${JSON.stringify(entry)}\n`, 'utf8');
        // In one piece or not at all: the rest of a cut one could end up behind another window's line.
        if ((await handle.write(line)) !== line.length)
          throw Object.assign(new Error('The disk took a part only'), { code: 'ENOSPC' });
        await handle.sync();
      } finally {
        await quietly(() => handle.close());
      }
      if (isNew) await syncFolder(this.#fs, dirname(this.#path));
    } catch (error) {
      throw storageError('The record of what leaves this machine could not be written', error);
    }
  }

  async read(sessionId?: string): Promise<readonly LedgerEntry[]> {
    const entries = new Map<string, LedgerEntry>();
    let unreadable = 0;
    try {
      for await (const line of this.#lines()) {
        const entry = parseLine(line);
        if (entry === undefined) unreadable += 1;
        else if (sessionId === undefined || entry.sessionId === sessionId)
          entries.set(entry.id, complete(entries.get(entry.id), entry));
      }
    } catch (error) {
      throw storageError('The record of what left this machine could not be read', error);
    }
    if (unreadable > 0) this.#log.warn(`${unreadable} unreadable lines in the ledger were skipped.`);
    return [...entries.values()];
  }

  async clear(): Promise<void> {
    try {
      // Emptied, not deleted: an entry that another window writes at this moment goes to the file that stays.
      const handle = await ifThere(() => patiently(() => this.#fs.open(this.#path, 'r+')));
      if (handle === undefined) return;
      try {
        await handle.truncate();
        await handle.sync();
      } finally {
        await quietly(() => handle.close());
      }
    } catch (error) {
      throw storageError('The record of what left this machine could not be deleted', error);
    }
  }

  async *#lines(): AsyncGenerator<Uint8Array, void, undefined> {
    const handle = await ifThere(() => patiently(() => this.#fs.open(this.#path, 'r')));
    if (handle === undefined) return;
    try {
      let rest: Uint8Array = new Uint8Array();
      for (let position = 0; ;) {
        const buffer = new Uint8Array(PIECE_BYTES);
        const read = await handle.read(buffer, position);
        if (read === 0) break;
        position += read;
        const bytes = Buffer.concat([rest, buffer.subarray(0, read)]);
        let start = 0;
        for (let end = bytes.indexOf(LINE_BREAK); end >= 0; end = bytes.indexOf(LINE_BREAK, start)) {
          if (end > start) yield bytes.subarray(start, end);
          start = end + 1;
        }
        rest = bytes.subarray(start);
      }
      if (rest.length > 0) yield rest;
    } finally {
      await quietly(() => handle.close());
    }
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function parseLine(line: Uint8Array): LedgerEntry | undefined {
  try {
    return entrySchema.parse(JSON.parse(decoder.decode(line)));
  } catch {
    return undefined;
  }
}

/** The later entry completes the earlier: it stays at its place and keeps the time at which the bytes began to leave. */
function complete(earlier: LedgerEntry | undefined, later: LedgerEntry): LedgerEntry {
  if (earlier === undefined) return later;
  if (later.outcome === 'started' && earlier.outcome !== 'started') return earlier;
  return { ...earlier, ...later, at: earlier.at };
}
