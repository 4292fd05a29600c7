/** v3's wire to the house's words: sessions, files, tool servers, public sessions. Pure. */

import type {
  Confirmation,
  JobCounts,
  McpServer,
  NamedItem,
  NewsEntry,
  PublicSession,
  SessionMcpServer,
  ToolClient,
} from '../../core/model-agent.ts';
import type { Attachment, ModelUsage, SessionInfo, Usage } from '../../core/model.ts';
import { sessionNameOf } from '../../core/session-name.ts';
import { toMessage, toMillis, toStatus } from './codec.ts';
import type * as Wire from './gen/api_hub_pb.js';
import { McpStatus } from './gen/api_hub_pb.js';

/** int64 of the wire; nobody counts beyond 2^53. */
function count(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** A copy without bigints, which no page and no export can take: they become text, as in proto3's JSON. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** A copy with its keys in one order at every depth: a Struct is a map, which comes in another order each time. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, inOrder(item)]),
  );
}

export function toUsage(wire: Wire.SessionAccountingInfo): Usage {
  return {
    promptTokens: count(wire.totalPromptTokens),
    generatedTokens: count(wire.totalCompletionTokens),
    thinkingTokens: count(wire.totalThinkingTokens),
    cachedTokens: count(wire.totalCachedPromptTokens),
    toolTokens: 0,
    totalTokens: count(wire.totalTokens),
    costUsd: cost(wire.totalEstimatedCostUsd),
  };
}

/** The model that answers, and the one that hard questions go to; one that was never called says nothing. */
function toModelUsage(wire: Wire.SessionAccountingInfo): ModelUsage[] {
  return [wire.baseModelUsage, wire.escalationModelUsage].flatMap((used) => {
    if (used === undefined || (used.modelName === '' && used.totalTokens === 0n)) return [];
    const usage: Usage = {
      promptTokens: count(used.promptTokens),
      generatedTokens: count(used.completionTokens),
      thinkingTokens: count(used.thinkingTokens),
      cachedTokens: count(used.cachedPromptTokens),
      toolTokens: 0,
      totalTokens: count(used.totalTokens),
      costUsd: cost(used.totalEstimatedCostUsd),
    };
    return [{ model: used.modelName, calls: count(used.invocations), usage }];
  });
}

const cost = (dollars: number): number => (Number.isFinite(dollars) ? Math.max(0, dollars) : 0);

/** `attachments`: as far as this client has asked for them. */
export function toSessionInfo(wire: Wire.SessionInfo, attachments?: readonly Attachment[]): SessionInfo {
  const createdAt = toMillis(wire.createdAt);
  const model = wire.accounting?.baseModelUsage?.modelName ?? '';
  return {
    id: wire.sessionId,
    protocol: 'v3',
    // Nobody has named it yet: the service does so with the first answer.
    name: wire.name.trim() === '' ? sessionNameOf(new Date(createdAt)) : wire.name,
    description: '',
    status: toStatus(wire.status),
    createdAt,
    // The list does not tell when a session was used last.
    updatedAt: createdAt,
    ...(wire.willBeDeletedAt > 0 ? { expiresAt: toMillis(wire.willBeDeletedAt) } : {}),
    ...(wire.accounting === undefined
      ? {}
      : { usage: toUsage(wire.accounting), modelUsage: toModelUsage(wire.accounting) }),
    ...(attachments === undefined ? {} : { attachments }),
    archived: wire.isArchived,
    published: wire.isPublished,
    ...(wire.isPublished && wire.publishedAt > 0 ? { publishedAt: toMillis(wire.publishedAt) } : {}),
    customName: wire.isCustomName,
    ...(model === '' ? {} : { model }),
    raw: plain(wire),
  };
}

export function toJobCounts(wire: Wire.ListSessionsResponse): JobCounts {
  return {
    running: wire.runningJobsCount,
    limit: wire.maxConcurrentJobs,
    teamRunning: wire.teamRunningJobsCount,
    teamLimit: wire.teamMaxConcurrentJobs,
  };
}

/** The name is the key within a session. `size`: as sent from here; the service does not tell it. */
export function toAttachment(wire: Wire.FileInfo, size?: number): Attachment {
  return {
    id: wire.filename,
    name: wire.filename,
    ...(wire.contentType === '' ? {} : { mimeType: wire.contentType }),
    ...(size === undefined ? {} : { size }),
  };
}

export function toConfirmation(wire: Wire.ToolCallConfirmationInfo): Confirmation {
  const args = inOrder(wire.toolArgs ?? {}) as Confirmation['args'];
  return { id: wire.id, toolName: wire.toolName, args, message: wire.message };
}

export function toMcpServer(wire: Wire.McpServer): McpServer {
  return { id: wire.id, name: wire.name, url: wire.uri };
}

const named = (wire: { readonly name: string; readonly description: string }): NamedItem => ({
  name: wire.name,
  description: wire.description,
});

export function toSessionMcpServer(wire: Wire.McpInfo): SessionMcpServer {
  const state =
    wire.status === McpStatus.MCP_RUNNING
      ? 'running'
      : wire.status === McpStatus.MCP_UNREACHABLE
        ? 'unreachable'
        : 'unknown';
  return {
    id: wire.id,
    name: wire.name,
    url: wire.uri,
    state,
    tools: wire.tools.map(named),
    skills: wire.skills.map(named),
  };
}

export function toToolClient(wire: Wire.ByotClientInfo): ToolClient {
  return {
    name: wire.name,
    lastSeenAt: toMillis(wire.lastSeen),
    active: wire.isActive,
    tools: wire.tools.map((tool) => ({ ...named(tool), source: tool.source })),
  };
}

export function toPublicSession(wire: Wire.GetPublicSessionResponse, sessionId: string): PublicSession {
  return {
    sessionId,
    title: wire.title,
    publishedAt: toMillis(wire.publishedAt),
    ...(wire.willBeDeletedAt > 0 ? { expiresAt: toMillis(wire.willBeDeletedAt) } : {}),
    ownerId: wire.ownerId,
    messages: wire.messages.map((message) => toMessage(message, sessionId)),
    attachments: wire.files.map((file) => toAttachment(file)),
    mcpIds: [...wire.mcpIds],
    skillIds: [...wire.skillIds],
  };
}

export function toNews(wire: Wire.GetWhatsNewResponse): NewsEntry[] {
  const entries = wire.entries.map((entry) => ({ version: count(entry.version), message: entry.message }));
  if (entries.length > 0 || wire.message === '') return entries;
  return [{ version: count(wire.version), message: wire.message }];
}
