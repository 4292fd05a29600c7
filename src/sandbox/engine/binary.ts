/** Facts about files that are no text: a known beginning, entropy, printable strings, the size of an image. */

export interface BinaryFacts {
  /** What the first bytes say, in words; undefined when they say nothing. */
  readonly format?: string | undefined;
  /** Bits per byte, 0 to 8, of the scanned part. */
  readonly entropy: number;
  /** Runs of at least 6 printable ASCII characters in the scanned part. */
  readonly strings: number;
  readonly scannedBytes: number;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

export const MAX_BINARY_SCAN = 8 * 1024 * 1024;
const MIN_STRING = 6;

const MAGIC: readonly (readonly [format: string, bytes: readonly number[], offset?: number])[] = [
  ['PNG image', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['JPEG image', [0xff, 0xd8, 0xff]],
  ['GIF image', [0x47, 0x49, 0x46, 0x38]],
  ['BMP image', [0x42, 0x4d]],
  ['WebP image', [0x57, 0x45, 0x42, 0x50], 8],
  ['PDF document', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['Windows program (PE)', [0x4d, 0x5a]],
  ['Linux program (ELF)', [0x7f, 0x45, 0x4c, 0x46]],
  ['macOS program (Mach-O)', [0xcf, 0xfa, 0xed, 0xfe]],
  ['Java class', [0xca, 0xfe, 0xba, 0xbe]],
  ['WebAssembly module', [0x00, 0x61, 0x73, 0x6d]],
  ['SQLite database', [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66]],
  ['OLE document (old Office, MSI)', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['7-Zip archive', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['RAR archive', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['network capture (pcap)', [0xd4, 0xc3, 0xb2, 0xa1]],
  ['network capture (pcapng)', [0x0a, 0x0d, 0x0d, 0x0a]],
  ['Windows event log (EVTX)', [0x45, 0x6c, 0x66, 0x46, 0x69, 0x6c, 0x65, 0x00]],
  ['Windows shortcut (LNK)', [0x4c, 0x00, 0x00, 0x00, 0x01, 0x14, 0x02, 0x00]],
];

/** What the first bytes say the file is. */
export const formatOf = (bytes: Uint8Array): string | undefined =>
  MAGIC.find(([, magic, offset = 0]) => magic.every((byte, index) => bytes[offset + index] === byte))?.[0];

/** Reads at most MAX_BINARY_SCAN bytes. */
export const binaryFacts = (bytes: Uint8Array): BinaryFacts => {
  const scanned = bytes.subarray(0, MAX_BINARY_SCAN);
  const counts = new Uint32Array(256);
  let strings = 0;
  let run = 0;
  for (const byte of scanned) {
    counts[byte] = (counts[byte] ?? 0) + 1;
    if (byte >= 32 && byte < 127) {
      run += 1;
      if (run === MIN_STRING) strings += 1;
    } else run = 0;
  }
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= (count / scanned.length) * Math.log2(count / scanned.length);
  return { format: formatOf(bytes), entropy, strings, scannedBytes: scanned.length, ...imageSize(bytes) };
};

/** Width and height in pixels of PNG, JPEG, GIF, BMP and WebP. */
export const imageSize = (bytes: Uint8Array): { readonly width?: number; readonly height?: number } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = formatOf(bytes);
  if (format === 'PNG image' && bytes.length >= 24) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (format === 'GIF image' && bytes.length >= 10)
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (format === 'BMP image' && bytes.length >= 26)
    return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
  if (format === 'JPEG image') return jpegSize(view);
  if (format === 'WebP image') return webpSize(bytes, view);
  return {};
};

const jpegSize = (view: DataView): { readonly width?: number; readonly height?: number } => {
  let at = 2;
  while (at + 9 < view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + Math.max(2, view.getUint16(at + 2));
  }
  return {};
};

const webpSize = (bytes: Uint8Array, view: DataView): { readonly width?: number; readonly height?: number } => {
  if (bytes.length < 30) return {};
  const kind = String.fromCharCode(...bytes.subarray(12, 16));
  if (kind === 'VP8 ') return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  if (kind === 'VP8X')
    return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8) };
  return {};
};
