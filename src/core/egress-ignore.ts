/** Ignore files in gitignore syntax (`.secgeminiignore`, `.aiexclude`, `.gitignore`), nested as git nests them. Pure: the texts come from outside. */

import ignore, { type Ignore } from 'ignore';

/** The text of one ignore file. */
export interface IgnoreFile {
  /** Its folder, relative to the root, with forward slashes; '' for the root itself. */
  readonly folder: string;
  /** `.secgeminiignore` */
  readonly name: string;
  readonly text: string;
}

export interface IgnoreOptions {
  /** Lines that lift an earlier one (`!keep.log`) do not count: what comes from an untrusted folder may only ever restrict. */
  readonly restrictOnly?: boolean | undefined;
}

interface Compiled {
  readonly folder: string;
  readonly name: string;
  readonly rules: readonly { readonly pattern: string; readonly negative: boolean; readonly matcher: Ignore }[];
}

/** At most this many lines of one ignore file count as rules each on its own; a file with more is taken as one rule. */
const MAX_RULES = 2000;

/** The rules of one kind of ignore file below one root. */
export class IgnoreRules {
  readonly #files: readonly Compiled[];

  constructor(files: readonly IgnoreFile[], { restrictOnly = false }: IgnoreOptions = {}) {
    this.#files = files
      .map((file) => ({ folder: file.folder, name: file.name, rules: compile(file.text, restrictOnly) }))
      // Deeper files have the last word.
      .toSorted((a, b) => depth(a.folder) - depth(b.folder));
  }

  /**
   * The rule that ignores this path (`.secgeminiignore: *.log`), or undefined. `relativePath` is a file's, relative to the root, with forward
   * slashes. Upper and lower case are the same. As in git, nothing below an ignored folder can be taken back.
   */
  ruleFor(relativePath: string): string | undefined {
    const segments = relativePath.split('/').filter((segment) => segment !== '' && segment !== '.');
    if (segments.length === 0 || segments.includes('..')) return undefined;
    for (let length = 1; length <= segments.length; length += 1) {
      const rule = this.#verdict(segments.slice(0, length).join('/'), length < segments.length);
      if (rule !== undefined) return rule;
    }
    return undefined;
  }

  /** The last rule that fits decides. */
  #verdict(path: string, isFolder: boolean): string | undefined {
    let verdict: string | undefined;
    for (const { folder, name, rules } of this.#files) {
      const inside = insideOf(folder, path);
      if (inside === undefined) continue;
      for (const { pattern, negative, matcher } of rules) {
        if (!matcher.ignores(isFolder ? `${inside}/` : inside)) continue;
        verdict = negative ? undefined : `${folder === '' ? name : `${folder}/${name}`}: ${pattern}`;
      }
    }
    return verdict;
  }
}

function compile(text: string, restrictOnly: boolean): Compiled['rules'] {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .filter((line) => !(restrictOnly && line.startsWith('!')));
  if (lines.length > MAX_RULES)
    return [{ pattern: `one of its ${lines.length} rules`, negative: false, matcher: ignore().add(lines) }];
  return lines.map((line) => {
    const negative = line.startsWith('!');
    return { pattern: line.trim(), negative, matcher: ignore().add(negative ? line.slice(1) : line) };
  });
}

function insideOf(folder: string, path: string): string | undefined {
  if (folder === '') return path;
  return path.toLowerCase().startsWith(`${folder.toLowerCase()}/`) ? path.slice(folder.length + 1) : undefined;
}

function depth(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}
