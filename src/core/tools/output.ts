/** Bounds for what a tool says: pages with a cursor, and a cut with a mark, so that nobody takes a part for the whole. */

import { ToolInputError } from './tool.ts';

/** Bytes of one result as UTF-8, the mark included. */
export const MAX_RESULT_BYTES = 256 * 1024;

export interface Page<T> {
  readonly items: readonly T[];
  /** What was left out, in a sentence with the cursor for the next call; '' when nothing was. */
  readonly more: string;
}

/** Items from the cursor on. Throws ToolInputError for a cursor that is none. */
export function pageOf<T>(items: readonly T[], cursor: string | undefined, limit: number): Page<T> {
  const from = cursor === undefined ? 0 : offsetOf(cursor);
  const shown = items.slice(from, from + limit);
  const next = from + shown.length;
  return { items: shown, more: next < items.length ? moreMark(next, items.length) : '' };
}

/** The mark under a page of which more is there. */
export function moreMark(next: number, total: number | undefined): string {
  return `[more: ${total === undefined ? 'not all is' : `${total - next} of ${total} are not`} shown; call again with cursor "${next}"]`;
}

/** Throws ToolInputError. */
export function offsetOf(cursor: string): number {
  if (!/^\d{1,9}$/.test(cursor))
    throw new ToolInputError('cursor: take it from the mark at the end of the result before.');
  return Number(cursor);
}

export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** The text within the bound, cut at a line where one is near, with a mark. */
export function boundText(text: string, max = MAX_RESULT_BYTES): string {
  // A UTF-16 unit is at most three bytes: short texts need no counting.
  if (text.length * 3 <= max) return text;
  const bytes = new TextEncoder().encode(text);
  if (bytes.byteLength <= max) return text;
  const mark = `\n[cut: ${max} of ${bytes.byteLength} bytes are shown; ask for less, or for a range]`;
  let end = Math.max(0, max - mark.length);
  // Not within a character: its later bytes begin with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  const kept = new TextDecoder().decode(bytes.subarray(0, end));
  const line = kept.lastIndexOf('\n');
  return (line > kept.length - 2000 && line > 0 ? kept.slice(0, line) : kept) + mark;
}
