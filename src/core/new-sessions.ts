/**
 * Which sessions of a list were made just now. Not those that a start shows from this machine, nor what a longer list, the archive, an id or a file
 * brings: they are older than what was known. Only the service's own times are compared, with each other.
 */

import type { SessionInfo } from './model.ts';
import { isImportedId } from './session-local.ts';

type Seen = Pick<SessionInfo, 'id' | 'createdAt'>;

export class NewSessions {
  readonly #known = new Set<string>();
  #newest = Number.NEGATIVE_INFINITY;
  #isComplete = false;

  /** The ids of those that are new since the last look. `kind`: how the list stands; with `empty` another service begins. */
  look(kind: 'empty' | 'loading' | 'loaded' | 'failed', sessions: readonly Seen[]): readonly string[] {
    if (kind === 'empty') {
      this.#known.clear();
      this.#newest = Number.NEGATIVE_INFINITY;
      this.#isComplete = false;
    }
    const theirs = sessions.filter(({ id }) => !isImportedId(id));
    const made = this.#isComplete
      ? theirs.filter(({ id, createdAt }) => !this.#known.has(id) && createdAt >= this.#newest)
      : [];
    for (const { id, createdAt } of theirs) {
      this.#known.add(id);
      this.#newest = Math.max(this.#newest, createdAt);
    }
    this.#isComplete ||= kind === 'loaded';
    return made.map(({ id }) => id);
  }
}
