/** What is said about and in front of a conversation, through the API: feedback, bug reports, domains, instructions, trees and details. */

import type { SecGeminiApi } from '../../api/sec-gemini.d.ts';
import { apiNodes } from '../../core/api-events.ts';
import { MAX_FEEDBACK_CHARS } from '../../core/feedback.ts';
import { messageNodes, messageTree } from '../../core/message-tree.ts';
import { sessionDetails } from '../../core/session-details.ts';
import { requireLive } from '../../core/session-local.ts';
import { isLocal } from '../../core/session-state.ts';
import { sessionRow } from '../../core/session-tree.ts';
import type { Services } from '../services.ts';
import type { ApiAccess } from './api-access.ts';
import { bad, text } from './api-arguments.ts';

type WordCalls = Pick<
  SecGeminiApi,
  'messageTree' | 'details' | 'feedback' | 'reportBug' | 'setDomain' | 'setInstructions' | 'previewInstructions'
>;

const MODES: ReadonlySet<unknown> = new Set(['default', 'append', 'replace']);

export function wordCalls(services: Services, { stateOf, opened, caller }: ApiAccess): WordCalls {
  const { sessions, domains, feedback } = services;
  const live = (sessionId: unknown): string => {
    const { id } = stateOf(sessionId).info;
    requireLive(id);
    return id;
  };

  return {
    messageTree: async (sessionId) => {
      const { info, messages: all } = await opened(sessionId);
      const messages = all.filter((message) => !isLocal(message));
      return { roots: apiNodes(messageNodes(messages)), text: messageTree(info.name, messages) };
    },
    details: async (sessionId) => {
      const state = await opened(sessionId);
      return sessionDetails(state, sessionRow(state, Date.now(), sessions.client?.protocol).facts ?? []);
    },
    feedback: async (sessionId, messageId, score, { comment = '' } = {}) => {
      const { info } = await opened(sessionId);
      if (score !== 1 && score !== -1) throw bad('score', 'has to be 1 or -1');
      const words = text('comment', comment, MAX_FEEDBACK_CHARS, true);
      return (await feedback.rate(info.id, messageId, score === 1 ? 'up' : 'down', words)).outcome;
    },
    reportBug: async (sessionId, bug, { messageId } = {}) => {
      const { info } = await opened(sessionId);
      return (await feedback.report(info.id, messageId, text('bug', bug, MAX_FEEDBACK_CHARS), caller)) ?? 'refused';
    },
    setDomain: async (sessionId, domainId) => {
      const id = live(sessionId);
      await domains.choose(id, text('domainId', domainId, 300));
    },
    setInstructions: async (sessionId, { mode, text: words }) => {
      const id = live(sessionId);
      if (!MODES.has(mode)) throw bad('mode', 'has to be default, append or replace');
      await domains.setInstructions(id, { mode, text: text('text', words, 1_000_000, true) });
    },
    previewInstructions: async (sessionId) => {
      const resolved = await domains.resolve(stateOf(sessionId).info.id);
      return { text: resolved.text, notes: [...resolved.notes] };
    },
  };
}
