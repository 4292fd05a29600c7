/**
 * A click on a file of a session shows the bytes that were sent, inert: read-only, as text (never as a notebook, preview or live HTML),
 * images in VS Code's own viewer, binaries as a hex dump.
 */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { hexDump, looksBinary } from '../../core/hex-dump.ts';
import { safeFileName } from '../../core/egress.ts';
import { isTreeNode } from '../../core/session-tree.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Feature, Services } from '../services.ts';

const SCHEME = 'sec-gemini-sent';
const HEX = 'sec-gemini-hex';
const MAX_HEX_BYTES = 1024 * 1024;
/** Larger ones are not put into an editor. */
const MAX_SHOWN_BYTES = 50 * 1024 * 1024;
const IMAGES = /\.(png|jpe?g|gif|webp|bmp|ico|avif)$/i;

export function createSentFilesFeature({ sessions, ledger, store }: Services): Feature {
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
    vscode.workspace.registerFileSystemProvider(SCHEME, new SentFileSystem(read), {
      isReadonly: true,
      isCaseSensitive: true,
    }),
  );
  store.add(
    vscode.workspace.registerTextDocumentContentProvider(HEX, {
      provideTextDocumentContent: async (uri) => {
        const bytes = await read(uri);
        return hexDump(bytes, bytes.byteLength, MAX_HEX_BYTES);
      },
    }),
  );

  return {
    commands: {
      openAttachment: async (node, line, stay) => {
        if (!isTreeNode(node) || (node.kind !== 'file' && node.kind !== 'shelved'))
          throw new SecGeminiError('invalidArgument', 'No file was chosen.', {
            action: 'Click a file in the Sessions view.',
          });
        const { sessionId, attachment } = node;
        const name = labelText(attachment.name, 60);
        const { sha256 } = attachment;
        if (sha256 === undefined || sessions.openSent(sessionId, sha256) === undefined) {
          if ((await ledger.read(sessionId)).some((entry) => entry.kind === 'file' && entry.sha256 === sha256))
            throw new SecGeminiError('notFound', `The copy of ${name} was deleted to save room on this machine.`, {
              action:
                'Only the record of it is left (Show What Left). The setting "secGemini.keptFilesMegabytes" gives copies more room.',
            });
          throw new SecGeminiError('notFound', `The bytes of ${name} are not on this machine.`, {
            action: 'They were sent from elsewhere; only the service has them. Attach the file here to look at it.',
          });
        }
        const path = `/${sessionId}/${sha256}/${safeFileName(attachment.name)}`;
        const uri = vscode.Uri.from({ scheme: SCHEME, path });
        const head = (await read(uri)).subarray(0, 512);
        // A preview beside a list: the list keeps the keyboard.
        const how = { preview: true, preserveFocus: stay === true };
        if (IMAGES.test(path)) await vscode.commands.executeCommand('vscode.open', uri, how, `${name} (sent)`);
        else if (looksBinary(head))
          await vscode.window.showTextDocument(
            await vscode.workspace.openTextDocument(uri.with({ scheme: HEX, path: `${path}.hex` })),
            how,
          );
        // By name: another editor for this type (a notebook, a preview) would render what must stay inert.
        else {
          const at = typeof line === 'number' && Number.isSafeInteger(line) && line > 0 ? line - 1 : undefined;
          await vscode.commands.executeCommand('vscode.openWith', uri, 'default', {
            ...how,
            ...(at === undefined ? {} : { selection: new vscode.Range(at, 0, at, 0) }),
          });
        }
      },
    },
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
