/**
 * One append-only file of records. A record is written before what it tells of is shown to anybody, so that killing the process loses
 * nothing that a client has seen; a record cut by the kill, or damaged bytes between two records, are skipped when the file is read.
 *
 * Record: `SGJ1` | u32 length of the JSON | u32 length of the blob | u32 CRC-32 of both | JSON | blob (big endian).
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

const MAGIC = Buffer.from('SGJ1', 'latin1');
const HEAD_BYTES = 16;
/** What nobody waits for is on the disk after about so long. */
const SYNC_MS = 200;
/** Compaction is not worth its while below this size. */
const SMALL_BYTES = 8 * 1024 * 1024;

export interface JournalRecord {
  readonly json: unknown;
  readonly blob?: Uint8Array | undefined;
}

function encode({ json, blob }: JournalRecord): Buffer {
  const text = Buffer.from(JSON.stringify(json), 'utf8');
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32BE(text.length, 4);
  head.writeUInt32BE(blob?.length ?? 0, 8);
  head.writeUInt32BE(crc32(blob ?? Buffer.alloc(0), crc32(text)), 12);
  return Buffer.concat(blob === undefined ? [head, text] : [head, text, blob]);
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

/** The bytes at a place of a file; undefined when the file ends before. */
function readAt(fd: number, position: number, length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const got = readSync(fd, bytes, done, length - done, position + done);
    if (got === 0) return undefined;
    done += got;
  }
  return bytes;
}

interface Placed {
  readonly record: JournalRecord;
  readonly end: number;
}

/** The record that starts exactly here; undefined when none does. */
function recordAt(fd: number, position: number, size: number): Placed | undefined {
  const head = readAt(fd, position, HEAD_BYTES);
  if (head === undefined || head.compare(MAGIC, 0, 4, 0, 4) !== 0) return undefined;
  const jsonLength = head.readUInt32BE(4);
  const blobLength = head.readUInt32BE(8);
  const end = position + HEAD_BYTES + jsonLength + blobLength;
  if (end > size) return undefined;
  const body = readAt(fd, position + HEAD_BYTES, jsonLength + blobLength);
  if (body === undefined || crc32(body) !== head.readUInt32BE(12)) return undefined;
  try {
    const json: unknown = JSON.parse(body.toString('utf8', 0, jsonLength));
    return { end, record: blobLength === 0 ? { json } : { json, blob: body.subarray(jsonLength) } };
  } catch {
    return undefined;
  }
}

/** Where the next whole record starts after damaged bytes. */
function nextRecord(fd: number, from: number, size: number): number | undefined {
  const window = 1024 * 1024;
  for (let start = from; start < size; start += window) {
    const bytes = readAt(fd, start, Math.min(window + MAGIC.length, size - start));
    if (bytes === undefined) return undefined;
    for (let found = bytes.indexOf(MAGIC); found >= 0; found = bytes.indexOf(MAGIC, found + 1)) {
      if (recordAt(fd, start + found, size) !== undefined) return start + found;
    }
  }
  return undefined;
}

export class Journal {
  readonly #path: string;
  #fd: number;
  #size: number;
  #sizeWhenCompact: number;
  #syncing: Promise<void> | undefined;
  #dirty = false;
  #closed = false;
  #syncSoon: NodeJS.Timeout | undefined;

  private constructor(path: string, fd: number, size: number) {
    this.#path = path;
    this.#fd = fd;
    this.#size = size;
    this.#sizeWhenCompact = size;
  }

  /**
   * Opens the file (made with mode 0600 when it is missing) and hands each whole record to `take`, oldest first. What a kill left half
   * written at the end is cut off. Throws what the file system throws.
   */
  static open(path: string, take: (record: JournalRecord) => void): Journal {
    const fd = openSync(path, 'a+', 0o600);
    const size = fstatSync(fd).size;
    let position = 0;
    while (position < size) {
      const placed = recordAt(fd, position, size);
      if (placed === undefined) {
        const next = nextRecord(fd, position + 1, size);
        if (next === undefined) break;
        position = next;
      } else {
        take(placed.record);
        position = placed.end;
      }
    }
    if (position < size) {
      ftruncateSync(fd, position);
      fsyncSync(fd);
    }
    return new Journal(path, fd, position);
  }

  /** The record that the file begins with; undefined when there is no file or it begins with none. */
  static readFirst(path: string): JournalRecord | undefined {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return recordAt(fd, 0, fstatSync(fd).size)?.record;
    } finally {
      closeSync(fd);
    }
  }

  /** True when the file has grown to twice what it held after the last compaction. */
  get wantsCompaction(): boolean {
    return this.#size > SMALL_BYTES && this.#size > 2 * this.#sizeWhenCompact;
  }

  /** Hands the record to the operating system before it returns: from then on it survives the end of this process. */
  append(record: JournalRecord): void {
    if (this.#closed) return;
    const bytes = encode(record);
    writeAll(this.#fd, bytes);
    this.#size += bytes.length;
    this.#dirty = true;
    this.#syncSoon ??= setTimeout(() => {
      this.#syncSoon = undefined;
      // Whoever needs to know whether it worked calls sync() itself.
      this.sync().catch(() => undefined);
    }, SYNC_MS).unref();
  }

  /** Resolves when everything appended so far is on the disk. Calls at the same time share one fsync. */
  async sync(): Promise<void> {
    while (this.#dirty && !this.#closed) {
      this.#syncing ??= this.#syncOnce().finally(() => (this.#syncing = undefined));
      await this.#syncing;
    }
  }

  #syncOnce(): Promise<void> {
    this.#dirty = false;
    return new Promise((resolve, reject) =>
      fdatasync(this.#fd, (error) => (error === null ? resolve() : reject(error))),
    );
  }

  /** Puts a new file with just these records in the old one's place; a kill leaves either the old or the new one. */
  async compact(records: Iterable<JournalRecord>): Promise<void> {
    await this.#syncing;
    if (this.#closed) return;
    const temporary = `${this.#path}.new`;
    let size = 0;
    try {
      const fd = openSync(temporary, 'w', 0o600);
      try {
        for (const record of records) {
          const bytes = encode(record);
          writeAll(fd, bytes);
          size += bytes.length;
        }
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    } catch {
      // A full disk: the old file goes on being good, and grows once more before this is tried again.
      rmSync(temporary, { force: true });
      this.#sizeWhenCompact = this.#size;
      return;
    }
    closeSync(this.#fd);
    renameSync(temporary, this.#path);
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#size = size;
    this.#sizeWhenCompact = size;
    this.#dirty = false;
    syncFolder(dirname(this.#path));
  }

  /** Syncs and closes. Safe to call twice. */
  async close(): Promise<void> {
    await this.sync();
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#syncSoon);
    closeSync(this.#fd);
  }
}

/** Makes a rename last. Windows opens no folders and needs none of this. */
function syncFolder(path: string): void {
  try {
    const fd = openSync(path, 'r');
    fsyncSync(fd);
    closeSync(fd);
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  }
}
