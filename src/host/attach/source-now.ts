/** Whether the source of an attachment is still what was sent. */

import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { locateLines, splitLines } from '../../core/attach-lines.ts';
import { SecGeminiError, isSecGeminiError } from '../../core/errors.ts';
import type { AttachmentOrigin } from '../../core/session-cache.ts';
import type { SourceState } from '../../core/session-state.ts';
import { MAX_VIRTUAL_BYTES, fromStored } from './sources/file.ts';

/** `unknown`: it cannot be told now (no access, changing while it is read); the next event tells. `since` in milliseconds. */
export async function sourceNow(
  origin: AttachmentOrigin,
  since?: number,
): Promise<SourceState | undefined | 'unknown'> {
  const uri = vscode.Uri.parse(origin.uri ?? '');
  try {
    const { mtime } = await vscode.workspace.fs.stat(uri);
    // Not written since then: reading it again after every start would be a waste.
    if (since !== undefined && mtime > 0 && mtime <= since) return undefined;
  } catch (error) {
    return error instanceof vscode.FileSystemError && error.code === 'FileNotFound' ? 'gone' : 'unknown';
  }
  try {
    if (origin.anchor !== undefined && origin.lines !== undefined) {
      const found = locateLines(await storedLines(uri), origin.anchor, origin.lines[0]);
      return found?.same === true ? undefined : 'changed';
    }
    const hash = createHash('sha256');
    for await (const piece of (await fromStored(uri)).open()) hash.update(piece);
    return hash.digest('hex') === origin.sourceSha256 ? undefined : 'changed';
  } catch (error) {
    return isSecGeminiError(error) ? 'unknown' : Promise.reject(error);
  }
}

/** The lines of the file as it is stored, in its own encoding. Rejects with `tooLarge` for what no selection came from. */
async function storedLines(uri: vscode.Uri): Promise<string[]> {
  if ((await vscode.workspace.fs.stat(uri)).size > MAX_VIRTUAL_BYTES)
    throw new SecGeminiError('tooLarge', 'The file is too large to find a selection in it.');
  return splitLines(await vscode.workspace.decode(await vscode.workspace.fs.readFile(uri), { uri }));
}
