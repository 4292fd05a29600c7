/** HTML of a service as words with plain structure: no media, no live link, no form, no script (trust.md S01, S08). */

import { el } from '../dom.ts';
import { enhance } from '../markdown/enhance.ts';
import { sanitise } from '../markdown/sanitise.ts';

const HTML_CHARS = 262_144;

/** Undefined when nothing readable is left: then the source says more. */
export function drawHtml(source: string): HTMLElement[] | undefined {
  if (source.length > HTML_CHARS) return undefined;
  const fragment = sanitise(source, [
    'h1',
    'h2',
    'h4',
    'h5',
    'h6',
    'div',
    'section',
    'article',
    'dl',
    'dt',
    'dd',
    'b',
    'i',
    'u',
  ]);
  for (const heading of fragment.querySelectorAll('h1, h2')) {
    const same = el('h3', { class: heading.localName });
    same.append(...heading.childNodes);
    heading.replaceWith(same);
  }
  if (fragment.textContent.trim() === '') return undefined;
  const holder = el('div', { class: 'markdown' });
  holder.append(enhance(fragment));
  return [el('p', { class: 'word' }, 'HTML, reduced to its words. Nothing in it loads or runs.'), holder];
}
