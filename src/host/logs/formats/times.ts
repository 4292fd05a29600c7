/** Times of logs as ISO 8601. With a zone they become UTC (`…Z`); without one they stay as the log has them. Pure. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const ISO =
  /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;

/** `2026-03-01T12:00:00+01:00`, `2026/03/01 12:00:00`, seconds or milliseconds since the epoch. Null for anything else. */
export function isoTime(value: string | number): string | null {
  if (typeof value === 'number' || /^\d{10}(?:\.\d{1,9})?$|^\d{13}$/.test(value)) return epochTime(Number(value));
  const match = ISO.exec(value.trim());
  if (match === null) return null;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00', fraction, zone] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction === undefined ? '' : `.${fraction.slice(0, 3)}`}`;
  return zone === undefined ? local : withZone(local, zone);
}

function epochTime(value: number): string | null {
  // From 2001 to 2286; what is neither is no time.
  const ms = value >= 1e9 && value < 1e10 ? value * 1000 : value >= 1e12 && value < 1e13 ? value : undefined;
  return ms === undefined ? null : plain(new Date(Math.round(ms)).toISOString());
}

/** `local` is ISO without a zone. Null when it is no date. */
function withZone(local: string, zone: string): string | null {
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}` : 'Z';
  const at = Date.parse(local + offset);
  return Number.isNaN(at) ? null : plain(new Date(at).toISOString());
}

/** Whole seconds are written without a fraction, as most logs do. */
function plain(iso: string): string {
  return iso.replace('.000Z', 'Z');
}

/** `10/Oct/2000:13:55:36 -0700` of a web server. */
export function webTime(value: string): string | null {
  const match = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d)(?: ([+-]\d{4}))?/.exec(value);
  const month = monthOf(match?.[2]);
  if (match === null || month === undefined) return null;
  const [, day = '', , year = '', clock = '', zone] = match;
  const local = `${year}-${month}-${day}T${clock}`;
  return zone === undefined ? local : withZone(local, zone);
}

/** `Mar  1 12:00:00` of syslog has no year: that of the file's last change, or the one before when it would lie after it. */
export function syslogTime(value: string, modifiedMs: number): string | null {
  const match = /^(\w{3}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)$/.exec(value);
  const month = monthOf(match?.[1]);
  if (match === null || month === undefined) return isoTime(value);
  const [, , day = '', clock = ''] = match;
  const changed = new Date(modifiedMs);
  const year = changed.getFullYear();
  const rest = `${month}-${day.padStart(2, '0')}T${clock}`;
  // A day of grace: zones differ.
  const limit = new Date(modifiedMs + 86_400_000);
  return `${Date.parse(`${year}-${rest}`) > limit.getTime() ? year - 1 : year}-${rest}`;
}

/** `Wed Oct 11 14:32:52.123456 2026` of Apache's error log. */
export function apacheErrorTime(value: string): string | null {
  const match = /^\w{3} (\w{3}) (\d{1,2}) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))? (\d{4})$/.exec(value);
  const month = monthOf(match?.[1]);
  if (match === null || month === undefined) return null;
  const [, , day = '', clock = '', fraction, year = ''] = match;
  return `${year}-${month}-${day.padStart(2, '0')}T${clock}${fraction === undefined ? '' : `.${fraction.slice(0, 3)}`}`;
}

function monthOf(name: string | undefined): string | undefined {
  const at = MONTHS.indexOf((name ?? '').toLowerCase());
  return at < 0 ? undefined : String(at + 1).padStart(2, '0');
}
