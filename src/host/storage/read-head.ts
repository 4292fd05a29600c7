/** Reads the first line of a session's file: all that the tree shows, however long the conversation is. */

import { SESSION_END } from './session-format.ts';
import { type StorageFs, patiently, quietly } from './storage-fs.ts';

const PIECE_BYTES = 32 * 1024;
const LINE_BREAK = 10;

/** Without the line break. Throws when the file has no whole first line or does not end as a whole file does; as the system does otherwise. */
export async function readHeadLine(fs: StorageFs, path: string): Promise<Uint8Array> {
  const { size } = await fs.stat(path);
  const handle = await patiently(() => fs.open(path, 'r'));
  try {
    const pieces: Uint8Array[] = [];
    let line: Buffer | undefined;
    for (let position = 0; line === undefined;) {
      const buffer = new Uint8Array(PIECE_BYTES);
      const read = await handle.read(buffer, position);
      if (read === 0) throw new Error('The file ends in its first line.');
      position += read;
      const piece = buffer.subarray(0, read);
      const end = piece.indexOf(LINE_BREAK);
      pieces.push(end < 0 ? piece : piece.subarray(0, end));
      if (end >= 0) line = Buffer.concat(pieces);
    }
    const end = new Uint8Array(SESSION_END.length);
    await handle.read(end, Math.max(0, size - end.length));
    if (!Buffer.from(end).equals(SESSION_END)) throw new Error('The file does not end as it should.');
    return line;
  } finally {
    await quietly(() => handle.close());
  }
}
