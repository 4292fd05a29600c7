/** What the parts of the API share: sessions by untrusted ids, and whether the caller is still allowed. */

import type { ApiSession } from '../../api/sec-gemini.d.ts';
import type { SessionState } from '../../core/session-state.ts';

export interface ApiAccess {
  /** What the user was told who asks. */
  readonly caller: string;
  /** Throws when access was taken back. */
  readonly check: () => void;
  /** Aborted when access was taken back: for what goes on by itself. */
  readonly revoked: AbortSignal;
  /** Checks; throws `notFound`. */
  readonly stateOf: (sessionId: unknown) => SessionState;
  /** The same with its transcript. */
  readonly opened: (sessionId: unknown) => Promise<SessionState>;
  /** A copy for the caller. */
  readonly shown: (sessionId: string) => ApiSession;
}
