/** The agent's question over the composer: the next message answers it. */

import { el, show } from './dom.ts';
import { icon } from './icons.ts';
import { markedText } from './markdown/hidden.ts';

export class Question {
  readonly element: HTMLElement;
  readonly #text: HTMLElement;
  #drawn = '';

  constructor() {
    this.#text = el('p', { class: 'question-text', id: 'question-text' });
    this.element = el(
      'section',
      { class: 'question', 'aria-label': 'Sec-Gemini asks' },
      icon('notice'),
      el('div', {}, this.#text, el('p', { class: 'word' }, 'Your next message answers it.')),
    );
    this.element.hidden = true;
  }

  /** `box` is described by the question while it waits. True when it looks different now. */
  update(question: string | undefined, box: HTMLElement): boolean {
    if (this.#drawn === (question ?? '')) return false;
    this.#drawn = question ?? '';
    this.#text.replaceChildren(markedText(this.#drawn));
    show(this.element, question !== undefined);
    if (question === undefined) box.removeAttribute('aria-describedby');
    else box.setAttribute('aria-describedby', this.#text.id);
    return true;
  }
}
