// Files that are not on a local disk: read through VS Code, whole, so only up to 32 MiB; larger ones are refused before a byte is read.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { runAndDismiss } from '../support/commands.ts';

const LIMIT = 32 * 1024 * 1024;
const SCHEME = 'sec-gemini-test-files';

/** Files whose path is their size; counts what is asked of it. */
class CountingFiles implements vscode.FileSystemProvider {
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;
  stats = 0;
  reads = 0;

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  stat({ path }: vscode.Uri): vscode.FileStat {
    this.stats += 1;
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: Number(path.slice(1)) };
  }

  readFile({ path }: vscode.Uri): Uint8Array {
    this.reads += 1;
    return new Uint8Array(Number(path.slice(1)));
  }

  readDirectory(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  createDirectory(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  writeFile(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  delete(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  rename(): never {
    throw vscode.FileSystemError.NoPermissions();
  }
}

describe('files of another file system', () => {
  const files = new CountingFiles();
  let provider: vscode.Disposable;

  before(async () => {
    provider = vscode.workspace.registerFileSystemProvider(SCHEME, files);
    await vscode.extensions.getExtension('secgemini-vscode.sec-gemini')?.activate();
  });
  after(() => provider.dispose());
  beforeEach(() => {
    files.stats = 0;
    files.reads = 0;
  });

  // This command looks at the beginning of the file by itself, to guess its type; the others read it for the question.
  const attach = (size: number): Promise<unknown> =>
    runAndDismiss('secGemini.attachAs', vscode.Uri.from({ scheme: SCHEME, path: `/${String(size)}` }));

  it('are refused unread when they are larger than 32 MiB', async () => {
    await attach(LIMIT + 1);
    assert.ok(files.stats > 0);
    assert.equal(files.reads, 0);
  }).timeout(60_000);

  it('are read up to that size', async () => {
    await attach(LIMIT);
    assert.equal(files.reads, 1);
  }).timeout(60_000);
});
