/** Retry-After in milliseconds: seconds or a date. Undefined for anything else; at most one day. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\s*\d{1,9}\s*$/.test(value) ? Number(value) : (dateOf(value) - nowMs) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(Math.max(0, seconds), 86_400) * 1000;
}

/** Only the date that HTTP writes: Date.parse() would also take "-5" for one. */
function dateOf(value: string): number {
  return /^\s*[A-Za-z]{3,9},? .*\d:\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
}
