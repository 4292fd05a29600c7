/** Bytes of a file as text in which secrets can be found and replaced without touching anything else. */

import { type SecretMatch, MAX_MATCHES, scanSecrets } from './secrets.ts';
import { looksLikeText } from './text.ts';

export interface InspectedText {
  /** A byte order mark is its first character. */
  readonly text: string;
  /** In order of place. */
  readonly secrets: readonly SecretMatch[];
  /** False when there are more secrets than are listed. */
  readonly complete: boolean;
  /** Bytes in the file's own encoding: of `text` they are the file's bytes, one by one. */
  encode(text: string): Uint8Array;
}

export interface InspectOptions {
  readonly fileName: string;
  /** The bytes are only the beginning of the file: the last character may be cut. */
  readonly cut?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Undefined for what is no text. Rejects with the signal's reason when it is aborted. */
export async function inspectText(
  bytes: Uint8Array,
  { fileName, cut = false, signal }: InspectOptions,
): Promise<InspectedText | undefined> {
  const codec = codecFor(bytes, cut);
  if (codec === undefined) return undefined;
  const text = codec.decode(bytes, cut);
  const secrets = await scanSecrets(text, { fileName, ...(signal === undefined ? {} : { signal }) });
  return { text, secrets, complete: secrets.length < MAX_MATCHES, encode: (changed) => codec.encode(changed) };
}

interface Codec {
  /** A character that is cut at the end is left out. */
  decode(bytes: Uint8Array, cut: boolean): string;
  encode(text: string): Uint8Array;
}

const utf8: Codec = {
  decode: (bytes, cut) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: cut }),
  encode: (text) => new TextEncoder().encode(text),
};

/** One character for one byte: lossless for every encoding that writes ASCII as ASCII (Latin-1, Shift JIS, GBK, broken UTF-8). */
const byByte: Codec = {
  decode: (bytes) => {
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return text;
  },
  encode: (text) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
};

const utf16 = (littleEndian: boolean): Codec => ({
  decode: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let text = '';
    for (let at = 0; at + 1 < bytes.byteLength; at += 2) text += String.fromCharCode(view.getUint16(at, littleEndian));
    return text;
  },
  encode: (text) => {
    const bytes = new Uint8Array(text.length * 2);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), littleEndian);
    return bytes;
  },
});

function codecFor(bytes: Uint8Array, cut: boolean): Codec | undefined {
  const wide = wideEncoding(bytes);
  // An odd byte at the end would be lost.
  if (wide !== undefined) return bytes.byteLength % 2 === 0 || cut ? wide : undefined;
  if (!looksLikeText(bytes)) return undefined;
  return isUtf8(bytes, cut) ? utf8 : byByte;
}

/** UTF-16 by its mark, or by the zero bytes that it has in every second place (Windows tools write it without a mark). */
function wideEncoding(bytes: Uint8Array): Codec | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(true);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(false);
  const head = bytes.subarray(0, 4096 & ~1);
  if (head.length < 8) return undefined;
  let even = 0;
  let odd = 0;
  head.forEach((byte, at) => {
    if (byte !== 0) return;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  });
  const half = Math.floor(head.length / 2);
  if (odd > half * 0.7 && even < half * 0.02) return utf16(true);
  if (even > half * 0.7 && odd < half * 0.02) return utf16(false);
  return undefined;
}

function isUtf8(bytes: Uint8Array, cut: boolean): boolean {
  try {
    // In a stream a sequence that is cut at the end is no fault.
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
    return true;
  } catch {
    return false;
  }
}
