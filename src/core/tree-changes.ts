/**
 * What of a tree has to be drawn again. Drawing a row again takes its children out of the editor's tree until the editor asks for them anew, and
 * a button that is pressed meanwhile finds no row: so only what looks different is drawn, never everything for each message of a turn.
 */

/** How the tree looks now, in texts that are only compared. */
interface TreeLook {
  /** Which rows there are at the top and in which order, and the words of those that are no session. */
  readonly shape: () => string;
  /** A session's row with those below it. */
  readonly session: (sessionId: string) => string;
  readonly sessionIds: () => readonly string[];
}

export class TreeChanges {
  readonly #look: TreeLook;
  readonly #sessions = new Map<string, string>();
  #shape = '';
  readonly #dirty = new Set<string>();
  #allDirty = true;

  constructor(look: TreeLook) {
    this.#look = look;
  }

  /** A session may look different, or without an id anything may. */
  mark(sessionId?: string): void {
    if (sessionId === undefined) this.#allDirty = true;
    else this.#dirty.add(sessionId);
  }

  /** The sessions whose rows are to be drawn again, or 'all' of the tree. What it tells is taken as drawn. */
  take(): 'all' | readonly string[] {
    const { shape, session, sessionIds } = this.#look;
    const ids = sessionIds();
    const changed: string[] = [];
    for (const id of this.#allDirty ? ids : this.#dirty) {
      const text = session(id);
      if (this.#sessions.get(id) === text) continue;
      this.#sessions.set(id, text);
      changed.push(id);
    }
    if (this.#allDirty) {
      const known = new Set(ids);
      for (const id of this.#sessions.keys()) if (!known.has(id)) this.#sessions.delete(id);
    }
    this.#dirty.clear();
    this.#allDirty = false;
    const shapeNow = shape();
    if (shapeNow === this.#shape) return changed;
    this.#shape = shapeNow;
    return 'all';
  }
}
