/** The files of a folder: counted and sized before anything is read, with progress and cancel. Links are not followed (trust.md S25). */

import * as vscode from 'vscode';
import { excludeRules, excluder } from '../../../core/attach-glob.ts';
import { IgnoreRules, type IgnoreFile } from '../../../core/egress-ignore.ts';
import { formatBytes } from '../../../core/format.ts';
import { SecGeminiError } from '../../../core/errors.ts';
import { labelText } from '../../../core/visible-text.ts';
import { display } from './place.ts';

/** More than this in one go is a question of its own; nobody reads a longer list. */
export const MAX_FOLDER_FILES = 500;
/** Entries looked at before the search gives up: a folder of this size wants to be narrowed. */
const MAX_ENTRIES = 50_000;
const IGNORE_FILES: ReadonlySet<string> = new Set(['.gitignore', '.secgeminiignore', '.aiexclude']);
const MAX_IGNORE_BYTES = 1_000_000;

export interface FolderListing {
  /** In the order of their paths. */
  readonly files: readonly { readonly uri: vscode.Uri; readonly size: number }[];
  readonly excluded: number;
  readonly ignored: number;
  readonly links: number;
}

/** Asks for a folder as a whole. Resolves with the files that were agreed to; empty when the user said no or cancelled the count. */
export async function chooseFolderFiles(folder: vscode.Uri): Promise<readonly vscode.Uri[]> {
  const name = display(folder);
  const listing = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, cancellable: true, title: `Counting the files of "${name}"` },
    async (progress, token) => listFolder(folder, (count) => progress.report({ message: `${count} files` }), token),
  );
  if (listing === undefined) return [];
  const { files } = listing;
  if (files.length === 0)
    throw new SecGeminiError('invalidArgument', `There is nothing to attach in "${name}".${leftOut(listing)}`, {
      action: 'Pick a file of it, or change "files.exclude" or the ignore file.',
    });
  const taken = files.slice(0, MAX_FOLDER_FILES);
  const isCut = taken.length < files.length;
  const agree = isCut
    ? `Attach First ${taken.length}`
    : taken.length === 1
      ? 'Attach 1 File'
      : `Attach ${taken.length} Files`;
  const choice = await vscode.window.showInformationMessage(
    `Attach the folder "${name}"?`,
    {
      modal: true,
      detail: [
        `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${formatBytes(sizeOf(files))} in all.${leftOut(listing)}`,
        isCut
          ? `At most ${MAX_FOLDER_FILES} files go at once: the first by path, ${formatBytes(sizeOf(taken))}, up to ${display(taken.at(-1)?.uri ?? folder)}.`
          : '',
        'Nothing was read yet; you see every file before it leaves.',
      ]
        .filter((line) => line !== '')
        .join('\n\n'),
    },
    agree,
  );
  return choice === agree ? taken.map(({ uri }) => uri) : [];
}

/** Undefined when cancelled. */
async function listFolder(
  root: vscode.Uri,
  onCount: (files: number) => void,
  token: vscode.CancellationToken,
): Promise<FolderListing | undefined> {
  const base = vscode.workspace.getWorkspaceFolder(root)?.uri ?? root;
  const isExcluded = excluder(excludeRules(vscode.workspace.getConfiguration('files', root).get('exclude')));
  const ignoreFiles: IgnoreFile[] = await ignoreFilesAbove(base, root);
  const files: { uri: vscode.Uri; size: number }[] = [];
  let excluded = 0;
  let ignored = 0;
  let links = 0;
  let seen = 0;
  const walk = async (folder: vscode.Uri, path: string): Promise<void> => {
    const entries = (await vscode.workspace.fs.readDirectory(folder)).toSorted(([a], [b]) => (a < b ? -1 : 1));
    ignoreFiles.push(...(await ignoreFilesIn(folder, path, entries)));
    // Made anew for each folder: the files in it count from here on.
    const rules = new IgnoreRules(ignoreFiles.filter((file) => file.folder === '' || isInside(path, file.folder)));
    const neighbours = new Set(entries.map(([name]) => name));
    for (const [name, type] of entries) {
      if (token.isCancellationRequested) return;
      seen += 1;
      if (seen > MAX_ENTRIES) throw tooMany(root);
      const below = path === '' ? name : `${path}/${name}`;
      const uri = vscode.Uri.joinPath(folder, name);
      if (type & vscode.FileType.SymbolicLink) links += 1;
      else if (isExcluded(below, neighbours)) excluded += 1;
      else if (rules.ruleFor(type & vscode.FileType.Directory ? `${below}/.` : below) !== undefined) ignored += 1;
      else if (type & vscode.FileType.Directory) await walk(uri, below);
      else if (type & vscode.FileType.File) {
        const { size, type: now } = await vscode.workspace.fs.stat(uri);
        if (now & vscode.FileType.SymbolicLink) links += 1;
        else if (files.push({ uri, size }) % 50 === 0) onCount(files.length);
      }
    }
  };
  await walk(root, relative(base, root));
  return token.isCancellationRequested ? undefined : { files, excluded, ignored, links };
}

/** The ignore files of the folders between the workspace folder and the one that was picked. */
async function ignoreFilesAbove(base: vscode.Uri, root: vscode.Uri): Promise<IgnoreFile[]> {
  const segments = relative(base, root)
    .split('/')
    .filter((segment) => segment !== '');
  const found: IgnoreFile[] = [];
  let folder = base;
  for (const [depth, segment] of segments.entries()) {
    const entries = [...IGNORE_FILES].map((name): [string, vscode.FileType] => [name, vscode.FileType.File]);
    found.push(...(await ignoreFilesIn(folder, segments.slice(0, depth).join('/'), entries)));
    folder = vscode.Uri.joinPath(folder, segment);
  }
  return found;
}

async function ignoreFilesIn(
  folder: vscode.Uri,
  path: string,
  entries: readonly [string, vscode.FileType][],
): Promise<IgnoreFile[]> {
  const found: IgnoreFile[] = [];
  for (const [name, type] of entries) {
    if (!IGNORE_FILES.has(name) || type !== vscode.FileType.File) continue;
    const uri = vscode.Uri.joinPath(folder, name);
    try {
      if ((await vscode.workspace.fs.stat(uri)).size > MAX_IGNORE_BYTES) continue;
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
      found.push({ folder: path, name, text });
    } catch {
      // Not there, or not readable; the gate reads them again and has the last word.
    }
  }
  return found;
}

function relative(base: vscode.Uri, uri: vscode.Uri): string {
  const above = base.path.replace(/\/$/, '');
  return uri.path.startsWith(`${above}/`) ? uri.path.slice(above.length + 1).replace(/\/$/, '') : '';
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function sizeOf(files: FolderListing['files']): number {
  return files.reduce((total, { size }) => total + size, 0);
}

function leftOut({ excluded, ignored, links }: FolderListing): string {
  const parts = [
    excluded > 0 ? `${excluded} by "files.exclude"` : '',
    ignored > 0 ? `${ignored} by ignore files` : '',
    links > 0 ? `${links} ${links === 1 ? 'link' : 'links'}, which are not followed` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` Left out: ${parts.join(', ')}.`;
}

function tooMany(root: vscode.Uri): SecGeminiError {
  return new SecGeminiError(
    'tooLarge',
    `"${labelText(display(root), 100)}" holds more than ${MAX_ENTRIES} files and folders. Nothing was read.`,
    { action: 'Attach a folder inside it.' },
  );
}
