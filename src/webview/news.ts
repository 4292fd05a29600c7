/** What rows mean by their place: which have not been spoken yet, which request waits, which ended the last turn without an answer. Pure. */

import { own } from '../core/own.ts';
import type { Row } from '../panel/protocol.ts';
import type { ApprovalState } from './approval-card.ts';
import type { Store } from './store.ts';

/**
 * Finished rows of a splice that nobody has heard yet. History that is loaded again brings rows that were there before under other ids: what
 * stands before or among them is old, only what comes behind the last of them is new.
 */
export function newsOf(
  store: Store,
  index: number,
  removed: readonly (Row | undefined)[],
  add: number,
): readonly Row[] {
  // The first load of a conversation is for reading, and so is what comes in between.
  if (index + add !== store.length || (index === 0 && store.status?.history !== 'loaded')) return [];
  const words = (row: Row): string => JSON.stringify([row.kind, row.title, row.content]);
  const known = new Set(removed.map((row) => (row === undefined || row.status === 'streaming' ? '' : words(row))));
  const news: Row[] = [];
  for (let at = index + add - 1; at >= index; at -= 1) {
    const row = store.row(at);
    if (row === undefined || known.has(words(row))) break;
    if (row.status !== 'streaming') news.unshift(row);
  }
  return news;
}

/** The last turn is over, failed or cut before an answer, and nothing was asked since. */
export function asksAgain(store: Store, row: Row): boolean {
  const failed = row.kind === 'error' || (row.status === 'interrupted' && row.kind !== 'agent' && row.kind !== 'you');
  const { status } = store;
  if (!failed || status?.phase !== 'idle' || status.readOnly !== undefined || !status.environment.ready) return false;
  for (let at = store.length - 1; at >= 0; at -= 1) {
    const later = store.row(at);
    if (later?.id === row.id) return true;
    if (later === undefined || later.kind === 'you' || later.kind === 'agent' || later.kind === 'error') return false;
  }
  return false;
}

/** Only the last request that has no answer can be the one that waits; what this editor asks itself is answered by its own row. */
export function approvalOf(store: Store, row: Row): ApprovalState {
  const { status } = store;
  const end = own(status?.approvalEnds, row.id);
  if (row.answer !== undefined || end !== undefined) return { waiting: false, view: undefined, end };
  if (row.id.startsWith('local:')) return { waiting: true, view: undefined };
  const waits = status?.sessionStatus === 'waitingForConfirmation';
  const isLast = waits && store.lastOf('approval')?.id === row.id;
  return { waiting: isLast, view: isLast ? status.approval : undefined };
}
