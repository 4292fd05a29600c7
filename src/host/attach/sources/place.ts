/** Where a document or file is: for the user's eyes, for the gate's rules, and for the record of origins. */

import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { AttachSource } from '../../../core/attach-source.ts';
import { labelText } from '../../../core/visible-text.ts';

/** `src/app.py`, with the workspace folder in front when there are several. */
export function display(uri: vscode.Uri): string {
  return labelText(vscode.workspace.asRelativePath(uri), 300);
}

/**
 * What the gate's rules look at: the path on disk and the one behind links, or the path of another scheme. Untitled documents have none. Of a
 * file that is gone only the first is known.
 */
export async function pathsOf(uri: vscode.Uri): Promise<readonly string[]> {
  if (uri.scheme === 'untitled') return [];
  if (uri.scheme !== 'file') return [uri.path];
  return [...new Set([uri.fsPath, await realPath(uri)])];
}

/** With every link resolved; the path as it is when it cannot be. */
export async function realPath(uri: vscode.Uri): Promise<string> {
  try {
    return await realpath(uri.fsPath);
  } catch {
    return uri.fsPath;
  }
}

export function sourceOf(uri: vscode.Uri): AttachSource {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const relative = folder === undefined ? uri.path : uri.path.slice(folder.uri.path.replace(/\/$/, '').length);
  const above = relative
    .split('/')
    .filter((segment) => segment !== '')
    .slice(0, -1)
    .toReversed();
  return {
    // An untitled document is gone with its window: there is nothing to come back to.
    ...(uri.scheme === 'untitled' ? {} : { uri: uri.toString() }),
    ...(folder === undefined ? {} : { workspaceFolder: folder.uri.toString() }),
    folders: folder === undefined ? above : [...above, folder.name],
  };
}
