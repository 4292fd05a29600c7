/** A unified diff as text to attach, cut into the files that it shows. Pure. */

/** What the diff shows of one file. */
export interface DiffPiece {
  /** Old and new names, relative to the repository, with forward slashes; at least one. */
  readonly paths: readonly string[];
  readonly text: string;
}

export interface DiffPieces {
  /** What stands before the first file (a commit's message). */
  readonly head: string;
  readonly pieces: readonly DiffPiece[];
}

/** Cuts a diff at the heads of its files; lines of content that look like one begin with a sign and cut nothing. */
export function piecesOf(diff: string): DiffPieces {
  const [first = '', ...rest] = diff.split(/^(?=diff --(?:git|cc|combined) )/m);
  const startsWithFile = first.startsWith('diff --');
  return {
    head: startsWithFile ? '' : first,
    pieces: (startsWithFile ? [first, ...rest] : rest).map((text) => ({ paths: pathsOf(text), text })),
  };
}

/** Every path that the head of one file's piece names; a quoted one (`"a/\\303\\244"`) is decoded. */
function pathsOf(piece: string): readonly string[] {
  const head = piece.split(/^@@/m, 1)[0] ?? '';
  const found = new Set<string>();
  const both = /^diff --git (.+?)\r?$/m.exec(head)?.[1];
  const names = both === undefined ? [] : gitNames(both).map(plain);
  const [from, to] = names;
  // Without prefixes (`diff.noprefix`) both names are equal, and `a/x` is a file in the folder `a`.
  const hasPrefix = from !== to || from === undefined;
  for (const line of head.split(/\r?\n/)) {
    const [, kind = '', name] =
      /^(---|\+\+\+|rename from|rename to|copy from|copy to|diff --cc|diff --combined) (.+?)\t?$/.exec(line) ?? [];
    if (name === undefined || name === '/dev/null') continue;
    found.add(hasPrefix && (kind === '---' || kind === '+++') ? withoutPrefix(plain(name)) : plain(name));
  }
  if (!hasPrefix && from !== undefined) found.add(from);
  else if (from !== undefined && to !== undefined) found.add(commonEnd(from, to));
  // A rename names both on lines of their own; what is left is a head that could not be split.
  if (found.size === 0) for (const name of names) found.add(withoutPrefix(name));
  return [...found].filter((path) => path !== '');
}

/** `a/x/y` and `b/x/y` give `x/y`, whatever the prefixes are; '' when the names share nothing (a rename). */
function commonEnd(from: string, to: string): string {
  const [old, now] = [from.split('/'), to.split('/')];
  const shared: string[] = [];
  while (old.length > 1 && now.length > 1 && old.at(-1) === now.at(-1)) {
    shared.unshift(old.pop() ?? '');
    now.pop();
  }
  // More than the prefix differs: a rename between folders, which has lines of its own.
  return old.length === 1 && now.length === 1 ? shared.join('/') : '';
}

/** `a/x y b/x y` cannot be split by spaces: both halves are equal but for renames, which name themselves on lines of their own. */
function gitNames(text: string): string[] {
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(text);
  if (quoted?.[1] !== undefined && quoted[2] !== undefined) return [quoted[1], quoted[2]];
  const middle = (text.length - 1) / 2;
  return Number.isInteger(middle) ? [text.slice(0, middle), text.slice(middle + 1)] : [text];
}

function plain(name: string): string {
  return name.startsWith('"') ? unquoted(name) : name;
}

/** Git's own prefixes, `diff.mnemonicPrefix` among them. */
function withoutPrefix(name: string): string {
  return name.replace(/^[abciow]\//, '');
}

/** Git's C-style quoting: octal escapes are bytes of UTF-8. */
function unquoted(name: string): string {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const part of name.slice(1, -1).matchAll(/\\([0-7]{3}|.)|[^\\]+/gs)) {
    const escape = part[1];
    if (escape === undefined) bytes.push(...encoder.encode(part[0]));
    else if (/^[0-7]{3}$/.test(escape)) bytes.push(Number.parseInt(escape, 8) & 0xff);
    else bytes.push(...encoder.encode({ n: '\n', t: '\t', r: '\r' }[escape] ?? escape));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
