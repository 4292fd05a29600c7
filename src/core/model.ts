/** The nouns of the house: session, message, attachment, usage, account. Neither protocol's wire shapes appear here. */

import type { ErrorInfo } from './errors.ts';

export type Protocol = 'v1' | 'v3';

/** What a message is, whatever protocol it came by. `unknown` keeps a kind of the future: shown as text, never dropped. */
export type MessageKind =
  | 'prompt'
  | 'response'
  | 'agentResponse'
  | 'thinking'
  | 'toolCall'
  | 'toolResult'
  | 'info'
  | 'progress'
  | 'source'
  | 'error'
  | 'failure'
  | 'warning'
  | 'notice'
  | 'log'
  | 'debug'
  | 'confirmationRequest'
  | 'confirmationResponse'
  | 'clarificationRequest'
  | 'clarificationResponse'
  | 'taskList'
  | 'memory'
  | 'skillLoaded'
  | 'sessionName'
  | 'end'
  | 'unknown';

/** How the content wants to be drawn. The page decides what is safe; `unknown` is shown as source. */
export type RenderAs =
  'markdown' | 'text' | 'html' | 'json' | 'table' | 'graph' | 'timeline' | 'image' | 'code' | 'canvas' | 'unknown';

export type Sender = 'user' | 'agent' | 'system';

/** `interrupted`: the stream broke before the whole arrived; `error`: the service marked it as failed. */
export type MessageStatus = 'streaming' | 'complete' | 'interrupted' | 'error';

/** Token counts, as far as the service tells them. */
export interface Usage {
  readonly promptTokens: number;
  readonly generatedTokens: number;
  readonly thinkingTokens: number;
  readonly cachedTokens: number;
  readonly toolTokens: number;
  readonly totalTokens: number;
  /** The service's own estimate in US dollars. */
  readonly costUsd?: number | undefined;
}

/** What one model of a session used. */
export interface ModelUsage {
  /** As the service names it. Untrusted text. */
  readonly model: string;
  readonly calls: number;
  readonly usage: Usage;
}

export interface Message {
  readonly id: string;
  readonly sessionId: string;
  /** Id of the message it answers; undefined for a root. */
  readonly parentId?: string | undefined;
  /** The service's turn counter (v1). */
  readonly turn?: number | undefined;
  /** v1's group id: what feedback and bug reports refer to. */
  readonly group?: string | undefined;
  readonly kind: MessageKind;
  readonly sender: Sender;
  /** Name of the agent or component that speaks, as the service gave it. Untrusted text. */
  readonly author: string;
  /** Title as the service gave it; for a tool call the tool's name. Untrusted text. */
  readonly title: string;
  /** Text; for `image` base64 of the bytes. Untrusted. */
  readonly content: string;
  readonly render: RenderAs;
  readonly mimeType: string;
  readonly status: MessageStatus;
  /** What the service says it does at this point (v1 `state`), e.g. `calling_tool`; kept as it came. */
  readonly activity?: string | undefined;
  /** Milliseconds since the epoch by the service's clock; for showing only, never for order. */
  readonly createdAt: number;
  readonly usage?: Usage | undefined;
  /** Present on `error` and `failure`. */
  readonly error?: ErrorInfo | undefined;
  /** The message as it came over the wire, unknown fields included (for export and the message tree). */
  readonly raw?: unknown;
}

/** A file that the service holds in a session. */
export interface Attachment {
  /** Stable within its session: v1 has none on the wire, the client derives it from name, hash and occurrence. */
  readonly id: string;
  readonly name: string;
  /** Bytes; undefined where the service does not tell (v3) and it was not sent from here. */
  readonly size?: number | undefined;
  /** Lower-case hex; undefined where nobody told. */
  readonly sha256?: string | undefined;
  readonly mimeType?: string | undefined;
  /** The service's own guess of the content, e.g. `python`. Untrusted text. */
  readonly contentLabel?: string | undefined;
}

/** All states a session can be in, by both protocols. v1 knows `idle`, `running`, `failed` and `expired` only. */
export type SessionStatus =
  | 'idle'
  | 'pending'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'canceling'
  | 'canceled'
  | 'completed'
  | 'failed'
  | 'waitingForConfirmation'
  | 'waitingForClarification'
  | 'maxAttemptsExceeded'
  | 'expired'
  | 'deleted'
  | 'unknown';

/** A session as the list shows it. */
export interface SessionInfo {
  readonly id: string;
  readonly protocol: Protocol;
  readonly name: string;
  readonly description: string;
  readonly status: SessionStatus;
  /** Milliseconds since the epoch by the service's clock. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the service will forget it: v1 update_time + ttl, v3 will_be_deleted_at. */
  readonly expiresAt?: number | undefined;
  /** Seconds; v1 only. */
  readonly ttlSeconds?: number | undefined;
  /** False = the service does not log this session. Undefined where the protocol does not tell. */
  readonly logging?: boolean | undefined;
  readonly messageCount?: number | undefined;
  readonly usage?: Usage | undefined;
  /** The same by model, where the service tells. */
  readonly modelUsage?: readonly ModelUsage[] | undefined;
  /** Undefined = not told with the list; ask for the session. */
  readonly attachments?: readonly Attachment[] | undefined;
  readonly archived?: boolean | undefined;
  /** True while a public link exists. */
  readonly published?: boolean | undefined;
  /** Milliseconds since the epoch: since when. */
  readonly publishedAt?: number | undefined;
  /** True when a person chose the name: the agent's names no longer count. */
  readonly customName?: boolean | undefined;
  readonly language?: string | undefined;
  readonly model?: string | undefined;
  readonly raw?: unknown;
}

export interface ModelDescription {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly experimental: boolean;
}

/** Who the key belongs to and what it may do. */
export interface Account {
  readonly userId: string;
  readonly organisation?: string | undefined;
  /** True: the account never logs, whatever a session asks for. */
  readonly neverLogs?: boolean | undefined;
  readonly mayDisableLogging?: boolean | undefined;
  /** Milliseconds since the epoch. */
  readonly keyExpiresAt?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly models: readonly ModelDescription[];
}

/** What the other side can do. The house offers by capability, never by protocol name. */
export interface Capabilities {
  /** Cancelling reaches the service (v3). Without it, Stop only stops listening. */
  readonly cancel: boolean;
  readonly pause: boolean;
  readonly rename: boolean;
  readonly editDescription: boolean;
  readonly editTtl: boolean;
  readonly archive: boolean;
  /** Prompts carry the options of `session-options.ts` (v3). */
  readonly promptOptions?: boolean | undefined;
  /** The service finds a name by itself for a session that nobody named (v3). */
  readonly namesSessions?: boolean | undefined;
  readonly publish: boolean;
  readonly feedback: boolean;
  readonly logs: boolean;
  readonly loggingChoice: boolean;
  readonly partialMessages: boolean;
  readonly confirmations: boolean;
  /** A session can be told to ask before every tool call (v3). */
  readonly alwaysAsk?: boolean | undefined;
  readonly mcpServers: boolean;
  readonly skills: boolean;
  /** Largest attachment that one request can carry by default, in bytes. */
  readonly maxAttachmentBytes: number;
}
