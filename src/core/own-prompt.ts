/** A prompt that a person wrote into a file of their own. */

import { labelText, visibleText } from './visible-text.ts';

export interface OwnPrompt {
  /** `/` and the file's name. */
  readonly label: string;
  readonly detail: string;
  /** What comes into the composer: as it was written, but for hidden characters, which the box could not show. */
  readonly insert: string;
}

export const PROMPT_TEMPLATE = '# What it is for\n\nWrite the prompt here. The line above is only shown in the list.\n';

/**
 * Reads one: a heading in the first line is what the list says of it and no part of the prompt. Undefined for a text without a prompt, or a
 * name that could not be typed (blanks, marks, more than 60 characters).
 */
export function ownPrompt(name: string, text: string): OwnPrompt | undefined {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,59}$/u.test(name)) return undefined;
  const lines = text
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .trim();
  const heading = /^#{1,6}[ \t]+([^\n]*)(?:\n|$)/.exec(lines);
  const insert = lines.slice(heading?.[0].length ?? 0).trim();
  if (insert === '') return undefined;
  const detail = (heading?.[1] ?? insert).replace(/[ \t]#+[ \t]*$/, '');
  return { label: `/${name}`, detail: labelText(detail, 120), insert: visibleText(insert) };
}
