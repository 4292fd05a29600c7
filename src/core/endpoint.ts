/** Where the service is: the one place that decides which addresses may be talked to (trust.md S14, S21). Pure: nothing is resolved. */

import { SecGeminiError } from './errors.ts';

export interface Endpoint {
  /** Scheme, host and port without a trailing slash, as `URL.origin` gives it; the API key belongs to it. */
  readonly origin: string;
  /** Host as the URL has it: `[::1]` keeps its brackets, an international name is in punycode. */
  readonly hostname: string;
  /** Always given, the scheme's own where the text names none. */
  readonly port: number;
  readonly secure: boolean;
  readonly loopback: boolean;
}

/** The only names that count as this machine. `127.0.0.2`, `0.0.0.0` and `localhost.example` do not. */
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', '::1', 'localhost']);

/** True for exactly 127.0.0.1, ::1 (with or without brackets) and localhost. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK_HOSTS.has(hostname.toLowerCase());
}

function refuse(message: string, action: string): never {
  throw new SecGeminiError('invalidArgument', message, { action });
}

const EXAMPLE = 'Set secGemini.endpoint to an address such as https://api.secgemini.google.';

/**
 * Reads an endpoint of the settings. https everywhere, http only to the loopback literals, no user name, no path, no query.
 * Throws `invalidArgument`; the message never repeats what stood before an `@`.
 */
export function parseEndpoint(text: string): Endpoint {
  const trimmed = text.trim();
  // URL() drops tabs and newlines in the middle of the text silently; an address with any of these is a mistake or a trick.
  if (trimmed === '' || /[\s\u0000-\u001f\u007f\\]/.test(trimmed)) refuse('The endpoint is not an address.', EXAMPLE);
  // Only `scheme://` is an address here: URL() would also take `https:host` and `https:/host`.
  if (!/^https?:\/\//i.test(trimmed)) refuse('The endpoint must start with https://.', EXAMPLE);
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    return refuse('The endpoint is not an address.', EXAMPLE);
  }
  if (url.username !== '' || url.password !== '' || trimmed.split('/')[2]?.includes('@') === true)
    refuse('The endpoint must not hold a user name or a password.', 'Remove everything before the "@".');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]/.test(trimmed))
    refuse('The endpoint must be a host alone, without a path or a query.', EXAMPLE);
  const loopback = isLoopback(url.hostname);
  // `http://2130706433` and `http://0x7f.1` become 127.0.0.1 in URL(); what stands in the settings must be readable as such.
  if (loopback && !/^https?:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:|\/|$)/i.test(trimmed))
    refuse('The endpoint writes this machine in an unusual way.', 'Write 127.0.0.1, [::1] or localhost.');
  const secure = url.protocol === 'https:';
  if (!secure && !loopback)
    refuse(
      `The endpoint ${url.host} would get the API key unencrypted.`,
      'Use https://; http:// is only for 127.0.0.1, [::1] and localhost.',
    );
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { origin: url.origin, hostname: url.hostname, port, secure, loopback };
}
