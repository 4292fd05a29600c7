/** The user's own prompts behind `/`: Markdown files of the profile and, in a trusted workspace, of `.sec-gemini/prompts`. */

import * as vscode from 'vscode';
import { ownPrompt } from '../../core/own-prompt.ts';
import type { Completion } from '../../panel/protocol.ts';

const MAX_FILES = 100;
const MAX_BYTES = 64 * 1024;

export function promptFolder(context: vscode.ExtensionContext): vscode.Uri {
  return vscode.Uri.joinPath(context.globalStorageUri, 'prompts');
}

/**
 * Read anew each time: a person edits these files while they use them. Of two with one name the profile's counts, as it is the user's own.
 * What cannot be read or is larger than 64 kB is left out.
 */
export async function ownPrompts(context: vscode.ExtensionContext): Promise<readonly Completion[]> {
  const folders = [
    promptFolder(context),
    // What a stranger's repository says must not come into the composer before the user trusts it.
    ...(vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : []).map(({ uri }) =>
      vscode.Uri.joinPath(uri, '.sec-gemini', 'prompts'),
    ),
  ];
  const found = (await Promise.all(folders.map(promptsIn))).flat();
  return found.filter(({ label }, at) => found.findIndex((other) => other.label === label) === at);
}

async function promptsIn(folder: vscode.Uri): Promise<Completion[]> {
  const entries = await vscode.workspace.fs.readDirectory(folder).then(undefined, () => []);
  const names = entries
    // Files only: a link could lead out of the folder.
    .filter(([name, type]) => type === vscode.FileType.File && name.endsWith('.md'))
    .map(([name]) => name)
    .toSorted()
    .slice(0, MAX_FILES);
  const prompts = await Promise.all(
    names.map(async (name) => {
      const uri = vscode.Uri.joinPath(folder, name);
      try {
        const { size } = await vscode.workspace.fs.stat(uri);
        if (size > MAX_BYTES) return undefined;
        return ownPrompt(name.slice(0, -3), new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
      } catch {
        return undefined;
      }
    }),
  );
  return prompts.filter((prompt) => prompt !== undefined);
}
