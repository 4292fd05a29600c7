/** What a session's stream says, in the house's words. Codecs make these; only the reducer consumes them. */

import type { ErrorInfo } from './errors.ts';
import type { Attachment, Message, SessionInfo, SessionStatus, Usage } from './model.ts';

export type ConnectionState = 'offline' | 'connecting' | 'connected' | 'reconnecting';

/**
 * How a turn ended. `interrupted`: the link broke and history had no end; `stopped`: the user stopped listening or cancelled;
 * `waiting`: the turn was handed to the user (confirmation, clarification).
 */
export type TurnOutcome = 'completed' | 'failed' | 'stopped' | 'interrupted' | 'waiting';

/**
 * What is known of a prompt on its way. `unknown`: it left, the link broke, and history could not tell whether it arrived: the user decides,
 * it is never sent again by itself.
 */
export type DeliveryState = 'sending' | 'sent' | 'delivered' | 'unknown' | 'failed';

export type SessionEvent =
  /** A whole message: new, or in the place of the one with the same id, or of the one it `replaces`. */
  | { readonly type: 'message'; readonly message: Message; readonly replaces?: string | undefined }
  /** A part of a message that is still being written: `message` opens it with empty content the first time, `text` is appended. */
  | { readonly type: 'piece'; readonly message: Message; readonly text: string }
  | { readonly type: 'remove'; readonly messageId: string }
  | { readonly type: 'status'; readonly status: SessionStatus }
  | {
      readonly type: 'connection';
      readonly state: ConnectionState;
      readonly retryInMs?: number | undefined;
      readonly error?: ErrorInfo | undefined;
    }
  /** Something worth a line in the conversation that no message says, e.g. that three broken frames were skipped. */
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'delivery'; readonly promptId: string; readonly state: DeliveryState }
  | { readonly type: 'info'; readonly info: SessionInfo }
  | { readonly type: 'attachments'; readonly attachments: readonly Attachment[] }
  | { readonly type: 'turnEnd'; readonly outcome: TurnOutcome; readonly error?: ErrorInfo | undefined };
