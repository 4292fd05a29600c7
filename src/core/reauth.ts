/**
 * A key that is refused in the middle of a session: the user is asked for another one, once, and what could not leave goes out with it. What
 * may have arrived is never sent again by itself.
 */

import type { Connection } from './connection.ts';
import { type Disposable, DisposableStore } from './disposable.ts';
import { toSecGeminiError } from './errors.ts';
import { type Log, silentLog } from './log.ts';
import type { SessionManager } from './session-manager.ts';
import type { SessionChange } from './session-model.ts';

export interface ReauthPorts {
  readonly connection: Pick<Connection, 'client' | 'isSandbox' | 'refused' | 'setKey' | 'settled'>;
  readonly sessions: Pick<
    SessionManager,
    'onDidChange' | 'onDidChangeList' | 'list' | 'state' | 'flush' | 'restore' | 'open' | 'sendAgain'
  >;
  /** The one native question; `sessionName` is undefined when no session was in hand. Undefined: the user closed it. */
  readonly ask: (sessionName: string | undefined) => Promise<string | undefined>;
  /** What a new key, or sending again, stumbled over. */
  readonly fail: (error: unknown) => void;
  readonly log?: Log | undefined;
}

interface Unsent {
  readonly sessionId: string;
  readonly promptId: string;
}

export class Reauth implements Disposable {
  readonly #ports: ReauthPorts;
  readonly #log: Log;
  readonly #owned = new DisposableStore();
  /** Prompts that the refusal kept here, in the order they were tried. */
  #unsent: Unsent[] = [];
  #running: Promise<void> | undefined;

  constructor(ports: ReauthPorts) {
    this.#ports = ports;
    this.#log = ports.log ?? silentLog;
    const { sessions } = ports;
    this.#owned.add(sessions.onDidChange((change) => this.#look(change)));
    this.#owned.add(
      sessions.onDidChangeList(() => {
        const { list } = sessions;
        if (list.kind === 'failed' && list.error.code === 'unauthenticated') this.#begin(undefined);
      }),
    );
  }

  /** Resolves when the question that is open, if one is, has come to its end. */
  async settled(): Promise<void> {
    await this.#running;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #look({ sessionId, action, state }: SessionChange): void {
    const refused =
      (action.type === 'turnEnd' || action.type === 'historyFailed' || action.type === 'connection') &&
      action.error?.code === 'unauthenticated';
    if (!refused) return;
    const { promptId } = state.turn;
    // Certain: the client itself said that it never left.
    if (action.type === 'turnEnd' && promptId !== undefined && state.delivery[promptId] === 'failed')
      this.#unsent.push({ sessionId, promptId });
    this.#begin(sessionId);
  }

  #begin(sessionId: string | undefined): void {
    const { connection } = this.#ports;
    // The sandbox makes its own key: there is none to ask for.
    if (this.#running !== undefined || connection.client === undefined || connection.isSandbox) return;
    this.#running = this.#run(sessionId)
      .catch((error: unknown) => this.#ports.fail(error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #run(sessionId: string | undefined): Promise<void> {
    const { connection, sessions, ask } = this.#ports;
    const name = sessionId === undefined ? undefined : sessions.state(sessionId)?.info.name;
    // What is typed and what waits is on disk before the connection goes.
    await sessions.flush();
    if (!(await connection.refused())) {
      this.#unsent = [];
      return;
    }
    const key = await ask(name);
    if (key === undefined || !(await connection.setKey(key))) {
      this.#unsent = [];
      return;
    }
    await connection.settled();
    const unsent = this.#unsent;
    this.#unsent = [];
    await sessions.restore();
    for (const prompt of unsent) await this.#goOn(prompt);
  }

  async #goOn({ sessionId, promptId }: Unsent): Promise<void> {
    const { sessions, fail } = this.#ports;
    try {
      // Another account's key: its sessions are others, and the prompt stays where it was.
      if (sessions.state(sessionId) === undefined) return;
      await sessions.open(sessionId);
      if (sessions.state(sessionId)?.messages.some(({ id }) => id === promptId) !== true) return;
      await sessions.sendAgain(sessionId, promptId);
    } catch (error) {
      this.#log.warn(`A message could not be sent with the new key: ${toSecGeminiError(error).code}`);
      fail(error);
    }
  }
}
