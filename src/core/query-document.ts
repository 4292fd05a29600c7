/** A question and its whole outcome as one plain text. Pure. */

import type { QueryResult } from '../api/sec-gemini.d.ts';
import { visibleText } from './visible-text.ts';

/** Hidden characters are shown: a plain document marks nothing. */
export function queryDocument(
  question: string,
  { text, statusCode, statusMessage, usage, messages }: QueryResult,
): string {
  const steps = messages.length === 1 ? '1 message' : `${messages.length} messages`;
  const tokens =
    usage === undefined || usage.totalTokens === 0
      ? ''
      : `, ${usage.totalTokens.toLocaleString('en')} tokens (estimate)`;
  return [
    `Question: ${visibleText(question)}`,
    `Status: ${statusCode} ${visibleText(statusMessage)} (${steps}${tokens})`,
    '',
    text === '' ? 'There was no answer.' : visibleText(text),
    '',
  ].join('\n');
}
