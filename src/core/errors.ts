/** Everything that can go wrong, in one class with stable codes, so that each room can decide by code and show the same words. */

/**
 * The stable codes. They are the vocabulary of the whole house: the wire codecs map to them, the page and the tree read them.
 * `expired` is a session that the service no longer keeps; `protocol` is an answer that the client could not make sense of;
 * `storage` is this machine's disk, never the service.
 */
export type ErrorCode =
  | 'unauthenticated'
  | 'permissionDenied'
  | 'notFound'
  | 'expired'
  | 'invalidArgument'
  | 'tooLarge'
  | 'rateLimited'
  | 'unavailable'
  | 'timeout'
  | 'cancelled'
  | 'storage'
  | 'protocol';

/** One field of a request that the service refused (HTTP 422 names them). `path` is dotted, e.g. `body.ttl`. */
export interface InvalidField {
  readonly path: string;
  readonly message: string;
}

export interface SecGeminiErrorOptions {
  /** One sentence that tells the user what to do. Falls back to the code's own sentence. */
  readonly action?: string;
  /** How long the service asked to wait, in milliseconds (Retry-After). */
  readonly retryAfterMs?: number;
  readonly fields?: readonly InvalidField[];
  /** The status on the wire (HTTP status, v1 status_code or WebSocket close code) for the log. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** What the user can do about each code, when the thrower has nothing better to say. */
const DEFAULT_ACTIONS: Readonly<Record<ErrorCode, string>> = {
  unauthenticated: 'Set the API key again (command "Sec-Gemini: Set API Key").',
  permissionDenied: 'Ask for this permission with the owner of the API key, or use another key.',
  notFound: 'Refresh the sessions; it may have been deleted elsewhere.',
  expired: 'Start a new session; the transcript kept here stays readable.',
  invalidArgument: 'Correct the named value and try again.',
  tooLarge: 'Send less: a smaller file, or a selection of it.',
  rateLimited: 'Wait a moment and try again.',
  unavailable: 'Check the network and try again; nothing was lost.',
  timeout: 'Try again; nothing was lost.',
  cancelled: 'Start it again when you want to.',
  storage: 'Free some space or check the permissions of the folder; the editor goes on in memory and tries again.',
  protocol: 'Try again; if it stays so, open the log (command "Sec-Gemini: Show Log").',
};

/** The one error of the house. `message` says what happened, `action` what to do; neither ever holds a key. */
export class SecGeminiError extends Error {
  override readonly name = 'SecGeminiError';
  readonly code: ErrorCode;
  readonly action: string;
  readonly retryAfterMs: number | undefined;
  readonly fields: readonly InvalidField[];
  readonly status: number | undefined;

  constructor(code: ErrorCode, message: string, options: SecGeminiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.action = options.action ?? DEFAULT_ACTIONS[code];
    this.retryAfterMs = options.retryAfterMs;
    this.fields = options.fields ?? [];
    this.status = options.status;
  }
}

/** True for an error of the given code (any code when none is given). */
export function isSecGeminiError(error: unknown, code?: ErrorCode): error is SecGeminiError {
  return error instanceof SecGeminiError && (code === undefined || error.code === code);
}

/** Makes whatever was thrown into the house's error; an unknown one becomes `protocol` with its own words kept. */
export function toSecGeminiError(error: unknown): SecGeminiError {
  if (error instanceof SecGeminiError) return error;
  if (error instanceof Error) {
    if (error.name === 'AbortError') return new SecGeminiError('cancelled', 'Cancelled.', { cause: error });
    return new SecGeminiError('protocol', error.message, { cause: error });
  }
  return new SecGeminiError('protocol', String(error));
}

/** The two sentences a person reads: what happened, and what to do. */
export function describeError(error: unknown): string {
  const known = toSecGeminiError(error);
  const what = /[.!?…]$/.test(known.message) ? known.message : `${known.message}.`;
  return `${what} ${known.action}`;
}

/** A plain copy for places that only take data (the page, an export). */
export interface ErrorInfo {
  readonly code: ErrorCode;
  readonly message: string;
  readonly action: string;
  readonly retryAfterMs?: number;
}

export function errorInfo(error: unknown): ErrorInfo {
  const known = toSecGeminiError(error);
  return {
    code: known.code,
    message: known.message,
    action: known.action,
    ...(known.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
  };
}
