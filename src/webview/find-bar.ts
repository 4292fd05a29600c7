/** Find in the conversation. The host searches everything; the page shows the hits of the rows that are drawn. */

import type { Match } from '../panel/protocol.ts';
import { button, el, setText, show } from './dom.ts';
import { focusWhenHere } from './focus.ts';
import type { Transcript } from './transcript.ts';

export interface FindBarOptions {
  readonly transcript: Transcript;
  readonly find: (query: string, caseSensitive: boolean) => Promise<{ matches: readonly Match[]; hits: number }>;
  readonly onClose: () => void;
}

export class FindBar {
  readonly element: HTMLElement;
  readonly #options: FindBarOptions;
  readonly #input: HTMLInputElement;
  readonly #count: HTMLElement;
  readonly #case: HTMLButtonElement;
  #matches: readonly Match[] = [];
  #hits = 0;
  #at = -1;
  #asked = '';

  constructor(options: FindBarOptions) {
    this.#options = options;
    this.#input = el('input', { type: 'text', 'aria-label': 'Find', placeholder: 'Find', spellcheck: 'false' });
    this.#count = el('span', { class: 'find-count', role: 'status', 'aria-label': 'Matches' });
    this.#case = el(
      'button',
      { type: 'button', class: 'button', 'aria-label': 'Match case', 'aria-pressed': 'false', title: 'Match case' },
      'Aa',
    );
    const previous = button('Previous match', 'up', 'find-previous');
    const next = button('Next match', 'down', 'find-next');
    const close = button('Close find', 'remove', 'find-close');
    this.element = el(
      'div',
      { class: 'find', role: 'search', 'aria-label': 'Find in conversation' },
      this.#input,
      this.#case,
      this.#count,
      previous,
      next,
      close,
    );
    this.element.hidden = true;
    this.#input.addEventListener('input', () => void this.#search());
    this.#case.addEventListener('click', () => {
      this.#case.setAttribute('aria-pressed', (this.#case.getAttribute('aria-pressed') !== 'true').toString());
      void this.#search();
    });
    previous.addEventListener('click', () => this.#go(-1));
    next.addEventListener('click', () => this.#go(1));
    close.addEventListener('click', () => this.close());
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
      else if (event.key === 'Enter' && event.target === this.#input) this.#go(event.shiftKey ? -1 : 1);
      else return;
      event.preventDefault();
    });
    // Rows come and go while scrolling: the marks follow them.
    options.transcript.log.addEventListener('scroll', () => this.#mark(), { passive: true });
    options.transcript.listenLoaded(() => {
      if (this.element.hidden) return;
      this.#mark();
      this.#toHit();
    });
  }

  open(): void {
    show(this.element, true);
    focusWhenHere(this.#input);
    this.#input.select();
    if (this.#input.value !== '') void this.#search();
  }

  close(): void {
    show(this.element, false);
    CSS.highlights.delete('found');
    this.#matches = [];
    this.#asked = '';
    this.#options.onClose();
  }

  async #search(): Promise<void> {
    const query = this.#input.value;
    const caseSensitive = this.#case.getAttribute('aria-pressed') === 'true';
    this.#asked = `${caseSensitive.toString()}${query}`;
    const asked = this.#asked;
    const found =
      query === ''
        ? { matches: [], hits: 0 }
        : await this.#options.find(query, caseSensitive).catch(() => ({ matches: [], hits: 0 }));
    // An answer to an earlier question is of no use.
    if (asked !== this.#asked) return;
    this.#matches = found.matches;
    this.#hits = found.hits;
    this.#at = -1;
    const here = this.#options.transcript.list.firstVisible;
    const next = this.#matches.findIndex((match) => match.index >= here);
    if (this.#matches.length > 0) this.#show(next < 0 ? 0 : next);
    else this.#tell(query);
    this.#mark();
  }

  #go(step: number): void {
    if (this.#matches.length > 0) this.#show((this.#at + step + this.#matches.length) % this.#matches.length);
  }

  #show(at: number): void {
    this.#at = at;
    const match = this.#matches[at];
    if (match === undefined) return;
    const { transcript } = this.#options;
    transcript.unfold(match.index);
    transcript.list.reveal(match.index, 'nearest');
    this.#tell(this.#input.value);
    this.#mark();
    this.#toHit();
  }

  #toHit(): void {
    const [first] = this.#ranges(this.#options.transcript.list.element(this.#matches[this.#at]?.index ?? -1));
    if (first !== undefined) this.#scrollTo(first);
  }

  #scrollTo(range: Range): void {
    const { log } = this.#options.transcript;
    const view = log.getBoundingClientRect();
    const place = range.getBoundingClientRect();
    if (place.top < view.top + 40 || place.bottom > view.bottom - 20)
      log.scrollTop += place.top - view.top - view.height / 3;
  }

  #tell(query: string): void {
    if (query === '') setText(this.#count, '');
    else if (this.#matches.length === 0) setText(this.#count, 'No matches');
    else
      setText(
        this.#count,
        `${(this.#at + 1).toString()} of ${this.#matches.length.toString()} messages, ${this.#hits.toString()} matches`,
      );
  }

  #mark(): void {
    if (this.element.hidden) return;
    const ranges = [...this.#options.transcript.log.querySelectorAll('.row-body')].flatMap((body) =>
      this.#ranges(body),
    );
    CSS.highlights.set('found', new Highlight(...ranges));
  }

  #ranges(root: Element | undefined): Range[] {
    const caseSensitive = this.#case.getAttribute('aria-pressed') === 'true';
    const wanted = caseSensitive ? this.#input.value : this.#input.value.toLowerCase();
    const ranges: Range[] = [];
    if (root === undefined || wanted === '') return ranges;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null && ranges.length < 2_000; node = walker.nextNode()) {
      const text = caseSensitive ? (node as Text).data : (node as Text).data.toLowerCase();
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
        if (at + wanted.length > (node as Text).length) break;
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + wanted.length);
        ranges.push(range);
      }
    }
    return ranges;
  }
}
