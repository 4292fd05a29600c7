/** How sessions end: Terminate (over for good; neither protocol has a word for it, so it is this machine that keeps to it) and deletion. */

import type { SecGeminiClient } from './client.ts';
import { SecGeminiError, isSecGeminiError } from './errors.ts';
import type { SessionManager } from './session-manager.ts';
import { isForeign } from './session-protocol.ts';
import type { SessionStore } from './session-store.ts';

interface EndParts {
  readonly sessions: Pick<SessionManager, 'client' | 'stop' | 'refreshSession' | 'state'>;
  readonly store: SessionStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * From the first moment on nothing more goes out for the session from here. What runs is stopped; a service with an archive puts it there, any
 * other keeps it until it expires. Rejects with what the service says; the session stays terminated.
 */
export async function terminate({ sessions, store, now }: EndParts, sessionId: string): Promise<void> {
  const state = store.get(sessionId);
  if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
  if (state.local?.terminatedAt !== undefined) return;
  // Of a temporary session nothing is to happen when its panel closes: it is over already.
  store.apply(sessionId, { type: 'local', facts: { terminatedAt: now(), temporary: undefined } });
  await sessions.stop(sessionId);
  const { client } = sessions;
  if (client === undefined || isForeign(state.info, client.protocol)) return;
  await client.archive?.setArchived(sessionId, true);
  await sessions.refreshSession(sessionId);
}

/** Deletes on the service; one that it no longer knows is deleted already. */
export async function deleteKnown(client: SecGeminiClient, sessionId: string): Promise<void> {
  try {
    await client.deleteSession(sessionId);
  } catch (error) {
    if (!isSecGeminiError(error, 'notFound') && !isSecGeminiError(error, 'expired')) throw error;
  }
}
