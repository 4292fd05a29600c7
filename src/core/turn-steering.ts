/** Pause and Continue of a running turn, with the state between asking and the service's word. Called by SessionManager only. */

import type { SecGeminiClient } from './client.ts';
import { SecGeminiError } from './errors.ts';
import type { SessionStore } from './session-store.ts';

/** Rejects with `invalidArgument` where the service cannot do it or was in no state for it; the state itself arrives on the stream. */
export async function steer(
  { client, store }: { readonly client: SecGeminiClient; readonly store: SessionStore },
  sessionId: string,
  what: 'pause' | 'continue',
): Promise<void> {
  const { turns } = client;
  if (turns === undefined)
    throw new SecGeminiError('invalidArgument', 'This service cannot pause a turn.', { action: 'Stop it instead.' });
  if (store.get(sessionId)?.turn.phase !== 'working') throw nothingTo(what);
  store.apply(sessionId, { type: 'asked', what });
  let taken = false;
  try {
    taken = await (what === 'pause' ? turns.pause(sessionId) : turns.resume(sessionId));
  } finally {
    if (!taken) store.apply(sessionId, { type: 'asked', what: undefined });
  }
  if (!taken) throw nothingTo(what);
}

function nothingTo(what: 'pause' | 'continue'): SecGeminiError {
  return new SecGeminiError(
    'invalidArgument',
    what === 'pause' ? 'Nothing runs that could be paused.' : 'Nothing is paused.',
    {
      action: 'Look at the state in the head of the panel.',
    },
  );
}
