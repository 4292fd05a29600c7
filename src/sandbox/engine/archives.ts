/** Archives listed from their bytes, never unpacked to disk; what has to be unpacked in memory is bounded. */
import { Gunzip } from 'fflate';
import { breathe } from '../../scan/text.ts';

export interface ArchiveEntry {
  readonly name: string;
  /** Unpacked size in bytes, as the archive states it. */
  readonly size: number;
  /** Packed size in bytes; undefined in a tar. */
  readonly packed?: number | undefined;
  readonly encrypted?: boolean | undefined;
  /** Where a symbolic link points to. */
  readonly link?: string | undefined;
}

export interface Archive {
  readonly format: 'zip' | 'tar' | 'tar.gz' | 'gz';
  /** At most MAX_ENTRIES. */
  readonly entries: readonly ArchiveEntry[];
  /** All entries, where the archive states it; else those that were seen. */
  readonly total: number;
  /** Why the list is not complete, in words. */
  readonly incomplete?: string | undefined;
}

export const MAX_ENTRIES = 2000;
/** At most this much of a gz stream is unpacked (in memory, piece by piece, not kept). */
export const MAX_UNPACKED = 64 * 1024 * 1024;
const GZ_PIECE = 64 * 1024;

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8');

/** Lists zip, tar, tar.gz and gz by content; undefined for anything else. Never throws for damaged archives. */
export const listArchive = async (bytes: Uint8Array, signal: AbortSignal): Promise<Archive | undefined> => {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)) return listZip(bytes);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return await listGz(bytes, signal);
  if (isTar(bytes)) {
    const reader = new TarReader();
    reader.push(bytes);
    return reader.archive('tar');
  }
  return undefined;
};

/** The end record is in the last 64 KiB; it says where the central directory lies. */
const listZip = (bytes: Uint8Array): Archive => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (entries: ArchiveEntry[], why: string): Archive => ({
    format: 'zip',
    entries,
    total: entries.length,
    incomplete: why,
  });
  let end = -1;
  for (let at = bytes.length - 22; at >= 0 && at >= bytes.length - 22 - 0xffff; at -= 1) {
    if (view.getUint32(at, true) === 0x06054b50) {
      end = at;
      break;
    }
  }
  if (end < 0) return damaged([], 'the end record is missing: the archive is cut or damaged');
  const total = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries: ArchiveEntry[] = [];
  for (let index = 0; index < total && entries.length < MAX_ENTRIES; index += 1) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      return damaged(entries, 'the central directory does not hold what its end record says');
    const flags = view.getUint16(at + 8, true);
    const nameLength = view.getUint16(at + 28, true);
    const name = bytes.subarray(at + 46, at + 46 + nameLength);
    entries.push({
      name: (flags & 0x800) === 0 && !isUtf8(name) ? latin1.decode(name) : utf8.decode(name),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      encrypted: (flags & 1) === 1,
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  const incomplete = total > entries.length ? `only the first ${MAX_ENTRIES} entries were read` : undefined;
  return { format: 'zip', entries, total, incomplete };
};

const isUtf8 = (bytes: Uint8Array): boolean => !utf8.decode(bytes).includes('\ufffd');

const isTar = (bytes: Uint8Array): boolean =>
  bytes.length >= 512 && latin1.decode(bytes.subarray(257, 262)) === 'ustar';

/** Reads tar headers from pieces and skips the contents. */
class TarReader {
  readonly #entries: ArchiveEntry[] = [];
  #total = 0;
  #header = new Uint8Array(512);
  #have = 0;
  #skip = 0;
  #ended = false;
  #longName: string | undefined;
  #collect: { bytes: Uint8Array; have: number } | undefined;

  push(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length && !this.#ended) {
      if (this.#skip > 0) {
        const take = Math.min(this.#skip, piece.length - at);
        if (this.#collect !== undefined) {
          const part = piece.subarray(at, at + Math.min(take, this.#collect.bytes.length - this.#collect.have));
          this.#collect.bytes.set(part, this.#collect.have);
          this.#collect.have += part.length;
        }
        this.#skip -= take;
        at += take;
        if (this.#skip === 0 && this.#collect !== undefined) {
          this.#longName = longNameOf(this.#collect.bytes);
          this.#collect = undefined;
        }
        continue;
      }
      const take = Math.min(512 - this.#have, piece.length - at);
      this.#header.set(piece.subarray(at, at + take), this.#have);
      this.#have += take;
      at += take;
      if (this.#have === 512) {
        this.#have = 0;
        this.#readHeader();
      }
    }
  }

  #readHeader(): void {
    const header = this.#header;
    if (header[0] === 0) {
      this.#ended = true;
      return;
    }
    const field = (start: number, length: number): string =>
      utf8.decode(header.subarray(start, start + length)).replace(/\0.*$/s, '');
    const size = Number.parseInt(field(124, 12).trim() || '0', 8);
    if (!Number.isSafeInteger(size) || size < 0) {
      this.#ended = true;
      return;
    }
    const type = String.fromCharCode(header[156] ?? 0);
    this.#skip = Math.ceil(size / 512) * 512;
    if ((type === 'L' || type === 'x') && size > 0 && size <= 65_536) {
      this.#collect = { bytes: new Uint8Array(size), have: 0 };
      return;
    }
    if (type === 'g' || type === 'K') return;
    const prefix = field(345, 155);
    const name = this.#longName ?? (prefix.length > 0 ? `${prefix}/${field(0, 100)}` : field(0, 100));
    this.#longName = undefined;
    this.#total += 1;
    const link = type === '1' || type === '2' ? field(157, 100) : undefined;
    if (this.#entries.length < MAX_ENTRIES) this.#entries.push({ name, size, link });
  }

  archive(format: 'tar' | 'tar.gz', incomplete?: string): Archive {
    const cut = this.#total > this.#entries.length ? `only the first ${MAX_ENTRIES} entries are listed` : incomplete;
    return { format, entries: this.#entries, total: this.#total, incomplete: cut };
  }
}

/** The name in a GNU long-name entry, or the `path` of a pax header. */
const longNameOf = (bytes: Uint8Array): string | undefined => {
  const text = utf8.decode(bytes);
  const pax = /(?:^|\n)\d{1,8} path=([^\n]+)\n/.exec(text);
  if (pax !== null) return pax[1];
  return /^\d{1,8} \w+=/.test(text) ? undefined : text.replace(/\0.*$/s, '');
};

const listGz = async (bytes: Uint8Array, signal: AbortSignal): Promise<Archive> => {
  let unpacked = 0;
  let head: Uint8Array | undefined;
  let tar: TarReader | undefined;
  let incomplete: string | undefined;
  const gunzip = new Gunzip((piece) => {
    unpacked += piece.length;
    if (head === undefined && piece.length > 0) {
      head = piece;
      if (isTar(piece)) tar = new TarReader();
    }
    tar?.push(piece);
  });
  try {
    // Pieces are small, as one byte may unpack to a thousand: the bound is checked after each.
    for (let at = 0; at < bytes.length; at += GZ_PIECE) {
      await breathe(signal);
      gunzip.push(bytes.subarray(at, at + GZ_PIECE), at + GZ_PIECE >= bytes.length);
      if (unpacked > MAX_UNPACKED) {
        incomplete = `unpacking stopped after ${MAX_UNPACKED / 1024 / 1024} MiB, ${Math.round(unpacked / Math.max(1, at + GZ_PIECE))} times the packed size so far`;
        break;
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    incomplete = `the stream is damaged (${error instanceof Error ? error.message : 'unknown'})`;
  }
  if (tar !== undefined) return tar.archive('tar.gz', incomplete);
  const name = gzName(bytes);
  return {
    format: 'gz',
    entries: [{ name: name ?? '(no name in the header)', size: unpacked, packed: bytes.length }],
    total: 1,
    incomplete,
  };
};

/** The original name in a gzip header, where it has one. */
const gzName = (bytes: Uint8Array): string | undefined => {
  const flags = bytes[3] ?? 0;
  if ((flags & 8) === 0) return undefined;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[10] ?? 0) + 256 * (bytes[11] ?? 0);
  const end = bytes.indexOf(0, at);
  return end > at && end - at < 1024 ? latin1.decode(bytes.subarray(at, end)) : undefined;
};
