/**
 * What an agent service can do beyond the common seam, in small groups. SecGeminiClient has each as an optional member: it is there exactly
 * when the service offers it. All calls reject with SecGeminiError only; `notFound` for a session that the service does not have.
 */

import type { CallOptions } from './client.ts';
import type { Disposable } from './disposable.ts';
import type { Event } from './emitter.ts';
import type { SecGeminiError } from './errors.ts';
import type {
  Confirmation,
  FilePage,
  McpServer,
  NewsEntry,
  PublicSession,
  SessionMcpServer,
  ToolClient,
} from './model-agent.ts';
import type { ToolCall, ToolResult } from './tools/call.ts';
import type { ForeignResource } from './tools/foreign.ts';
import type { ToolDefinition } from './tools/tool.ts';

/** Steers the running turn. Each resolves false when the session was in no state for it. The state itself arrives on the stream. */
export interface TurnControl {
  cancel(sessionId: string, options?: CallOptions): Promise<boolean>;
  pause(sessionId: string, options?: CallOptions): Promise<boolean>;
  resume(sessionId: string, options?: CallOptions): Promise<boolean>;
}

/** A turn that waits for a yes ends with outcome `waiting`; after `answer`, `listen` follows it to its end. */
export interface Approvals {
  /** Undefined when nothing waits. */
  pending(sessionId: string, options?: CallOptions): Promise<Confirmation | undefined>;
  /** False when that confirmation no longer waits: nothing was allowed then. */
  answer(sessionId: string, confirmationId: string, approved: boolean, options?: CallOptions): Promise<boolean>;
  /** Whether the session asks before every tool call. */
  setAlwaysAsk(sessionId: string, always: boolean, options?: CallOptions): Promise<void>;
}

export interface Archive {
  setArchived(sessionId: string, archived: boolean, options?: CallOptions): Promise<void>;
}

export interface SessionFiles {
  list(
    sessionId: string,
    options?: CallOptions & { readonly limit?: number | undefined; readonly pageToken?: string | undefined },
  ): Promise<FilePage>;
}

/** Tool servers: the account's own, and which of them a session uses. */
export interface McpServers {
  listAccount(options?: CallOptions): Promise<readonly McpServer[]>;
  add(name: string, url: string, options?: CallOptions): Promise<McpServer>;
  /** False when there was none with this id. */
  remove(id: string, options?: CallOptions): Promise<boolean>;
  listSession(sessionId: string, options?: CallOptions): Promise<readonly SessionMcpServer[]>;
  /** Replaces the session's servers by these URLs. */
  setSession(sessionId: string, urls: readonly string[], options?: CallOptions): Promise<void>;
}

export interface Skills {
  /** What the session's tool servers offer right now. */
  listSession(sessionId: string, options?: CallOptions): Promise<readonly SessionMcpServer[]>;
  /** Names of the account's own skills. */
  listUploaded(options?: CallOptions): Promise<readonly string[]>;
  upload(name: string, content: string, options?: CallOptions): Promise<void>;
  get(name: string, options?: CallOptions): Promise<string>;
  delete(name: string, options?: CallOptions): Promise<void>;
}

export interface ToolClients {
  /** `refresh` asks every active client for its tools first. */
  list(options?: CallOptions & { readonly refresh?: boolean | undefined }): Promise<readonly ToolClient[]>;
}

export interface Publishing {
  /** Makes a public read-only link and gives it. */
  publish(sessionId: string, options?: CallOptions): Promise<string>;
  unpublish(sessionId: string, options?: CallOptions): Promise<void>;
  /** Rejects with `notFound` for a session that is not public. */
  get(sessionId: string, options?: CallOptions): Promise<PublicSession>;
}

export interface News {
  list(options?: CallOptions): Promise<readonly NewsEntry[]>;
}

/** Who answers the calls of an agent: this machine's tools, behind the user's consent. */
export interface ToolServer {
  /** What is offered right now. */
  tools(): readonly ToolDefinition[];
  /** What may be read as skills; the call of `read_resource` reads one. */
  resources?(): readonly ForeignResource[];
  /** Never rejects. The same call id again gives the same result. */
  call(call: ToolCall): Promise<ToolResult>;
}

/** `refused`: the hub does not know the key; nothing is tried any more. */
export type ToolHubState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'waiting'; readonly retryInMs: number; readonly error: SecGeminiError }
  | { readonly kind: 'refused'; readonly error: SecGeminiError };

/** A registration at the tool hub; comes back by itself until it is disposed. */
export interface ToolHubLink extends Disposable {
  readonly name: string;
  readonly state: ToolHubState;
  readonly onDidChange: Event<ToolHubState>;
  retryNow(): void;
}

/** The tool hub of an agent service (v3, "Bring your own tools"). */
export interface ToolHubs {
  /** Scheme, host and port of the hub that belongs to the default service. */
  readonly defaultOrigin: string;
  /** Registers under a name. Throws `invalidArgument` for an address that may not be used; the caller has asked the user about its origin. */
  open(options: { readonly endpoint: string; readonly name: string; readonly server: ToolServer }): ToolHubLink;
}

/** Tools that a session itself carries (v1): calls come on its own stream. */
export interface SessionTools {
  /** What the service is told that this session offers; an empty list takes it back. */
  offer(sessionId: string, tools: readonly ToolDefinition[], options?: CallOptions): Promise<void>;
  /** Who answers calls from now on; undefined: nobody, and every call is refused. */
  serve(server: ToolServer | undefined): void;
}
