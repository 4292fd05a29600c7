/** The path gate on this machine's disks: links resolved by the system, and what was opened looked at once more. */

import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import type { OutgoingFile, RuleVerdict } from '../../core/egress-model.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { PathGate, relativeTo } from '../../core/path-gate.ts';
import { labelText } from '../../core/visible-text.ts';

const flavour = process.platform === 'win32' ? 'win32' : 'posix';

/** The path gate over some folders of this machine: absolute paths, links resolved or not. */
export function createPathGate(roots: readonly string[]): PathGate {
  return new PathGate({ flavour, roots, realPath });
}

async function realPath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Judges the files of a folder attach: each has to lie in one of the folders, by its name and behind its links. */
export function folderGate(within: readonly string[]): (file: OutgoingFile) => Promise<RuleVerdict | undefined> {
  const gate = createPathGate(within);
  return async (file) => {
    const [path] = file.paths;
    if (path === undefined) return { kind: 'refused', rule: 'outside the folder' };
    // Relative, so that a folder on a network share can be attached, too.
    for (const root of within) {
      const relative = relativeTo(root, path, flavour);
      if (relative === undefined) continue;
      const verdict = await gate.check({ path: flavour === 'win32' ? relative.replaceAll('/', '\\') : relative, root });
      return verdict.allowed ? undefined : { kind: 'refused', rule: verdict.rule };
    }
    return { kind: 'refused', rule: 'outside the folder' };
  };
}

export interface OpenedFile {
  readonly handle: FileHandle;
  readonly realPath: string;
  readonly size: number;
  readonly modifiedMs: number;
}

/**
 * Opens a file that the path gate allows, for reading; the caller closes it. What was opened is then asked where it really lies, so that a
 * link that was put in its place, or in place of a folder above it, after the check is noticed (trust.md S17, S25). Rejects with
 * `permissionDenied` naming the rule.
 */
export async function openThroughGate(gate: PathGate, path: string, root?: string): Promise<OpenedFile> {
  const verdict = await gate.check({ path, root });
  if (!verdict.allowed) throw denied(path, verdict.rule);
  let handle: FileHandle;
  try {
    handle = await open(verdict.realPath, READ_FLAGS);
  } catch (error) {
    throw denied(path, CHANGED, error);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw denied(path, 'not a regular file');
    if ((await whereIs(handle, verdict.realPath)) !== verdict.realPath) throw denied(path, CHANGED);
    return { handle, realPath: verdict.realPath, size: stat.size, modifiedMs: stat.mtimeMs };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const CHANGED = 'it changed while it was opened';

/** On macOS no link anywhere in the path is followed (O_NOFOLLOW_ANY, which Node has no name for); elsewhere none at its end. */
const NO_LINKS = process.platform === 'darwin' ? 0x20000000 : ((constants.O_NOFOLLOW as number | undefined) ?? 0);
/** Non-blocking: opening a named pipe would wait for its writer for ever. Windows has neither flag. */
const READ_FLAGS = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0) | NO_LINKS;

/**
 * The real path of an opened file. Linux tells it of the descriptor itself. Elsewhere the path is resolved once more and has to lead to the
 * same file, which leaves a gap for who swaps folders three times within it; creating such links takes rights on Windows.
 */
async function whereIs(handle: FileHandle, path: string): Promise<string> {
  if (process.platform === 'linux') {
    try {
      return await readlink(`/proc/self/fd/${handle.fd}`);
    } catch {
      // No /proc here: as elsewhere.
    }
  }
  const real = await realpath(path);
  const [seen, opened] = await Promise.all([lstat(real), handle.stat()]);
  if (seen.dev !== opened.dev || seen.ino !== opened.ino) throw denied(path, CHANGED);
  return real;
}

/**
 * The paths by which an opened file is known, for the rules: as it was asked for, and where the very file that was opened really lies.
 * Rejects with `permissionDenied` when links were swapped meanwhile.
 */
export async function realPathsOf(path: string, opened: FileHandle): Promise<readonly string[]> {
  const real = await whereIs(opened, path);
  return real === path ? [path] : [path, real];
}

function denied(path: string, rule: string, cause?: unknown): SecGeminiError {
  return new SecGeminiError('permissionDenied', `${labelText(path, 200)} is not read: ${rule}.`, {
    action: 'Choose another file.',
    ...(cause === undefined ? {} : { cause }),
  });
}
