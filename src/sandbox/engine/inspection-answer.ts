/** The Markdown of an inspection and of a summary, and the numbering of findings that follow-ups rely on. */
import { extraFacts, identity } from './facts.ts';
import type { Finding } from './finding.ts';
import { SEVERITIES } from './finding.ts';
import type { Indicator } from './indicators.ts';
import type { FileReport } from './inspect.ts';
import { cell, code, plural, shorten, table } from './markdown.ts';

export const SANDBOX_NOTE = '_Answered by the **local sandbox**: programmed checks on this machine, no model._';

export const ABILITIES =
  'I can inspect what is attached, list files and indicators, give hashes and lines, explain findings by number, compare, summarise and tell what you asked before; being no model, I cannot reason about free questions, write code or look anything up.';

export interface NumberedFinding {
  /** From 1, over all files of the session in their order. */
  readonly number: number;
  readonly finding: Finding;
}

const MAX_FINDINGS_SHOWN = 25;
const MAX_INDICATORS_SHOWN = 10;
const MAX_FILES_SHOWN = 40;

/** The numbers do not depend on which file is asked about. */
export const numberFindings = (reports: readonly FileReport[]): NumberedFinding[] =>
  reports.flatMap((report) => report.findings).map((finding, index) => ({ number: index + 1, finding }));

/** `2 critical, 1 high`; empty when there are none. */
export const bySeverity = (findings: readonly Finding[]): string =>
  SEVERITIES.map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`)
    .join(', ');

/** Where a finding stands, as editors open it: `server.py:23`. The file alone for what has no line. */
export const placeOf = ({ file, line }: Pick<Finding, 'file' | 'line'>): string =>
  code(line === undefined ? file : `${file}:${line}`);

/** One line of a list of findings. */
export const findingLine = ({ number, finding }: NumberedFinding, withFile = false): string => {
  const place = withFile || finding.line !== undefined ? `, ${placeOf(finding)}` : '';
  return `${number}. **${finding.severity}**${place}: ${finding.title}: ${code(shorten(finding.snippet, 200))} (${code(finding.ruleId)})`;
};

/** A table of indicators with their lines. */
export const indicatorTable = (indicators: readonly Indicator[]): string =>
  table(
    ['Kind', 'Value', 'Lines'],
    indicators.map((indicator) => [
      indicator.kind,
      `${cell(shorten(indicator.value, 300))}${indicator.defanged ? ' (was defanged)' : ''}`,
      `${indicator.lines.slice(0, 10).join(', ')}${indicator.count > indicator.lines.slice(0, 10).length ? ` (${indicator.count} times)` : ''}`,
    ]),
  );

/** What is attached and what was found in it. `shown`: the files that the prompt is about, all when it names none. */
export const inspectionAnswer = (
  reports: readonly FileReport[],
  shown: readonly FileReport[],
  withAbilities: boolean,
): string => {
  const parts: string[] = [];
  if (reports.length === 0) parts.push('No file is attached to this session. Attach one and ask again.');
  else {
    const findings = shown.flatMap((report) => report.findings);
    const severities = bySeverity(findings);
    parts.push(
      `I looked at ${plural(shown.length, 'file')}: ${findings.length === 0 ? 'no findings' : `${plural(findings.length, 'finding')} (${severities})`}.`,
    );
  }
  const numbered = numberFindings(reports);
  for (const report of shown.slice(0, MAX_FILES_SHOWN)) {
    parts.push(`### ${code(report.file.name)}`, identity(report), ...extraFacts(report));
    const own = numbered.filter(({ finding }) => report.findings.includes(finding));
    if (own.length > 0) {
      parts.push(
        '**Findings**',
        own
          .slice(0, MAX_FINDINGS_SHOWN)
          .map((entry) => findingLine(entry))
          .join('\n'),
      );
      if (own.length > MAX_FINDINGS_SHOWN)
        parts.push(`… and ${own.length - MAX_FINDINGS_SHOWN} more, up to number ${own.at(-1)?.number ?? 0}.`);
    } else if (report.lines !== undefined) parts.push('No findings.');
    if (report.indicators.length > 0) {
      parts.push(
        `**Indicators** (${report.indicators.length})`,
        indicatorTable(report.indicators.slice(0, MAX_INDICATORS_SHOWN)),
      );
      if (report.indicators.length > MAX_INDICATORS_SHOWN) parts.push('Ask me to list the indicators for the rest.');
    }
  }
  if (shown.length > MAX_FILES_SHOWN)
    parts.push(`… and ${shown.length - MAX_FILES_SHOWN} more files; ask about them by name.`);
  if (numbered.length > 0)
    parts.push(
      `Ask “explain finding ${shown.length === 0 ? 1 : (numbered.find(({ finding }) => shown[0]?.findings.includes(finding))?.number ?? 1)}” for what it means and what to do.`,
    );
  if (withAbilities) parts.push(ABILITIES);
  return parts.join('\n\n');
};

/** A few lines: how many files, what kinds, the worst findings, how many indicators. */
export const summaryAnswer = (reports: readonly FileReport[], shown: readonly FileReport[]): string => {
  if (shown.length === 0) return 'No file is attached to this session, so there is nothing to sum up.';
  const numbered = numberFindings(reports).filter(({ finding }) =>
    shown.some((report) => report.findings.includes(finding)),
  );
  const parts = [
    table(
      ['File', 'SHA-256', 'Findings', 'Indicators'],
      shown
        .slice(0, MAX_FILES_SHOWN)
        .map((report) => [
          cell(report.file.name),
          code(report.file.sha256.slice(0, 12)),
          report.findings.length === 0 ? 'none' : bySeverity(report.findings),
          String(report.indicators.length),
        ]),
    ),
  ];
  if (shown.length > MAX_FILES_SHOWN) parts.push(`… and ${shown.length - MAX_FILES_SHOWN} more files.`);
  const worst = numbered
    .toSorted((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity))
    .slice(0, 5);
  if (worst.length === 0) parts.push('Nothing was found that my checks know.');
  else parts.push('The worst first:', worst.map((entry) => `- finding ${findingLine(entry, true)}`).join('\n'));
  return parts.join('\n\n');
};
