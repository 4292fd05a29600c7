/** Stop, Pause and Continue, with what stands between asking and the service's word. */

import type { PanelStatus } from '../panel/protocol.ts';
import { button, el, show } from './dom.ts';
import { focusWhenHere } from './focus.ts';

export interface TurnButtonsOptions {
  readonly stop: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** The button with the focus is gone. */
  readonly onLost: () => void;
}

export class TurnButtons {
  readonly element: HTMLElement;
  readonly #stop: HTMLButtonElement;
  readonly #pause: HTMLButtonElement;
  readonly #resume: HTMLButtonElement;
  readonly #options: TurnButtonsOptions;

  constructor(options: TurnButtonsOptions) {
    this.#options = options;
    this.#pause = button('Pause', 'pause', 'pause');
    this.#resume = button('Continue', 'play', 'resume');
    this.#stop = button('Stop', 'stop', 'stop');
    this.#stop.classList.add('stop');
    this.element = el('span', { class: 'turn-buttons' }, this.#pause, this.#resume, this.#stop);
    this.#stop.addEventListener('click', () => options.stop());
    this.#pause.addEventListener('click', () => idle(this.#pause) && options.pause());
    this.#resume.addEventListener('click', () => idle(this.#resume) && options.resume());
    for (const each of [this.#stop, this.#pause, this.#resume]) each.hidden = true;
  }

  update(status: PanelStatus): void {
    const { phase, asked, sessionStatus, environment } = status;
    const working = phase === 'working';
    const held = sessionStatus === 'paused' || asked === 'continue';
    const steers = working && environment.pauses === true;
    const focused = document.activeElement;
    const shown: readonly (readonly [HTMLButtonElement, boolean])[] = [
      [this.#pause, steers && !held],
      [this.#resume, steers && held],
      // What waits for the user is still a job at the service, where it can be ended.
      [this.#stop, working || phase === 'stopping' || (phase === 'waiting' && environment.cancels)],
    ];
    for (const [each, visible] of shown) show(each, visible);
    const pausing = asked === 'pause' || sessionStatus === 'pausing';
    name(this.#pause, pausing ? 'Pausing…' : 'Pause', pausing);
    name(this.#resume, asked === 'continue' ? 'Continuing…' : 'Continue', asked === 'continue');
    const stopping = phase === 'stopping' || sessionStatus === 'canceling';
    const stop = environment.cancels ? 'Stop' : 'Stop (the service may still finish)';
    this.#stop.disabled = stopping;
    this.#stop.title = stopping ? 'Stopping…' : stop;
    this.#stop.setAttribute('aria-label', stopping ? 'Stopping…' : 'Stop');
    if (focused instanceof HTMLElement && this.element.contains(focused) && focused.hidden) {
      const next = shown.find(([each, visible]) => visible && each !== this.#stop)?.[0];
      if (next === undefined) this.#options.onLost();
      else focusWhenHere(next);
    }
  }
}

/** `aria-disabled` and not `disabled`: the button keeps the focus through its in-between state. */
function name(element: HTMLButtonElement, words: string, waits: boolean): void {
  element.title = words;
  element.setAttribute('aria-label', words);
  element.setAttribute('aria-disabled', waits.toString());
}

function idle(element: HTMLElement): boolean {
  return element.getAttribute('aria-disabled') !== 'true';
}
