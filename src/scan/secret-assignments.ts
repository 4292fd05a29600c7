/** Values that are assigned to names such as `password` or `api_key`: in code, in `.env` files, in YAML and JSON. */
import { entropyOf, isMixed, isPlaceholder } from './secret-kinds.ts';

interface Candidate {
  readonly kind: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

const NAMES =
  '(?:pass(?:word|wd|phrase)|pwd|secret|api[_-]?key|apikey|access[_-]?key|auth[_-]?key|encryption[_-]?key|signing[_-]?key|private[_-]?key|account[_-]?key|token|credentials?)';
/** Between the name and the value: `=`, `:`, `:=`, `=>`, with an optional type (`: string =`) or closing quote. */
const BETWEEN = `(?:_?[A-Za-z0-9]{1,12}){0,2}["'\\]]{0,2}\\s{0,12}(?:!?:\\s{0,4}[A-Za-z&'\\[\\]]{1,24}\\s{0,4})?(?::=|=>|[:=])\\s{0,12}`;
const QUOTED = new RegExp(`(${NAMES})${BETWEEN}(?:[bru]{0,2}|@|N)(["'\`])([^"'\`\\n]{6,400})\\2`, 'gi');
const BARE = new RegExp(
  `^[ \\t]{0,40}(?:export |set |-e |- |ENV |ARG )?([A-Za-z0-9_.-]{0,60}${NAMES}[A-Za-z0-9_-]{0,24})(?:[ \\t]{0,8}[=:][ \\t]{0,8})([^\\s"'\`;,(){}<>]{8,400})[ \\t]{0,8}(?:#.{0,200})?\\r?$`,
  'gim',
);

/** Words of the name that say it is about a secret but holds none: `token_type`, `passwordField`, `secret_name`. */
const ABOUT =
  /(?:type|name|field|label|url|uri|path|file|id|length|policy|hint|header|param|regex|pattern|count|limit|expiry|expires|ttl|reset|input|placeholder|error|message|class|text|title|column|ref|count|format|prefix|suffix|kind|algorithm|endpoint|version|arn|scope|hash(?:ed)?|public)s?$/i;

/** The assigned values that look like a secret. Offsets are those of the value. */
export function* assignedSecrets(text: string): Generator<Candidate> {
  for (const match of text.matchAll(QUOTED)) {
    const value = match[3] ?? '';
    const start = match.index + match[0].length - 1 - value.length;
    const candidate = judge(nameOf(text, match), match[1] ?? '', value, start);
    if (candidate !== undefined) yield candidate;
  }
  for (const match of text.matchAll(BARE)) {
    const value = match[2] ?? '';
    const name = match[1] ?? '';
    // Without quotes most values are variables, calls and types: only what no identifier looks like is taken.
    // A password in an environment file is the exception: people choose them.
    const isChosen = /^[A-Z][A-Z0-9_]*PASS[A-Z0-9_]*$/.test(name);
    if (!/\d/.test(value) || (/^\w+$/.test(value) && !looksRandom(value) && !isChosen)) continue;
    const start = match.index + match[0].indexOf(value, match[0].indexOf(name) + name.length);
    const candidate = judge(name, new RegExp(NAMES, 'i').exec(name)?.[0] ?? '', value, start);
    if (candidate !== undefined) yield candidate;
  }
}

/** The whole name, with what stands before and after the word that was found. */
const nameOf = (text: string, match: RegExpMatchArray & { index?: number }): string => {
  const start = match.index ?? 0;
  const before = /[\w.-]{0,40}$/.exec(text.slice(Math.max(0, start - 40), start))?.[0] ?? '';
  const after = /^[\w-]{0,60}/.exec(text.slice(start, start + 60))?.[0] ?? '';
  return before + after;
};

const judge = (name: string, word: string, value: string, start: number): Candidate | undefined => {
  if (ABOUT.test(name) || isPlaceholder(value) || /\s/.test(value)) return undefined;
  // Addresses, paths, media types, dotted names and templates are no secrets, whatever they are assigned to.
  if (/^(?:https?:|\.{0,2}\/|[a-z]+\/[a-z.+-]+$|[\w-]+(?:\.[A-Za-z_]\w*)+$)|[%{][a-z(]/i.test(value)) return undefined;
  const isPassword = /^(?:pass|pwd)/i.test(word);
  const range = { start, end: start + value.length };
  if (isPassword) {
    const wordLike = /^[A-Za-z]+(?:[ _-][A-Za-z]+)*[:!?.]?$/.test(value);
    if (wordLike || !isMixed(value)) return undefined;
    return { kind: 'password', title: 'hard-coded password', ...range };
  }
  const words = /^[A-Za-z]+(?:[_:.-][A-Za-z]+)*$/.test(value);
  const strong = value.length >= 12 && entropyOf(value) >= 3 && /\d/.test(value) && /[A-Za-z]/.test(value);
  if (words || !strong) return undefined;
  return { kind: 'assigned-secret', title: 'hard-coded key or token', ...range };
};

/** Letters and digits in turn, as no one names a variable. */
const looksRandom = (value: string): boolean =>
  ((value.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])/g) ?? []).length >= 3 && entropyOf(value) >= 3) ||
  (value.length >= 20 && !value.includes('_') && entropyOf(value) >= 4);
