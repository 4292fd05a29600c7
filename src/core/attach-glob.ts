/** VS Code's glob patterns (`files.exclude`) as tests on relative paths. Pure. */

/** `when` of a `files.exclude` entry: a neighbour that must exist, with `$(basename)` for the file's name without its ending. */
export interface ExcludeRule {
  readonly pattern: string;
  readonly when?: string | undefined;
}

/** Reads the value of `files.exclude`: `{ "**\/.git": true, "**\/*.js": { "when": "$(basename).ts" } }`. Anything else is ignored. */
export function excludeRules(setting: unknown): ExcludeRule[] {
  if (typeof setting !== 'object' || setting === null) return [];
  return Object.entries(setting as Record<string, unknown>).flatMap(([pattern, value]): ExcludeRule[] => {
    if (value === true) return [{ pattern }];
    const when = typeof value === 'object' && value !== null ? (value as { when?: unknown }).when : undefined;
    return typeof when === 'string' ? [{ pattern, when }] : [];
  });
}

/** A test for `path` (relative, forward slashes) among `neighbours`, the names beside it. */
export function excluder(rules: readonly ExcludeRule[]): (path: string, neighbours: ReadonlySet<string>) => boolean {
  const compiled = rules.map(({ pattern, when }) => ({ expression: globExpression(pattern), when }));
  return (path, neighbours) =>
    compiled.some(({ expression, when }) => {
      if (!expression.test(path)) return false;
      if (when === undefined) return true;
      const name = path.slice(path.lastIndexOf('/') + 1);
      const dot = name.lastIndexOf('.');
      return neighbours.has(when.replaceAll('$(basename)', dot > 0 ? name.slice(0, dot) : name));
    });
}

/** `*` and `?` stay within a segment, `**` does not; `{a,b}` and `[a-z]` as in shells. A pattern that is broken matches itself only. */
export function globExpression(glob: string): RegExp {
  const pattern = glob.replace(/^\.?\//, '').replace(/\/$/, '');
  try {
    return new RegExp(`^${source(pattern)}$`, 's');
  } catch {
    return new RegExp(`^${escaped(pattern)}$`);
  }
}

function source(pattern: string): string {
  let made = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (pattern.startsWith('**/', at)) {
      made += '(?:[^/]+/)*';
      at += 2;
    } else if (pattern.startsWith('/**', at) && at + 3 === pattern.length) {
      made += '/.*';
      at += 2;
    } else if (pattern.startsWith('**', at)) {
      made += '.*';
      at += 1;
    } else if (character === '*') made += '[^/]*';
    else if (character === '?') made += '[^/]';
    else if (character === '{') {
      made += '(?:';
      depth += 1;
    } else if (character === '}' && depth > 0) {
      made += ')';
      depth -= 1;
    } else if (character === ',' && depth > 0) made += '|';
    else if (character === '[' && pattern.indexOf(']', at + 2) > at) {
      const end = pattern.indexOf(']', at + 2);
      const inside = pattern.slice(at + 1, end);
      const negative = /^[!^]/.test(inside);
      made += `[${negative ? '^' : ''}${inside.slice(negative ? 1 : 0).replace(/[\\\][]/g, '\\$&')}]`;
      at = end;
    } else made += escaped(character);
  }
  return made;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
