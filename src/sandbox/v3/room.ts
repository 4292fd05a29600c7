/** One v3 session while the process runs: its state, who follows it, and what it asks its user. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { JobStatus, ToolCallConfirmationInfoSchema } from '../../client/v3/gen/api_hub_pb.js';
import type { StoredSession } from '../state/model.ts';
import { toWire } from './shapes.ts';
import type { ServerMessageInit } from './shapes.ts';

/** A tool call that waits for a yes or a no. */
export interface Pending {
  readonly info: MessageInitShape<typeof ToolCallConfirmationInfoSchema> & { readonly id: string };
  readonly resolve: (approved: boolean) => void;
}

/** A question that the next prompt answers. */
export interface Question {
  /** Id of the message that asks. */
  readonly id: string;
  readonly resolve: (text: string) => void;
}

export class Room {
  readonly session: StoredSession;
  status: JobStatus;
  pending: Pending | undefined;
  question: Question | undefined;
  isGone = false;
  /** Its turn counts as every job that the account may run. */
  takesPlaces = false;
  readonly #feeds = new Set<Feed>();

  constructor(session: StoredSession, status: JobStatus) {
    this.session = session;
    this.status = status;
  }

  get feeds(): ReadonlySet<Feed> {
    return this.#feeds;
  }

  /** Adds a follower; history after, and with, `lastId` comes first (all of it when the id is not known), then the present state. */
  follow(feed: Feed): void {
    this.#feeds.add(feed);
    feed.stateChanged();
  }

  leave(feed: Feed): void {
    this.#feeds.delete(feed);
  }

  /** The history has grown. */
  grown(): void {
    for (const feed of this.#feeds) feed.wake();
  }

  setStatus(status: JobStatus): void {
    this.status = status;
    for (const feed of this.#feeds) feed.stateChanged();
  }

  /** The session was deleted. */
  gone(): void {
    this.isGone = true;
    for (const feed of this.#feeds) feed.wake();
  }
}

export interface FeedPorts {
  readonly wake: () => void;
  readonly drop: () => void;
}

/**
 * One StreamMessages subscription. It holds a place in the history instead of messages, so that a client that reads slowly costs nothing.
 */
export class Feed {
  readonly room: Room;
  readonly reqId: string;
  /** Requests that it stands for, see connection.ts. */
  count: number;
  readonly #ports: FeedPorts;
  #next: number;
  #states: { readonly at: number; readonly status: JobStatus }[] = [];
  #toldGone = false;

  constructor(room: Room, reqId: string, next: number, ports: FeedPorts, count = 1) {
    this.room = room;
    this.reqId = reqId;
    this.#ports = ports;
    this.count = count;
    this.#next = next;
  }

  wake(): void {
    this.#ports.wake();
  }

  /** Cuts the connection. */
  drop(): void {
    this.#ports.drop();
  }

  /** Where in the history a replay from this id begins: with the message itself. */
  static placeOf({ messages }: StoredSession, lastId: string | undefined): number {
    return lastId === undefined || lastId === ''
      ? 0
      : Math.max(
          0,
          messages.findLastIndex(({ id }) => id === lastId),
        );
  }

  get place(): number {
    return this.#next;
  }

  /** The room's state goes out after what the history holds now. */
  stateChanged(): void {
    this.#states.push({ at: this.room.session.messages.length, status: this.room.status });
    this.wake();
  }

  /** What to send next; undefined when there is nothing. */
  pull(): ServerMessageInit | undefined {
    const { reqId, room } = this;
    const { id: sessionId, messages } = room.session;
    if (room.isGone) {
      if (this.#toldGone) return undefined;
      this.#toldGone = true;
      return { reqId, payload: { case: 'sessionNotFound', value: { sessionId } } };
    }
    const [state] = this.#states;
    if (state !== undefined && state.at <= this.#next) {
      this.#states.shift();
      return { reqId, payload: { case: 'sessionStateChange', value: { sessionId, status: state.status } } };
    }
    const message = messages[this.#next];
    if (message === undefined) return undefined;
    this.#next += 1;
    return { reqId, payload: { case: 'message', value: toWire(sessionId, message) } };
  }
}
