/** Rows are drawn anew while somebody stands in them: the keyboard must not fall out of the conversation. */

import { focusWhenHere } from './focus.ts';

/**
 * Makes a change below `root`. Where it took away the element that had the focus, the focus goes to the one that came in its place: the same
 * part of the same article, else that article, else `otherwise`.
 */
export function keepFocus(root: HTMLElement, otherwise: HTMLElement, change: () => void): void {
  const focused = document.activeElement;
  if (focused === null || !root.contains(focused)) {
    change();
    return;
  }
  const article = focused.closest('article');
  const row = article?.dataset['row'];
  const sameParts = (within: Element): Element[] => [...within.querySelectorAll(selectorOf(focused))];
  const place = article === null || article === focused ? -1 : sameParts(article).indexOf(focused);
  change();
  if (root.contains(document.activeElement)) return;
  // The article itself may have stayed, perhaps under another id.
  const again =
    article !== null && root.contains(article)
      ? article
      : [...root.querySelectorAll('article')].find((candidate) => candidate.dataset['row'] === row);
  const part = again === undefined || place < 0 ? undefined : sameParts(again)[place];
  const target = part instanceof HTMLElement ? part : (again ?? otherwise);
  focusWhenHere(target);
}

function selectorOf(element: Element): string {
  const action = element instanceof HTMLElement ? element.dataset['action'] : undefined;
  return action === undefined ? `${element.localName}[tabindex]` : `[data-action="${CSS.escape(action)}"]`;
}
