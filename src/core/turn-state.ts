/** What a turn does to a session beside its messages: a prompt that was not taken, a new name, what it cost. Pure parts of the reducer. */

import type { Message, SessionInfo, Usage } from './model.ts';
import type { SessionState, TurnState } from './session-state.ts';

/** The service took no such prompt: it goes back to where it can be sent from, with the reason, and is no part of the conversation. */
export function withRejected(state: SessionState, promptId: string, reason: string): SessionState {
  const prompt = state.messages.find((message) => message.id === promptId);
  if (prompt === undefined) return state;
  const { [promptId]: _gone, ...delivery } = state.delivery;
  return {
    ...state,
    messages: state.messages.filter((message) => message !== prompt),
    delivery,
    queue: [{ id: promptId, text: prompt.content, reason }, ...state.queue.filter(({ id }) => id !== promptId)],
  };
}

/** What was asked of a turn, until the service's word for it comes: a state repeated from before is none. */
export function stillAsked(asked: TurnState['asked'], status: SessionInfo['status']): TurnState['asked'] {
  const before: readonly SessionInfo['status'][] =
    asked === 'pause' ? ['pending', 'running', 'pausing'] : ['pausing', 'paused'];
  return before.includes(status) ? asked : undefined;
}

/** A name that a person chose stays, whatever the agent finds later; the flag is kept with the session. */
export function renamedBy(info: SessionInfo, message: Message): SessionInfo {
  const byUser = message.sender === 'user';
  const name = message.content.trim();
  if (name === '' || (info.customName === true && !byUser)) return info;
  if (name === info.name && info.customName === byUser) return info;
  return { ...info, name, customName: byUser };
}

/** Notes on the turn's last answer what the session's counts grew by: a service may count for the session only. */
export function withTurnUsage(state: SessionState): SessionState {
  const { usageBefore, promptId, ...turn } = state.turn;
  const { usage } = state.info;
  if (turn.phase !== 'idle' || usageBefore === undefined || usage === undefined) return state;
  const grown = difference(usage, usageBefore);
  if (grown.totalTokens <= 0) return state;
  const settled = { ...state, turn: { ...turn, promptId } };
  const prompt = state.messages.findLastIndex(({ kind }) => kind === 'prompt');
  const at = state.messages.findLastIndex(({ kind }) => kind === 'response');
  const answer = state.messages[at];
  if (answer === undefined || at < prompt || answer.usage !== undefined) return settled;
  const messages = state.messages.slice();
  messages[at] = { ...answer, usage: grown };
  return { ...settled, messages };
}

function difference(now: Usage, before: Usage): Usage {
  const cost = (now.costUsd ?? 0) - (before.costUsd ?? 0);
  return {
    promptTokens: Math.max(0, now.promptTokens - before.promptTokens),
    generatedTokens: Math.max(0, now.generatedTokens - before.generatedTokens),
    thinkingTokens: Math.max(0, now.thinkingTokens - before.thinkingTokens),
    cachedTokens: Math.max(0, now.cachedTokens - before.cachedTokens),
    toolTokens: Math.max(0, now.toolTokens - before.toolTokens),
    totalTokens: now.totalTokens - before.totalTokens,
    ...(cost > 0 ? { costUsd: cost } : {}),
  };
}

/** What a turn's counts are compared with; a session that was never asked anything counts from nothing. */
export function usageAtStart({ info, messages }: SessionState): Usage | undefined {
  if (info.usage !== undefined || messages.length > 0) return info.usage;
  return {
    promptTokens: 0,
    generatedTokens: 0,
    thinkingTokens: 0,
    cachedTokens: 0,
    toolTokens: 0,
    totalTokens: 0,
  };
}

/** The service's history has no counts of turns: those that were noted here stay. */
export function keepUsage(history: readonly Message[], known: readonly Message[]): readonly Message[] {
  const noted = new Map(known.filter(({ usage }) => usage !== undefined).map(({ id, usage }) => [id, usage]));
  if (noted.size === 0) return history;
  return history.map((message) =>
    message.usage === undefined && noted.has(message.id) ? { ...message, usage: noted.get(message.id) } : message,
  );
}

/** States of a turn that runs here; its stream knows them first. */
const IN_HAND: ReadonlySet<SessionInfo['status']> = new Set(['pending', 'pausing', 'paused', 'canceling']);

/**
 * The service's word on a session, but for its status where this window knows better: a list, or what a client remembers, may be older than
 * the stream.
 */
export function infoBeside(state: SessionState, info: SessionInfo): SessionInfo {
  const status = statusBeside(state, info);
  return status === info.status ? info : { ...info, status };
}

function statusBeside({ info: known, turn }: SessionState, info: SessionInfo): SessionInfo['status'] {
  if (turn.phase === 'working' || turn.phase === 'stopping')
    return IN_HAND.has(known.status) ? known.status : 'running';
  const runs = info.status === 'running';
  // v1 has no word for a session that waits for an answer: what its stream said stays true until the turn goes on.
  if (turn.phase === 'waiting' && info.protocol === 'v1' && (runs || info.status === 'idle')) return known.status;
  // After Stop nobody listens any more: that the service still works (v1 cannot cancel) is said in the conversation, not by a wheel.
  return turn.outcome === 'stopped' && runs ? 'idle' : info.status;
}
