/** What the tree shows, as data: (sessions) -> nodes. The host only turns nodes into VS Code's tree items. */

import { age } from './ages.ts';
import { formatBytes } from './format.ts';
import type { Attachment, Protocol, SessionInfo, SessionStatus } from './model.ts';
import { own } from './own.ts';
import { type Fact, sessionFacts } from './session-facts.ts';
import { isForeign } from './session-protocol.ts';
import type { PendingAttachment, SessionState, SourceState } from './session-state.ts';
import { isImportedId } from './session-local.ts';
import { shelfOf } from './shelf.ts';
import { DAY_WORDS, type DayGroup } from './session-view.ts';
import { labelText } from './visible-text.ts';

export type TreeNode =
  | { readonly kind: 'session'; readonly sessionId: string }
  | { readonly kind: 'file'; readonly sessionId: string; readonly attachment: Attachment }
  /** Off the service, its bytes are here. */
  | { readonly kind: 'shelved'; readonly sessionId: string; readonly attachment: Attachment }
  | { readonly kind: 'pending'; readonly sessionId: string; readonly pending: PendingAttachment }
  /** A thread at code whose questions go to this session. */
  | { readonly kind: 'thread'; readonly sessionId: string; readonly threadId: string };

const KINDS: ReadonlySet<unknown> = new Set<TreeNode['kind']>(['session', 'file', 'shelved', 'pending', 'thread']);

/** The group of archived sessions; no command takes it. */
export const ARCHIVE_NODE = { kind: 'archive' } as const;

/** The last row of a list that the service has more of. */
export const MORE_NODE = { kind: 'more' } as const;

/** One object for each, so that VS Code finds the row again. */
export const DAY_NODES: Readonly<Record<DayGroup, { readonly kind: 'day'; readonly day: DayGroup }>> = {
  today: { kind: 'day', day: 'today' },
  yesterday: { kind: 'day', day: 'yesterday' },
  week: { kind: 'day', day: 'week' },
  month: { kind: 'day', day: 'month' },
  older: { kind: 'day', day: 'older' },
};

/** True for an element of our own tree; commands get untrusted arguments. */
export function isTreeNode(value: unknown): value is TreeNode {
  if (typeof value !== 'object' || value === null) return false;
  const node = value as { kind?: unknown; sessionId?: unknown };
  return KINDS.has(node.kind) && typeof node.sessionId === 'string';
}

/** One row, in plain text. `icon` is a codicon's name; what the service sends never chooses it. */
export interface TreeRow {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** What the tooltip tells beyond its text, where there is more to tell. */
  readonly facts?: readonly Fact[] | undefined;
  readonly icon: string;
  readonly contextValue: string;
  /** Read by screen readers instead of label and description. */
  readonly accessibleLabel: string;
}

/** The rows that were made here. */
const made = new WeakSet<TreeNode>();

/** True for a row that our own tree made, and not somebody who knows what one looks like: for commands that do something unasked (S39). */
export function isOwnNode(value: unknown): value is TreeNode {
  return isTreeNode(value) && made.has(value);
}

function ownNode(node: TreeNode): TreeNode {
  made.add(node);
  return node;
}

/** The row of a session, made by us. */
export function sessionNode(sessionId: string): TreeNode {
  return ownNode({ kind: 'session', sessionId });
}

export function sessionChildren(state: SessionState): readonly TreeNode[] {
  const sessionId = state.info.id;
  return [
    ...state.attachments.map((attachment) => ownNode({ kind: 'file', sessionId, attachment })),
    ...shelfOf(state).map((attachment) => ownNode({ kind: 'shelved', sessionId, attachment })),
    ...state.pending.map((pending) => ({ kind: 'pending', sessionId, pending }) as const),
  ];
}

const IMPORTED = { icon: 'archive', words: 'imported, read only' } as const;

const STATUS: Readonly<Record<SessionStatus, { readonly icon: string; readonly words: string }>> = {
  idle: { icon: 'comment-discussion', words: '' },
  pending: { icon: 'clock', words: 'waits for its turn' },
  running: { icon: 'loading~spin', words: 'working' },
  pausing: { icon: 'loading~spin', words: 'pausing' },
  paused: { icon: 'debug-pause', words: 'paused' },
  canceling: { icon: 'loading~spin', words: 'stopping' },
  canceled: { icon: 'circle-slash', words: 'stopped' },
  completed: { icon: 'check', words: '' },
  failed: { icon: 'error', words: 'failed' },
  waitingForConfirmation: { icon: 'bell-dot', words: 'waiting for your approval' },
  waitingForClarification: { icon: 'question', words: 'waiting for your answer' },
  maxAttemptsExceeded: { icon: 'warning', words: 'gave up after too many attempts' },
  expired: { icon: 'history', words: 'expired' },
  deleted: { icon: 'trash', words: 'deleted elsewhere' },
  unknown: { icon: 'comment-unresolved', words: 'unknown state' },
};

/** A session that the service deletes within this time says so in its row. */
const SOON_MS = 24 * 3_600_000;

/** `now` in milliseconds since the epoch, for the age. `spoken`: the connection's protocol, to tell which sessions are the other one's. */
export function sessionRow(state: SessionState, now: number, spoken?: Protocol): TreeRow {
  const { info } = state;
  const imported = isImportedId(info.id);
  const foreign = !imported && isForeign(info, spoken);
  const look = imported
    ? IMPORTED
    : foreign
      ? { icon: 'debug-disconnect', words: `made with ${info.protocol}` }
      : STATUS[info.status];
  const label = labelText(info.name === '' ? 'Untitled session' : info.name, 80);
  const { rewoundTo, forkedFrom, forks, closed, temporary, terminatedAt } = state.local ?? {};
  const linked = forkedFrom !== undefined || forks !== undefined;
  const { expiresAt } = info;
  const isGone = info.status === 'deleted' || info.status === 'expired';
  const endsSoon = !isGone && expiresAt !== undefined && expiresAt > now && expiresAt - now < SOON_MS;
  const parts = [
    terminatedAt === undefined ? '' : 'terminated',
    rewoundTo === undefined ? (closed === true ? 'closed' : '') : 'rewound',
    temporary === undefined || closed === true ? '' : 'temporary',
    look.words,
    state.unread > 0 ? `${state.unread} new` : '',
    info.published === true ? 'public' : '',
    endsSoon ? `deleted in ${age(expiresAt - now)}` : '',
    age(now - info.updatedAt),
  ].filter((part) => part !== '');
  const running = state.turn.phase === 'working' || state.turn.phase === 'stopping';
  const shown = {
    words: foreign || imported ? '' : look.words,
    spoken: foreign ? spoken : undefined,
    imported,
  };
  const facts = sessionFacts(state, shown, now);
  return {
    id: `session:${info.id}`,
    label,
    description: parts.join(' · '),
    tooltip: [label, ...facts.map(([name, value]) => `${name}: ${value}`)].join('\n'),
    facts,
    icon: look.icon,
    contextValue: contextOf({ imported, foreign, running, linked, terminated: terminatedAt !== undefined }, info),
    accessibleLabel: `Session ${label}${parts.length === 0 ? '' : `, ${parts.join(', ')}`}`,
  };
}

/** What the menus of a row depend on, joined by dots. */
function contextOf(
  is: Readonly<Record<'imported' | 'foreign' | 'running' | 'linked' | 'terminated', boolean>>,
  { archived, published }: SessionInfo,
): string {
  const kind = is.imported ? 'imported' : is.foreign ? 'foreign' : 'session';
  const more =
    kind !== 'session'
      ? []
      : [is.running && 'running', archived && 'archived', published && 'published', is.terminated && 'terminated'];
  return [kind, ...more, is.linked && 'linked'].filter((part) => typeof part === 'string').join('.');
}

/** `count`: how many are known; undefined before anybody looked. */
export function archiveRow(count: number | undefined): TreeRow {
  const known = count === undefined ? '' : count === 0 ? 'none' : String(count);
  return {
    id: 'archive',
    label: 'Archived',
    description: known,
    tooltip: 'Sessions that were put away. The service deletes them at their time all the same.',
    icon: 'archive',
    contextValue: 'archive',
    accessibleLabel: `Archived sessions${known === '' ? '' : `, ${known}`}`,
  };
}

/** Sessions of one day, or days. `count`: how many stand below it. */
export function dayRow(day: DayGroup, count: number): TreeRow {
  const label = DAY_WORDS[day];
  return {
    id: `day:${day}`,
    label,
    description: String(count),
    tooltip: `${label}: ${count} ${count === 1 ? 'session' : 'sessions'}`,
    icon: 'calendar',
    contextValue: 'day',
    accessibleLabel: `${label}, ${count} ${count === 1 ? 'session' : 'sessions'}`,
  };
}

/** The service has more sessions than were asked for. `count`: how many are shown so far. */
export function moreRow(count: number): TreeRow {
  return {
    id: 'more',
    label: 'Load more sessions…',
    description: `${count.toLocaleString('en')} so far`,
    tooltip: 'The service has more sessions. The filter looks at those that were loaded.',
    icon: 'chevron-down',
    contextValue: 'more',
    accessibleLabel: `Load more sessions, ${count} so far`,
  };
}

/** What became of an attached file on this machine since. */
export function sourceOf(state: SessionState | undefined, attachmentId: string): SourceState | undefined {
  return own(state?.sources, attachmentId);
}

/** `source`: what became of the file on this machine since it was attached, when that is known. `from`: where it came from, in words. */
export function attachmentRow(sessionId: string, attachment: Attachment, source?: SourceState, from?: string): TreeRow {
  const label = labelText(attachment.name, 120);
  const size = attachment.size === undefined ? '' : formatBytes(attachment.size);
  const since = source === undefined ? '' : SINCE_ATTACHED[source];
  // The change first: a narrow side bar cuts the end.
  const parts = [since, size].filter((part) => part !== '');
  return {
    id: `file:${sessionId}:${attachment.id}`,
    label,
    description: parts.join(' · '),
    tooltip: [
      label,
      size,
      attachment.sha256 === undefined ? '' : `SHA-256: ${attachment.sha256}`,
      attachment.mimeType === undefined ? '' : `Type: ${labelText(attachment.mimeType)}`,
      from === undefined ? '' : `From: ${labelText(from, 1000)}`,
      since === '' ? '' : `The file on this machine: ${since}`,
    ]
      .filter((line) => line !== '')
      .join('\n'),
    icon: 'file',
    contextValue: source === 'changed' ? 'file.changed' : 'file',
    accessibleLabel: [`File ${label}`, ...parts].join(', '),
  };
}

/** A file without its tick. */
export function shelvedRow(sessionId: string, attachment: Attachment): TreeRow {
  const { label, tooltip } = attachmentRow(sessionId, attachment);
  return {
    id: `shelved:${sessionId}:${attachment.id}`,
    label,
    description: 'not used',
    tooltip: `${tooltip}\nTaken off the session; its copy is on this machine. Tick it to send it again.`,
    icon: 'file',
    contextValue: 'shelved',
    accessibleLabel: `File ${label}, not used`,
  };
}

const SINCE_ATTACHED: Readonly<Record<SourceState, string>> = {
  changed: 'changed since attached',
  gone: 'no longer there',
};

export function pendingRow(sessionId: string, pending: PendingAttachment): TreeRow {
  const label = labelText(pending.name, 120);
  const percent = pending.size === 0 ? 100 : Math.floor((pending.sentBytes / pending.size) * 100);
  return {
    id: `pending:${sessionId}:${pending.id}`,
    label,
    description: `sending, ${percent} %`,
    tooltip: `${label}\n${formatBytes(pending.sentBytes)} of ${formatBytes(pending.size)} sent`,
    icon: 'loading~spin',
    contextValue: 'pending',
    accessibleLabel: `File ${label}, sending`,
  };
}
