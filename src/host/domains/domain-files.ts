/** The user's own knowledge domains: Markdown files of the profile and, in a trusted workspace, of `.sec-gemini/domains`. */

import * as vscode from 'vscode';
import type { Domain } from '../../core/domains/domain.ts';
import { describeError } from '../../core/errors.ts';
import type { HostLog } from '../log.ts';

export interface OwnDomain {
  readonly uri: vscode.Uri;
  readonly from: 'profile' | 'workspace';
  /** Undefined when the file has a mistake: `problem` says which. */
  readonly domain: Domain | undefined;
  readonly problem: string | undefined;
}

const MAX_FILES = 200;
const MAX_BYTES = 1024 * 1024;

export function profileFolder(context: vscode.ExtensionContext): vscode.Uri {
  return vscode.Uri.joinPath(context.globalStorageUri, 'domains');
}

/** Read anew each time: a person edits these files while they use them. */
export async function ownDomains(context: vscode.ExtensionContext, log: HostLog): Promise<readonly OwnDomain[]> {
  const places: { folder: vscode.Uri; from: OwnDomain['from'] }[] = [
    { folder: profileFolder(context), from: 'profile' },
    // What a stranger's repository says must not steer the agent before the user trusts it.
    ...(vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : []).map(({ uri }) => ({
      folder: vscode.Uri.joinPath(uri, '.sec-gemini', 'domains'),
      from: 'workspace' as const,
    })),
  ];
  const found = await Promise.all(places.map(({ folder, from }) => filesIn(folder, from, log)));
  return found.flat();
}

async function filesIn(folder: vscode.Uri, from: OwnDomain['from'], log: HostLog): Promise<OwnDomain[]> {
  let entries: [string, vscode.FileType][];
  try {
    entries = await vscode.workspace.fs.readDirectory(folder);
  } catch {
    // Nobody made the folder yet.
    return [];
  }
  const { parseDomain } = await import('../../core/domains/domain.ts');
  const names = entries
    // Files only: a link could lead out of the folder.
    .filter(([name, type]) => type === vscode.FileType.File && name.endsWith('.md'))
    .map(([name]) => name)
    .toSorted()
    .slice(0, MAX_FILES);
  return Promise.all(
    names.map(async (name): Promise<OwnDomain> => {
      const uri = vscode.Uri.joinPath(folder, name);
      try {
        const { size } = await vscode.workspace.fs.stat(uri);
        if (size > MAX_BYTES) throw new Error('The file is larger than 1 MB.');
        const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
        return { uri, from, domain: parseDomain(`${from}:${name.slice(0, -3)}`, text), problem: undefined };
      } catch (error) {
        log.warn(`The knowledge domain ${name} cannot be used: ${describeError(error)}`);
        return { uri, from, domain: undefined, problem: describeError(error) };
      }
    }),
  );
}
