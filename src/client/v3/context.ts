/** What every part of the v3 client shares. */

import type { Endpoint } from '../../core/endpoint.ts';
import type { Clock } from '../clock.ts';
import type { TransportOptions } from '../transport.ts';

export interface Context {
  readonly endpoint: Endpoint;
  readonly apiKey: string;
  readonly transport: TransportOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (level: 'trace' | 'info' | 'warn' | 'error', text: string) => void;
  /** Applied to every text that leaves the client. */
  readonly redact: (text: string) => string;
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal;
  /** The OIDC token for a deployment behind an identity proxy, asked for at every connection; see oidc.ts. */
  readonly identityToken: () => string | undefined;
}

/** Times in milliseconds, from protocol/v3.md and trust.md (F05, F07, F22). */
export const TIMES = {
  /** TCP, proxy and TLS together, and then the registration. */
  connect: 15_000,
  request: 60_000,
  create: 30_000,
  /** Silence after which the link is asked for a sign of life, and how long the answer may take. */
  silence: 20_000,
  answer: 15_000,
  /** The same after the machine slept: decide sooner. */
  answerAfterSleep: 8_000,
  /** HTTP/2 PINGs oftener than every five minutes are answered with GOAWAY. */
  ping: 300_000,
  /** A link that nobody uses is closed. */
  idle: 600_000,
} as const;

/** The largest message taken from the service; a larger one is skipped (S40). */
export const RECEIVE_LIMIT = 16 * 1024 * 1024;
