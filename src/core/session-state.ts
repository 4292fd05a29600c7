/** The state of one session and the only function that changes it: (state, action) -> state, pure, the same on both protocols. */

import type { ErrorInfo } from './errors.ts';
import type { ConnectionState, DeliveryState, SessionEvent, TurnOutcome } from './events.ts';
import type { Attachment, Message, SessionInfo, Usage } from './model.ts';
import { own } from './own.ts';
import type { AttachmentOrigin, CachedSession } from './session-cache.ts';
import type { Retry } from './retry.ts';
import {
  infoBeside,
  keepUsage,
  renamedBy,
  stillAsked,
  usageAtStart,
  withRejected,
  withTurnUsage,
} from './turn-state.ts';
import { withKnownFacts } from './attachment-facts.ts';
import { type LocalFacts, withFacts } from './session-local.ts';
import type { SessionOptions } from './session-options.ts';

/** The turn that runs or ran last. `stopping`: Stop was pressed and the service has not confirmed yet (v3). */
export interface TurnState {
  readonly phase: 'idle' | 'working' | 'stopping' | 'waiting';
  readonly promptId?: string | undefined;
  /** Pause or Continue was pressed and the service has not confirmed yet (v3). */
  readonly asked?: 'pause' | 'continue' | undefined;
  /** The session's counts when the turn began, until what it cost is known. */
  readonly usageBefore?: Usage | undefined;
  /** Of the last turn, once it ended. */
  readonly outcome?: TurnOutcome | undefined;
  readonly error?: ErrorInfo | undefined;
}

/** A file on its way to the service. */
export interface PendingAttachment {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly sentBytes: number;
}

/** A prompt that waits for the running turn to end. */
export interface QueuedPrompt {
  readonly id: string;
  readonly text: string;
  /** Why the service did not take it when it was sent. */
  readonly reason?: string | undefined;
}

/** `changed`: its bytes differ from what was attached; `gone`: it is no longer there. */
export type SourceState = 'changed' | 'gone';

export interface SessionState {
  readonly info: SessionInfo;
  /** In the order of arrival, the service's order after history was loaded. Local notes have ids that start with `local:`. */
  readonly messages: readonly Message[];
  readonly attachments: readonly Attachment[];
  readonly pending: readonly PendingAttachment[];
  readonly queue: readonly QueuedPrompt[];
  /** What stands in the composer. */
  readonly draft: string;
  /** Where the attachments that left from this machine came from. */
  readonly origins: readonly AttachmentOrigin[];
  /** By attachment id: what became of the source since it was attached. Looked up in this window, not kept. */
  readonly sources?: Readonly<Record<string, SourceState>> | undefined;
  readonly connection: ConnectionState;
  /** Milliseconds until the next try, while reconnecting. */
  readonly retryInMs?: number | undefined;
  readonly connectionError?: ErrorInfo | undefined;
  /** A call of this session failed and waits for its next try. */
  readonly retry?: Retry | undefined;
  readonly turn: TurnState;
  /** By prompt id; only prompts sent from here. */
  readonly delivery: Readonly<Record<string, DeliveryState>>;
  readonly history: 'none' | 'loading' | 'loaded' | 'failed';
  readonly historyError?: ErrorInfo | undefined;
  /** What goes along with each prompt; undefined = nothing was ever chosen, empty = nothing any more. */
  readonly options?: SessionOptions | undefined;
  /** Messages that came while nobody looked. */
  readonly unread: number;
  /** What only this machine knows of the session. */
  readonly local?: LocalFacts | undefined;
  /** Calls of local tools that wait for the user's answer; the turn goes on meanwhile. */
  readonly asks?: number | undefined;
}

export type SessionAction =
  | SessionEvent
  | { readonly type: 'historyLoading' }
  | { readonly type: 'historyFailed'; readonly error: ErrorInfo }
  /** The service's whole transcript; local notes keep their place behind their predecessor. */
  | { readonly type: 'history'; readonly messages: readonly Message[] }
  | { readonly type: 'turnStart'; readonly prompt: Message }
  /** A turn that was found running (after a reload). */
  | { readonly type: 'turnResume' }
  | { readonly type: 'stopping' }
  /** Pause or Continue was pressed; undefined: it came to nothing. */
  | { readonly type: 'asked'; readonly what: 'pause' | 'continue' | undefined }
  /** The service refused the prompt. */
  | { readonly type: 'rejected'; readonly promptId: string; readonly reason: string }
  | { readonly type: 'pending'; readonly pending: readonly PendingAttachment[] }
  | { readonly type: 'queue'; readonly queue: readonly QueuedPrompt[] }
  | { readonly type: 'draft'; readonly text: string }
  | { readonly type: 'options'; readonly options: SessionOptions }
  | { readonly type: 'origin'; readonly origin: AttachmentOrigin }
  /** Undefined: the source is as it was when it was attached. */
  | { readonly type: 'source'; readonly attachmentId: string; readonly now: SourceState | undefined }
  /** What this machine kept of a session, shown until the service has answered. */
  | { readonly type: 'kept'; readonly session: CachedSession }
  /** Facts of this machine; undefined takes one away. */
  | { readonly type: 'local'; readonly facts: LocalFacts }
  /** So many calls of local tools wait for the user. */
  | { readonly type: 'asks'; readonly count: number }
  /** Undefined: nothing waits to be tried again. */
  | { readonly type: 'retrying'; readonly retry: Retry | undefined }
  | { readonly type: 'seen' };

/** What this machine may say of a session by itself. */
export type LocalAction = Extract<
  SessionAction,
  { type: 'origin' | 'source' | 'notice' | 'message' | 'asks' | 'retrying' }
>;

/** A state with nothing known but the list's entry. */
export function initialState(info: SessionInfo): SessionState {
  return {
    info,
    messages: [],
    attachments: info.attachments ?? [],
    pending: [],
    queue: [],
    draft: '',
    origins: [],
    connection: 'offline',
    turn: { phase: 'idle' },
    delivery: {},
    history: 'none',
    unread: 0,
  };
}

/** Applies one action. Returns the same object when nothing changed. */
export function reduce(state: SessionState, action: SessionAction): SessionState {
  return described(change(state, action));
}

/** What the service cannot keep of a session is shown as if it did. */
function described(state: SessionState): SessionState {
  const description = state.local?.description;
  if (description === undefined || state.info.description === description) return state;
  return { ...state, info: { ...state.info, description } };
}

function change(state: SessionState, action: SessionAction): SessionState {
  switch (action.type) {
    case 'message':
      return withMessage(state, action.message, action.replaces);
    case 'piece':
      return withPiece(state, action.message, action.text);
    case 'remove': {
      const messages = state.messages.filter((message) => message.id !== action.messageId);
      return messages.length === state.messages.length ? state : { ...state, messages };
    }
    case 'notice':
      return withMessage(state, localNote(state, 'notice', action.text), undefined);
    case 'status':
      return withStatus(state, action.status);
    case 'connection':
      return { ...state, connection: action.state, retryInMs: action.retryInMs, connectionError: action.error };
    case 'usage':
      return { ...state, info: { ...state.info, usage: action.usage } };
    case 'delivery':
      return { ...state, delivery: { ...state.delivery, [action.promptId]: action.state } };
    case 'info':
      return withTurnUsage({
        ...state,
        info: infoBeside(state, action.info),
        attachments: withKnownFacts(action.info.attachments, state.attachments) ?? state.attachments,
      });
    case 'attachments':
      return { ...state, attachments: action.attachments };
    case 'pending':
      return { ...state, pending: action.pending };
    case 'queue':
      return { ...state, queue: action.queue };
    case 'historyLoading':
      return { ...state, history: 'loading', historyError: undefined };
    case 'historyFailed':
      return { ...state, history: 'failed', historyError: action.error };
    case 'history':
      return withHistory(state, action.messages);
    case 'kept':
      return withKept(state, action.session);
    case 'draft':
      return state.draft === action.text ? state : { ...state, draft: action.text };
    case 'options':
      return { ...state, options: action.options };
    case 'origin':
      return {
        ...state,
        origins: [...state.origins.filter((other) => other.attachmentId !== action.origin.attachmentId), action.origin],
      };
    case 'source': {
      if (state.sources?.[action.attachmentId] === action.now) return state;
      const { [action.attachmentId]: _before, ...others } = state.sources ?? {};
      return {
        ...state,
        sources: action.now === undefined ? others : { ...others, [action.attachmentId]: action.now },
      };
    }
    case 'asks':
      return (state.asks ?? 0) === action.count ? state : { ...state, asks: action.count };
    case 'turnStart':
      return {
        ...withMessage(state, action.prompt, undefined),
        turn: { phase: 'working', promptId: action.prompt.id, usageBefore: usageAtStart(state) },
        delivery: { ...state.delivery, [action.prompt.id]: 'sending' },
        info: { ...state.info, status: 'running' },
      };
    case 'turnResume':
      return {
        ...state,
        // What the user was asked in the middle of a turn is answered: the turn is still that prompt's.
        turn: { phase: 'working', ...(state.turn.phase === 'waiting' ? { promptId: state.turn.promptId } : {}) },
        info: { ...state.info, status: 'running' },
      };
    case 'stopping':
      return state.turn.phase === 'working' ? { ...state, turn: { ...state.turn, phase: 'stopping' } } : state;
    case 'asked':
      return state.turn.asked === action.what ? state : { ...state, turn: { ...state.turn, asked: action.what } };
    case 'rejected':
      return withRejected(state, action.promptId, action.reason);
    case 'turnEnd':
      return endTurn(state, action.outcome, action.error);
    case 'local':
      return { ...state, local: withFacts(state.local, action.facts) };
    case 'retrying':
      return state.retry === action.retry ? state : { ...state, retry: action.retry };
    case 'seen':
      return state.unread === 0 ? state : { ...state, unread: 0 };
  }
}

/** Kinds that count as something new to read; side information does not. */
const COUNTS_AS_UNREAD: ReadonlySet<Message['kind']> = new Set([
  'response',
  'agentResponse',
  'error',
  'failure',
  'confirmationRequest',
  'clarificationRequest',
]);

function withMessage(state: SessionState, message: Message, replaces: string | undefined): SessionState {
  const at = indexOfMessage(state.messages, replaces) ?? indexOfMessage(state.messages, message.id);
  if (at === undefined) {
    const unread = COUNTS_AS_UNREAD.has(message.kind) ? state.unread + 1 : state.unread;
    const info = message.kind === 'sessionName' ? renamedBy(state.info, message) : state.info;
    return { ...state, info, messages: [...state.messages, message], unread };
  }
  const messages = state.messages.slice();
  messages[at] = message;
  // The whole may have come under its own id while a piece stood under another: only one of them stays.
  const rest = messages.filter((other, index) => index === at || (other.id !== message.id && other.id !== replaces));
  return { ...state, messages: rest };
}

function withPiece(state: SessionState, message: Message, text: string): SessionState {
  const at = indexOfMessage(state.messages, message.id);
  if (at === undefined) {
    const opened = { ...message, content: text, status: 'streaming' as const };
    return withMessage(state, opened, undefined);
  }
  const current = state.messages[at];
  // A late piece after the whole changes nothing: the whole wins.
  if (current === undefined || current.status !== 'streaming') return state;
  const messages = state.messages.slice();
  messages[at] = { ...current, content: current.content + text };
  return { ...state, messages };
}

function withStatus(state: SessionState, status: SessionInfo['status']): SessionState {
  const asked = stillAsked(state.turn.asked, status);
  if (state.info.status === status && state.turn.asked === asked) return state;
  return { ...state, info: { ...state.info, status }, turn: { ...state.turn, asked } };
}

function endTurn(state: SessionState, outcome: TurnOutcome, error: ErrorInfo | undefined): SessionState {
  const cut: Message['status'] = outcome === 'completed' || outcome === 'waiting' ? 'complete' : 'interrupted';
  const messages = state.messages.some((message) => message.status === 'streaming')
    ? state.messages.map((message) => (message.status === 'streaming' ? { ...message, status: cut } : message))
    : state.messages;
  // The service's own word for how it ended says more than ours.
  const told = state.info.status === 'maxAttemptsExceeded';
  const status =
    outcome === 'waiting' || told ? state.info.status : outcome === 'failed' ? ('failed' as const) : ('idle' as const);
  return {
    ...state,
    messages,
    turn: {
      phase: outcome === 'waiting' ? 'waiting' : 'idle',
      promptId: state.turn.promptId,
      usageBefore: state.turn.usageBefore,
      outcome,
      error,
    },
    info: state.info.status === 'running' || status === 'failed' ? { ...state.info, status } : state.info,
  };
}

/**
 * The service's transcript in the place of ours. Notes of this machine and prompts whose arrival is not certain keep their place behind
 * their predecessor: what the user wrote is never lost by a reload.
 */
function withHistory(state: SessionState, history: readonly Message[]): SessionState {
  const known = new Set(history.map((message) => message.id));
  const delivery = { ...state.delivery };
  for (const id of Object.keys(delivery)) if (known.has(id)) delivery[id] = 'delivered';
  const messages = [...keepUsage(history, state.messages)];
  state.messages.forEach((message, index) => {
    const how = own(delivery, message.id);
    const uncertain = how !== undefined && how !== 'delivered';
    if (known.has(message.id) || !(isLocal(message) || uncertain)) return;
    let before = index - 1;
    while (before >= 0 && !known.has(state.messages[before]?.id ?? '')) before -= 1;
    const anchor = state.messages[before]?.id;
    const at = anchor === undefined ? messages.length : messages.findIndex((other) => other.id === anchor) + 1;
    messages.splice(at, 0, message);
    known.add(message.id);
  });
  return { ...state, history: 'loaded', historyError: undefined, messages, delivery };
}

/** What the service or the user said meanwhile outweighs what was kept. */
function withKept(state: SessionState, kept: CachedSession): SessionState {
  const delivery = Object.fromEntries(kept.undelivered.map((id) => [id, 'unknown' as const]));
  return {
    ...state,
    messages: state.messages.length > 0 ? state.messages : kept.messages.map(settled),
    attachments:
      state.info.attachments === undefined
        ? kept.attachments
        : (withKnownFacts(state.attachments, kept.attachments) ?? state.attachments),
    origins: state.origins.length > 0 ? state.origins : kept.origins,
    draft: state.draft === '' ? kept.draft : state.draft,
    queue: state.queue.length > 0 ? state.queue : kept.queue,
    options: state.options ?? kept.options,
    delivery: { ...delivery, ...state.delivery },
    ...(kept.local === undefined && state.local === undefined ? {} : { local: { ...kept.local, ...state.local } }),
  };
}

/** What was streaming when the editor went down is cut, until history says otherwise. */
function settled(message: Message): Message {
  // Nobody waits for an answer of a window that is gone.
  if (isLocal(message) && message.kind === 'confirmationRequest')
    return {
      ...message,
      kind: 'notice',
      title: 'Local tool',
      content: `${message.title}: not answered; nothing left.`,
      render: 'text',
      mimeType: 'text/plain',
    };
  return message.status === 'streaming' ? { ...message, status: 'interrupted' } : message;
}

/** True for a note of this machine that the service does not know. */
export function isLocal(message: Message): boolean {
  return message.id.startsWith('local:');
}

/** Looks from the end: nearly every look-up is for a message that came lately. */
function indexOfMessage(messages: readonly Message[], id: string | undefined): number | undefined {
  if (id === undefined) return undefined;
  for (let index = messages.length - 1; index >= 0; index -= 1) if (messages[index]?.id === id) return index;
  return undefined;
}

/** A line in the conversation that this machine writes. Its id is unique within the session and stable for equal input. */
function localNote(state: SessionState, kind: 'notice' | 'error', text: string): Message {
  const last = state.messages.at(-1);
  return {
    id: `local:${kind}:${state.messages.length}:${last?.id ?? ''}`,
    sessionId: state.info.id,
    parentId: last?.id,
    kind,
    sender: 'system',
    author: 'This editor',
    title: '',
    content: text,
    render: 'text',
    mimeType: 'text/plain',
    status: 'complete',
    createdAt: last?.createdAt ?? state.info.updatedAt,
  };
}
