/** Which sessions the tree shows, in which order and under which days. Pure: (sessions, what the user chose) -> groups. */

import type { SessionStatus } from './model.ts';
import { isImportedId } from './session-local.ts';
import type { SessionState } from './session-state.ts';

/** What a session can be filtered by beside words. Of the states any one is enough; files are asked for on top. */
export type SessionMark =
  'working' | 'waiting' | 'unread' | 'failed' | 'ended' | 'closed' | 'imported' | 'archived' | 'files';

export const SESSION_MARKS: readonly { readonly mark: SessionMark; readonly label: string; readonly help: string }[] = [
  { mark: 'working', label: 'Working', help: 'an answer is on its way' },
  { mark: 'waiting', label: 'Waiting for you', help: 'an approval or an answer of yours' },
  { mark: 'unread', label: 'New answers', help: 'that nobody has looked at' },
  { mark: 'failed', label: 'Failed', help: 'the last turn ended with an error' },
  { mark: 'ended', label: 'Expired or deleted', help: 'the service no longer has them' },
  { mark: 'closed', label: 'Closed, rewound or terminated', help: 'put away on this machine' },
  { mark: 'imported', label: 'Imported', help: 'read from a file' },
  { mark: 'archived', label: 'Archived', help: 'instead of those that are not' },
  { mark: 'files', label: 'Has files', help: 'as far as their files are known here' },
];

export interface SessionFilter {
  /** Words of names, descriptions, ids or file names; each must be found. */
  readonly text: string;
  readonly marks: readonly SessionMark[];
}

export const NO_FILTER: SessionFilter = { text: '', marks: [] };

export type SessionSort = 'used' | 'created' | 'name';

export interface SessionOrder {
  readonly sort: SessionSort;
  /** Puts days above the sessions; a list by name has none. */
  readonly byDay: boolean;
}

export const DEFAULT_ORDER: SessionOrder = { sort: 'used', byDay: true };

const SORTS: ReadonlySet<unknown> = new Set<SessionSort>(['used', 'created', 'name']);

/** What was kept of the order, where it can be read; the default otherwise. */
export function readOrder(kept: unknown): SessionOrder {
  if (typeof kept !== 'object' || kept === null) return DEFAULT_ORDER;
  const { sort, byDay } = kept as Record<string, unknown>;
  return SORTS.has(sort) && typeof byDay === 'boolean' ? { sort: sort as SessionSort, byDay } : DEFAULT_ORDER;
}

export type DayGroup = 'today' | 'yesterday' | 'week' | 'month' | 'older';

export const DAY_WORDS: Readonly<Record<DayGroup, string>> = {
  today: 'Today',
  yesterday: 'Yesterday',
  week: 'Last 7 days',
  month: 'Last 30 days',
  older: 'Older',
};

const DAY_MS = 86_400_000;

/** Days begin at local midnight. Both in milliseconds since the epoch; what lies in the future is today's. */
export function dayGroup(at: number, now: number): DayGroup {
  const midnight = new Date(now);
  midnight.setHours(0, 0, 0, 0);
  const today = midnight.getTime();
  if (at >= today) return 'today';
  midnight.setDate(midnight.getDate() - 1);
  if (at >= midnight.getTime()) return 'yesterday';
  if (at >= today - 7 * DAY_MS) return 'week';
  return at >= today - 30 * DAY_MS ? 'month' : 'older';
}

/** The service has a job of this session. */
export const WORKING: ReadonlySet<SessionStatus> = new Set(['running', 'pending', 'pausing', 'paused', 'canceling']);
const WAITING: ReadonlySet<SessionStatus> = new Set(['waitingForConfirmation', 'waitingForClarification']);
const FAILED: ReadonlySet<SessionStatus> = new Set(['failed', 'maxAttemptsExceeded']);
const ENDED: ReadonlySet<SessionStatus> = new Set(['expired', 'deleted']);

function has({ info, turn, unread, local, attachments, asks = 0 }: SessionState, mark: SessionMark): boolean {
  switch (mark) {
    case 'working':
      return turn.phase === 'working' || turn.phase === 'stopping' || WORKING.has(info.status);
    case 'waiting':
      return turn.phase === 'waiting' || WAITING.has(info.status) || asks > 0;
    case 'unread':
      return unread > 0;
    case 'failed':
      return FAILED.has(info.status) || turn.outcome === 'failed';
    case 'ended':
      return ENDED.has(info.status);
    case 'closed':
      return local?.closed === true || local?.rewoundTo !== undefined || local?.terminatedAt !== undefined;
    case 'imported':
      return isImportedId(info.id);
    case 'archived':
      return info.archived === true;
    case 'files':
      return attachments.length > 0;
  }
}

/** True when a session's name, description, id or one of its files holds every word. */
export function matchesText({ info, attachments }: SessionState, filter: string): boolean {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const text = [info.name, info.description, info.id, ...attachments.map(({ name }) => name)].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

/** True for what the filter lets through. Archived sessions are elsewhere unless they are asked for. */
export function matchesFilter(state: SessionState, { text, marks }: SessionFilter): boolean {
  const states = marks.filter((mark) => mark !== 'files');
  return (
    (states.length === 0 || states.some((mark) => has(state, mark))) &&
    (!marks.includes('files') || has(state, 'files')) &&
    matchesText(state, text)
  );
}

export function isFiltering({ text, marks }: SessionFilter): boolean {
  return text !== '' || marks.length > 0;
}

/** Short, for the head of the view; empty when nothing is filtered. */
export function filterWords({ text, marks }: SessionFilter): string {
  const named = SESSION_MARKS.filter(({ mark }) => marks.includes(mark)).map(({ label }) => label.toLowerCase());
  return [...(text === '' ? [] : [text]), ...named].join(', ');
}

/** Equal ones by id, so that the order never flickers. */
export function sortSessions(states: readonly SessionState[], sort: SessionSort): readonly SessionState[] {
  const byId = (a: SessionState, b: SessionState): number => a.info.id.localeCompare(b.info.id);
  switch (sort) {
    case 'used':
      return states.toSorted((a, b) => b.info.updatedAt - a.info.updatedAt || byId(a, b));
    case 'created':
      return states.toSorted((a, b) => b.info.createdAt - a.info.createdAt || byId(a, b));
    case 'name': {
      // One collator for all comparisons: making one is what costs.
      const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
      return states.toSorted((a, b) => compare(a.info.name, b.info.name) || byId(a, b));
    }
  }
}

export interface SessionGroup {
  /** Undefined: the sessions stand without a group. */
  readonly day: DayGroup | undefined;
  readonly states: readonly SessionState[];
}

/** Sorts and puts under days. One day alone says nothing: then there are no groups. */
export function arrange(states: readonly SessionState[], order: SessionOrder, now: number): readonly SessionGroup[] {
  const sorted = sortSessions(states, order.sort);
  if (!order.byDay || order.sort === 'name') return [{ day: undefined, states: sorted }];
  const groups = new Map<DayGroup, SessionState[]>();
  for (const state of sorted) {
    const day = dayGroup(order.sort === 'used' ? state.info.updatedAt : state.info.createdAt, now);
    const group = groups.get(day);
    if (group === undefined) groups.set(day, [state]);
    else group.push(state);
  }
  if (groups.size <= 1) return [{ day: undefined, states: sorted }];
  return [...groups].map(([day, inside]) => ({ day, states: inside }));
}
