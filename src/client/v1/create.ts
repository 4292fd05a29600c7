/** Makes the client of v1; loaded on first use. */

import { parseEndpoint } from '../../core/endpoint.ts';
import { createRedactor } from '../../core/redact.ts';
import { systemClock } from '../clock.ts';
import type { ClientOptions } from '../create-client.ts';
import { V1Client } from './client.ts';
import { type Context, DEFAULT_TIMEOUTS } from './http.ts';

/** As createClient, at once and with v1's own surface (the session object of the reference). */
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
