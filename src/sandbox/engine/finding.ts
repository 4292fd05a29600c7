/** What the engine found, in one shape for every kind of look: secrets, code patterns, mail, logs, archives. */

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

export interface Finding {
  /** Stable id, e.g. `python/sql-injection` or `secret/github-token`. */
  readonly ruleId: string;
  readonly severity: Severity;
  readonly file: string;
  /** From 1; undefined when the finding is about the whole file. */
  readonly line?: number | undefined;
  /** The line, trimmed and shortened, with secrets masked. */
  readonly snippet: string;
  readonly title: string;
  readonly explanation: string;
  readonly remediation: string;
}

/** The worst first, then by file order as given, then by line. A stable sort: equal input, equal order. */
export const sortFindings = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
