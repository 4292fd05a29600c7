/**
 * Indicators of compromise with their lines: addresses, domains, URLs, e-mails, hashes, CVEs; defanged ones are refanged.
 * The places come from our own linear patterns; whether a name can be a domain is judged by ioc-extractor's list of TLDs.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { isDomain } from 'ioc-extractor';
import type { SecretMatch } from '../../scan/secrets.ts';
import { firstEndingAfter } from './secret-findings.ts';
import { entropyOf } from '../../scan/secret-kinds.ts';
import type { TextLines } from '../../scan/text.ts';
import { breathe } from '../../scan/text.ts';

export const INDICATOR_KINDS = [
  'url',
  'domain',
  'ipv4',
  'ipv6',
  'email',
  'sha512',
  'sha256',
  'sha1',
  'md5',
  'cve',
] as const;
export type IndicatorKind = (typeof INDICATOR_KINDS)[number];

export interface Indicator {
  readonly kind: IndicatorKind;
  /** Refanged; secrets in it masked. */
  readonly value: string;
  /** True when it stood defanged somewhere in the file. */
  readonly defanged: boolean;
  /** Lines that hold it, ascending, from 1; at most MAX_LINES of them. */
  readonly lines: readonly number[];
  readonly count: number;
}

export const MAX_LINES = 20;
/** At most this many different indicators of one file. */
export const MAX_INDICATORS = 5000;

const DOT = '(?:\\.|\\[\\.\\]|\\(\\.\\)|\\{\\.\\}|\\[dot\\]|\\(dot\\)|\\[\\.|\\\\\\.)';
const AT = '(?:@|\\[@\\]|\\[at\\]|\\(at\\)|\\{at\\})';
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const HOST = `(?:${LABEL}${DOT}){1,8}(?:xn--[A-Za-z0-9-]{2,40}|[A-Za-z]{2,24})`;

const PATTERNS: readonly (readonly [kind: IndicatorKind | 'hash', pattern: RegExp])[] = [
  [
    'url',
    /(?<![A-Za-z0-9])(?:h[tx]{2}ps?|f[tx]ps?|wss?)(?:\[:\/\/\]|(?:\[:\]|:)\/\/|\[:\]\\\/\\\/)[^\s"'`<>|^\\{}]{3,2000}/gi,
  ],
  ['email', new RegExp(`(?<![\\w.%+-])[A-Za-z0-9._%+-]{1,64}${AT}${HOST}(?![\\w-])`, 'gi')],
  ['ipv4', new RegExp(`(?<![\\w.-])(?:\\d{1,3}${DOT}){3}\\d{1,3}(?![\\w-]|\\.\\d)`, 'gi')],
  ['ipv6', /(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])/g],
  ['domain', new RegExp(`(?<![\\w@.%+=/\\\\\\])}-])${HOST}(?![\\w@-]|\\(|\\.\\w)`, 'gi')],
  [
    'hash',
    /(?<![0-9A-Za-z+/=_-])(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9A-Za-z+/=_-])/g,
  ],
  ['cve', /(?<![\w-])CVE-(?:19|20)\d{2}-\d{4,7}(?!\d)/gi],
];

/** Ends of names that are far more often a file than a host. */
const FILE_LIKE =
  /\.(?:py|rs|sh|md|pl|zip|mov|ps|cc|so|ai|app|run|name|id|info|java|js|ts|cs|go|rb|php|sql|ps1|bat|exe|dll|lnk|doc|docx|xls|pdf|txt|log|conf|cfg|ini|json|yml|yaml|toml|xml|html|htm|css|csv|tf|env|lock|service|target|is|in|to|as|do|my|me|am|it|no|so|at|be|by|us)$/i;
const RESERVED = /\.(?:invalid|example|test|onion|internal|local)$/i;

/** `hxxps[:]//a[.]b` as `https://a.b`. */
export const refang = (text: string): string =>
  text
    .replace(/^h[tx]{2}p/i, 'http')
    .replace(/^f[tx]p/i, 'ftp')
    .replace('[://]', '://')
    .replace(/\[:\](?:\/\/|\\\/\\\/)/, '://')
    .replace(/[[({](?:\.|dot)[\])}]/gi, '.')
    .replace(/\[\.|\\\./g, '.')
    .replace(/[[({](?:@|at)[\])}]/gi, '@');

interface Found {
  count: number;
  defanged: boolean;
  lines: number[];
}

/** The indicators of a text, by kind, then by first line. `isCode`: names with dots are members there, not hosts. */
export const findIndicators = async (
  lines: TextLines,
  secrets: readonly SecretMatch[],
  isCode: boolean,
  signal: AbortSignal,
): Promise<Indicator[]> => {
  const found = new Map<string, Found>();
  const add = (kind: IndicatorKind, value: string, defanged: boolean, line: number): void => {
    const key = `${kind} ${value}`;
    const known = found.get(key);
    if (known === undefined) {
      if (found.size < MAX_INDICATORS) found.set(key, { count: 1, defanged, lines: [line] });
      return;
    }
    known.count += 1;
    known.defanged ||= defanged;
    if (known.lines.length < MAX_LINES && known.lines.at(-1) !== line) known.lines.push(line);
  };
  for (const chunk of lines.chunks()) {
    await breathe(signal);
    for (const [kind, pattern] of PATTERNS) {
      for (const match of chunk.text.matchAll(pattern)) {
        const start = chunk.start + match.index;
        const before = chunk.text[match.index - 1] ?? '';
        for (const hit of judge(
          kind,
          match[0],
          isCode,
          before,
          chunk.text.slice(Math.max(0, match.index - 12), match.index),
        )) {
          const line = lines.lineAt(start);
          const value = withoutSecrets(hit.value, match[0], start, secrets, lines.text);
          if (value !== undefined) add(hit.kind, value, hit.defanged, line);
        }
      }
    }
  }
  return [...found]
    .map(([key, entry]) => {
      const space = key.indexOf(' ');
      const kind = key.slice(0, space) as IndicatorKind;
      return {
        kind,
        value: key.slice(space + 1),
        ...entry,
        lines: [...new Set(entry.lines)].toSorted((a, b) => a - b),
      };
    })
    .toSorted(
      (a, b) =>
        INDICATOR_KINDS.indexOf(a.kind) - INDICATOR_KINDS.indexOf(b.kind) ||
        (a.lines[0] ?? 0) - (b.lines[0] ?? 0) ||
        (a.value < b.value ? -1 : 1),
    );
};

interface Hit {
  readonly kind: IndicatorKind;
  readonly value: string;
  readonly defanged: boolean;
}

function* judge(
  kind: IndicatorKind | 'hash',
  written: string,
  isCode: boolean,
  before: string,
  context: string,
): Generator<Hit> {
  if (kind === 'url') {
    const trimmed = trimEnd(written);
    const value = refang(trimmed);
    const host = /^\w+:\/\/(?:[^/@\s]{0,256}@)?(\[[0-9a-f:.]+\]|[^/:?#]+)/i.exec(value)?.[1] ?? '';
    if (!isHost(host)) return;
    const defanged = value.toLowerCase() !== trimmed.toLowerCase();
    yield { kind, value, defanged };
    if (isIPv4(host)) yield { kind: 'ipv4', value: host, defanged };
    else if (!host.startsWith('[') && host.includes('.')) yield { kind: 'domain', value: host.toLowerCase(), defanged };
    return;
  }
  const value = refang(written);
  const defanged = value !== written;
  switch (kind) {
    case 'email': {
      const host = value.slice(value.lastIndexOf('@') + 1);
      if (!isHost(host)) return;
      yield { kind, value, defanged };
      return;
    }
    case 'ipv4':
      // A version has the same form; it is told apart by the word before it.
      if (isIPv4(value) && value !== '0.0.0.0' && !/(?:version|ver|v|release)[ =:"']{0,3}$/i.test(context))
        yield { kind, value, defanged };
      return;
    case 'ipv6':
      if (isIPv6(value) && /\d/.test(value) && value.split(':').filter(Boolean).length >= 3)
        yield { kind, value: value.toLowerCase(), defanged };
      return;
    case 'domain': {
      if (isIPv4(value)) return;
      if (!defanged && (FILE_LIKE.test(value) || (isCode && !/["'`]/.test(before)))) return;
      if (isHost(value)) yield { kind, value: value.toLowerCase(), defanged };
      return;
    }
    case 'hash': {
      if (entropyOf(value.toLowerCase()) < 2.5 || /^\d+$/.test(value)) return;
      const hashKind = ({ 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' } as const)[
        value.length as 32 | 40 | 64 | 128
      ];
      yield { kind: hashKind, value: value.toLowerCase(), defanged };
      return;
    }
    default:
      yield { kind, value: value.toUpperCase(), defanged };
  }
}

const isHost = (host: string): boolean =>
  isIPv4(host) ||
  (host.startsWith('[') && isIPv6(host.slice(1, -1))) ||
  host === 'localhost' ||
  (/^[A-Za-z0-9.-]+$/.test(host) && (RESERVED.test(host) || isDomain(host)));

/** Punctuation of the sentence around a URL is not part of it; a bracket is, when it was opened inside. */
const trimEnd = (url: string): string => {
  let end = url.length;
  for (;;) {
    const last = url[end - 1];
    if (last === undefined) break;
    if ('.,;:!?*_'.includes(last)) end -= 1;
    else if (last === ')' && !url.slice(0, end).includes('(')) end -= 1;
    else if (last === ']' && !url.slice(0, end).includes('[')) end -= 1;
    else break;
  }
  return url.slice(0, end);
};

/** The value with the secrets inside it masked; undefined when it is itself a secret. */
const withoutSecrets = (
  value: string,
  written: string,
  start: number,
  secrets: readonly SecretMatch[],
  text: string,
): string | undefined => {
  const end = start + written.length;
  // A password in a URL is masked by its place, whatever a rule took for the secret.
  const withoutPassword = value.replace(/(:\/\/[^/\s:@]{0,256}):[^/\s@]{1,512}@/, '$1:…@');
  let clean = withoutPassword;
  for (let index = firstEndingAfter(secrets, start); index < secrets.length; index += 1) {
    const secret = secrets[index];
    if (secret === undefined || secret.start >= end) break;
    if (secret.start <= start && secret.end >= end && !value.includes('://')) return undefined;
    if (withoutPassword !== value && secret.start <= start) continue;
    const inside = text.slice(Math.max(secret.start, start), Math.min(secret.end, end));
    clean = clean.replace(refang(inside), '…');
  }
  return clean;
};
