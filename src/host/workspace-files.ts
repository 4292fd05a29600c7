/**
 * The workspace's files as the local tools see them: every file whose content or name may leave passes here, by the same gate and the same
 * rules as an attachment (trust.md S17, S24 to S26). No `vscode` in it: the rules and unsaved texts come through ports.
 */

import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { denyRuleOf } from '../core/egress-deny.ts';
import type { EgressAbout, OutgoingFile, RuleVerdict } from '../core/egress-model.ts';
import { isSecGeminiError } from '../core/errors.ts';
import { spellingRule } from '../core/path-gate.ts';
import { type FileIdentity, ToolInputError, ToolRefusal } from '../core/tools/tool.ts';
import { createPathGate, openThroughGate } from './attach/gate.ts';

export interface WorkspaceFolder {
  readonly name: string;
  /** Absolute, as the editor has it. */
  readonly path: string;
}

export interface WorkspaceFilesOptions {
  /** Folders on this machine's disks; none in Restricted Mode. */
  readonly folders: () => readonly WorkspaceFolder[];
  /** Ignore files; see host/attach/workspace-rules.ts. */
  readonly rules: (
    files: readonly OutgoingFile[],
    about: EgressAbout,
  ) => Promise<ReadonlyMap<OutgoingFile, RuleVerdict>>;
  /** The text of an open document that differs from the disk. */
  readonly unsaved?: (path: string) => { readonly text: string; readonly version: number } | undefined;
}

/** A file that may be shown. */
export interface PlacedFile {
  /** For people and the agent: relative, with forward slashes, after the folder's name where there are several. */
  readonly shown: string;
  /** In the editor's spelling: below the folder as it was opened, links within it resolved. */
  readonly path: string;
  readonly realPath: string;
  /** Why a person has to look: `src/x.log is ignored by .gitignore: *.log`. */
  readonly notes: readonly string[];
}

export interface ReadResult extends PlacedFile {
  readonly bytes: Uint8Array;
  /** False: there is more behind `bytes`. */
  readonly whole: boolean;
  readonly size: number;
  readonly unsaved: boolean;
  readonly identity: FileIdentity;
}

const flavour = process.platform === 'win32' ? 'win32' : 'posix';
const ABOUT: EgressAbout = { sessionId: '', sessionName: '', destination: '', chosen: 'collected' };

export class WorkspaceFiles {
  readonly #options: WorkspaceFilesOptions;

  constructor(options: WorkspaceFilesOptions) {
    this.#options = options;
  }

  get folders(): readonly WorkspaceFolder[] {
    return this.#options.folders();
  }

  /** Where a path leads that the agent named. Throws ToolRefusal for what is missing, outside or kept here. */
  async place(path: string): Promise<PlacedFile> {
    const { relative, root } = this.#named(path);
    // By the name first: whether a denied file is there is nobody's business.
    const denied = denyRuleOf([path]);
    if (denied !== undefined) throw new ToolRefusal(path, denied);
    const verdict = await this.#gate().check({ path: relative, root });
    if (!verdict.allowed) throw new ToolRefusal(path, verdict.rule);
    const [placed] = await this.#ruled([{ ...verdict, asked: path }]);
    if (placed === undefined) throw new ToolRefusal(path, 'kept here by an ignore file');
    if ('rule' in placed) throw new ToolRefusal(path, placed.rule);
    return placed;
  }

  /** Those of some absolute paths that may be shown, in their order; `left` counts the others. */
  async placeAll(
    paths: readonly string[],
  ): Promise<{ readonly placed: ReadonlyMap<string, PlacedFile>; readonly left: number }> {
    const gate = this.#gate();
    const found: Allowed[] = [];
    for (const path of paths) {
      const verdict = await gate.check({ path });
      if (verdict.allowed) found.push({ ...verdict, asked: path });
    }
    const placed = new Map<string, PlacedFile>();
    for (const [index, each] of (await this.#ruled(found)).entries())
      if (!('rule' in each)) placed.set(found[index]?.asked ?? '', each);
    return { placed, left: paths.length - placed.size };
  }

  /**
   * The rule that keeps a path here, for names that need not be on the disk (a diff, a log of commits); undefined when it may be shown.
   * `relative` to the folder, with forward slashes.
   */
  async ruleOfName(root: string, relative: string): Promise<string | undefined> {
    const rule = spellingRule(relative, flavour) ?? denyRuleOf([relative]);
    if (rule !== undefined) return rule;
    const path = join(root, relative);
    const file = pseudo(path, [path], [root]);
    const verdict = (await this.#options.rules([file], ABOUT)).get(file);
    return verdict?.kind === 'refused' ? verdict.rule : undefined;
  }

  /**
   * The rule that keeps a file here which the user chose, wherever it lies; undefined when there is none. Absolute paths by which it is known,
   * links resolved among them. What git ignores was chosen all the same.
   */
  async ruleOfChosen(paths: readonly string[]): Promise<string | undefined> {
    const rule = denyRuleOf(paths);
    if (rule !== undefined) return rule;
    const file = pseudo(paths[0] ?? '', paths);
    const verdict = (await this.#options.rules([file], { ...ABOUT, chosen: 'named' })).get(file);
    return verdict?.kind === 'refused' ? verdict.rule : undefined;
  }

  /** Reads at most `limit` bytes from the beginning. Throws ToolRefusal. */
  async read(path: string, limit: number): Promise<ReadResult> {
    const placed = await this.place(path);
    const { relative, root } = this.#named(path);
    try {
      const opened = await openThroughGate(this.#gate(), relative, root);
      try {
        // What was judged by its name has to be what was opened.
        if (opened.realPath !== placed.realPath) throw new ToolRefusal(path, 'it changed while it was opened');
        const stat = await opened.handle.stat();
        const unsaved = this.#options.unsaved?.(placed.path);
        const identity: FileIdentity = {
          path: placed.shown,
          realPath: placed.realPath,
          dev: stat.dev,
          ino: stat.ino,
          size: stat.size,
          mtimeMs: stat.mtimeMs,
          ...(unsaved === undefined ? {} : { version: unsaved.version }),
        };
        const source = unsaved === undefined ? undefined : new TextEncoder().encode(unsaved.text);
        const size = source?.byteLength ?? stat.size;
        const bytes = source?.subarray(0, limit) ?? (await readFrom(opened.handle, Math.min(limit, stat.size)));
        const links = stat.nlink > 1 ? [`${placed.shown} has ${stat.nlink} names on this disk`] : [];
        return {
          ...placed,
          notes: [...placed.notes, ...links],
          bytes,
          whole: size <= limit,
          size,
          unsaved: unsaved !== undefined,
          identity,
        };
      } finally {
        await opened.handle.close();
      }
    } catch (error) {
      if (isSecGeminiError(error, 'permissionDenied')) throw new ToolRefusal(path, error.message);
      throw error;
    }
  }

  /** True while the file is the very one that was read, unsaved text included. */
  async unchanged(file: FileIdentity): Promise<boolean> {
    try {
      const [real, stat] = await Promise.all([realpath(file.realPath), lstat(file.realPath)]);
      return (
        real === file.realPath &&
        stat.dev === file.dev &&
        stat.ino === file.ino &&
        stat.size === file.size &&
        stat.mtimeMs === file.mtimeMs &&
        (file.version === undefined || this.#options.unsaved?.(file.realPath)?.version === file.version)
      );
    } catch {
      return false;
    }
  }

  /** How a path below a folder is written for people and the agent. */
  show(root: string, relative: string): string {
    const { folders } = this;
    const folder = folders.find(({ path }) => path === root);
    if (folders.length < 2 || folder === undefined) return relative === '' ? '.' : relative;
    return relative === '' ? folder.name : `${folder.name}/${relative}`;
  }

  #gate(): ReturnType<typeof createPathGate> {
    return createPathGate(this.folders.map(({ path }) => path));
  }

  /** `folder/path` where there are several folders, else relative to the one; absolute paths as they are. */
  #named(path: string): { readonly relative: string; readonly root: string | undefined } {
    const { folders } = this;
    if (folders.length === 0)
      throw new ToolInputError('No folder of this machine is open in the editor: there are no files to look at.');
    if (folders.length === 1) return { relative: path === '.' ? '' : path, root: undefined };
    const [first = '', ...rest] = path.split('/');
    const folder = folders.find(({ name }) => name === first);
    if (folder !== undefined) return { relative: rest.join('/'), root: folder.path };
    if (/^(?:\/|[a-z]:[\\/])/i.test(path)) return { relative: path, root: undefined };
    throw new ToolInputError(
      `Several folders are open: begin the path with one of ${folders.map(({ name }) => name).join(', ')}.`,
    );
  }

  async #ruled(files: readonly Allowed[]): Promise<readonly (PlacedFile | { readonly rule: string })[]> {
    const outgoing = files.map(({ realPath, root, relative, asked }) => {
      const path = join(root, relative);
      return pseudo(asked, path === realPath ? [path] : [path, realPath]);
    });
    const verdicts = await this.#options.rules(outgoing, ABOUT);
    return files.map(({ realPath, root, relative }, index) => {
      const file = outgoing[index];
      const verdict = file === undefined ? undefined : verdicts.get(file);
      if (verdict?.kind === 'refused') return { rule: verdict.rule };
      const shown = this.show(root, relative);
      const notes = verdict === undefined ? [] : [`${shown} is ignored by ${verdict.rule}`];
      return { shown, path: join(root, relative), realPath, notes };
    });
  }
}

interface Allowed {
  readonly asked: string;
  readonly realPath: string;
  readonly root: string;
  readonly relative: string;
}

/** The rules speak of outgoing files; nothing of this one is ever opened. */
function pseudo(origin: string, paths: readonly string[], roots?: readonly string[]): OutgoingFile {
  return {
    name: paths[0]?.split(/[\\/]/).at(-1) ?? '',
    origin,
    paths,
    ...(roots === undefined ? {} : { roots }),
    size: 0,
    open: () => {
      throw new Error('A name is judged, nothing is read.');
    },
  };
}

async function readFrom(
  handle: {
    read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  },
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await handle.read(bytes, at, length - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}
