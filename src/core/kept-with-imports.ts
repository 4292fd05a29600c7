/** What is kept of one account together with the sessions that were imported from files, which belong to no account. */

import type { CachedSession, SessionCache } from './session-cache.ts';
import type { KeptSessions, SessionRecorder } from './session-keeper.ts';
import { isImportedId } from './session-local.ts';

/** Routes by session id. Signing out (`clear`, `discard` of the account) leaves the imported ones alone. */
export function keptWithImports(account: KeptSessions | undefined, imports: KeptSessions): KeptSessions {
  if (account === undefined) return imports;
  const cacheOf = (id: string): SessionCache => (isImportedId(id) ? imports : account).cache;
  const recorderOf = (id: string): SessionRecorder => (isImportedId(id) ? imports : account).recorder;
  const idOf = ({ info }: CachedSession): string => info.id;
  return {
    cache: {
      list: async () => [...(await account.cache.list()), ...(await imports.cache.list())],
      heads: async () => [...(await account.cache.heads()), ...(await imports.cache.heads())],
      read: (id) => cacheOf(id).read(id),
      update: (id, change) => cacheOf(id).update(id, change),
      remove: (id) => cacheOf(id).remove(id),
      clear: () => account.cache.clear(),
      openSent: (id, sha256) => cacheOf(id).openSent(id, sha256),
      keepSent: (id, bytes) => cacheOf(id).keepSent(id, bytes),
    },
    recorder: {
      remember: (session) => recorderOf(idOf(session)).remember(session),
      save: (session) => recorderOf(idOf(session)).save(session),
      remove: (id) => recorderOf(id).remove(id),
      flush: async () => {
        await Promise.all([account.recorder.flush(), imports.recorder.flush()]);
      },
      discard: async () => {
        await imports.recorder.flush();
        await account.recorder.discard();
      },
    },
  };
}
