/** From what the user pointed at (files and folders, one or many) to one batch for the gate. */

import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { AttachCandidate } from '../../../core/attach-source.ts';
import { requireTrust } from '../trust.ts';
import { type Batch, named } from './batch.ts';
import { fromUri } from './file.ts';
import { chooseFolderFiles } from './folder.ts';

/** Undefined when the user took back a folder. Nothing but names and sizes is read. */
export async function collect(uris: readonly vscode.Uri[]): Promise<Batch | undefined> {
  const files = new Map<string, AttachCandidate>();
  const within: string[] = [];
  const pointedAt = new Set(uris.map((uri) => uri.toString()));
  let isCollected = false;
  for (const uri of uris) {
    if (!(await isFolder(uri))) {
      if (!files.has(uri.toString())) files.set(uri.toString(), await fromUri(uri));
      continue;
    }
    requireTrust('Folders');
    const inside = await chooseFolderFiles(uri);
    if (inside.length === 0) return undefined;
    isCollected = true;
    if (uri.scheme === 'file') within.push(uri.fsPath);
    for (const file of inside)
      if (!files.has(file.toString())) files.set(file.toString(), await fromUri(file, { collected: true }));
  }
  if (!isCollected) return named(...files.values());
  // The gate wants every file of the batch in one of the folders: a file that was pointed at beside them lies in its own.
  for (const { source } of files.values()) {
    const uri = source?.uri === undefined ? undefined : vscode.Uri.parse(source.uri);
    if (uri?.scheme === 'file' && pointedAt.has(uri.toString())) within.push(dirname(uri.fsPath));
  }
  return { files: [...files.values()], chosen: 'collected', ...(within.length === 0 ? {} : { within }) };
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme === 'untitled') return false;
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.Directory) !== 0;
  } catch {
    // The candidate's own words are better.
    return false;
  }
}
