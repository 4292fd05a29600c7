/**
 * On v1 a session names the tools of its client to the service, which keeps them. Consent ends with its window: so what a window left there (a
 * reload, a crash) is taken back as soon as the session is seen again without consent.
 */

import type * as vscode from 'vscode';
import { isSecGeminiError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { SessionManager } from '../../core/session-manager.ts';

/** Ids of sessions, of this workspace: another window may have the same session on. */
const KEY = 'secGemini.offeredTools';
const MOST = 200;

export class LeftOffers {
  readonly #state: vscode.Memento;
  readonly #sessions: SessionManager;
  readonly #log: Log;
  #running = false;

  constructor(state: vscode.Memento, sessions: SessionManager, log: Log) {
    this.#state = state;
    this.#sessions = sessions;
    this.#log = log;
  }

  /** Kept before the service is told. */
  async add(sessionId: string): Promise<void> {
    await this.#set([...this.#ids().filter((id) => id !== sessionId), sessionId].slice(-MOST));
  }

  async remove(sessionId: string): Promise<void> {
    if (this.#ids().includes(sessionId)) await this.#set(this.#ids().filter((id) => id !== sessionId));
  }

  /** Takes back what is known of sessions that are not on. Never rejects; what fails is tried again with the next call. */
  async withdraw(isOn: (sessionId: string) => boolean): Promise<void> {
    const tools = this.#sessions.client?.sessionTools;
    if (this.#running || tools === undefined) return;
    this.#running = true;
    try {
      for (const sessionId of this.#ids()) {
        if (isOn(sessionId) || this.#sessions.state(sessionId) === undefined) continue;
        try {
          await tools.offer(sessionId, []);
        } catch (error) {
          if (!isSecGeminiError(error, 'notFound') && !isSecGeminiError(error, 'expired')) throw error;
        }
        // Switched on meanwhile: its own offer counts.
        if (isOn(sessionId)) continue;
        await this.remove(sessionId);
      }
    } catch (error) {
      this.#log.warn(
        `Tools that a window left could not be taken back: ${error instanceof Error ? error.message : ''}`,
      );
    } finally {
      this.#running = false;
    }
  }

  #ids(): readonly string[] {
    const kept = this.#state.get<unknown>(KEY);
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === 'string') : [];
  }

  async #set(ids: readonly string[]): Promise<void> {
    await this.#state.update(KEY, ids.length === 0 ? undefined : ids);
  }
}
