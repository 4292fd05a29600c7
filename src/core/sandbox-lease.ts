/**
 * How the windows of an editor profile find and share one local sandbox. Pure: the sandbox writes a lease, the host reads it.
 *
 * Files, in a folder of the profile: STATE_FILE (sessions, key, port; the sandbox's own format) and LEASE_FILE (this format, mode 0600,
 * put in place by a rename, removed when the sandbox ends well; after a crash it stays and names a process that is gone).
 *
 * To get a sandbox, a window
 *  1. reads the lease. There is one: GET HELLO_PATH?nonce=RANDOM on its port, without the key. The answer is {"proof": hex} with
 *     proof = HMAC-SHA256(key, PROOF_PREFIX + nonce); anything else is another program on that port: the lease is stale.
 *  2. else starts `sandbox.mjs --profile FOLDER`, which prints one JSON line {"endpoint","apiKey","pid","joined"}: either it serves now, or
 *     (`joined`: true, and it exits with 0) another window was faster and this is that window's sandbox.
 *  3. holds a WebSocket open on HOLD_PATH with the key in the header KEY_HEADER for as long as the window uses the sandbox. Nothing is
 *     said on it but pings. The sandbox ends 60 s after the last of these closed, or when none came within 60 s after its start.
 *  4. when that WebSocket breaks, starts again at 1: a restarted sandbox has the same key and, unless another program took it, the same port.
 */

export const LEASE_FILE = 'sandbox.lease.json';
export const STATE_FILE = 'sandbox.state';
export const HOLD_PATH = '/sandbox/hold';
export const HELLO_PATH = '/sandbox/hello';
export const KEY_HEADER = 'x-api-key';
export const PROOF_PREFIX = 'sec-gemini-sandbox-hello:';

export interface SandboxLease {
  readonly version: 1;
  readonly pid: number;
  /** On 127.0.0.1. */
  readonly port: number;
  /** Made with the state: 256 random bits, base64url. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export function formatLease(lease: SandboxLease): string {
  return `${JSON.stringify(lease)}\n`;
}

/** Undefined when the text is no lease of a version known here. */
export function parseLease(text: string): SandboxLease | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, pid, port, key, startedAt } = value as Partial<Record<keyof SandboxLease, unknown>>;
  const whole = (number: unknown, most: number): number is number =>
    typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= most;
  if (version !== 1 || !whole(pid, 2 ** 32) || !whole(port, 65_535) || !whole(startedAt, Number.MAX_SAFE_INTEGER))
    return undefined;
  if (typeof key !== 'string' || !/^[\w-]{43}$/.test(key)) return undefined;
  return { version, pid, port, key, startedAt };
}
