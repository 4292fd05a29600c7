/** Completion in the composer: `#` mentions and `/` prompts. The host knows what there is; the page shows it and puts it into the text. */

import { labelText } from '../core/visible-text.ts';
import type { Completion, Mention } from '../panel/protocol.ts';
import { el, show } from './dom.ts';

export interface CompletionOptions {
  readonly box: HTMLTextAreaElement;
  readonly complete: (trigger: '#' | '/', query: string) => Promise<readonly Completion[]>;
  /** The text was changed by an accepted completion. */
  readonly onChanged: () => void;
  /** What was taken names something to attach. */
  readonly onMention: (mention: Mention) => void;
}

interface Word {
  readonly trigger: '#' | '/';
  readonly query: string;
  readonly start: number;
  readonly end: number;
}

const MAX_ITEMS = 50;

export class CompletionList {
  readonly element: HTMLElement;
  readonly #options: CompletionOptions;
  #items: readonly Completion[] = [];
  #active = 0;
  #word: Word | undefined;
  #asked = 0;
  /** A key that takes the first item was pressed before the answer for what had been typed by then. */
  #early: 'Enter' | 'Tab' | undefined;

  constructor(options: CompletionOptions) {
    this.#options = options;
    this.element = el('ul', { class: 'completions', id: 'completions', role: 'listbox', 'aria-label': 'Suggestions' });
    this.element.hidden = true;
    options.box.setAttribute('aria-autocomplete', 'list');
    options.box.setAttribute('aria-haspopup', 'listbox');
    options.box.setAttribute('aria-controls', 'completions');
    options.box.addEventListener('input', () => void this.#look());
    options.box.addEventListener('blur', () => this.close());
    this.element.addEventListener('mousedown', (event) => {
      // The box keeps the focus; the press chooses.
      event.preventDefault();
      const item = event.target instanceof Element ? event.target.closest('li') : null;
      const index = item === null ? -1 : [...this.element.children].indexOf(item);
      if (index >= 0) this.#accept(index);
    });
  }

  /** True when the key belonged to the list. */
  onKey(event: KeyboardEvent): boolean {
    if (this.element.hidden || event.altKey || event.ctrlKey || event.metaKey) return false;
    switch (event.key) {
      case 'ArrowDown':
        this.#activate((this.#active + 1) % this.#items.length);
        break;
      case 'ArrowUp':
        this.#activate((this.#active - 1 + this.#items.length) % this.#items.length);
        break;
      case 'Enter':
      case 'Tab':
        if (event.shiftKey) return false;
        // The list still shows what fits fewer letters: its first item is not the one that was meant.
        if (this.#find()?.query === this.#word?.query) this.#accept(this.#active);
        else this.#early = event.key;
        break;
      case 'Escape':
        this.close();
        break;
      default:
        return false;
    }
    event.preventDefault();
    return true;
  }

  close(): void {
    this.#asked += 1;
    this.#items = [];
    this.#early = undefined;
    show(this.element, false);
    this.#options.box.removeAttribute('aria-activedescendant');
  }

  /** The word before the cursor, when it asks for completion: `/` only as the very first, `#` anywhere. */
  #find(): Word | undefined {
    const { box } = this.#options;
    if (box.selectionStart !== box.selectionEnd) return undefined;
    const before = box.value.slice(0, box.selectionStart);
    const match = /(?:^|\s)(#[^\s#]{0,200})$|^(\/[^\s/]{0,200})$/.exec(before);
    const text = match?.[1] ?? match?.[2];
    if (text === undefined) return undefined;
    const trigger = text.startsWith('#') ? '#' : '/';
    return { trigger, query: text.slice(1), start: before.length - text.length, end: before.length };
  }

  async #look(): Promise<void> {
    const word = this.#find();
    this.#early = undefined;
    this.#asked += 1;
    const asked = this.#asked;
    if (word === undefined) {
      this.close();
      return;
    }
    const items = await this.#options.complete(word.trigger, word.query).catch(() => []);
    // The reader typed on: an older answer is of no use.
    if (asked !== this.#asked) return;
    const early = this.#early;
    if (items.length === 0) {
      this.close();
      // Nothing to take: the key is the composer's.
      if (early !== undefined)
        this.#options.box.dispatchEvent(new KeyboardEvent('keydown', { key: early, bubbles: true, cancelable: true }));
      return;
    }
    this.#word = word;
    this.#items = items.slice(0, MAX_ITEMS);
    this.element.replaceChildren(
      ...this.#items.map(({ label, detail }, index) =>
        el(
          'li',
          { role: 'option', id: `completion-${index.toString()}`, 'aria-selected': 'false' },
          el('span', { class: 'completion-label' }, labelText(label, 120)),
          el('span', { class: 'completion-detail' }, labelText(detail, 160)),
        ),
      ),
    );
    show(this.element, true);
    this.#activate(0);
    if (early !== undefined) this.#accept(0);
  }

  #activate(index: number): void {
    for (const [at, item] of [...this.element.children].entries())
      item.setAttribute('aria-selected', (at === index).toString());
    this.#active = index;
    this.#options.box.setAttribute('aria-activedescendant', `completion-${index.toString()}`);
    this.element.children[index]?.scrollIntoView({ block: 'nearest' });
  }

  #accept(index: number): void {
    const item = this.#items[index];
    const word = this.#word;
    if (item === undefined || word === undefined) return;
    const { box } = this.#options;
    this.close();
    box.setRangeText(`${item.insert} `, word.start, word.end, 'end');
    this.#options.onChanged();
    if (item.mention !== undefined) this.#options.onMention(item.mention);
  }
}
