/** One question and what came of it, for whoever waits for the whole answer: the API, Ask Sec-Gemini…, questions over many files. */

import { SecGeminiError } from './errors.ts';
import type { PromptExtras } from './prompt-extras.ts';
import type { SessionManager } from './session-manager.ts';
import type { SessionState } from './session-state.ts';

type Sessions = Pick<SessionManager, 'onDidChange' | 'send' | 'state' | 'stop' | 'removeQueued'>;

export interface AskOptions {
  /** A uuid of the caller's. */
  readonly promptId: string;
  /** What the answer has to keep to. */
  readonly asked?: PromptExtras | undefined;
  /** Takes the question out of the queue, or stops its turn as far as the protocol can. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends, or queues behind the running turn, and resolves with the session's state at the end of the question's own turn, however it ended.
 * Rejects when it could not be sent, and with `cancelled` when it was taken out of the queue.
 */
export async function askOnce(
  sessions: Sessions,
  sessionId: string,
  text: string,
  { promptId, asked, signal }: AskOptions,
): Promise<SessionState> {
  const { promise, resolve, reject } = Promise.withResolvers<SessionState>();
  let sent = false;
  const isGone = (): boolean => {
    const state = sessions.state(sessionId);
    return state === undefined || (state.turn.promptId !== promptId && !state.queue.some(({ id }) => id === promptId));
  };
  const listener = sessions.onDidChange(({ sessionId: changed, action, state }) => {
    if (changed !== sessionId) return;
    if (action.type === 'turnEnd' && state.turn.promptId === promptId) resolve(state);
    // Out of the queue: to be sent right now, or taken out.
    else if (action.type === 'queue' && sent) queueMicrotask(() => isGone() && reject(takenOut()));
  });
  const stop = (): void => {
    if (sessions.state(sessionId)?.turn.promptId === promptId) void sessions.stop(sessionId);
    else if (sessions.removeQueued(sessionId, promptId) !== undefined) reject(takenOut());
  };
  try {
    signal?.throwIfAborted();
    await sessions.send(sessionId, text, promptId, asked);
    sent = true;
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    return await promise;
  } finally {
    listener.dispose();
    signal?.removeEventListener('abort', stop);
  }
}

function takenOut(): SecGeminiError {
  return new SecGeminiError('cancelled', 'The prompt was taken out of the queue.');
}
