/** What a paste or a drop brings: files for the session, or words for the box. */

import type { PastedFile } from '../panel/protocol.ts';

/** A file of the clipboard, not read yet. */
export interface Brought {
  readonly name: string;
  readonly mimeType: string;
  readonly blob: Blob;
}

/** Pasted text longer than this is offered as a file. */
const LONG_PASTE = 20_000;
/** All files of one paste together: they travel as one message, as base64. */
const MAX_BYTES = 12_000_000;

/** What a paste attaches; nothing when its words belong into the box. */
export function pasted(data: DataTransfer | null): readonly Brought[] {
  const text = data?.getData('text/plain') ?? '';
  const files = broughtFiles(data);
  // Spreadsheets and word processors add a picture of the words that were copied. A file manager adds the names of its files.
  const isPicture = ({ name, mimeType }: Brought): boolean => mimeType.startsWith('image/') && !text.includes(name);
  if (files.length > 0 && !(text.trim() !== '' && files.every(isPicture))) return files;
  if (text.length <= LONG_PASTE) return [];
  return [{ name: 'pasted.txt', mimeType: 'text/plain', blob: new Blob([text], { type: 'text/plain' }) }];
}

/** Files that no address names: of the clipboard, or dropped from outside of the editor. */
export function broughtFiles(data: DataTransfer | null): readonly Brought[] {
  return [...(data?.files ?? [])].map((file) => ({
    name: file.name === '' ? 'pasted' : file.name.slice(0, 255),
    mimeType: file.type,
    blob: file,
  }));
}

/** Undefined when they are too large for this way. */
export async function readPasted(files: readonly Brought[]): Promise<readonly PastedFile[] | undefined> {
  if (files.reduce((sum, { blob }) => sum + blob.size, 0) > MAX_BYTES) return undefined;
  return Promise.all(files.map(async ({ name, mimeType, blob }) => ({ name, mimeType, base64: await base64Of(blob) })));
}

async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}
