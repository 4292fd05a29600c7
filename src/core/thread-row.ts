/** A thread as a row of the tree, under the session that its questions go to. Pure. */

import type { TreeRow } from './session-tree.ts';
import type { CodeThread } from './threads.ts';
import { labelText } from './visible-text.ts';

/** `app.py:10-14`, and what became of the code since it was asked about. */
export function placeWords({ asked, place }: Pick<CodeThread, 'asked' | 'place'>): string {
  const lines = (range: { first: number; last: number }): string =>
    range.first === range.last ? `line ${range.first}` : `lines ${range.first}-${range.last}`;
  switch (place.confidence) {
    case 'exact':
      return '';
    case 'moved':
      return `moved from ${lines(asked)}`;
    case 'likely':
      return 'the code has changed since';
    case 'lost':
      return `lost: the code is gone, it was at ${lines(asked)}`;
  }
}

/** `path`: what the reader knows the file by. */
export function threadRow(thread: CodeThread, path: string): TreeRow {
  const { id, title, place, verdict, isResolved, unsent } = thread;
  const label = labelText(title, 80);
  const name = labelText(path.split('/').at(-1) ?? path, 80);
  const at = `${name}:${place.first}${place.last === place.first ? '' : `-${place.last}`}`;
  const words = placeWords(thread);
  const parts = [
    verdict === undefined ? '' : labelText(verdict, 60),
    unsent === undefined ? '' : 'not sent',
    isResolved ? 'resolved' : '',
    at,
    words,
  ].filter((part) => part !== '');
  return {
    id: `thread:${id}`,
    label,
    description: parts.join(' · '),
    tooltip: [label, `${path}:${place.first}-${place.last}`, words, verdict === undefined ? '' : `Verdict: ${verdict}`]
      .filter((line) => line !== '')
      .join('\n'),
    icon: isResolved ? 'pass' : place.confidence === 'lost' ? 'warning' : 'comment',
    contextValue: isResolved ? 'thread.resolved' : 'thread.open',
    accessibleLabel: [`Thread ${label}`, ...parts].join(', '),
  };
}
