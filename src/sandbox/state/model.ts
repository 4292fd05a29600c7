/** What the sandbox keeps, whatever the protocol. Messages and `data` have the shape of the wire that made the session. */
import type { EngineFile, EngineReport } from '../engine/types.ts';

export interface StoredFile extends EngineFile {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The type that the client gave, where the wire shows it again. */
  readonly declaredType?: string | undefined;
}

/** A message as it goes over the wire. */
export interface StoredMessage {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** A turn that has not ended. With what is written here it goes on after a restart as if nothing had happened. */
export interface StoredTurn {
  /** Id of the message that asked. */
  readonly id: string;
  /** Ids of the files attached when it began. */
  readonly files: readonly string[];
  /** Whatever the wire needs to go on. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Ids of the messages that it has said, oldest first. */
  readonly said: string[];
  /** What came back from outside (tool results, decisions), in the order asked. */
  readonly answers: unknown[];
}

export interface StoredSession {
  /** The account's id: the same session id of two accounts is two sessions. */
  readonly user: string;
  readonly id: string;
  readonly protocol: 'v1' | 'v3';
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  updatedAt: number;
  /** It is forgotten this long after its last update; undefined = never. */
  ttlSeconds: number | undefined;
  /** Owned by the wire: name, description, model and so on. */
  data: Readonly<Record<string, unknown>>;
  readonly messages: StoredMessage[];
  readonly files: StoredFile[];
  readonly reports: EngineReport[];
  /** By id of the message that asked. */
  readonly turns: Map<string, StoredTurn>;
}

/** How much the sandbox takes. Bytes, unless the name says otherwise. */
export interface Limits {
  readonly sessionsPerUser: number;
  readonly fileBytes: number;
  readonly sessionBytes: number;
  readonly totalBytes: number;
  readonly filesPerSession: number;
  readonly messagesPerSession: number;
}

export const DEFAULT_LIMITS: Limits = {
  sessionsPerUser: 1000,
  fileBytes: 256 * 1024 * 1024,
  sessionBytes: 512 * 1024 * 1024,
  totalBytes: 1024 * 1024 * 1024,
  filesPerSession: 1000,
  messagesPerSession: 1_000_000,
};

/** A call that the sandbox refuses; `status` is HTTP-like. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
