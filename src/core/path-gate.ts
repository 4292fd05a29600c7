/**
 * The path gate: which files of the folders it was made for may be read (trust.md S24 to S26). The logic is pure and knows both flavours of
 * paths; resolving links comes from outside. A spelling that could mean another file on some system is refused, not repaired.
 */

import { denyRuleOf } from './egress-deny.ts';

export type PathFlavour = 'posix' | 'win32';

export interface PathRequest {
  /** Absolute, or relative to `root`. */
  readonly path: string;
  /** One of the gate's roots, as it was given; may be left out when there is only one. */
  readonly root?: string | undefined;
}

export type PathVerdict =
  | {
      readonly allowed: true;
      /** Links resolved. Only this path may be opened. */
      readonly realPath: string;
      /** The root in which it lies, as it was given. */
      readonly root: string;
      /** Relative to the root, with forward slashes; '' for the root itself. */
      readonly relative: string;
    }
  | { readonly allowed: false; readonly rule: string };

export interface PathGateOptions {
  readonly flavour: PathFlavour;
  /** Absolute paths of the folders that may be read. */
  readonly roots: readonly string[];
  /** The path with every link resolved, as the system writes it; undefined when there is no such file. */
  readonly realPath: (path: string) => Promise<string | undefined>;
}

/** Longer than any path of the supported systems. In UTF-16 units. */
const MAX_PATH = 4096;

const DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:[ .:]|$)/i;

/** Checks that a path means what it shows. Returns the rule that refuses it, or undefined. Pure. */
export function spellingRule(path: string, flavour: PathFlavour): string | undefined {
  if (path.length > MAX_PATH) return 'longer than a path may be';
  if (/[\p{Cc}\p{Surrogate}]/u.test(path)) return 'control character';
  if (/[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u.test(path))
    return 'invisible character';
  if (/^[\\/]{2}|^[\\/]\?\?[\\/]/.test(path)) return 'network or device path';
  if (path.startsWith('~')) return 'home folder';
  if (flavour === 'posix' && path.includes('\\')) return 'backslash';
  // On Windows a longer word before the colon may be a name with a stream: refused either way.
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return 'another scheme';
  if (/%(?:2e|2f|5c|00|25)/i.test(path)) return 'percent-encoded path';
  const isDrive = /^[a-z]:/i.test(path);
  if (isDrive && flavour === 'posix') return 'drive letter';
  if (isDrive && !/^[a-z]:[\\/]/i.test(path)) return 'relative to a drive';
  if (flavour === 'win32' && /^[\\/]/.test(path)) return 'relative to a drive';
  const segments = (isDrive ? path.slice(2) : path).split(flavour === 'win32' ? /[\\/]/ : '/');
  for (const segment of segments) {
    const rule = segmentRule(segment, flavour);
    if (rule !== undefined) return rule;
  }
  return undefined;
}

function segmentRule(segment: string, flavour: PathFlavour): string | undefined {
  if (segment === '' || segment === '.') return undefined;
  if (segment === '..') return 'parent folder';
  const composed = segment.normalize('NFKC');
  if (/[\\/\u2044\u2215\u29f5\u29f8]/.test(composed)) return 'a character that looks like a slash';
  if (/^\.+$/.test(composed.trim())) return 'a name of dots';
  if (flavour === 'posix') return undefined;
  if (segment.includes(':')) return 'alternate stream';
  if (/[. ]$/.test(segment)) return 'dot or space at the end';
  if (/[<>"|?*]/.test(segment)) return 'character that is not allowed in names';
  if (DEVICE.test(segment)) return 'device name';
  if (/~\d/.test(segment) && /^[^.]{1,8}(?:\.[^.]{0,3})?$/.test(segment)) return 'short name';
  return undefined;
}

/**
 * The path below the root, with forward slashes, or undefined when it is not below it. Both absolute and without `..`; compared segment by
 * segment, so that `/ws-evil` is not in `/ws`.
 */
export function relativeTo(root: string, path: string, flavour: PathFlavour): string | undefined {
  const [rootSegments, segments] = [root, path].map((each) => segmentsOf(each, flavour));
  if (rootSegments === undefined || segments === undefined || segments.length < rootSegments.length) return undefined;
  if (segments.includes('..') || rootSegments.includes('..')) return undefined;
  const same = rootSegments.every((segment, index) => fold(segment, flavour) === fold(segments[index] ?? '', flavour));
  return same ? segments.slice(rootSegments.length).join('/') : undefined;
}

export class PathGate {
  readonly #options: PathGateOptions;

  constructor(options: PathGateOptions) {
    this.#options = options;
  }

  /** Decides; never throws. Whoever opens the file opens `realPath`, does not follow a link there, and checks that it got the same file. */
  async check({ path, root }: PathRequest): Promise<PathVerdict> {
    const { flavour, roots, realPath } = this.#options;
    const rule = spellingRule(path, flavour);
    if (rule !== undefined) return refused(rule);
    const base = root ?? (roots.length === 1 ? roots[0] : undefined);
    if (root !== undefined && !roots.includes(root)) return refused('not one of the folders');
    const absolute = isAbsolute(path, flavour) ? path : base === undefined ? undefined : join(base, path, flavour);
    if (absolute === undefined) return refused('relative to which folder?');
    let real: string | undefined;
    const realRoots: { readonly given: string; readonly real: string }[] = [];
    try {
      real = await realPath(absolute);
      for (const given of root === undefined ? roots : [root]) {
        const resolved = await realPath(given);
        if (resolved !== undefined) realRoots.push({ given, real: resolved });
      }
    } catch {
      return refused('cannot be resolved');
    }
    if (real === undefined) return refused('no such file');
    // The name and what it points to both have to lie inside: a link from elsewhere is no way in, and a link is no way out.
    const asked = realRoots.some(
      (each) =>
        relativeTo(each.given, absolute, flavour) !== undefined ||
        relativeTo(each.real, absolute, flavour) !== undefined,
    );
    if (!asked) return refused('outside the folder');
    const found = realRoots
      .map((each) => ({ given: each.given, relative: relativeTo(each.real, real, flavour) }))
      // The innermost root: its path is the shortest.
      .toSorted((a, b) => (a.relative?.length ?? Infinity) - (b.relative?.length ?? Infinity))[0];
    if (found?.relative === undefined) return refused('a link to outside the folder');
    const denied = denyRuleOf([absolute, real]);
    if (denied !== undefined) return refused(denied);
    return { allowed: true, realPath: real, root: found.given, relative: found.relative };
  }
}

function refused(rule: string): PathVerdict {
  return { allowed: false, rule };
}

function isAbsolute(path: string, flavour: PathFlavour): boolean {
  return flavour === 'win32' ? /^[a-z]:[\\/]/i.test(path) : path.startsWith('/');
}

function join(base: string, path: string, flavour: PathFlavour): string {
  const separator = flavour === 'win32' ? '\\' : '/';
  return /[\\/]$/.test(base) ? base + path : base + separator + path;
}

/** Undefined for what is not absolute. The drive is the first segment. */
function segmentsOf(path: string, flavour: PathFlavour): readonly string[] | undefined {
  // What realpath gives on Windows may carry the long-path prefix.
  const plain = flavour === 'win32' ? path.replace(/^\\\\\?\\(?=[a-z]:)/i, '') : path;
  const isNetwork = flavour === 'win32' && /^\\\\[^\\/?.]/.test(plain);
  if (!isNetwork && !isAbsolute(plain, flavour)) return undefined;
  const segments = plain
    .split(flavour === 'win32' ? /[\\/]/ : '/')
    .filter((segment) => segment !== '' && segment !== '.');
  return isNetwork ? ['\\\\', ...segments] : segments;
}

/** Windows takes upper and lower case for the same. */
function fold(segment: string, flavour: PathFlavour): string {
  return flavour === 'win32' ? segment.toUpperCase() : segment;
}
