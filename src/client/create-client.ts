/** The only entry of this room that the host uses: an endpoint and a key become a SecGeminiClient. */

import type { SecGeminiClient } from '../core/client.ts';
import { parseEndpoint } from '../core/endpoint.ts';
import { createRedactor } from '../core/redact.ts';
import { type Clock, systemClock } from './clock.ts';
import type { TransportOptions } from './transport.ts';
import { V1Client } from './v1/client.ts';
import { type Context, DEFAULT_TIMEOUTS, type LogLevel, type Timeouts } from './v1/http.ts';

export interface ClientOptions {
  /** See parseEndpoint: https, or http to this machine; nothing is resolved or connected before it is checked. */
  readonly endpoint: string;
  readonly apiKey: string;
  readonly protocol: 'v1';
  /** Inside VS Code leave it out, see transport.ts. */
  readonly transport?: TransportOptions | undefined;
  /** Lines come redacted. */
  readonly log?: ((level: LogLevel, text: string) => void) | undefined;
  /** Base URL of the logs service; without it `capabilities.logs` is false. The caller has asked the user about its origin. */
  readonly logsService?: string | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
}

/** Makes a client; connects to nothing yet. Throws `invalidArgument` for an endpoint that may not be used. */
export function createClient(options: ClientOptions): SecGeminiClient {
  return createV1Client(options);
}

/** As createClient, with v1's own surface (the session object of the reference). */
export function createV1Client(options: ClientOptions): V1Client {
  const endpoint = parseEndpoint(options.endpoint);
  const redactor = createRedactor();
  redactor.add(options.apiKey);
  const redact = (text: string): string => redactor.redact(text);
  const closing = new AbortController();
  const { log } = options;
  const context: Context = {
    endpoint,
    apiKey: options.apiKey,
    transport: options.transport ?? {},
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    log: (level, text) => log?.(level, redact(text)),
    redact,
    closed: closing.signal,
    timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
  };
  return new V1Client(context, closing, {
    logs: options.logsService === undefined ? undefined : parseEndpoint(options.logsService),
  });
}
