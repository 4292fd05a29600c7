/** The safe sample mode: of a file that nobody should pass on by accident only name, size and hashes leave. Pure. */

export type SampleKind = 'executable' | 'archive';

const text = (value: string): readonly number[] => Array.from(value, (character) => character.charCodeAt(0));

/** What a file begins with, whatever its name says. Offsets are in bytes. */
const MAGIC: readonly { readonly kind: SampleKind; readonly bytes: readonly number[]; readonly at?: number }[] = [
  { kind: 'executable', bytes: text('MZ') },
  { kind: 'executable', bytes: [0x7f, ...text('ELF')] },
  { kind: 'executable', bytes: [0xfe, 0xed, 0xfa, 0xce] },
  { kind: 'executable', bytes: [0xfe, 0xed, 0xfa, 0xcf] },
  { kind: 'executable', bytes: [0xce, 0xfa, 0xed, 0xfe] },
  { kind: 'executable', bytes: [0xcf, 0xfa, 0xed, 0xfe] },
  // A fat Mach-O, or a Java class.
  { kind: 'executable', bytes: [0xca, 0xfe, 0xba, 0xbe] },
  { kind: 'executable', bytes: [0x00, ...text('asm')] },
  { kind: 'executable', bytes: text('dex\n') },
  // A Windows shortcut starts what it names.
  { kind: 'executable', bytes: [0x4c, 0, 0, 0, 0x01, 0x14, 0x02, 0] },
  { kind: 'archive', bytes: [...text('PK'), 3, 4] },
  { kind: 'archive', bytes: [...text('PK'), 5, 6] },
  { kind: 'archive', bytes: [...text('PK'), 7, 8] },
  { kind: 'archive', bytes: [0x1f, 0x8b] },
  { kind: 'archive', bytes: [0x1f, 0x9d] },
  { kind: 'archive', bytes: text('BZh') },
  { kind: 'archive', bytes: [0xfd, ...text('7zXZ'), 0] },
  { kind: 'archive', bytes: [...text('7z'), 0xbc, 0xaf, 0x27, 0x1c] },
  { kind: 'archive', bytes: [...text('Rar!'), 0x1a, 7] },
  { kind: 'archive', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { kind: 'archive', bytes: [0x04, 0x22, 0x4d, 0x18] },
  { kind: 'archive', bytes: text('MSCF') },
  { kind: 'archive', bytes: text('!<arch>\n') },
  { kind: 'archive', bytes: [0xed, 0xab, 0xee, 0xdb] },
  { kind: 'archive', bytes: text('xar!') },
  { kind: 'archive', bytes: text('LZIP') },
  { kind: 'archive', bytes: text('ustar'), at: 257 },
];

/** What the first bytes say, whatever the name says; undefined for everything else. */
export function sampleKind(head: Uint8Array): SampleKind | undefined {
  return MAGIC.find(({ bytes, at = 0 }) => bytes.every((byte, index) => head[at + index] === byte))?.kind;
}

/** Lower-case hex of the whole content. */
export interface SampleHashes {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
}

/** What is sent in the file's place: a small JSON document. */
export function sampleDocument(
  name: string,
  size: number,
  kind: SampleKind | undefined,
  hashes: SampleHashes,
): Uint8Array {
  const document = {
    notice: 'Only the name, the size and the hashes of this file were sent, not its content.',
    name,
    size,
    ...(kind === undefined ? {} : { kind }),
    ...hashes,
  };
  return new TextEncoder().encode(`${JSON.stringify(document, undefined, 2)}\n`);
}
