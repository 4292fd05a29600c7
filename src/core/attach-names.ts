/** Names of attachments, kept apart within a session: `app.py`, then `app (src).py`, `app (src in web).py`, `app (2).py`. Pure. */

import { safeFileName } from './file-name.ts';

export interface NamedSource {
  /** As `safeFileName` makes it, with `:10-42` behind it for a selection. */
  readonly name: string;
  /** Names of the folders above it, the nearest first. */
  readonly folders?: readonly string[] | undefined;
  /** True when the name that is taken stands for the same file: then its folders tell nothing. */
  readonly again?: boolean | undefined;
}

const MAX_FOLDERS = 3;
const MAX_FOLDER_NAME = 40;

/** The name of this source that `taken` does not know yet. */
export function distinctName(source: NamedSource, taken: ReadonlySet<string>): string {
  if (!taken.has(source.name)) return source.name;
  const folders = (source.again === true ? [] : (source.folders ?? []))
    .slice(0, MAX_FOLDERS)
    .map((folder) => [...safeFileName(folder)].slice(0, MAX_FOLDER_NAME).join(''));
  for (let depth = 1; depth <= folders.length; depth += 1) {
    const name = withLabel(source.name, folders.slice(0, depth).join(' in '));
    if (!taken.has(name)) return name;
  }
  for (let number = 2; ; number += 1) {
    const name = withLabel(source.name, String(number));
    if (!taken.has(name)) return name;
  }
}

/** `app.py` and `src` give `app (src).py`; lines of a selection and double endings (`.tar.gz`) stay behind. */
function withLabel(name: string, label: string): string {
  const found = /^(.+?)(\.tar\.\w{1,4}|\.d\.[cm]?ts|\.[^.:\s]{1,16})?(:[\w ,-]+)?$/s.exec(name);
  const stem = found?.[1] ?? name;
  return fitting(stem, ` (${label})${found?.[2] ?? ''}${found?.[3] ?? ''}`);
}

/** At most 255 bytes of UTF-8; the stem gives way. */
function fitting(stem: string, ending: string): string {
  const encoder = new TextEncoder();
  const room = 255 - encoder.encode(ending).length;
  let used = 0;
  let kept = '';
  for (const character of stem) {
    used += encoder.encode(character).length;
    if (used > room) break;
    kept += character;
  }
  return kept + ending;
}
