/**
 * Shows what placeholders stand for, to the reader's eyes only: in the text of finished messages, after they were made safe. Never within a
 * link, whose address would tell it to others, and never in what is sent, run or logged: there the placeholders stay.
 */

import { own } from '../core/own.ts';
import { breaksOf } from '../core/redaction.ts';
import { el } from './dom.ts';

/** Placeholder -> secret, of this session. */
export type Placeholders = Readonly<Record<string, string>>;

const PLACEHOLDER = /\[\[SECRET-\d{1,6}:[a-z0-9-]{1,48}\]\]/g;
/** What acts, or goes on to somewhere else. */
const LEFT_ALONE = 'a, [role="link"], .link, .file, .symbol, .image, button, input, textarea, .restored';

/** Replaces what is known in the text below `root`. May be called again at any time. */
export function restoreIn(root: HTMLElement, placeholders: Placeholders | undefined): void {
  if (placeholders === undefined || !root.textContent.includes('[[SECRET-')) return;
  const found: Text[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    if (node instanceof Text && node.data.includes('[[SECRET-') && node.parentElement?.closest(LEFT_ALONE) == null)
      found.push(node);
  for (const node of found) {
    const parts = restored(node.data, placeholders);
    if (parts !== undefined) node.replaceWith(...parts);
  }
}

/** Undefined when nothing of it is known. */
function restored(text: string, placeholders: Placeholders): (string | HTMLElement)[] | undefined {
  const parts: (string | HTMLElement)[] = [];
  let at = 0;
  for (const { 0: placeholder, index } of text.matchAll(PLACEHOLDER)) {
    const secret = own(placeholders, placeholder);
    if (secret === undefined || secret === '') continue;
    const title = `The service saw ${placeholder}; what it stands for is known on this machine only.`;
    parts.push(text.slice(at, index), el('span', { class: 'restored', title }, secret));
    at = index + placeholder.length;
    const breaks = breaksOf(secret);
    if (text.startsWith(breaks, at)) at += breaks.length;
  }
  return at === 0 ? undefined : [...parts, text.slice(at)];
}
