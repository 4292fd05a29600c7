/** A thread as a row of the tree, under the session that its questions go to. Pure. */

import type { TreeRow } from './session-tree.ts';
import { placeWords } from './thread-view.ts';
import type { CodeThread } from './threads.ts';
import { labelText } from './visible-text.ts';

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
