/** Bytes as text with line numbers. Everything here is bounded, so that a 20 MB attachment cannot hang a turn. */

/** At most this many UTF-16 units of one file are searched; what lies behind is counted and named in the answer. */
export const MAX_SCAN_UNITS = 4 * 1024 * 1024;
/** Longest piece that a scanner sees at once; between two pieces the event loop turns. */
export const CHUNK_UNITS = 256 * 1024;
/** A piece that had to be cut inside a line repeats this much of the one before, so that a match across the cut is seen. */
export const CHUNK_OVERLAP = 2048;

export interface Chunk {
  /** Offset of the piece in the whole text, in UTF-16 units. */
  readonly start: number;
  readonly text: string;
}

/** True when the bytes look like text: no NUL apart from UTF-16, and few control characters in the first 8 KiB. */
export const looksLikeText = (bytes: Uint8Array): boolean => {
  if (bytes.length === 0) return true;
  if (utf16Encoding(bytes) !== undefined) return true;
  const head = bytes.subarray(0, 8192);
  let control = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) control += 1;
  }
  if (control > head.length / 50) return false;
  // High bytes that are not UTF-8 are a sign of binary data, unless they are as rare as in Latin-1 prose.
  const decoded = new TextDecoder('utf-8').decode(head);
  let replaced = 0;
  for (const character of decoded) if (character === '\ufffd') replaced += 1;
  return replaced <= 3 || replaced < decoded.length / 20;
};

const utf16Encoding = (bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
};

/** Decodes UTF-8, or UTF-16 with a byte order mark (which is dropped). Never throws: bad bytes become U+FFFD. */
export const decodeText = (bytes: Uint8Array): string => new TextDecoder(utf16Encoding(bytes) ?? 'utf-8').decode(bytes);

/** Line numbers of a text. Lines end at `\n`; a `\r` before it is not part of the line. Lines count from 1. */
export class TextLines {
  readonly text: string;
  /** Length of the part that scanners see. */
  readonly scannedUnits: number;
  readonly #starts: number[] = [0];

  constructor(text: string, maxScanUnits: number = MAX_SCAN_UNITS) {
    this.text = text;
    let at = text.indexOf('\n');
    while (at >= 0) {
      this.#starts.push(at + 1);
      at = text.indexOf('\n', at + 1);
    }
    if (text.length <= maxScanUnits) this.scannedUnits = text.length;
    else {
      const cut = text.lastIndexOf('\n', maxScanUnits);
      this.scannedUnits = cut > maxScanUnits / 2 ? cut + 1 : maxScanUnits;
    }
  }

  /** Number of lines; the empty rest after a final newline is no line. */
  get count(): number {
    if (this.text.length === 0) return 0;
    return this.text.endsWith('\n') ? this.#starts.length - 1 : this.#starts.length;
  }

  get truncated(): boolean {
    return this.scannedUnits < this.text.length;
  }

  /** Number of lines that were searched whole: what is quoted of them has been looked at for secrets. */
  get scannedLines(): number {
    return this.truncated ? this.lineAt(this.scannedUnits) - 1 : this.count;
  }

  /** The line that holds this offset. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Start and end offsets of a line without its ending, or undefined when there is no such line. */
  range(line: number): { readonly start: number; readonly end: number } | undefined {
    if (!Number.isInteger(line) || line < 1 || line > this.count) return undefined;
    const start = this.#starts[line - 1] ?? 0;
    const next = this.#starts[line];
    let end = next === undefined ? this.text.length : next - 1;
    if (end > start && this.text[end - 1] === '\r') end -= 1;
    return { start, end };
  }

  /** The line's text without its ending. */
  line(line: number): string | undefined {
    const range = this.range(line);
    return range === undefined ? undefined : this.text.slice(range.start, range.end);
  }

  /** The scanned part in pieces, cut after a newline where one is near. */
  *chunks(): Generator<Chunk> {
    yield* chunksOf(this.text, this.scannedUnits);
  }
}

/** Pieces of a text up to `limit`, cut after a newline where one is near, else with an overlap. */
export function* chunksOf(text: string, limit: number = text.length): Generator<Chunk> {
  let start = 0;
  while (start < limit) {
    let end = Math.min(start + CHUNK_UNITS, limit);
    let next = end;
    if (end < limit) {
      const newline = text.lastIndexOf('\n', end - 1);
      if (newline > start + CHUNK_UNITS / 2) {
        end = newline + 1;
        next = end;
      } else next = end - CHUNK_OVERLAP;
    }
    yield { start, text: text.slice(start, end) };
    start = next;
  }
}

/** Lets the event loop turn, then throws the signal's reason when the turn was cancelled. */
export const breathe = async (signal: AbortSignal | undefined): Promise<void> => {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
};
