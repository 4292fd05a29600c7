/** Events for the readers of the exported API, from the changes of sessions and connection. */

import type { ApiEvent, ApiEventType, ListenOptions } from '../../api/sec-gemini.d.ts';
import { apiSession, eventsOf, transcript } from '../../core/api-events.ts';
import { EventQueue } from '../../core/api-queue.ts';
import { NewSessions } from '../../core/new-sessions.ts';
import { type Disposable, DisposableStore } from '../../core/disposable.ts';
import type { Services } from '../services.ts';
import { bad, count } from './api-arguments.ts';

const DEFAULT_QUEUE = 1000;

type Queue = EventQueue<ApiEvent>;

export class ApiFeed implements Disposable {
  readonly #sessions: Services['sessions'];
  readonly #owned = new DisposableStore();
  readonly #queues = new Map<Queue, (event: ApiEvent) => boolean>();
  readonly #new = new NewSessions();

  constructor({ sessions, connection, tools }: Pick<Services, 'sessions' | 'connection' | 'tools'>) {
    this.#sessions = sessions;
    this.#newIds();
    this.#owned.add(
      sessions.onDidChange((change) => {
        if (this.#queues.size > 0) for (const event of eventsOf(change, Date.now())) this.tell(event);
      }),
    );
    this.#owned.add(
      tools.desk.onDidAsk(({ sessionId, tool, id }) =>
        this.tell({ type: 'approvalRequest', at: Date.now(), sessionId, tool, requestId: id }),
      ),
    );
    this.#owned.add(sessions.onDidChangeList(() => this.#listChanged()));
    this.#owned.add(
      connection.onDidChange((status) => {
        const at = Date.now();
        if (status.kind === 'keyRefused') this.tell({ type: 'reauthRequest', at, reason: status.error.message });
        else if (status.kind === 'offline')
          this.tell({ type: 'error', at, code: status.error.code, message: status.error.message });
        else if (status.kind === 'connected' && connection.client !== undefined)
          this.tell({ type: 'connected', at, protocol: connection.client.protocol });
      }),
    );
  }

  /** To every reader that wants it. */
  tell(event: ApiEvent): void {
    for (const [queue, wants] of this.#queues) if (wants(event)) queue.push(event);
  }

  listen({ types, sessionId, queueSize = DEFAULT_QUEUE, signal }: ListenOptions): Queue {
    if (types !== undefined && !Array.isArray(types)) throw bad('types', 'has to be a list of event types');
    const wanted = types === undefined ? undefined : new Set<ApiEventType>(types);
    const end = (): void => queue.end();
    const queue: Queue = new EventQueue<ApiEvent>({
      size: count('queueSize', queueSize, 0),
      overflow: () => ({ type: 'error', at: Date.now(), code: 'unavailable', message: 'subscriber queue overflow' }),
      recover: (missed) => void this.#recover(queue, missed),
      onEnd: () => {
        this.#queues.delete(queue);
        signal?.removeEventListener('abort', end);
      },
    });
    this.#queues.set(queue, (event) => {
      if (wanted !== undefined && !wanted.has(event.type)) return false;
      return sessionId === undefined || !('sessionId' in event) || event.sessionId === sessionId;
    });
    if (signal?.aborted === true) queue.end();
    else signal?.addEventListener('abort', end, { once: true });
    return queue;
  }

  dispose(): void {
    for (const queue of this.#queues.keys()) queue.end();
    this.#owned.dispose();
  }

  /** The whole transcript of every session of which something was left out, asked of the service where no turn runs. */
  async #recover(queue: Queue, missed: readonly ApiEvent[]): Promise<void> {
    const ids = new Set(
      missed.flatMap((event) => ('sessionId' in event && event.sessionId !== undefined ? [event.sessionId] : [])),
    );
    for (const sessionId of ids) {
      await this.#sessions.reload(sessionId);
      const state = this.#sessions.state(sessionId);
      if (state !== undefined)
        queue.push({ type: 'messagesPosted', at: Date.now(), sessionId, messages: transcript(state) });
    }
  }

  #listChanged(): void {
    for (const id of this.#newIds()) {
      const state = this.#sessions.state(id);
      if (state !== undefined)
        this.tell({ type: 'sessionCreated', at: Date.now(), sessionId: id, session: apiSession(state) });
    }
  }

  #newIds(): readonly string[] {
    return this.#new.look(
      this.#sessions.list.kind,
      this.#sessions.sessions().map(({ info }) => info),
    );
  }
}
