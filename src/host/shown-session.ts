/** The session that a view beside the panels speaks of: the one whose panel was active last. */

import type { Disposable } from '../core/disposable.ts';
import { Emitter, type Event } from '../core/emitter.ts';

export class ShownSession implements Disposable {
  readonly #changes: Emitter<void>;
  #id: string | undefined;

  constructor(onError: (error: unknown) => void) {
    this.#changes = new Emitter<void>(onError);
  }

  get onDidChange(): Event<void> {
    return this.#changes.event;
  }

  /** Undefined while no panel is open. */
  get id(): string | undefined {
    return this.#id;
  }

  /** Called by the owner of the panels only. */
  set(id: string | undefined): void {
    if (id === this.#id) return;
    this.#id = id;
    this.#changes.fire();
  }

  dispose(): void {
    this.#changes.dispose();
  }
}
