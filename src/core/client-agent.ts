/**
 * What an agent service can do beyond the common seam, in small groups. SecGeminiClient has each as an optional member: it is there exactly
 * when the service offers it. All calls reject with SecGeminiError only; `notFound` for a session that the service does not have.
 */

import type { CallOptions } from './client.ts';
import type {
  Confirmation,
  FilePage,
  McpServer,
  NewsEntry,
  PublicSession,
  SessionMcpServer,
  ToolClient,
} from './model-agent.ts';

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
