/**
 * A click on a file of a session shows the bytes that were sent, inert: read-only, as text (never as a notebook, preview or live HTML),
 * images in VS Code's own viewer, binaries as a hex dump.
 */

import * as vscode from 'vscode';
import { hexDump } from '../../core/hex-dump.ts';
import { lateCommands } from '../lazy-feature.ts';
import type { Feature, Services } from '../services.ts';
import { SENT, SENT_HEX, sentCommands } from './open-attachment.ts';

const MAX_HEX_BYTES = 1024 * 1024;
/** Larger ones are not put into an editor. */
const MAX_SHOWN_BYTES = 50 * 1024 * 1024;

export function createSentFilesFeature(services: Services): Feature {
  const { sessions, store } = services;
  const read = async (uri: vscode.Uri): Promise<Uint8Array> => {
    const [sessionId = '', sha256 = ''] = uri.path.split('/').slice(1);
    const bytes = sessions.openSent(sessionId, sha256);
    if (bytes === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of bytes) {
      size += chunk.byteLength;
      if (size > MAX_SHOWN_BYTES)
        throw vscode.FileSystemError.Unavailable('The file is too large to be shown in an editor.');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  };
  store.add(
    vscode.workspace.registerFileSystemProvider(SENT, new SentFileSystem(read), {
      isReadonly: true,
      isCaseSensitive: true,
    }),
  );
  store.add(
    vscode.workspace.registerTextDocumentContentProvider(SENT_HEX, {
      provideTextDocumentContent: async (uri) => {
        const bytes = await read(uri);
        return hexDump(bytes, bytes.byteLength, MAX_HEX_BYTES);
      },
    }),
  );

  return {
    commands: lateCommands(() => sentCommands(services, read), { openAttachment: true }),
  };
}

class SentFileSystem implements vscode.FileSystemProvider {
  readonly #read: (uri: vscode.Uri) => Promise<Uint8Array>;
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]> = () => new vscode.Disposable(() => undefined);

  constructor(read: (uri: vscode.Uri) => Promise<Uint8Array>) {
    this.#read = read;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { byteLength } = await this.#read(uri);
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: 0,
      size: byteLength,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#read(uri);
  }

  readDirectory(): never {
    throw vscode.FileSystemError.NoPermissions('There is nothing to list here.');
  }

  createDirectory(): never {
    throw vscode.FileSystemError.NoPermissions('Sent files cannot be changed.');
  }

  writeFile(): never {
    throw vscode.FileSystemError.NoPermissions('Sent files cannot be changed.');
  }

  delete(): never {
    throw vscode.FileSystemError.NoPermissions('Sent files cannot be changed.');
  }

  rename(): never {
    throw vscode.FileSystemError.NoPermissions('Sent files cannot be changed.');
  }
}
