/** What the readers of session state (panel, tree, status) may see and ask. SessionManager implements it; fakes of the tests too. */

import type { Event } from './emitter.ts';
import type { SecGeminiError } from './errors.ts';
import type { PromptExtras } from './prompt-extras.ts';
import type { SessionAction, SessionState } from './session-state.ts';

/** One applied action with the state after it. Changes of one session come in order, none is left out. */
export interface SessionChange {
  readonly sessionId: string;
  readonly action: SessionAction;
  readonly state: SessionState;
}

export interface SessionModel {
  /** Undefined for a session that this window does not know. */
  state(sessionId: string): SessionState | undefined;
  readonly onDidChange: Event<SessionChange>;
  /** Loads history once and picks up a turn that still runs. Errors end up in the state, not in the promise. */
  open(sessionId: string): Promise<void>;
  /** Sends now, or queues behind the running turn. Rejects with `invalidArgument` for an empty text; the text is never lost otherwise. */
  send(sessionId: string, text: string, promptId?: string, asked?: PromptExtras): Promise<void>;
  /** Ends the running turn as far as the protocol can; resolves when the turn is over here. */
  stop(sessionId: string): Promise<void>;
  /** Holds the running turn, or lets it go on. Rejects with `invalidArgument` where that cannot be (v1, nothing runs). */
  steer(sessionId: string, what: 'pause' | 'continue'): Promise<void>;
  /** For a prompt whose delivery is `unknown` or `failed`, when the user says so: sends it again as a new prompt. */
  sendAgain(sessionId: string, promptId: string): Promise<void>;
  /** What stands in the composer; kept over reloads. */
  setDraft(sessionId: string, text: string): void;
  /** Takes a prompt out of the queue. Its text, or undefined when it is not there: then it was sent already. */
  removeQueued(sessionId: string, promptId: string): string | undefined;
  /** Sends a queued prompt before all others: the running turn is stopped for it, as far as the protocol can. */
  sendQueued(sessionId: string, promptId: string): Promise<void>;
  detach(sessionId: string, attachmentId: string): Promise<void>;
  markSeen(sessionId: string): void;
}

/** What happens to a session list as a whole. */
export type ListState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'failed'; readonly error: SecGeminiError };
