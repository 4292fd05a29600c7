/** Untrusted text for a place that only takes Markdown. */

import { visibleText } from './visible-text.ts';

/**
 * Text that Markdown shows as it is, whatever it holds: every ASCII character that Markdown (or its extension for bare addresses) could
 * read as its own is written as a numeric reference, which CommonMark never takes for structure. Line breaks become spaces.
 */
export function plainMarkdown(text: string): string {
  return visibleText(text.replace(/\s+/g, ' ')).replace(/[!-/:-@[-`{-~]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
