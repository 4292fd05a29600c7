/** The panel's small state (everything but rows) from the session's state. Pure. */

import type { ApprovalEnd } from '../core/approval-end.ts';
import type { DeliveryState } from '../core/events.ts';
import { ratingsOf } from '../core/feedback.ts';
import { retryWords } from '../core/retry.ts';
import { readOnlyWords } from '../core/session-local.ts';
import { optionWords } from '../core/session-options.ts';
import type { SessionState } from '../core/session-state.ts';
import type { ApprovalView, PanelEnvironment, PanelStatus, Side, StatusWord } from './protocol.ts';

/**
 * The words of product.md. What the user must do comes before what the machine does, a lost link before the turn. Between turns v1 holds no
 * link at all: then the last answer of the service decides.
 */
export function statusWord(state: SessionState, { ready, connecting }: PanelEnvironment): StatusWord {
  const { turn, connection, info } = state;
  if (readOnlyWords(info.id, state.local) !== undefined) return 'Read only';
  const waits =
    turn.phase === 'waiting' ||
    info.status === 'waitingForConfirmation' ||
    info.status === 'waitingForClarification' ||
    (state.asks ?? 0) > 0;
  if (waits) return 'Waiting for you';
  if (connection === 'reconnecting') return 'Reconnecting';
  if (connection === 'connecting' || (!ready && connecting === true)) return 'Connecting';
  // It is for the reader to let it go on.
  if (turn.phase === 'working' && info.status === 'paused' && turn.asked === undefined) return 'Waiting for you';
  if (turn.phase !== 'idle') return 'Working';
  if (connection === 'connected') return 'Connected';
  if (state.connectionError !== undefined || !ready) return 'Offline';
  if (state.history === 'loaded') return 'Connected';
  return state.history === 'loading' ? 'Connecting' : 'Offline';
}

/** What is no part of the session's state. */
export interface Beside {
  readonly unreadFrom: number | undefined;
  readonly side: Side | undefined;
  readonly severalAgents: boolean;
  readonly approval: ApprovalView | undefined;
  readonly approvalEnds: Readonly<Record<string, ApprovalEnd>>;
}

/** The session's own choice, else the setting. */
export function showsReasoning({ local }: SessionState, environment: PanelEnvironment): boolean {
  return local?.showsReasoning ?? environment.showsReasoning ?? true;
}

export function panelStatus(
  state: SessionState,
  environment: PanelEnvironment,
  { unreadFrom, side, severalAgents, approval, approvalEnds }: Beside,
): PanelStatus {
  const { info, turn } = state;
  const readOnly = readOnlyWords(info.id, state.local);
  return {
    sessionId: info.id,
    name: info.name,
    sessionStatus: info.status,
    ...(readOnly === undefined ? {} : { readOnly }),
    word: statusWord(state, environment),
    connection: state.connection,
    retryInMs: state.retryInMs,
    connectionError: state.connectionError,
    ...(state.retry === undefined ? {} : { retry: { error: state.retry.error, words: retryWords(state.retry) } }),
    phase: turn.phase,
    asked: turn.asked,
    outcome: turn.outcome,
    history: state.history,
    historyError: state.historyError,
    files: state.attachments.map(({ id, name, size }) => ({ id, name, size })),
    pending: state.pending.map(({ id, name, size, sentBytes }) => ({ id, name, size, sentBytes })),
    queue: state.queue,
    delivery: needingWords(state.delivery),
    usage: info.usage,
    options: optionWords(state.options),
    modelUsage: info.modelUsage,
    question: info.status === 'waitingForClarification' ? questionOf(state) : undefined,
    approval: info.status === 'waitingForConfirmation' ? approval : undefined,
    ...(Object.keys(approvalEnds).length === 0 ? {} : { approvalEnds }),
    asksAlways: state.local?.asksAlways,
    showsReasoning: showsReasoning(state, environment),
    side,
    severalAgents,
    ratings: ratingsOf(state.local),
    unreadFrom,
    environment,
  };
}

function needingWords(delivery: SessionState['delivery']): Record<string, DeliveryState> {
  return Object.fromEntries(
    Object.entries(delivery).filter(([, how]) => how === 'sending' || how === 'unknown' || how === 'failed'),
  );
}

const QUESTION_CHARS = 20_000;

/** The question that waits: nothing that the user said came after it. */
function questionOf({ messages }: SessionState): string | undefined {
  const asked = messages.findLast(
    ({ kind }) => kind === 'clarificationRequest' || kind === 'prompt' || kind === 'clarificationResponse',
  );
  return asked?.kind === 'clarificationRequest' ? asked.content.slice(0, QUESTION_CHARS) : undefined;
}
