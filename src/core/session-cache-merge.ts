/** Three-way merge of what two windows know of one session, so that neither loses what the other kept. Pure. */

import type { Message, MessageStatus } from './model.ts';
import type { CachedSession } from './session-cache.ts';
import { type LocalFacts, mergeFacts } from './session-local.ts';

/**
 * `base`: what this window knew to be kept when it last looked (undefined: nothing yet); `ours`: what it wants to keep now; `theirs`: what
 * is kept. What this window added, changed or removed since `base` is done to `theirs`; everything else of `theirs` stays.
 */
export function mergeCachedSession(
  base: CachedSession | undefined,
  ours: CachedSession,
  theirs: CachedSession | undefined,
): CachedSession {
  if (theirs === undefined || theirs === base) return ours;
  const options = JSON.stringify(ours.options) === JSON.stringify(base?.options) ? theirs.options : ours.options;
  return {
    // Fields of a newer version that only the file knows stay.
    ...theirs,
    ...ours,
    info: ours.info.updatedAt >= theirs.info.updatedAt ? ours.info : theirs.info,
    messages: mergeList(base?.messages, ours.messages, theirs.messages, (message) => message.id, moreComplete),
    attachments: mergeList(base?.attachments, ours.attachments, theirs.attachments, (one) => one.id, first),
    origins: mergeList(base?.origins, ours.origins, theirs.origins, (one) => `${one.attachmentId} ${one.at}`, first),
    queue: mergeList(base?.queue, ours.queue, theirs.queue, (prompt) => prompt.id, first),
    undelivered: mergeList(base?.undelivered, ours.undelivered, theirs.undelivered, (id) => id, first),
    draft: base !== undefined && ours.draft === base.draft ? theirs.draft : ours.draft || theirs.draft,
    ...(options === undefined ? {} : { options }),
    seenAt: Math.max(ours.seenAt, theirs.seenAt),
    ...localOf(mergeFacts(base?.local, ours.local, theirs.local), theirs.local),
  };
}

function localOf(local: LocalFacts | undefined, theirs: LocalFacts | undefined): Pick<CachedSession, 'local'> {
  return local === undefined && theirs === undefined ? {} : { local };
}

const first = <T>(ours: T): T => ours;

const RANK: Readonly<Record<MessageStatus, number>> = { streaming: 0, interrupted: 1, error: 2, complete: 2 };

/** The whole beats a piece, a longer piece a shorter one; else this window's. */
function moreComplete(ours: Message, theirs: Message): Message {
  const difference = RANK[theirs.status] - RANK[ours.status];
  if (difference !== 0) return difference > 0 ? theirs : ours;
  return RANK[ours.status] < 2 && theirs.content.length > ours.content.length ? theirs : ours;
}

/**
 * Ours in our order; what only they have stands behind the one that it follows there. Something of `base` that one side no longer has was
 * removed by it, and stays removed.
 */
function mergeList<T>(
  base: readonly T[] | undefined,
  ours: readonly T[],
  theirs: readonly T[],
  key: (entry: T) => string,
  choose: (ours: T, theirs: T) => T,
): readonly T[] {
  if (ours === theirs || base === theirs) return ours;
  if (base === ours) return theirs;
  const known = new Map(base?.map((entry) => [key(entry), entry]));
  const our = new Map(ours.map((entry) => [key(entry), entry]));
  const their = new Map(theirs.map((entry) => [key(entry), entry]));
  const merged: T[] = [];
  /** Only theirs, by the key of the entry of ours that they follow; undefined = at the front. */
  const behind = new Map<string | undefined, T[]>();
  let anchor: string | undefined;
  for (const [id, entry] of their) {
    if (our.has(id)) anchor = id;
    else if (!known.has(id)) {
      const row = behind.get(anchor);
      if (row === undefined) behind.set(anchor, [entry]);
      else row.push(entry);
    }
  }
  const follow = (id: string | undefined): void => behind.get(id)?.forEach((entry) => merged.push(entry));
  follow(undefined);
  for (const [id, entry] of our) {
    const other = their.get(id);
    const before = known.get(id);
    if (other !== undefined) merged.push(entry === before ? other : other === before ? entry : choose(entry, other));
    else if (before === undefined || entry !== before) merged.push(entry);
    follow(id);
  }
  return merged;
}
