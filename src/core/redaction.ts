/**
 * Secrets in what is sent are replaced by placeholders; which one stands for which secret is known on this machine only. Pure.
 * A placeholder is plain ASCII, so that it survives every encoding and Markdown: `[[SECRET-1:aws-access-key-id]]`.
 */

import { own } from './own.ts';

/** Placeholder -> secret, of one session. Plain data, for keeping on this machine; never sent, never logged. */
export type SecretMap = Readonly<Record<string, string>>;

/** A secret's place in a text, in UTF-16 units. */
export interface SecretRange {
  readonly start: number;
  readonly end: number;
  /** Stable id of the kind, e.g. `github-token`. */
  readonly kind: string;
}

const PLACEHOLDER = /\[\[SECRET-(\d{1,6}):[a-z0-9-]{1,48}\]\]/g;

/** A shorter secret is replaced where it was flagged only: elsewhere it may be an ordinary word. */
const MIN_ELSEWHERE = 6;

/** Gives each secret of a session its placeholder; the same secret always gets the same one. */
export class Placeholders {
  readonly #secretOf = new Map<string, string>();
  readonly #placeholderOf = new Map<string, string>();
  #last = 0;

  constructor(map: SecretMap = {}) {
    for (const [placeholder, secret] of Object.entries(map)) this.#keep(placeholder, secret);
  }

  /** For keeping. */
  get map(): SecretMap {
    return Object.fromEntries(this.#secretOf);
  }

  /** The secrets known so far, with their placeholders. */
  entries(): Iterable<readonly [secret: string, placeholder: string]> {
    return this.#placeholderOf;
  }

  /** The placeholder of a secret, a new one for a new secret. */
  of(secret: string, kind: string): string {
    const known = this.#placeholderOf.get(secret);
    if (known !== undefined) return known;
    const name =
      kind
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, '-')
        .slice(0, 48) || 'secret';
    const placeholder = `[[SECRET-${this.#last + 1}:${name}]]`;
    this.#keep(placeholder, secret);
    return placeholder;
  }

  /** Numbers that a text uses by itself are passed over: its own words must not turn into a secret when they are restored. */
  avoid(text: string): void {
    for (const [placeholder, number] of text.matchAll(PLACEHOLDER))
      if (!this.#secretOf.has(placeholder)) this.#last = Math.max(this.#last, Number(number));
  }

  #keep(placeholder: string, secret: string): void {
    this.#secretOf.set(placeholder, secret);
    this.#placeholderOf.set(secret, placeholder);
    for (const [, number] of placeholder.matchAll(PLACEHOLDER)) this.#last = Math.max(this.#last, Number(number));
  }
}

/**
 * The text with every flagged secret replaced, wherever else the same secret stands too, and every secret that the session already has a
 * placeholder for. Line numbers stay: the line breaks of a secret (a private key) follow its placeholder.
 */
export function redactSecrets(text: string, ranges: readonly SecretRange[], placeholders: Placeholders): string {
  placeholders.avoid(text);
  const sorted = ranges.filter(({ start, end }) => end > start).toSorted((a, b) => a.start - b.start || b.end - a.end);
  for (const { start, end, kind } of sorted) placeholders.of(text.slice(start, end), kind);
  const known = knownSecrets(placeholders);
  let result = '';
  let at = 0;
  for (const { start, end, kind } of sorted) {
    // What overlaps the one before was covered by it; its rest is a secret of its own.
    const from = Math.max(start, at);
    if (end <= from) continue;
    const secret = text.slice(from, end);
    result += replaceKnown(text.slice(at, from), known) + placeholders.of(secret, kind) + breaksOf(secret);
    at = end;
  }
  return result + replaceKnown(text.slice(at), known);
}

/**
 * Puts the secrets back. For showing on this machine only: the result may go into text that a person reads, never into a link, a request, a
 * prompt, a tool's arguments or a log, as a service that knows the placeholder could otherwise fetch the secret with it.
 */
export function restorePlaceholders(text: string, map: SecretMap): string {
  let result = '';
  let at = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [placeholder] = match;
    const secret = own(map, placeholder);
    if (secret === undefined) continue;
    result += text.slice(at, match.index) + secret;
    at = match.index + placeholder.length;
    const breaks = breaksOf(secret);
    if (breaks !== '' && text.startsWith(breaks, at)) at += breaks.length;
  }
  return result + text.slice(at);
}

/** The line breaks of a secret, which follow its placeholder so that line numbers stay. */
export function breaksOf(secret: string): string {
  return secret.match(/\r\n|\n|\r/g)?.join('') ?? '';
}

/**
 * The secrets by their first characters, then by length, the longest first: a text is walked once, however many there are and however alike
 * they begin.
 */
type KnownSecrets = ReadonlyMap<
  string,
  readonly { readonly length: number; readonly placeholders: Map<string, string> }[]
>;

function knownSecrets(placeholders: Placeholders): KnownSecrets {
  const known = new Map<string, { readonly length: number; readonly placeholders: Map<string, string> }[]>();
  for (const [secret, placeholder] of placeholders.entries()) {
    const { length } = secret;
    if (length < MIN_ELSEWHERE) continue;
    const start = secret.slice(0, MIN_ELSEWHERE);
    const rows = known.get(start) ?? [];
    known.set(start, rows);
    const row = rows.find((other) => other.length === length);
    if (row === undefined) rows.push({ length, placeholders: new Map([[secret, placeholder]]) });
    else row.placeholders.set(secret, placeholder);
  }
  for (const rows of known.values()) rows.sort((a, b) => b.length - a.length);
  return known;
}

function replaceKnown(text: string, known: KnownSecrets): string {
  if (known.size === 0) return text;
  let result = '';
  let copied = 0;
  for (let at = 0; at + MIN_ELSEWHERE <= text.length;) {
    let step = 1;
    for (const { length, placeholders } of known.get(text.slice(at, at + MIN_ELSEWHERE)) ?? []) {
      const secret = text.slice(at, at + length);
      const placeholder = placeholders.get(secret);
      if (placeholder === undefined) continue;
      result += text.slice(copied, at) + placeholder + breaksOf(secret);
      copied = at + length;
      step = length;
      break;
    }
    at += step;
  }
  return result + text.slice(copied);
}
