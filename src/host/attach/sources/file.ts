/** Files and documents as candidates for the egress gate. Nothing leaves from here, and nothing is read before `open`. */

import { constants } from 'node:fs';
import { lstat, stat as lookUp, open, realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { AttachCandidate } from '../../../core/attach-source.ts';
import { guessTextType } from '../../../core/attach-type.ts';
import { safeFileName } from '../../../core/file-name.ts';
import { formatBytes } from '../../../core/format.ts';
import { SecGeminiError } from '../../../core/errors.ts';
import { display, pathsOf, sourceOf } from './place.ts';

/** VS Code reads files of other schemes whole into memory: larger ones are refused before that. */
export const MAX_VIRTUAL_BYTES = 32 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

export interface FileOptions {
  /** Found in a folder: a link is refused, as it may lead out of it. Default: a link is followed once. */
  readonly collected?: boolean | undefined;
}

/** The open document's text when it differs from the disk or has no disk, else the file itself, byte for byte. */
export async function fromUri(uri: vscode.Uri, options: FileOptions = {}): Promise<AttachCandidate> {
  const document = vscode.workspace.textDocuments.find((other) => other.uri.toString() === uri.toString());
  if (document !== undefined && (document.isDirty || document.isUntitled)) return fromDocument(document);
  return fromStored(uri, options);
}

/** The file as it is stored, whatever an editor shows. */
export async function fromStored(uri: vscode.Uri, options: FileOptions = {}): Promise<AttachCandidate> {
  return uri.scheme === 'file' ? fromDisk(uri, options) : fromVirtual(uri);
}

/** What the editor shows, unsaved edits included, in the document's own encoding. */
export async function fromDocument(document: vscode.TextDocument): Promise<AttachCandidate> {
  const text = document.getText();
  const bytes = await vscode.workspace.encode(text, { encoding: document.encoding });
  const { uri } = document;
  const base = safeFileName(uri.path);
  // An untitled document has no ending; its content tells one.
  const type = document.isUntitled && !base.includes('.') ? guessTextType(text) : undefined;
  return {
    ...fromBytes(type === undefined ? base : base + type.extension, `unsaved text of ${display(uri)}`, bytes),
    paths: await pathsOf(uri),
    mimeType: type?.mimeType,
    source: sourceOf(uri),
  };
}

/** Bytes that are already in memory and never had a file. */
export function fromBytes(name: string, origin: string, bytes: Uint8Array): AttachCandidate {
  return {
    name,
    origin,
    paths: [],
    size: bytes.byteLength,
    async *open() {
      yield bytes;
    },
  };
}

export function fromText(name: string, origin: string, text: string): AttachCandidate {
  return fromBytes(name, origin, new TextEncoder().encode(text));
}

async function fromVirtual(uri: vscode.Uri): Promise<AttachCandidate> {
  const { size, type } = await stat(uri);
  if (type & vscode.FileType.Directory) throw directory(uri);
  if (size > MAX_VIRTUAL_BYTES)
    throw new SecGeminiError(
      'tooLarge',
      `${display(uri)} has ${formatBytes(size)}; files that are not on a local disk can be attached up to ${formatBytes(MAX_VIRTUAL_BYTES)}. Nothing was read.`,
      { action: 'Attach a selection of it, or copy it to a disk first.' },
    );
  return {
    name: safeFileName(uri.path),
    origin: display(uri),
    paths: await pathsOf(uri),
    source: sourceOf(uri),
    size,
    async *open() {
      const bytes = await vscode.workspace.fs.readFile(uri);
      if (bytes.byteLength !== size) throw changed(uri);
      yield bytes;
    },
  };
}

async function stat(uri: vscode.Uri): Promise<vscode.FileStat> {
  try {
    return await vscode.workspace.fs.stat(uri);
  } catch (error) {
    throw unreadable(uri, error);
  }
}

interface Identity {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * A file on disk: the size comes from a descriptor, the bytes later from another that must show the same file. A link is followed once,
 * here; what it points to may not change in between (trust.md S17, S25, F28).
 */
async function fromDisk(uri: vscode.Uri, { collected = false }: FileOptions): Promise<AttachCandidate> {
  const path = uri.fsPath;
  // Non-blocking: opening a named pipe would wait for its writer for ever. Windows has neither flag.
  const flags =
    constants.O_RDONLY |
    ((constants.O_NONBLOCK as number | undefined) ?? 0) |
    (collected ? ((constants.O_NOFOLLOW as number | undefined) ?? 0) : 0);
  const before = await identify();
  return {
    name: safeFileName(path),
    origin: display(uri),
    paths: before.paths,
    links: before.nlink,
    source: sourceOf(uri),
    size: before.size,
    async *open() {
      const handle = await open(path, flags).catch((error: unknown) => {
        throw unreadable(uri, error);
      });
      try {
        if (!isSame(before, await handle.stat())) throw changed(uri);
        let position = 0;
        while (position < before.size) {
          const chunk = new Uint8Array(Math.min(CHUNK_BYTES, before.size - position));
          const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, position);
          if (bytesRead === 0) throw changed(uri);
          position += bytesRead;
          yield chunk.subarray(0, bytesRead);
        }
        if (!isSame(before, await handle.stat())) throw changed(uri);
      } finally {
        await handle.close();
      }
    },
  };

  async function identify(): Promise<Identity & { readonly nlink: number; readonly paths: readonly string[] }> {
    // Asked by name first: a folder is not even opened (in Restricted Mode nothing of it is read).
    const named = await lookUp(path).catch((error: unknown) => {
      throw unreadable(uri, error);
    });
    if (named.isDirectory()) throw directory(uri);
    const handle = await open(path, flags).catch((error: unknown) => {
      throw unreadable(uri, error);
    });
    try {
      const found = await handle.stat();
      if (found.isDirectory()) throw directory(uri);
      if (!found.isFile())
        throw new SecGeminiError('invalidArgument', `${display(uri)} is not a regular file.`, {
          action: 'Attach a file.',
        });
      const { dev, ino, size, mtimeMs, nlink } = found;
      return { dev, ino, size, mtimeMs, nlink, paths: await knownPaths(uri, found) };
    } finally {
      await handle.close();
    }
  }
}

/**
 * The paths by which an opened file is known: as it was asked for, and with links resolved. The second has to be the very file that was opened,
 * as the gate's rules judge it by that name.
 */
async function knownPaths(uri: vscode.Uri, opened: Pick<Identity, 'dev' | 'ino'>): Promise<readonly string[]> {
  const path = uri.fsPath;
  const real = await realpath(path);
  const seen = await lstat(real);
  if (seen.dev !== opened.dev || seen.ino !== opened.ino) throw changed(uri);
  return real === path ? [path] : [path, real];
}

function isSame(before: Identity, now: Identity): boolean {
  return now.dev === before.dev && now.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs;
}

function unreadable(uri: vscode.Uri, cause: unknown): SecGeminiError {
  return new SecGeminiError(
    'notFound',
    `${display(uri)} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    { action: 'Check that the file exists and that you may read it.', cause },
  );
}

function directory(uri: vscode.Uri): SecGeminiError {
  return new SecGeminiError('invalidArgument', `${display(uri)} is a folder.`, { action: 'Pick the files in it.' });
}

function changed(uri: vscode.Uri): SecGeminiError {
  return new SecGeminiError(
    'invalidArgument',
    `${display(uri)} changed while it was read; nothing of it was attached.`,
    { action: 'Attach it again when it is at rest.' },
  );
}
