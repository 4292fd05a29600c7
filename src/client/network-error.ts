/** Trouble below the protocol in the house's words: names, certificates, sockets. Both protocols meet it. */

import type { Endpoint } from '../core/endpoint.ts';
import { SecGeminiError } from '../core/errors.ts';

interface NetworkContext {
  readonly endpoint: Endpoint;
  readonly redact: (text: string) => string;
}

const TLS_CODES = /^(ERR_TLS|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|ERR_SSL|HOSTNAME_MISMATCH|INVALID_CA)/;

/** What went wrong below HTTP, in words. The original stays only as its code: its text may hold the address. */
export function networkError(context: NetworkContext, error: unknown): SecGeminiError {
  if (error instanceof SecGeminiError) return error;
  const { code = '', message = '' } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  const host = context.endpoint.hostname;
  const cause = new Error(context.redact(code || message || 'unknown'));
  if (error instanceof AggregateError && code === '' && error.errors.length > 0)
    return networkError(context, error.errors[0]);
  if (TLS_CODES.test(code))
    return new SecGeminiError('unavailable', `The certificate of ${host} is not trusted (${code}).`, {
      cause,
      action: 'If your organisation inspects TLS, add its certificate to the system or set NODE_EXTRA_CA_CERTS.',
    });
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new SecGeminiError('unavailable', `The name ${host} could not be resolved.`, { cause });
  if (code === 'ECONNREFUSED') return new SecGeminiError('unavailable', `Nothing answers at ${host}.`, { cause });
  if (code === 'ETIMEDOUT') return new SecGeminiError('timeout', `${host} did not answer in time.`, { cause });
  return new SecGeminiError('unavailable', context.redact(`The connection to ${host} failed (${code || message}).`), {
    cause,
  });
}
