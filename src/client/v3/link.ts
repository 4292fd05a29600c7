/** One HTTP/2 connection with the hub's stream on it, from the socket to the end. Never used again after its end. */

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SecGeminiError } from '../../core/errors.ts';
import { type GrpcCall, openCall } from './call.ts';
import { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { cancelled } from './errors.ts';
import { ClientMessageSchema, ServerMessageSchema } from './gen/api_hub_pb.js';
import type { ServerMessage } from './gen/api_hub_pb.js';
import { bearerFor } from './oidc.ts';

export const HUB_PATH = '/secgemini.api_hub.ApiHub/Connect';

export interface LinkEvents {
  onMessage(message: ServerMessage): void;
  /** A message that could not be read was skipped. */
  onUnreadable(): void;
  /** A message of `length` bytes, over the limit, was skipped. */
  onOversize(length: number): void;
  onAlive(): void;
  onGoAway(): void;
  /** Once, whatever ended it. */
  onEnd(error: SecGeminiError | undefined): void;
}

/** Metadata for a deployment behind an identity proxy; empty nearly always. */
export function identityHeaders(context: Context): Record<string, string> {
  const bearer = bearerFor(context.identityToken(), context.endpoint.hostname, context.clock.wall());
  return bearer === undefined ? {} : { authorization: bearer };
}

export class Link {
  readonly #connection: Connection;
  readonly #events: LinkEvents;
  #call: GrpcCall | undefined;
  #over = false;
  #why: SecGeminiError | undefined;

  private constructor(connection: Connection, events: LinkEvents) {
    this.#connection = connection;
    this.#events = events;
  }

  /** Opens the connection and the stream. Rejects with SecGeminiError; no event has fired then. */
  static async open(context: Context, events: LinkEvents, signal: AbortSignal): Promise<Link> {
    const connection = await Connection.open(context, signal);
    const link = new Link(connection, events);
    connection.onGoAway(() => events.onGoAway());
    try {
      link.#call = openCall(connection, {
        path: HUB_PATH,
        headers: identityHeaders(context),
        redact: context.redact,
        events: {
          onMessage: (payload) => link.#onMessage(payload),
          onOversize: (length) => events.onOversize(length),
          onAlive: () => events.onAlive(),
          onEnd: (error) => link.#end(error),
        },
      });
    } catch (error) {
      connection.close();
      throw error;
    }
    if (signal.aborted) {
      link.close(cancelled());
      throw cancelled();
    }
    return link;
  }

  get isOpen(): boolean {
    return !this.#over;
  }

  send(message: MessageInitShape<typeof ClientMessageSchema>): void {
    if (!this.#over) this.#call?.write(toBinary(ClientMessageSchema, create(ClientMessageSchema, message)));
  }

  /** Stops and starts reading from the network; what is not read is held back at the service. */
  setPaused(paused: boolean): void {
    if (paused) this.#call?.pause();
    else this.#call?.resume();
  }

  /** Drops the connection at once; `onEnd` comes with `why`. */
  close(why: SecGeminiError): void {
    if (this.#over) return;
    this.#why = why;
    this.#call?.cancel();
    this.#end(why);
  }

  #onMessage(payload: Uint8Array | undefined): void {
    if (this.#over) return;
    let message: ServerMessage;
    try {
      if (payload === undefined) return this.#events.onUnreadable();
      message = fromBinary(ServerMessageSchema, payload);
    } catch {
      return this.#events.onUnreadable();
    }
    this.#events.onMessage(message);
  }

  #end(error: SecGeminiError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#connection.close();
    this.#events.onEnd(this.#why ?? error);
  }
}
