/** gRPC's ways to fail in the house's words. */

import { type ErrorCode, SecGeminiError } from '../../core/errors.ts';

/** By gRPC status. `canceled` did not come from us when it gets here: the link was lost. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  1: 'unavailable',
  2: 'unavailable',
  3: 'invalidArgument',
  4: 'timeout',
  5: 'notFound',
  6: 'invalidArgument',
  7: 'permissionDenied',
  8: 'rateLimited',
  9: 'invalidArgument',
  10: 'unavailable',
  11: 'invalidArgument',
  12: 'protocol',
  13: 'unavailable',
  14: 'unavailable',
  15: 'protocol',
  16: 'unauthenticated',
};

const WORDS: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'The service refused the API key',
  permissionDenied: 'The service does not allow this',
  rateLimited: 'The service wants less',
  unavailable: 'The connection to the service was lost',
  notFound: 'The service does not know this',
  protocol: 'The service does not speak this protocol',
  timeout: 'The service took too long',
  invalidArgument: 'The service refused the request',
};

/** The error for a gRPC status other than 0. `said` is the service's own text, already redacted. */
export function statusError(status: number, said: string): SecGeminiError {
  const code = CODES[status] ?? 'unavailable';
  const what = WORDS[code] ?? 'The service failed';
  return new SecGeminiError(code, said === '' ? `${what}.` : `${what}: ${said.slice(0, 500)}`, { status });
}

/** The error for an HTTP answer that is not gRPC: a proxy, a load balancer, or a service that speaks something else. */
export function httpStatusError(status: number, retryAfterMs?: number): SecGeminiError {
  const code: ErrorCode =
    status === 401
      ? 'unauthenticated'
      : status === 403
        ? 'permissionDenied'
        : status === 429
          ? 'rateLimited'
          : status >= 500
            ? 'unavailable'
            : 'protocol';
  return new SecGeminiError(
    code,
    status >= 300 && status < 400
      ? `The service wanted to redirect (${status}); redirects are refused.`
      : `The service answered with HTTP status ${status}, not gRPC.`,
    {
      status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(code === 'protocol' ? { action: 'Check secGemini.endpoint and secGemini.protocol.' } : {}),
    },
  );
}

export function lost(detail = ''): SecGeminiError {
  return new SecGeminiError(
    'unavailable',
    `The connection to the service was lost${detail === '' ? '' : ` (${detail})`}.`,
  );
}

export function cancelled(): SecGeminiError {
  return new SecGeminiError('cancelled', 'Cancelled.');
}

export function sessionGone(): SecGeminiError {
  return new SecGeminiError('notFound', 'The service does not know this session: it expired or was deleted.');
}

/** The service has no answer to which sessions there are: nothing may be taken from that. */
export function notListed(): SecGeminiError {
  return new SecGeminiError('unavailable', 'The service did not list the sessions.', {
    action: 'Try again in a moment.',
  });
}

/** A file that the service did not remove, in its own words where they say more than that it is not there. */
export function notDetached(said: string): SecGeminiError {
  return said === '' || /not found|no such/i.test(said)
    ? new SecGeminiError('notFound', 'The service does not hold this file any more.')
    : new SecGeminiError('invalidArgument', `The service did not remove the file: ${said}`);
}
