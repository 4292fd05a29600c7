/** Turns editor things (buffers, selections, files) into candidates for the egress gate. Nothing leaves from here. */

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import * as vscode from 'vscode';
import { type OutgoingFile, formatBytes, safeFileName } from '../../core/egress.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { labelText } from '../../core/visible-text.ts';

/** VS Code reads files of other schemes whole into memory: larger ones are refused before that. */
const MAX_VIRTUAL_BYTES = 32 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** The open document's text when it differs from the disk or has no disk, else the file itself, byte for byte. */
export async function fromUri(uri: vscode.Uri): Promise<OutgoingFile> {
  const document = vscode.workspace.textDocuments.find((other) => other.uri.toString() === uri.toString());
  if (document !== undefined && (document.isDirty || document.isUntitled)) return fromDocument(document);
  return uri.scheme === 'file' ? fromDisk(uri) : fromVirtual(uri);
}

/** What the editor shows, unsaved edits included, in the document's own encoding. */
export async function fromDocument(document: vscode.TextDocument): Promise<OutgoingFile> {
  const bytes = await vscode.workspace.encode(document.getText(), { encoding: document.encoding });
  return fromBytes(safeFileName(document.uri.path), `unsaved text of ${display(document.uri)}`, bytes);
}

/** The selected text, named after file and lines: `app.py:10-42`. */
export function fromSelection(editor: vscode.TextEditor): OutgoingFile {
  const { document, selection } = editor;
  const first = selection.start.line + 1;
  // A selection that ends at the start of a line does not show that line as selected.
  const last =
    selection.end.character === 0 && selection.end.line > selection.start.line
      ? selection.end.line
      : selection.end.line + 1;
  const name = `${safeFileName(document.uri.path)}:${first}-${last}`;
  return fromBytes(
    name,
    `lines ${first}-${last} of ${display(document.uri)}`,
    new TextEncoder().encode(document.getText(selection)),
  );
}

export function fromBytes(name: string, origin: string, bytes: Uint8Array): OutgoingFile {
  return {
    name,
    origin,
    size: bytes.byteLength,
    async *open() {
      yield bytes;
    },
  };
}

async function fromVirtual(uri: vscode.Uri): Promise<OutgoingFile> {
  const { size, type } = await vscode.workspace.fs.stat(uri);
  if (type & vscode.FileType.Directory) throw directory(uri);
  if (size > MAX_VIRTUAL_BYTES)
    throw new SecGeminiError(
      'tooLarge',
      `${display(uri)} has ${formatBytes(size)}; files that are not on a local disk can be attached up to ${formatBytes(MAX_VIRTUAL_BYTES)}.`,
      {
        action: 'Attach a selection of it, or copy it to a disk first.',
      },
    );
  return fromBytes(safeFileName(uri.path), display(uri), await vscode.workspace.fs.readFile(uri));
}

/**
 * A file on disk: the size comes from a descriptor, the bytes later from another that must show the same file. A link is followed once,
 * here; what it points to may not change in between (trust.md S17, S25, F28).
 */
async function fromDisk(uri: vscode.Uri): Promise<OutgoingFile> {
  const path = uri.fsPath;
  const before = await stat(path);
  return {
    name: safeFileName(path),
    origin: display(uri),
    size: before.size,
    async *open() {
      const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const now = await handle.stat();
        if (
          now.dev !== before.dev ||
          now.ino !== before.ino ||
          now.size !== before.size ||
          now.mtimeMs !== before.mtimeMs
        )
          throw changed(uri);
        let position = 0;
        while (position < before.size) {
          const chunk = new Uint8Array(Math.min(CHUNK_BYTES, before.size - position));
          const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, position);
          if (bytesRead === 0) throw changed(uri);
          position += bytesRead;
          yield chunk.subarray(0, bytesRead);
        }
        const after = await handle.stat();
        if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw changed(uri);
      } finally {
        await handle.close();
      }
    },
  };

  async function stat(file: string): Promise<{ dev: number; ino: number; size: number; mtimeMs: number }> {
    let handle;
    try {
      // Non-blocking: opening a named pipe would wait for its writer for ever.
      handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      throw new SecGeminiError(
        'notFound',
        `${display(uri)} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        {
          action: 'Check that the file exists and that you may read it.',
          cause: error,
        },
      );
    }
    try {
      const found = await handle.stat();
      if (found.isDirectory()) throw directory(uri);
      if (!found.isFile())
        throw new SecGeminiError('invalidArgument', `${display(uri)} is not a regular file.`, {
          action: 'Attach a file.',
        });
      return found;
    } finally {
      await handle.close();
    }
  }
}

function display(uri: vscode.Uri): string {
  return labelText(vscode.workspace.asRelativePath(uri, true), 300);
}

function directory(uri: vscode.Uri): SecGeminiError {
  return new SecGeminiError('invalidArgument', `${display(uri)} is a folder.`, { action: 'Pick the files in it.' });
}

function changed(uri: vscode.Uri): SecGeminiError {
  return new SecGeminiError(
    'invalidArgument',
    `${display(uri)} changed while it was read; nothing of it was attached.`,
    {
      action: 'Attach it again when it is at rest.',
    },
  );
}
