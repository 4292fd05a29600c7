/** The conversation as one plain text: for reading without the panel, with a screen reader's own keys, and for search. Pure. */

import type { Message } from '../core/model.ts';
import { labelText, visibleText } from '../core/visible-text.ts';
import { rowName } from './protocol.ts';
import { RowList } from './rows.ts';

/** Every row under the name that its article has in the panel. Hidden characters are shown: a plain document marks nothing. */
export function transcriptText(name: string, messages: readonly Message[]): string {
  const list = new RowList();
  const parts = [...list.update(messages)].map((row, at) => {
    const content = row.render === 'image' ? 'Image not shown.' : (list.message(at)?.content ?? '');
    const result = row.result === undefined ? '' : `\n\nResult:\n\n${row.result.content}`;
    const error = row.error === undefined ? '' : `\n\n${row.error.message} ${row.error.action}`;
    const cut = row.status === 'interrupted' ? '\n\nInterrupted: the rest did not arrive.' : '';
    return `${rowName(row)}${time(row.createdAt)}\n\n${visibleText(`${content}${result}${error}${cut}`).trim()}\n`;
  });
  return [`Conversation: ${labelText(name, 200)}\n`, ...parts].join('\n');
}

function time(milliseconds: number): string {
  return milliseconds > 0 && milliseconds <= 8.64e15 ? ` (${new Date(milliseconds).toISOString()})` : '';
}
