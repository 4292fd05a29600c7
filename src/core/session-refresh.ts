/** Asks the service how a session stands. Part of the session manager. */

import type { SecGeminiClient } from './client.ts';
import { toSecGeminiError } from './errors.ts';
import type { SessionStore } from './session-store.ts';

export class SessionRefresh {
  readonly #store: SessionStore;
  /** Undefined where nobody can be asked. */
  readonly #client: () => SecGeminiClient | undefined;
  readonly #asked = new Map<string, Promise<void>>();

  constructor(store: SessionStore, client: () => SecGeminiClient | undefined) {
    this.#store = store;
    this.#client = client;
  }

  /** Resolves when the newest answer is here. Failing is harmless: the next refresh comes. */
  async refresh(sessionId: string): Promise<void> {
    const asked = this.#ask(sessionId).finally(() => {
      if (this.#asked.get(sessionId) === asked) this.#asked.delete(sessionId);
    });
    this.#asked.set(sessionId, asked);
    await this.settled(sessionId);
  }

  /** Whoever was overtaken waits for the one that overtook it: its own answer was dropped. */
  async settled(sessionId: string): Promise<void> {
    for (let last = this.#asked.get(sessionId); last !== undefined; last = this.#asked.get(sessionId)) await last;
  }

  async #ask(sessionId: string): Promise<void> {
    const client = this.#client();
    if (client === undefined) return;
    // After a switch of the connection the answer belongs to sessions that are no longer shown.
    const isStale = (): boolean => this.#client() !== client;
    try {
      const isLatest = this.#store.asking(sessionId);
      const info = await client.getSession(sessionId);
      if (!isStale() && isLatest()) this.#store.learn(info);
    } catch (error) {
      if (!isStale()) this.#store.markGone(sessionId, toSecGeminiError(error).code);
    }
  }
}
