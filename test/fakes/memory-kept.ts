/** Kept sessions in memory, for tests: what the host keeps on disk. */

import type { CachedSession, SessionCache } from '../../src/core/session-cache.ts';
import type { KeptSessions } from '../../src/core/session-keeper.ts';

export function memoryKept(
  disk: Map<string, CachedSession> = new Map(),
): KeptSessions & { readonly disk: Map<string, CachedSession> } {
  const cache: SessionCache = {
    list: async () => [...disk.values()],
    heads: async () => [...disk.values()].map(({ messages, ...head }) => ({ ...head, messageCount: messages.length })),
    read: async (id) => disk.get(id),
    update: async (id, change) => {
      const next = change(disk.get(id), disk.has(id) ? undefined : 'absent');
      if (next !== undefined) disk.set(id, next);
      return disk.get(id);
    },
    remove: async (id) => void disk.delete(id),
    clear: async () => disk.clear(),
    openSent: () => undefined,
    keepSent: (_id, bytes) => bytes,
  };
  return {
    disk,
    cache,
    recorder: {
      remember: () => undefined,
      save: (session) => void disk.set(session.info.id, session),
      remove: async (id) => void disk.delete(id),
      flush: async () => undefined,
      discard: async () => undefined,
    },
  };
}
