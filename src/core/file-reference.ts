/** Reads references to places in files as answers write them. Pure. */

export interface FileReference {
  /** Relative, with forward slashes, without `.` and `..` segments. */
  readonly path: string;
  /** 1-based; 1 when none was given. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  readonly endLine?: number | undefined;
}

/**
 * `src/app.py`, `app.py:12`, `app.py:12:3`, `app.py:12-20`, `app.py#L12-L20`. Undefined for anything that is absolute, climbs out of its
 * folder or holds characters that no reference needs.
 */
export function parseReference(text: string): FileReference | undefined {
  const found = /^(.+?)(?::(\d{1,7})(?:-(\d{1,7})|:(\d{1,7}))?|#L(\d{1,7})(?:-L?(\d{1,7}))?)?$/.exec(text.trim());
  const raw = found?.[1]?.replaceAll('\\', '/');
  if (found === null || raw === undefined || raw.length > 1000 || /[\u0000-\u001f\u007f-\u009f:]/.test(raw))
    return undefined;
  if (raw.startsWith('/') || raw.startsWith('~')) return undefined;
  const segments = raw.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0 || segments.includes('..')) return undefined;
  const line = Math.max(1, Number(found[2] ?? found[5] ?? 1));
  const endLine = found[3] ?? found[6];
  return {
    path: segments.join('/'),
    line,
    column: Math.max(1, Number(found[4] ?? 1)),
    ...(endLine === undefined ? {} : { endLine: Math.max(line, Number(endLine)) }),
  };
}
