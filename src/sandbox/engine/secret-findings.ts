/** Secrets as findings, and lines quoted without them. */
import type { Finding } from './finding.ts';
import { shorten } from './markdown.ts';
import type { SecretMatch } from '../../scan/secrets.ts';
import { scanSecrets } from '../../scan/secrets.ts';
import type { TextLines } from '../../scan/text.ts';
import type { EngineFile } from './types.ts';

const QUOTED_UNITS = 200;

/**
 * A line for quoting: secrets masked, the rest as it stands, at most about `units` long. Of a long line the part around
 * `focus` (an offset in the text) is shown. Undefined when there is no such line.
 */
export const quoteLine = (
  lines: TextLines,
  secrets: readonly SecretMatch[],
  line: number,
  units: number = QUOTED_UNITS,
  focus?: number,
): string | undefined => {
  const range = lines.range(line);
  if (range === undefined) return undefined;
  // Only a window of the line is built, as a minified file may be one line of some megabytes with many findings.
  const far = focus !== undefined && focus - range.start > units / 2;
  const start = far ? focus - Math.floor(units / 4) : range.start;
  // Around a secret nothing is quoted that was not searched.
  const end = Math.min(range.end, start + units * 4, focus === undefined ? range.end : lines.scannedUnits);
  let quoted = start > range.start ? '…' : '';
  let at = start;
  for (let index = firstEndingAfter(secrets, start); index < secrets.length; index += 1) {
    const secret = secrets[index];
    if (secret === undefined || secret.start >= end) break;
    quoted += lines.text.slice(at, Math.max(at, secret.start));
    quoted += secret.start >= range.start ? secret.masked : '…';
    at = Math.min(secret.end, end);
  }
  return shorten(`${quoted}${lines.text.slice(at, end)}`, units);
};

/** How much of the text is scanned once more when lines behind the searched part are to be quoted. */
const MAX_QUOTE_SCAN = 1024 * 1024;
const BEFORE_QUOTE = 8192;

/**
 * The secrets that have to be known before these lines may be quoted: those of the inspection, or, where the lines lie
 * behind the searched part, those of a look at just this place. `last`: the last line that may be quoted.
 */
export const secretsBeforeQuoting = async (
  lines: TextLines,
  known: readonly SecretMatch[],
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<{ readonly secrets: readonly SecretMatch[]; readonly last: number }> => {
  const first = lines.range(from);
  if (to <= lines.scannedLines || first === undefined) return { secrets: known, last: to };
  const start = Math.max(0, first.start - BEFORE_QUOTE);
  const end = Math.min(lines.text.length, start + MAX_QUOTE_SCAN);
  const found = await scanSecrets(lines.text.slice(start, end), { signal });
  const secrets = found.map((secret) => ({
    ...secret,
    start: secret.start + start,
    end: secret.end + start,
    line: lines.lineAt(secret.start + start),
  }));
  const last = end === lines.text.length ? lines.count : Math.max(from, lines.lineAt(end) - 1);
  return { secrets, last: Math.min(to, last) };
};

/** Index of the first secret that ends behind the offset; they are in order of place. */
export const firstEndingAfter = (secrets: readonly SecretMatch[], offset: number): number => {
  let low = 0;
  let high = secrets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((secrets[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The finding for one secret. */
export const secretFinding = (
  file: EngineFile,
  lines: TextLines,
  secrets: readonly SecretMatch[],
  secret: SecretMatch,
): Finding => ({
  ruleId: `secret/${secret.kind}`,
  severity: secret.kind === 'password' || secret.kind === 'assigned-secret' ? 'high' : 'critical',
  file: file.name,
  line: secret.line,
  snippet: quoteLine(lines, secrets, secret.line, QUOTED_UNITS, secret.start)?.trim() ?? secret.masked,
  title: `Secret in the file: ${secret.title}`,
  explanation:
    'Whoever can read this file can use the secret: everyone with access to the repository, its history, its backups and every machine that holds a copy.',
  remediation:
    'Revoke it and issue a new one, since its history keeps it even after the line is gone. Read the new one from a secret store or the environment, and let a scanner guard the repository.',
});
