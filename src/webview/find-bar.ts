/** Find in the conversation. The host searches everything; the page shows the hits of the rows that are drawn. */

import { findPattern } from '../core/find-pattern.ts';
import type { Match } from '../panel/protocol.ts';
import { button, el, setText, show } from './dom.ts';
import { rangesOf } from './find-ranges.ts';
import { focusWhenHere } from './focus.ts';
import type { Transcript } from './transcript.ts';

export interface FindBarOptions {
  readonly transcript: Transcript;
  readonly find: (query: string, caseSensitive: boolean) => Promise<{ matches: readonly Match[]; hits: number }>;
  /** The row of the match that was shown last, if any. */
  readonly onClose: (rowIndex: number | undefined) => void;
}

/** Where words of a row stand: its name where it tells something, and its body. */
const SEARCHED = '.fold-name, .row-body';
/** A longer selection is not what somebody wants to find again. */
const MAX_SELECTED = 200;

export class FindBar {
  readonly element: HTMLElement;
  readonly #options: FindBarOptions;
  readonly #input: HTMLInputElement;
  readonly #count: HTMLElement;
  readonly #case: HTMLButtonElement;
  #matches: readonly Match[] = [];
  #hits = 0;
  /** Of the matching rows. */
  #at = -1;
  /** Of the hits in that row; from its end when negative, as long as the row is not drawn. */
  #hit = 0;
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
    // As in the editor: what is selected is what is looked for.
    const selected = document.getSelection();
    const text = selected?.toString().trim() ?? '';
    const isHere = this.#options.transcript.log.contains(selected?.anchorNode ?? null);
    if (isHere && text !== '' && text.length <= MAX_SELECTED && !text.includes('\n')) this.#input.value = text;
    show(this.element, true);
    focusWhenHere(this.#input);
    this.#input.select();
    if (this.#input.value !== '') void this.#search();
  }

  close(): void {
    const shown = this.#matches[this.#at]?.index;
    show(this.element, false);
    for (const name of ['found', 'found-here']) CSS.highlights.delete(name);
    this.#matches = [];
    this.#at = -1;
    this.#asked = '';
    this.#options.onClose(shown);
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
    else {
      this.#tell(query);
      this.#mark();
    }
  }

  /** To the next hit: of the same message while it has one, else of the next message, round from the end to the beginning. */
  #go(step: 1 | -1): void {
    const count = this.#matches.length;
    if (count === 0) return;
    const here = this.#hitsHere();
    const hit = this.#hit + step;
    if (hit >= 0 && hit < here.length) {
      this.#hit = hit;
      this.#toHit();
    } else this.#show((this.#at + step + count) % count, step === 1 ? 0 : -1);
  }

  #show(at: number, hit = 0): void {
    this.#at = at;
    this.#hit = hit;
    const match = this.#matches[at];
    if (match === undefined) return;
    const { transcript } = this.#options;
    transcript.unfold(match.index);
    transcript.list.reveal(match.index, 'nearest');
    this.#toHit();
  }

  /** Brings the hit into view and marks it; again when its row has come. */
  #toHit(): void {
    const ranges = this.#hitsHere();
    if (this.#hit < 0 && ranges.length > 0) this.#hit = ranges.length - 1;
    const range = ranges[this.#hit];
    if (range !== undefined) this.#scrollTo(range);
    this.#tell(this.#input.value);
    this.#mark();
  }

  #scrollTo(range: Range): void {
    const { log } = this.#options.transcript;
    const view = log.getBoundingClientRect();
    const place = range.getBoundingClientRect();
    // The bar lies over the first lines; in a narrow panel it has two rows.
    const top = Math.max(view.top + 8, this.element.getBoundingClientRect().bottom + 4);
    if (place.top < top || place.bottom > view.bottom - 20)
      log.scrollTop += place.top - top - Math.max(0, view.bottom - top) / 4;
  }

  #tell(query: string): void {
    const match = this.#matches[this.#at];
    if (query === '') setText(this.#count, '');
    else if (match === undefined) setText(this.#count, 'No matches');
    else {
      const before = this.#matches.slice(0, this.#at).reduce((sum, { count }) => sum + count, 0);
      // The source may hold more hits than are drawn (in the address of a link).
      const within = this.#hit < 0 ? match.count : Math.min(this.#hit + 1, match.count);
      setText(this.#count, `${(before + within).toLocaleString('en')} of ${this.#hits.toLocaleString('en')}`);
    }
  }

  #mark(): void {
    if (this.element.hidden) return;
    const { log } = this.#options.transcript;
    const ranges = [...log.querySelectorAll('article')].flatMap((row) => this.#ranges(row));
    CSS.highlights.set('found', new Highlight(...ranges));
    const here = this.#hitsHere()[this.#hit];
    const current = here === undefined ? new Highlight() : new Highlight(here);
    current.priority = 1;
    CSS.highlights.set('found-here', current);
  }

  /** The hits that are drawn of the row that is shown. */
  #hitsHere(): Range[] {
    const row = this.#options.transcript.list.element(this.#matches[this.#at]?.index ?? -1);
    return row === undefined ? [] : this.#ranges(row);
  }

  #ranges(row: Element): Range[] {
    const query = this.#input.value;
    if (query === '') return [];
    const wanted = findPattern(query, this.#case.getAttribute('aria-pressed') === 'true');
    return [...row.querySelectorAll(SEARCHED)].flatMap((part) => rangesOf(part, wanted));
  }
}
