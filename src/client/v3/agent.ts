/** The groups of calls that only v3 has (core/client-agent.ts), each a thin cover of one request. */

import type {
  Approvals,
  Archive,
  McpServers,
  News,
  Publishing,
  SessionFiles,
  Skills,
  ToolClients,
  TurnControl,
} from '../../core/client-agent.ts';
import type { CallOptions } from '../../core/client.ts';
import { type ErrorCode, SecGeminiError } from '../../core/errors.ts';
import type { Attachment } from '../../core/model.ts';
import {
  toConfirmation,
  toMcpServer,
  toNews,
  toPublicSession,
  toSessionMcpServer,
  toToolClient,
} from './codec-session.ts';
import type { FileInfo } from './gen/api_hub_pb.js';
import type { Hub } from './hub.ts';

export interface AgentPorts {
  readonly hub: Hub;
  readonly redact: (text: string) => string;
  /** A file of the list with what this client remembers of it. */
  readonly attachment: (sessionId: string, file: FileInfo) => Attachment;
}

export interface AgentCalls {
  readonly turns: TurnControl;
  readonly approvals: Approvals;
  readonly archive: Archive;
  readonly files: SessionFiles;
  readonly mcp: McpServers;
  readonly skills: Skills;
  readonly toolClients: ToolClients;
  readonly publishing: Publishing;
  readonly news: News;
}

export function agentCalls({ hub, redact, attachment }: AgentPorts): AgentCalls {
  const refuse = (what: string, said: string, code: ErrorCode = 'invalidArgument'): SecGeminiError =>
    new SecGeminiError(code, said === '' ? what : `${what.replace(/\.$/, '')}: ${redact(said.slice(0, 300))}`);
  const need = (success: boolean, what: string, said = ''): void => {
    if (!success) throw refuse(what, said);
  };
  const at = (sessionId: string, options: CallOptions | undefined) => ({ sessionId, signal: options?.signal });
  const account = (options: CallOptions | undefined) => ({ signal: options?.signal });

  return {
    turns: {
      async cancel(sessionId, options) {
        const ask = { case: 'cancelSessionRequest', value: {} } as const;
        return (await hub.request(ask, 'cancelSessionResponse', at(sessionId, options))).success;
      },
      async pause(sessionId, options) {
        const ask = { case: 'pauseSessionRequest', value: {} } as const;
        return (await hub.request(ask, 'pauseSessionResponse', at(sessionId, options))).success;
      },
      async resume(sessionId, options) {
        const ask = { case: 'resumeSessionRequest', value: {} } as const;
        return (await hub.request(ask, 'resumeSessionResponse', at(sessionId, options))).success;
      },
    },

    approvals: {
      async pending(sessionId, options) {
        const ask = { case: 'getConfirmationInfoRequest', value: {} } as const;
        const { success, confirmationInfo } = await hub.request(
          ask,
          'getConfirmationInfoResponse',
          at(sessionId, options),
        );
        return success && confirmationInfo !== undefined && confirmationInfo.id !== ''
          ? toConfirmation(confirmationInfo)
          : undefined;
      },
      async answer(sessionId, confirmationId, approved, options) {
        const value = { confirmationId, confirmationResponse: approved };
        const ask = { case: 'confirmActionRequest', value } as const;
        return (await hub.request(ask, 'confirmActionResponse', at(sessionId, options))).success;
      },
      async setAlwaysAsk(sessionId, always, options) {
        const value = { alwaysAskForToolConfirmation: always };
        const ask = { case: 'setConfirmationConfigRequest', value } as const;
        const { success } = await hub.request(ask, 'setConfirmationConfigResponse', at(sessionId, options));
        need(success, 'The service did not change when this session asks.');
      },
    },

    archive: {
      async setArchived(sessionId, archived, options) {
        const ask = { case: 'archiveSessionRequest', value: archived ? {} : { unarchive: true } } as const;
        const { success } = await hub.request(ask, 'archiveSessionResponse', at(sessionId, options));
        need(
          success,
          archived ? 'The service did not archive the session.' : 'The service did not take it out of the archive.',
        );
      },
    },

    files: {
      async list(sessionId, options) {
        const ask = { case: 'listFilesRequest', value: page(options) } as const;
        const { success, files, nextPageToken } = await hub.request(ask, 'listFilesResponse', at(sessionId, options));
        need(success, 'The service did not list the files.');
        return { files: files.map((file) => attachment(sessionId, file)), nextPageToken: nextPageToken || undefined };
      },
    },

    mcp: {
      async listAccount(options) {
        const ask = { case: 'listUserMcpsRequest', value: {} } as const;
        const { success, mcps } = await hub.request(ask, 'listUserMcpsResponse', account(options));
        need(success, 'The service did not list the tool servers.');
        return mcps.map(toMcpServer);
      },
      async add(name, url, options) {
        const ask = { case: 'addMcpRequest', value: { name, uri: url } } as const;
        const { success, mcp } = await hub.request(ask, 'addMcpResponse', account(options));
        if (!success || mcp === undefined) throw refuse('The service did not add the tool server.', '');
        return toMcpServer(mcp);
      },
      async remove(id, options) {
        const ask = { case: 'removeMcpRequest', value: { id } } as const;
        return (await hub.request(ask, 'removeMcpResponse', account(options))).success;
      },
      async listSession(sessionId, options) {
        const ask = { case: 'listMcpsRequest', value: {} } as const;
        const { success, mcps } = await hub.request(ask, 'listMcpsResponse', at(sessionId, options));
        need(success, 'The service did not list the tool servers of the session.');
        return mcps.map(toSessionMcpServer);
      },
      async setSession(sessionId, urls, options) {
        const value = { mcpServers: [...urls] };
        const { success } = await hub.request(
          { case: 'setMcpsRequest', value },
          'setMcpsResponse',
          at(sessionId, options),
        );
        need(success, 'The service did not change the tool servers of the session.');
      },
    },

    skills: {
      async listSession(sessionId, options) {
        const ask = { case: 'listSkillsRequest', value: {} } as const;
        const { success, mcps } = await hub.request(ask, 'listSkillsResponse', at(sessionId, options));
        need(success, 'The service did not list the skills.');
        return mcps.map(toSessionMcpServer);
      },
      async listUploaded(options) {
        const ask = { case: 'listUploadedSkillsRequest', value: {} } as const;
        const { success, names } = await hub.request(ask, 'listUploadedSkillsResponse', account(options));
        need(success, 'The service did not list the skills.');
        return names;
      },
      async upload(name, content, options) {
        const ask = { case: 'uploadSkillRequest', value: { name, content } } as const;
        const { success, errorMessage } = await hub.request(ask, 'uploadSkillResponse', account(options));
        need(success, 'The service did not take the skill.', errorMessage);
      },
      async get(name, options) {
        const ask = { case: 'getSkillRequest', value: { name } } as const;
        const { success, content, errorMessage } = await hub.request(ask, 'getSkillResponse', account(options));
        if (!success) throw refuse('The service does not have this skill.', errorMessage, 'notFound');
        return content;
      },
      async delete(name, options) {
        const ask = { case: 'deleteSkillRequest', value: { name } } as const;
        const { success, errorMessage } = await hub.request(ask, 'deleteSkillResponse', account(options));
        if (!success) throw refuse('The service did not delete the skill.', errorMessage, 'notFound');
      },
    },

    toolClients: {
      async list(options) {
        const ask = { case: 'listByotClientsRequest', value: { forceRefresh: options?.refresh === true } } as const;
        const { success, clients } = await hub.request(ask, 'listByotClientsResponse', account(options));
        need(success, 'The service did not list the tool clients.');
        return clients.map(toToolClient);
      },
    },

    publishing: {
      async publish(sessionId, options) {
        const ask = { case: 'publishSessionPubliclyRequest', value: {} } as const;
        const answer = await hub.request(ask, 'publishSessionPubliclyResponse', at(sessionId, options));
        need(answer.success, 'The service did not publish the session.', answer.errorMessage);
        if (answer.publicUrl === '')
          throw new SecGeminiError(
            'protocol',
            'The session is public now, and the service did not say under which link.',
            {
              action: 'Make it private again, or ask for the link once more.',
            },
          );
        return answer.publicUrl;
      },
      async unpublish(sessionId, options) {
        const ask = { case: 'unpublishSessionRequest', value: {} } as const;
        const answer = await hub.request(ask, 'unpublishSessionResponse', at(sessionId, options));
        need(answer.success, 'The service did not take the public link back.', answer.errorMessage);
      },
      async get(sessionId, options) {
        const ask = { case: 'getPublicSessionRequest', value: { sessionId } } as const;
        const answer = await hub.request(ask, 'getPublicSessionResponse', account(options));
        if (!answer.success) throw refuse('This session is not public.', answer.errorMessage, 'notFound');
        return toPublicSession(answer, sessionId);
      },
    },

    news: {
      async list(options) {
        const ask = { case: 'getWhatsNewRequest', value: {} } as const;
        const answer = await hub.request(ask, 'getWhatsNewResponse', account(options));
        need(answer.success, 'The service did not tell its news.', answer.errorMessage);
        return toNews(answer);
      },
    },
  };
}

/** Optional fields are left out rather than sent empty: the service tells the difference. */
export function page(
  options: { readonly limit?: number | undefined; readonly pageToken?: string | undefined } | undefined,
): {
  limit?: number;
  pageToken?: string;
} {
  return {
    ...(options?.limit === undefined ? {} : { limit: options.limit }),
    ...(options?.pageToken === undefined ? {} : { pageToken: options.pageToken }),
  };
}
