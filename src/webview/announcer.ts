/** Speaks what finished, politely and once: the log itself is no live region, because a streamed answer would be read word by word. */

import { visibleText } from '../core/visible-text.ts';
import { type Row, rowName } from '../panel/protocol.ts';
import { el } from './dom.ts';

/** Longer texts are cut: the reader goes to the article for the rest. */
const MAX_CHARS = 600;

/** Side information, and what the reader wrote. */
const SILENT: ReadonlySet<Row['kind']> = new Set(['you', 'notice', 'thinking', 'progress', 'skill', 'log']);

export class Announcer {
  readonly element: HTMLElement;
  #last = '';

  constructor() {
    this.element = el('div', { class: 'spoken', 'aria-live': 'polite', 'aria-atomic': 'true' });
  }

  /** A finished row. Side information is not read out. */
  row(row: Row): void {
    if (SILENT.has(row.kind)) return;
    const text = row.kind === 'error' ? (row.error?.message ?? row.content) : row.kind === 'tool' ? '' : row.content;
    this.say(`${rowName(row)}. ${plainWords(text)}`);
  }

  say(text: string): void {
    const words = text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
    // The same words twice would not be spoken: an invisible difference makes them new.
    this.element.textContent = words === this.#last ? `${words}\u00a0` : words;
    this.#last = this.element.textContent;
  }
}

/** Markdown without its signs, good enough for the ear. */
function plainWords(markdown: string): string {
  return visibleText(
    markdown
      .slice(0, 4 * MAX_CHARS)
      .replace(/```[\s\S]*?(?:```|$)/g, ' code block. ')
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[*_`#>|~]+/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}
