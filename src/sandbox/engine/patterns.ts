/** Risky code, line by line. The rules are data (rules-*.ts); here is how they are applied. */
import type { Finding, Severity } from './finding.ts';
import type { Language } from './languages.ts';
import { quoteLine } from './secret-findings.ts';
import type { SecretMatch } from '../../scan/secrets.ts';
import { rulesForScripts } from './rules-scripts.ts';
import { rulesForServers } from './rules-servers.ts';
import { rulesForSystems } from './rules-systems.ts';
import { rulesForOperations } from './rules-operations.ts';
import type { TextLines } from '../../scan/text.ts';
import { breathe } from '../../scan/text.ts';
import type { EngineFile } from './types.ts';

export interface Rule {
  readonly id: string;
  readonly languages: readonly Language[];
  readonly severity: Severity;
  /** Tested on one line of at most LINE_UNITS; bounded repeats only. */
  readonly pattern: RegExp;
  /** A line that also matches this is fine. */
  readonly unless?: RegExp;
  readonly title: string;
  readonly explanation: string;
  readonly remediation: string;
}

/** Of a longer line only this much is looked at; minified code is no place for a finding with a line number. */
export const LINE_UNITS = 1000;
/** At most this many findings of one rule in one file; the rest is counted in the last one. */
const MAX_PER_RULE = 50;

const RULES: readonly Rule[] = [...rulesForScripts, ...rulesForServers, ...rulesForSystems, ...rulesForOperations];

/** Ids of all rules, for tests and for a list of what is looked for. */
export const ruleIds = (): string[] => RULES.map((rule) => rule.id);

const HASH_COMMENT = /^\s*#(?!!)/;
const SLASH_COMMENT = /^\s*(?:\/\/|\*(?!\/)|\/\*)/;
const DASH_COMMENT = /^\s*--/;
const COMMENTS: Readonly<Record<Language, RegExp>> = {
  python: HASH_COMMENT,
  ruby: HASH_COMMENT,
  shell: HASH_COMMENT,
  powershell: HASH_COMMENT,
  dockerfile: HASH_COMMENT,
  yaml: HASH_COMMENT,
  workflow: HASH_COMMENT,
  terraform: /^\s*(?:#|\/\/)/,
  php: /^\s*(?:#(?!\[)|\/\/|\*(?!\/)|\/\*)/,
  javascript: SLASH_COMMENT,
  java: SLASH_COMMENT,
  c: /^\s*(?:\/\/|\*\s|\/\*)/,
  csharp: SLASH_COMMENT,
  go: SLASH_COMMENT,
  sql: DASH_COMMENT,
};

/** The findings of a source file in order of lines. */
export const findRiskyPatterns = async (
  file: EngineFile,
  lines: TextLines,
  secrets: readonly SecretMatch[],
  language: Language,
  signal: AbortSignal,
): Promise<Finding[]> => {
  const rules = RULES.filter((rule) => rule.languages.includes(language));
  const counts = new Map<string, number>();
  const findings: Finding[] = [];
  for (let number = 1; number <= lines.scannedLines; number += 1) {
    if (number % 2000 === 0) await breathe(signal);
    const line = (lines.line(number) ?? '').slice(0, LINE_UNITS);
    if (line.length < 4 || COMMENTS[language].test(line)) continue;
    for (const rule of rules) {
      if (!rule.pattern.test(line) || rule.unless?.test(line) === true) continue;
      const count = (counts.get(rule.id) ?? 0) + 1;
      counts.set(rule.id, count);
      if (count > MAX_PER_RULE) continue;
      const { id, severity, title, explanation, remediation } = rule;
      const snippet = quoteLine(lines, secrets, number)?.trim() ?? '';
      findings.push({ ruleId: id, severity, file: file.name, line: number, snippet, title, explanation, remediation });
    }
  }
  return findings;
};
