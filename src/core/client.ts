/** The one seam between the house and the wire. Both protocols and the fakes of the tests implement it. */

import type {
  Approvals,
  Archive,
  McpServers,
  News,
  Publishing,
  SessionFiles,
  SessionTools,
  Skills,
  ToolClients,
  ToolHubs,
  TurnControl,
} from './client-agent.ts';
import type { SessionEvent } from './events.ts';
import type { JobCounts } from './model-agent.ts';
import type { Account, Attachment, Capabilities, Message, Protocol, SessionInfo } from './model.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface CreateSessionOptions {
  /** Generated when missing. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Seconds, at least 300; default 86400 on v1. */
  readonly ttlSeconds?: number | undefined;
  /** False asks the service not to log; refused where the account may not. */
  readonly logging?: boolean | undefined;
  /** v1: a model string of the account; default its first one that is not experimental. */
  readonly model?: string | undefined;
  /** v1: ISO code; default `en`. */
  readonly language?: string | undefined;
}

export interface SessionPatch {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly ttlSeconds?: number | undefined;
}

export interface ListSessionsOptions extends CallOptions {
  readonly limit?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly includeArchived?: boolean | undefined;
}

export interface SessionPage {
  readonly sessions: readonly SessionInfo[];
  readonly nextPageToken?: string | undefined;
  readonly jobs?: JobCounts | undefined;
}

/** Bytes on their way out. `open` may be called again after a failed try; each call gives the same bytes from the start. */
export interface Upload {
  readonly name: string;
  readonly mimeType?: string | undefined;
  /** Exact number of bytes that `open` yields; a source that yields another number makes the attach fail. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

export interface AttachOptions extends CallOptions {
  /** Bytes of the file handed to the network so far. */
  readonly onProgress?: ((sentBytes: number) => void) | undefined;
}

export interface Prompt {
  /** Made by the caller (uuid); on v1 it is the id of the query on the wire, on v3 the local id until the echo arrives. */
  readonly id: string;
  readonly text: string;
  /** v3 prompt meta; ignored on v1. */
  readonly meta?: Readonly<Record<string, string>> | undefined;
  /** True: the user turned on that `sys_*` keys of the meta, which describe this machine, go along. Without it they never leave. */
  readonly systemInfo?: boolean | undefined;
}

export interface FeedbackOptions extends CallOptions {
  readonly groupId?: string | undefined;
}

export interface LogsOptions extends AttachOptions {
  /** Base URL of the logs service; default the one that the client was made with. The caller has asked the user about its origin. */
  readonly service?: string | undefined;
  /** Destination field -> source field, where the log does not use the service's names. */
  readonly fieldsMapping?: Readonly<Record<string, string>> | undefined;
  /** The upload was cut and starts again from the beginning; `attempt` counts from 1. */
  readonly onRestart?: ((attempt: number) => void) | undefined;
}

export interface LogsResult {
  /** What the log is known by on the service. */
  readonly hash: string;
  readonly insertedLines: number;
  /** True: the service held this log already, nothing was sent. */
  readonly alreadyThere: boolean;
}

/**
 * A signed-in connection to one origin with one key. All calls reject with SecGeminiError only. Streams are async iterables that end with
 * exactly one `turnEnd` (when a turn was running), never throw after their first event, and stop when their signal is aborted.
 */
export interface SecGeminiClient {
  readonly protocol: Protocol;
  /** Scheme, host and port; the API key belongs to it. */
  readonly origin: string;
  readonly capabilities: Capabilities;

  /** Checks the key and tells who it belongs to. */
  account(options?: CallOptions): Promise<Account>;
  listSessions(options?: ListSessionsOptions): Promise<SessionPage>;
  /** Rejects with `notFound` (or `expired`). The result names its attachments. */
  getSession(sessionId: string, options?: CallOptions): Promise<SessionInfo>;
  createSession(options: CreateSessionOptions, call?: CallOptions): Promise<SessionInfo>;
  updateSession(sessionId: string, patch: SessionPatch, options?: CallOptions): Promise<SessionInfo>;
  deleteSession(sessionId: string, options?: CallOptions): Promise<void>;

  attach(sessionId: string, upload: Upload, options?: AttachOptions): Promise<Attachment>;
  /** Finds the attachment by id on the service at that moment; `notFound` when it is gone. */
  detach(sessionId: string, attachmentId: string, options?: CallOptions): Promise<void>;

  /** Every message of the session, oldest first, end marks included. */
  history(sessionId: string, options?: CallOptions): Promise<readonly Message[]>;
  /** Sends one prompt and yields what happens until the turn ends. The prompt goes out at most once, whatever breaks. */
  stream(sessionId: string, prompt: Prompt, options?: CallOptions): AsyncIterable<SessionEvent>;
  /** Listens without sending: picks up a turn that still runs. `knownIds` are not yielded again. Ends at the turn's end. */
  listen(
    sessionId: string,
    options?: CallOptions & { readonly knownIds?: ReadonlySet<string> | undefined },
  ): AsyncIterable<SessionEvent>;

  /** `score` as the user gave it; v1 only, see capabilities.feedback. */
  sendFeedback?(sessionId: string, score: number, comment: string, options?: FeedbackOptions): Promise<void>;
  sendBugReport?(sessionId: string, bug: string, options?: FeedbackOptions): Promise<void>;

  /** Sends a log of JSON lines to the logs service and binds it to the session; see capabilities.logs. */
  attachLogs?(sessionId: string, upload: Upload, options?: LogsOptions): Promise<LogsResult>;
  /** Ends every wait before a reconnect now: the user asked for it, or the network is back. */
  retryNow?(): void;

  readonly turns?: TurnControl;
  readonly approvals?: Approvals;
  readonly archive?: Archive;
  readonly files?: SessionFiles;
  readonly mcp?: McpServers;
  readonly skills?: Skills;
  readonly toolClients?: ToolClients;
  readonly toolHub?: ToolHubs;
  readonly sessionTools?: SessionTools;
  readonly publishing?: Publishing;
  readonly news?: News;

  /** Closes every connection at once; running calls reject with `cancelled`. Safe to call twice. */
  close(): Promise<void>;
}
