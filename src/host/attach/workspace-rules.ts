/**
 * What the workspace says about files that are about to leave: `.secgeminiignore` and `.aiexclude` keep them here, git's ignored files are
 * asked about in a folder. Read anew for every batch. They only ever restrict; of an untrusted workspace, lines that lift a rule do not count.
 */

import * as vscode from 'vscode';
import type { EgressAbout, OutgoingFile, RuleVerdict } from '../../core/egress-model.ts';
import { type IgnoreFile, IgnoreRules } from '../../core/egress-ignore.ts';
import { type PathFlavour, relativeTo } from '../../core/path-gate.ts';
import { folderGate } from './gate.ts';
import { pathsOf } from './sources/place.ts';

const KEEPING = ['.secgeminiignore', '.aiexclude'] as const;
const MAX_IGNORE_BYTES = 1_000_000;

const flavour: PathFlavour = process.platform === 'win32' ? 'win32' : 'posix';

/** The verdicts for a batch; files that are free are not in the map. */
export async function workspaceRules(
  files: readonly OutgoingFile[],
  about: EgressAbout,
): Promise<ReadonlyMap<OutgoingFile, RuleVerdict>> {
  const verdicts = new Map<OutgoingFile, RuleVerdict>();
  const reader = new IgnoreReader();
  const collected = about.chosen !== 'named';
  const gate = collected && about.within !== undefined ? folderGate(about.within) : undefined;
  for (const file of files) {
    about.signal?.throwIfAborted();
    const verdict = (await gate?.(file)) ?? (await judge(file, reader, collected));
    if (verdict !== undefined) verdicts.set(file, verdict);
  }
  return verdicts;
}

async function judge(file: OutgoingFile, reader: IgnoreReader, collected: boolean): Promise<RuleVerdict | undefined> {
  let ask: RuleVerdict | undefined;
  for (const path of file.paths) {
    for (const { uri, places } of await rootsOf(file, reader)) {
      const inside = places.map((root) => relativeTo(root, path, uri.scheme === 'file' ? flavour : 'posix'));
      const relative = inside.find((each) => each !== undefined && each !== '');
      if (relative === undefined) continue;
      for (const name of KEEPING) {
        const rule = await reader.ruleFor(uri, name, relative);
        if (rule !== undefined) return { kind: 'refused', rule };
      }
      if (!collected || ask !== undefined) continue;
      const rule = await reader.ruleFor(uri, '.gitignore', relative);
      if (rule !== undefined) ask = { kind: 'ask', rule };
    }
  }
  return ask;
}

/** The folders whose ignore files count, each as it was opened and behind its links. */
async function rootsOf({ roots }: OutgoingFile, reader: IgnoreReader): Promise<readonly Root[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  const own = (roots ?? []).map((path) => vscode.Uri.file(path));
  return Promise.all([...folders, ...own].map((uri) => reader.root(uri)));
}

interface Root {
  readonly uri: vscode.Uri;
  /** Paths by which it is known. */
  readonly places: readonly string[];
}

/** Reads each ignore file once for a batch. */
class IgnoreReader {
  readonly #texts = new Map<string, Promise<IgnoreFile | 'unreadable' | undefined>>();
  readonly #rules = new Map<string, IgnoreRules>();
  readonly #roots = new Map<string, Promise<Root>>();

  root(uri: vscode.Uri): Promise<Root> {
    const key = uri.toString();
    const known = this.#roots.get(key);
    if (known !== undefined) return known;
    const finding = pathsOf(uri).then((places) => ({ uri, places }));
    this.#roots.set(key, finding);
    return finding;
  }

  /** The rule for a file, relative to the root with forward slashes. An ignore file that is there and cannot be read keeps all below it here. */
  async ruleFor(root: vscode.Uri, name: string, relative: string): Promise<string | undefined> {
    const folders = relative.split('/').slice(0, -1);
    const found: IgnoreFile[] = [];
    for (let depth = 0; depth <= folders.length; depth += 1) {
      const folder = folders.slice(0, depth).join('/');
      const file = await this.#read(root, folder, name);
      if (file === 'unreadable') {
        if (name !== '.gitignore') return `${folder === '' ? name : `${folder}/${name}`}: it cannot be read`;
      } else if (file !== undefined) found.push(file);
    }
    if (found.length === 0) return undefined;
    const key = `${root.toString()}\n${name}\n${found.map(({ folder }) => folder).join('\n')}`;
    let rules = this.#rules.get(key);
    if (rules === undefined) {
      rules = new IgnoreRules(found, { restrictOnly: !vscode.workspace.isTrusted });
      this.#rules.set(key, rules);
    }
    return rules.ruleFor(relative);
  }

  #read(root: vscode.Uri, folder: string, name: string): Promise<IgnoreFile | 'unreadable' | undefined> {
    const uri = vscode.Uri.joinPath(root, folder, name);
    const key = uri.toString();
    let reading = this.#texts.get(key);
    if (reading === undefined) {
      reading = readIgnoreFile(uri, folder, name);
      this.#texts.set(key, reading);
    }
    return reading;
  }
}

async function readIgnoreFile(
  uri: vscode.Uri,
  folder: string,
  name: string,
): Promise<IgnoreFile | 'unreadable' | undefined> {
  try {
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if (type & vscode.FileType.Directory) return undefined;
    if (size > MAX_IGNORE_BYTES) return 'unreadable';
    return { folder, name, text: new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) };
  } catch (error) {
    return error instanceof vscode.FileSystemError && error.code === 'FileNotFound' ? undefined : 'unreadable';
  }
}
