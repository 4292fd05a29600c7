/** What the next prompt asks for beside its text: the switch "Detailed analysis", and a pin on each chip for a file that the answer has to use. */

import type { PromptExtras } from '../core/prompt-extras.ts';
import type { PanelStatus } from '../panel/protocol.ts';
import { button } from './dom.ts';

export class PromptExtrasControls {
  /** Stays on until it is switched off: it is there to be seen. */
  readonly detailed = button('Detailed analysis', 'detailed', 'detailed');
  readonly #pinned = new Set<string>();

  constructor() {
    this.detailed.setAttribute('aria-pressed', 'false');
    this.detailed.addEventListener('click', () =>
      this.detailed.setAttribute('aria-pressed', (!this.#isDetailed).toString()),
    );
  }

  get asked(): PromptExtras {
    return {
      ...(this.#isDetailed ? { detailed: true } : {}),
      ...(this.#pinned.size === 0 ? {} : { mustUse: [...this.#pinned] }),
    };
  }

  /** The pin of a chip. `name` is fit to be shown. */
  pin(id: string, name: string): HTMLButtonElement {
    const pin = button(`The answer must use ${name}`, 'pin', 'must-use');
    pin.setAttribute('aria-pressed', this.#pinned.has(id).toString());
    pin.addEventListener('click', () => {
      if (!this.#pinned.delete(id)) this.#pinned.add(id);
      pin.setAttribute('aria-pressed', this.#pinned.has(id).toString());
    });
    return pin;
  }

  /** Files that are gone demand nothing. */
  update({ files, readOnly }: PanelStatus): void {
    this.detailed.hidden = readOnly !== undefined;
    for (const id of this.#pinned) if (!files.some((file) => file.id === id)) this.#pinned.delete(id);
  }

  /** Pins are chosen for one prompt. True when there were any: the chips are to be drawn again. */
  sent(): boolean {
    const had = this.#pinned.size > 0;
    this.#pinned.clear();
    return had;
  }

  get #isDetailed(): boolean {
    return this.detailed.getAttribute('aria-pressed') === 'true';
  }
}
