/** What ApiHub answers to each request that is no stream. One account's calls; what it may not or cannot do is success=false. */
import { MessageType } from '../../client/v3/gen/api_hub_pb.js';
import type { SessionInfoSchema } from '../../client/v3/gen/api_hub_pb.js';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Account } from '../accounts.ts';
import type { Clock } from '../state/clock.ts';
import { Refusal } from '../state/model.ts';
import type { StoredFile, StoredSession } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import type { ToolHub } from '../tool-hub/hub.ts';
import { accountAnswer } from './account-requests.ts';
import type { Conversations } from './conversations.ts';
import { checkMcps, sessionMcps, BYOT_URI } from './mcps.ts';
import { pageOf } from './paging.ts';
import type { Room } from './room.ts';
import { dataOf, MOST_JOBS, toWire } from './shapes.ts';
import type { Asked, Payload } from './shapes.ts';

export interface RequestPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly hub: ToolHub;
  readonly conversations: Conversations;
  /** Where published sessions are read. */
  readonly publicUrl: (sessionId: string) => string;
}

export interface Request {
  readonly reqId: string;
  readonly sessionId: string;
  readonly asked: Asked;
}

/** Requests that Connect itself answers. */
type Streams = 'registerRequest' | 'streamMessagesRequest' | 'stopStreamMessagesRequest';
export type Plain = Exclude<Asked, { case: Streams }>;

/** A session's own payload as a message may carry it: the rest of a public session is left out, with a word about it. */
const MOST_PUBLIC_BYTES = 3_500_000;

/** Does what is asked. Throws Refusal; its words become the error_message where the answer has one. */
export async function answer(
  ports: RequestPorts,
  account: Account,
  request: Request & { readonly asked: Plain },
): Promise<Payload> {
  const { store, conversations } = ports;
  const { asked, reqId, sessionId } = request;
  switch (asked.case) {
    case 'createSessionRequest': {
      const { id } = conversations.create(account.id, asked.value.creationSource, reqId);
      return { case: 'createSessionResponse', value: { success: true, sessionId: id } };
    }
    case 'listSessionsRequest': {
      const { limit, pageToken, includeArchived } = asked.value;
      const all = conversations.list(account.id).filter((one) => includeArchived === true || !dataOf(one).archived);
      const places = all.map((session) => ({ id: session.id, at: session.createdAt, session }));
      const { items, nextPageToken } = pageOf(places, 'down', limit, pageToken);
      const jobs = { maxConcurrentJobs: MOST_JOBS, runningJobsCount: conversations.running(account.id) };
      const sessions = items.map(({ session }) => infoOf(session, conversations));
      return { case: 'listSessionsResponse', value: { success: true, sessions, ...next(nextPageToken), ...jobs } };
    }
    case 'getPublicSessionRequest':
      return { case: 'getPublicSessionResponse', value: publicSession(ports, asked.value.sessionId) };
    case 'deleteFileRequest': {
      const { sessionId: named, filename } = asked.value;
      const room = conversations.find(account.id, named === '' ? sessionId : named);
      if (room === undefined) return gone(named === '' ? sessionId : named);
      const file = room.session.files.find(({ name }) => name === filename);
      if (file === undefined) throw new Refusal(404, 'File not found.');
      store.removeFile(room.session, file.id);
      return { case: 'deleteFileResponse', value: { success: true } };
    }
    case 'listUserMcpsRequest':
    case 'addMcpRequest':
    case 'removeMcpRequest':
    case 'listSkillsRequest':
    case 'uploadSkillRequest':
    case 'getSkillRequest':
    case 'deleteSkillRequest':
    case 'listUploadedSkillsRequest':
    case 'listByotClientsRequest':
    case 'getWhatsNewRequest':
      return accountAnswer(ports, account, asked, reqId);
    default: {
      const room = conversations.find(account.id, sessionId);
      return room === undefined ? gone(sessionId) : sessionAnswer(ports, account, room, reqId, asked);
    }
  }
}

type AboutSession = Exclude<
  Plain,
  {
    case:
      | 'createSessionRequest'
      | 'listSessionsRequest'
      | 'getPublicSessionRequest'
      | 'deleteFileRequest'
      | Parameters<typeof accountAnswer>[2]['case'];
  }
>;

async function sessionAnswer(
  ports: RequestPorts,
  account: Account,
  room: Room,
  reqId: string,
  asked: AboutSession,
): Promise<Payload> {
  const { store, conversations, clock, hub } = ports;
  const { session } = room;
  const data = dataOf(session);
  switch (asked.case) {
    case 'promptRequest': {
      const { prompt: text, meta } = asked.value;
      const success = conversations.prompt(room, account, { text, meta, reqId });
      await journaled();
      return { case: 'promptResponse', value: { success } };
    }
    case 'deleteSessionRequest':
      store.remove(session);
      return { case: 'deleteSessionResponse', value: { success: true } };
    case 'archiveSessionRequest':
      store.update(session, { data: { ...data, archived: asked.value.unarchive !== true } });
      return { case: 'archiveSessionResponse', value: { success: true } };
    case 'renameSessionRequest':
      conversations.rename(room, asked.value.name);
      return { case: 'renameSessionResponse', value: { success: true } };
    case 'pauseSessionRequest':
      return { case: 'pauseSessionResponse', value: { success: conversations.pause(room) } };
    case 'resumeSessionRequest':
      return { case: 'resumeSessionResponse', value: { success: conversations.resume(room) } };
    case 'cancelSessionRequest':
      return { case: 'cancelSessionResponse', value: { success: conversations.cancel(room) } };
    case 'confirmActionRequest': {
      const { confirmationId, confirmationResponse } = asked.value;
      const success = conversations.confirm(room, confirmationId, confirmationResponse);
      await journaled();
      return { case: 'confirmActionResponse', value: { success } };
    }
    case 'setConfirmationConfigRequest':
      store.update(session, { data: { ...data, alwaysAsk: asked.value.alwaysAskForToolConfirmation } });
      return { case: 'setConfirmationConfigResponse', value: { success: true } };
    case 'getConfirmationInfoRequest': {
      const info = room.pending?.info;
      const value = info === undefined ? { success: false } : { success: true, confirmationInfo: info };
      return { case: 'getConfirmationInfoResponse', value };
    }
    case 'listFilesRequest': {
      const { limit, pageToken } = asked.value;
      const { items, nextPageToken } = pageOf(session.files, 'up', limit, pageToken);
      const files = items.map((file) => fileInfo(session, file));
      return { case: 'listFilesResponse', value: { success: true, files, ...next(nextPageToken) } };
    }
    case 'setMcpsRequest':
      store.update(session, { data: { ...data, mcps: checkMcps(asked.value.mcpServers) } });
      return { case: 'setMcpsResponse', value: { success: true } };
    case 'listMcpsRequest': {
      const clients = data.mcps.includes(BYOT_URI) ? await hub.list(account.id, false) : [];
      const tools = clients.filter(({ isActive }) => isActive).flatMap((client) => client.tools);
      const mcps = sessionMcps(store, account.id, data.mcps, tools);
      return { case: 'listMcpsResponse', value: { success: true, mcps } };
    }
    case 'publishSessionPubliclyRequest': {
      const { length } = session.messages;
      store.update(session, { data: { ...data, publishedAt: clock.now(), publishedCount: length } });
      const publicUrl = ports.publicUrl(session.id);
      return { case: 'publishSessionPubliclyResponse', value: { success: true, publicUrl } };
    }
    case 'unpublishSessionRequest':
      if (data.publishedAt === 0) throw new Refusal(404, 'The session is not published.');
      store.update(session, { data: { ...data, publishedAt: 0, publishedCount: 0 } });
      return { case: 'unpublishSessionResponse', value: { success: true } };
  }
}

const gone = (sessionId: string): Payload => ({ case: 'sessionNotFound', value: { sessionId } });

const next = (nextPageToken: string | undefined): { nextPageToken?: string } =>
  nextPageToken === undefined ? {} : { nextPageToken };

/** Whoever waited for a decision or an answer has written it down when this resolves. */
const journaled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function fileInfo({ id: sessionId }: StoredSession, { name, declaredType, mimeType }: StoredFile) {
  // There is nothing to download here, so there is no url.
  return { filename: name, contentType: declaredType ?? mimeType, url: '', sessionId };
}

/** Seconds since the epoch. */
const deletedAt = ({ updatedAt, ttlSeconds }: StoredSession): number => updatedAt / 1000 + (ttlSeconds ?? 0);

function infoOf(session: StoredSession, conversations: Conversations): MessageInitShape<typeof SessionInfoSchema> {
  const data = dataOf(session);
  const { promptTokens, thinkingTokens, toolCalls, invocations } = data.usage;
  // On this wire what was thought is part of what was generated.
  const completionTokens = data.usage.completionTokens + thinkingTokens;
  const total = promptTokens + completionTokens;
  const tokens = (count: number): bigint => BigInt(Math.round(count));
  return {
    sessionId: session.id,
    status: conversations.find(session.user, session.id)?.status ?? data.status,
    name: data.name,
    createdAt: session.createdAt / 1000,
    isPublished: data.publishedAt > 0,
    publishedMessageCount: data.publishedCount,
    publishedAt: data.publishedAt / 1000,
    willBeDeletedAt: deletedAt(session),
    // Estimates: there is no model here whose count, or bill, would be the true one.
    accounting: {
      totalToolCalls: tokens(toolCalls),
      totalPromptTokens: tokens(promptTokens),
      totalCompletionTokens: tokens(completionTokens),
      totalThinkingTokens: tokens(thinkingTokens),
      totalTokens: tokens(total),
      baseModelUsage: {
        invocations: tokens(invocations),
        promptTokens: tokens(promptTokens),
        completionTokens: tokens(completionTokens),
        thinkingTokens: tokens(thinkingTokens),
        totalTokens: tokens(total),
        modelName: 'local-sandbox (no model)',
      },
    },
    creationSource: data.source,
    isArchived: data.archived,
    isCustomName: data.customName,
  };
}

type Public = Extract<Payload, { case: 'getPublicSessionResponse' }>['value'];

/** A published session as plain text, for whoever opens its link; undefined when it is not public. */
export function publicText(store: Store, id: string): string | undefined {
  try {
    const { title = '', messages = [] } = publicSession({ store }, id);
    const parts = messages.map(({ messageType = 0, title: heading = '', content = '' }) => {
      const kind = MessageType[messageType] ?? String(messageType);
      return `== ${heading === '' ? kind : `${kind}: ${heading}`}\n${content}\n`;
    });
    return [`${title === '' ? id : title}\n(Published by the local sandbox.)\n`, ...parts].join('\n');
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Anybody may read what is published, as it was then. */
function publicSession({ store }: { readonly store: Store }, id: string): Public {
  const session = store.sessions().find((one) => one.id === id && one.protocol === 'v3');
  const data = session === undefined ? undefined : dataOf(session);
  if (session === undefined || data === undefined || data.publishedAt === 0)
    throw new Refusal(404, 'Session not found, or not public.');
  const messages = [];
  let bytes = 0;
  for (const message of session.messages.slice(0, data.publishedCount)) {
    const wire = toWire(session.id, message);
    bytes += Buffer.byteLength(wire.content) + Buffer.byteLength(wire.title) + 300;
    if (bytes > MOST_PUBLIC_BYTES) break;
    messages.push(wire);
  }
  return {
    success: true,
    title: data.name,
    publishedAt: data.publishedAt / 1000,
    messages,
    willBeDeletedAt: deletedAt(session),
    ownerId: session.user,
    mcpIds: [...data.mcps],
    files: session.files.map((file) => fileInfo(session, file)),
    ...(messages.length < data.publishedCount
      ? { errorMessage: `Only the first ${messages.length} of ${data.publishedCount} messages fit into one answer.` }
      : {}),
  };
}
