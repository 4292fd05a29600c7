/** What the rooms below the host may say to the log. The host's implementation redacts before it writes. */
export interface Log {
  trace(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** For tests and for places without a log. */
export const silentLog: Log = {
  trace: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
