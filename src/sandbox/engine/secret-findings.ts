/** Secrets as findings, and lines quoted without them. */
import type { Finding } from './finding.ts';
import { shorten } from './markdown.ts';
import type { SecretMatch } from './secrets.ts';
import type { TextLines } from './text.ts';
import type { EngineFile } from './types.ts';

const QUOTED_UNITS = 200;

/** A line for quoting: secrets masked, the rest as it stands, shortened. Undefined when there is no such line. */
export const quoteLine = (
  lines: TextLines,
  secrets: readonly SecretMatch[],
  line: number,
  units: number = QUOTED_UNITS,
): string | undefined => {
  const range = lines.range(line);
  if (range === undefined) return undefined;
  let quoted = '';
  let at = range.start;
  for (const secret of secrets) {
    if (secret.end <= range.start || secret.start >= range.end) continue;
    quoted += lines.text.slice(at, Math.max(at, secret.start));
    quoted += secret.start >= range.start ? secret.masked : '…';
    at = Math.min(secret.end, range.end);
  }
  return shorten(quoted + lines.text.slice(at, range.end), units);
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
  snippet: quoteLine(lines, secrets, secret.line)?.trim() ?? secret.masked,
  title: `Secret in the file: ${secret.title}`,
  explanation:
    'Whoever can read this file can use the secret: everyone with access to the repository, its history, its backups and every machine that holds a copy.',
  remediation:
    'Revoke it and issue a new one, since its history keeps it even after the line is gone. Read the new one from a secret store or the environment, and let a scanner guard the repository.',
});
