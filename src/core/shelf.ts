/** Files that were taken off a session's service and whose bytes are kept here, to be put back: what an unticked row stands for. Pure. */

import { SecGeminiError } from './errors.ts';
import type { Attachment } from './model.ts';
import type { LocalFacts } from './session-local.ts';
import type { SessionState } from './session-state.ts';

/** So many files may be ticked in one session. */
export const MAX_TICKED = 100;

const same = (a: Attachment, b: Attachment): boolean => a.name === b.name && a.sha256 === b.sha256;

/** What lies on the shelf; what the service has (again) does not. */
export function shelfOf({ local, attachments }: Pick<SessionState, 'local' | 'attachments'>): readonly Attachment[] {
  return (local?.shelved ?? []).filter((file) => !attachments.some((other) => same(file, other)));
}

/** The facts with a file more on the shelf. */
export function shelve(facts: LocalFacts | undefined, file: Attachment): LocalFacts {
  return { shelved: [...(facts?.shelved ?? []).filter((other) => !same(file, other)), file] };
}

/** The facts with files less on the shelf; an empty shelf is none. */
export function unshelve(facts: LocalFacts | undefined, files: readonly Attachment[]): LocalFacts {
  const left = (facts?.shelved ?? []).filter((file) => !files.some((other) => same(file, other)));
  return { shelved: left.length === 0 ? undefined : left };
}

/** Throws `invalidArgument` where more files would be ticked than a session may use. */
export function requireRoom({ attachments }: Pick<SessionState, 'attachments'>, more: number): void {
  if (more === 0 || attachments.length + more <= MAX_TICKED) return;
  throw new SecGeminiError(
    'invalidArgument',
    `A session uses at most ${MAX_TICKED} files: ${attachments.length} are there, and ${more} more would be too many.`,
    { action: 'Untick or detach others first, or choose fewer. Nothing was sent.' },
  );
}
