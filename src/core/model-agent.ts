/** The nouns that only an agent service has (v3): confirmations, tool servers, skills, tool clients, public sessions, news. */

import type { Attachment, Message } from './model.ts';

/** A tool call of the agent that waits for a yes or a no. Every text is untrusted. */
export interface Confirmation {
  /** What the answer has to name; another one changes nothing on the service. */
  readonly id: string;
  readonly toolName: string;
  /** The call's arguments as JSON values. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A tool or a skill by name. Untrusted text. */
export interface NamedItem {
  readonly name: string;
  readonly description: string;
}

/** A tool server (MCP) of the account. */
export interface McpServer {
  readonly id: string;
  readonly name: string;
  readonly url: string;
}

/** A tool server as one session sees it. */
export interface SessionMcpServer extends McpServer {
  /** `unknown` also for a state of the future. */
  readonly state: 'running' | 'unreachable' | 'unknown';
  readonly tools: readonly NamedItem[];
  readonly skills: readonly NamedItem[];
}

/** An editor or workstation that offers its tools to the account. */
export interface ToolClient {
  readonly name: string;
  /** Milliseconds since the epoch by the service's clock. */
  readonly lastSeenAt: number;
  readonly active: boolean;
  readonly tools: readonly (NamedItem & { readonly source: string })[];
}

/** How many jobs may run at once and how many do; undefined where the service does not tell. */
export interface JobCounts {
  readonly running?: number | undefined;
  readonly limit?: number | undefined;
  readonly teamRunning?: number | undefined;
  readonly teamLimit?: number | undefined;
}

/** A published session as anybody with the link sees it. */
export interface PublicSession {
  readonly sessionId: string;
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
  readonly expiresAt?: number | undefined;
  readonly ownerId: string;
  readonly messages: readonly Message[];
  readonly attachments: readonly Attachment[];
  readonly mcpIds: readonly string[];
  readonly skillIds: readonly string[];
}

/** One entry of the service's own news; `message` is untrusted Markdown. */
export interface NewsEntry {
  readonly version: number;
  readonly message: string;
}

export interface FilePage {
  readonly files: readonly Attachment[];
  readonly nextPageToken?: string | undefined;
}
