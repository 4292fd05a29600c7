/** A unified diff as text to attach, without the files that must not leave. Pure. */

export interface FilteredDiff {
  readonly text: string;
  /** Paths with the rule that keeps them here. */
  readonly left: readonly { readonly path: string; readonly rule: string }[];
  readonly files: number;
}

/**
 * Drops every file of the diff that `rule` names, by its old or its new path: a diff is no way round the deny list. What stands before the
 * first `diff --git` (a commit's message) stays.
 */
export function filterDiff(diff: string, rule: (path: string) => string | undefined): FilteredDiff {
  const pieces = diff.split(/^(?=diff --(?:git|cc|combined) )/m);
  const left: { path: string; rule: string }[] = [];
  let files = 0;
  const kept = pieces.filter((piece) => {
    if (!piece.startsWith('diff --')) return true;
    for (const path of pathsOf(piece)) {
      const found = rule(path);
      if (found === undefined) continue;
      left.push({ path, rule: found });
      return false;
    }
    files += 1;
    return true;
  });
  return { text: kept.join(''), left, files };
}

/** Every path that the head of one file's piece names; a quoted one (`"a/\\303\\244"`) is decoded. */
function pathsOf(piece: string): string[] {
  const head = piece.split(/^@@/m, 1)[0] ?? '';
  const found = new Set<string>();
  for (const line of head.split(/\r?\n/)) {
    const single = /^(?:---|\+\+\+|rename from|rename to|copy from|copy to|diff --cc|diff --combined) (.+?)\t?$/.exec(
      line,
    );
    if (single?.[1] !== undefined && single[1] !== '/dev/null') found.add(bare(single[1]));
    const both = /^diff --git (.+)$/.exec(line);
    for (const name of both?.[1] === undefined ? [] : gitNames(both[1])) found.add(bare(name));
  }
  return [...found];
}

/** `a/x y b/x y` cannot be split by spaces: both halves are equal but for renames, which name themselves on lines of their own. */
function gitNames(text: string): string[] {
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(text);
  if (quoted?.[1] !== undefined && quoted[2] !== undefined) return [quoted[1], quoted[2]];
  const middle = (text.length - 1) / 2;
  return Number.isInteger(middle) ? [text.slice(0, middle), text.slice(middle + 1)] : [text];
}

function bare(name: string): string {
  const plain = name.startsWith('"') ? unquoted(name) : name;
  return plain.replace(/^[abciow]\//, '');
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
