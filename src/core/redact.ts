/** The one redactor: whatever goes to a log, a notification or an error text passes here first (trust.md S20, T12). Pure. */

/** What stands in the place of a secret. */
export const REDACTED = '‹redacted›';

export interface Redactor {
  /** Registers a secret; texts shorter than 4 characters are ignored, they would blank ordinary words. */
  add(secret: string): void;
  /** Masks every registered secret in each of its spellings, and whatever stands in the usual places for keys. */
  redact(text: string): string;
}

/** `api_key=…` in a URL, `x-api-key: …` and `Authorization: Bearer …` in a header dump or as JSON. */
const PLACES: readonly RegExp[] = [
  /((?:[?&;\s"']|^)(?:api_key|apikey|key)=)[^&\s"'<>]+/gi,
  /(\\?["']?(?:x-api-key|x-goog-api-key|proxy-authorization)\\?["']?\s*[:=]\s*\\?["']?)[^\s"',}\\]+/gi,
  /(\\?["']?authorization\\?["']?\s*[:=]\s*\\?["']?(?:(?:bearer|basic)\s+)?)[^\s"',}\\]+/gi,
  // A user name and a password in a URL.
  /(\bhttps?:\/\/|\bwss?:\/\/)[^\s/@"']+@/gi,
];

/** A redactor of its own; the house has one, registered with the keys it knows. */
export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    add(secret) {
      if (secret.length < 4 || secrets.has(secret)) return;
      secrets.add(secret);
      pattern = undefined;
    },
    redact(text) {
      let result = text;
      if (secrets.size > 0) {
        pattern ??= patternOf(secrets);
        result = result.replace(pattern, REDACTED);
      }
      for (const place of PLACES) {
        result = result.replace(place, (_match, before: string) =>
          before.includes('://') ? `${before}${REDACTED}@` : `${before}${REDACTED}`,
        );
      }
      return result;
    },
  };
}

function patternOf(secrets: ReadonlySet<string>): RegExp {
  const spellings = new Set<string>();
  for (const secret of secrets) for (const spelling of spellingsOf(secret)) spellings.add(spelling);
  // The longest first, so that a spelling that begins with another one is masked whole.
  const sources = [...spellings].sort((a, b) => b.length - a.length).map(escape);
  // Hex and percent escapes are written in either case; base64 is not, but a mask too many does no harm.
  return new RegExp(sources.join('|'), 'gi');
}

/** Raw, URL-encoded (as encodeURIComponent and as bytes), JSON-escaped, hex, and base64 at each of the three byte offsets. */
export function spellingsOf(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  const result = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ k: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    hex.join(''),
    hex.map((pair) => `%${pair}`).join(''),
    hex.join(' '),
    hex.join(':'),
  ];
  // Inside a longer text that was encoded as a whole (`user:key`), the secret's base64 depends on where it starts: what surely belongs
  // to it at each offset is masked.
  for (let offset = 0; offset < 3; offset += 1) {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const whole = base64(padded);
    const from = offset === 0 ? 0 : offset + 1;
    const to = Math.floor(((offset + bytes.length) * 8) / 6);
    const core = whole.slice(from, to);
    if (core.length >= 6) result.push(core, core.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return result.filter((spelling) => spelling.length >= 4);
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
