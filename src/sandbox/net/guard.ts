/**
 * Who may talk to the sandbox at all, decided from a request's head before its body is read and before any upgrade (trust.md S34, S35):
 * a browser page of another site must not reach it, neither directly (it sends an Origin) nor by DNS rebinding (its Host is a name).
 */

export interface RequestHead {
  /** Every Host header (HTTP/1.1) or the `:authority` (HTTP/2). */
  readonly hosts: readonly string[];
  /** Whether there is an Origin header, even an empty one. */
  readonly hasOrigin: boolean;
  /** The request target. */
  readonly target: string;
}

export interface Denial {
  readonly status: 400 | 403;
  readonly detail: string;
}

/** Any port: behind a port forwarding the client's is not ours. */
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?$/;

/** Undefined = may go on to the key check. */
export function denyHead({ hosts, hasOrigin, target }: RequestHead): Denial | undefined {
  const [host] = hosts;
  if (hosts.length !== 1 || host === undefined || !LOOPBACK_HOST.test(host)) {
    return { status: 403, detail: 'Forbidden: the host must be 127.0.0.1, [::1] or localhost.' };
  }
  if (hasOrigin) return { status: 403, detail: 'Forbidden: requests of web pages are refused.' };
  if (!target.startsWith('/')) return { status: 400, detail: 'Bad request: the target must be a path.' };
  return undefined;
}

/** The values of one header, as often as it was sent (Node's own `headers` keeps only the first Host). */
export function rawHeader(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}
