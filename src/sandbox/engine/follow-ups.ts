/** Answers to the follow-ups: everything they quote is taken from the files and from the session. */
import { createHash } from 'node:crypto';
import type { Indicator, IndicatorKind } from './indicators.ts';
import { INDICATOR_KINDS } from './indicators.ts';
import type { FileReport } from './inspect.ts';
import type { NumberedFinding } from './inspection-answer.ts';
import { bySeverity, findingLine, indicatorTable, numberFindings, placeOf } from './inspection-answer.ts';
import { block, cell, code, plural, shorten, size, table } from './markdown.ts';
import type { HashAlgorithm, Request } from './requests.ts';
import { quoteLine, secretsBeforeQuoting } from './secret-findings.ts';
import type { EngineFile } from './types.ts';

export const NO_FILES = 'No file is attached to this session. Attach one and ask again.';
const MAX_LINES_QUOTED = 60;
const MAX_ROWS = 200;
const MAX_PROMPTS = 50;

/** Which files do you have. */
export const filesAnswer = (files: readonly EngineFile[]): string => {
  if (files.length === 0) return NO_FILES;
  const rows = files
    .slice(0, MAX_ROWS)
    .map((file, index) => [
      String(index + 1),
      cell(file.name),
      cell(file.label),
      size(file.bytes.length),
      code(file.sha256.slice(0, 12)),
    ]);
  const rest = files.length > MAX_ROWS ? `\n\n… and ${files.length - MAX_ROWS} more.` : '';
  return `${plural(files.length, 'file is', 'files are')} attached:\n\n${table(['#', 'Name', 'Type', 'Size', 'SHA-256 begins'], rows)}${rest}`;
};

/** The hash of X. SHA-256 is the one that came with the file; others are computed. */
export const hashAnswer = (files: readonly EngineFile[], algorithms: readonly HashAlgorithm[]): string => {
  if (files.length === 0) return NO_FILES;
  return files
    .slice(0, MAX_ROWS)
    .flatMap((file) =>
      algorithms.map((algorithm) => {
        const hash = algorithm === 'sha256' ? file.sha256 : createHash(algorithm).update(file.bytes).digest('hex');
        return `- ${algorithm.replace('sha', 'SHA-').replace('md5', 'MD5')} of ${code(file.name)}: ${code(hash)}`;
      }),
    )
    .join('\n');
};

/** What is on line N of X. Secrets on it are masked. */
export const lineAnswer = async (
  reports: readonly FileReport[],
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<string> => {
  if (reports.length === 0) return NO_FILES;
  const parts: string[] = [];
  for (const report of reports.slice(0, 10)) parts.push(await linesOf(report, from, to, signal));
  return parts.join('\n\n');
};

const linesOf = async (report: FileReport, from: number, to: number, signal: AbortSignal): Promise<string> => {
  const name = code(report.file.name);
  if (report.lines === undefined) return `${name} is no text, so it has no lines.`;
  const count = report.lines.count;
  if (from < 1 || from > count)
    return `${name} has no line ${from}: ${count === 0 ? 'it is empty' : `its lines go from 1 to ${count}`}.`;
  const wanted = Math.min(to, count);
  const most = Math.min(wanted, from + MAX_LINES_QUOTED - 1);
  const { secrets, last } = await secretsBeforeQuoting(report.lines, report.secrets, from, most, signal);
  const quoted: string[] = [];
  for (let number = from; number <= last; number += 1) {
    const text = quoteLine(report.lines, secrets, number, 1000) ?? '';
    quoted.push(from === last ? text : `${String(number).padStart(String(last).length)}  ${text}`);
  }
  const what = from === last ? `Line ${from}` : `Lines ${from} to ${last}`;
  const cut = last < wanted ? ' (no more at once)' : to > count ? ` (the file ends at line ${count})` : '';
  const found = report.findings.filter(({ line }) => line !== undefined && line >= from && line <= last);
  const list = found.map(({ title, line }) => `${title} (line ${line})`).join('; ');
  const head = `${what} of ${name} (SHA-256 ${code(report.file.sha256.slice(0, 12))})${cut}:`;
  return `${head}\n\n${block(quoted.join('\n'))}${list === '' ? '' : `\n\nFound there: ${list}.`}`;
};

/** List the indicators (of a kind). */
export const indicatorsAnswer = (reports: readonly FileReport[], kinds: readonly IndicatorKind[]): string => {
  if (reports.length === 0) return NO_FILES;
  const wanted = kinds.length === 0 ? INDICATOR_KINDS : kinds;
  const parts: string[] = [];
  for (const report of reports) {
    const all: Indicator[] = report.indicators.filter((indicator) => wanted.includes(indicator.kind));
    if (all.length === 0) continue;
    parts.push(`### ${code(report.file.name)}`, indicatorTable(all.slice(0, MAX_ROWS)));
    if (all.length > MAX_ROWS) parts.push(`… and ${all.length - MAX_ROWS} more; ask for one kind.`);
  }
  const what = kinds.length === 0 ? 'indicators' : `indicators of the kind ${kinds.join(', ')}`;
  if (parts.length === 0) return `I found no ${what} in ${plural(reports.length, 'file')}.`;
  return parts.join('\n\n');
};

/** Explain finding N, or the findings on a line. `files`: those the prompt names. */
export const explainAnswer = (
  reports: readonly FileReport[],
  named: readonly FileReport[],
  request: Extract<Request, { kind: 'explain' }>,
): string => {
  if (reports.length === 0) return NO_FILES;
  const all = numberFindings(reports);
  if (all.length === 0) return 'There are no findings to explain.';
  if (request.line !== undefined) {
    const scope = named.length === 0 ? reports : named;
    const there = all.filter(
      ({ finding }) => finding.line === request.line && scope.some((report) => report.findings.includes(finding)),
    );
    if (there.length === 0)
      return `There is no finding on line ${request.line} of ${scope.map((report) => code(report.file.name)).join(', ')}.`;
    return there.map(explainOne).join('\n\n');
  }
  return request.numbers
    .slice(0, 10)
    .map((number) => {
      const entry = all[number - 1];
      return entry === undefined
        ? `There is no finding ${number}: the findings go from 1 to ${all.length}.`
        : explainOne(entry);
    })
    .join('\n\n');
};

const explainOne = ({ number, finding }: NumberedFinding): string =>
  [
    `### Finding ${number}: ${finding.title}`,
    `- Where: ${placeOf(finding)}\n- Severity: **${finding.severity}**\n- Rule: ${code(finding.ruleId)}`,
    block(finding.snippet),
    `**Why it matters.** ${finding.ruleId.startsWith('log/') ? codeAddresses(finding.explanation) : finding.explanation}`,
    `**What to do.** ${finding.remediation}`,
  ].join('\n\n');

/** Explanations of log findings begin with a value of the log: it stands in code, like all text of files. */
const codeAddresses = (text: string): string =>
  text.replace(
    /^(After its failures )?(\S+)/,
    (_all, lead: string | undefined, value: string) => `${lead ?? ''}${code(value)}`,
  );

/** What did I ask before. */
export const historyAnswer = (earlier: readonly string[]): string => {
  if (earlier.length === 0) return 'This is the first thing that you ask in this session.';
  const from = Math.max(0, earlier.length - MAX_PROMPTS);
  const list = earlier.slice(from).map((prompt, index) => `${from + index + 1}. ${code(shorten(prompt, 300))}`);
  const skipped = from === 0 ? '' : ` The last ${MAX_PROMPTS}:`;
  return `You asked ${plural(earlier.length, 'question')} before this one.${skipped}\n\n${list.join('\n')}`;
};

/** List the secrets, masked. */
export const secretsAnswer = (reports: readonly FileReport[], shown: readonly FileReport[]): string => {
  if (shown.length === 0) return NO_FILES;
  const found = numberFindings(reports).filter(
    ({ finding }) => finding.ruleId.startsWith('secret/') && shown.some((report) => report.findings.includes(finding)),
  );
  if (found.length === 0) return `I found no secrets in ${plural(shown.length, 'file')}.`;
  const list = found.slice(0, MAX_ROWS).map((entry) => `- finding ${findingLine(entry, true)}`);
  return `${plural(found.length, 'secret')}, masked:\n\n${list.join('\n')}${found.length > MAX_ROWS ? `\n\n… and ${found.length - MAX_ROWS} more.` : ''}`;
};

/** The findings as JSON in a fenced block, for programs that read them. */
export const jsonAnswer = (reports: readonly FileReport[], shown: readonly FileReport[]): string => {
  const findings = numberFindings(reports)
    .filter(({ finding }) => shown.some((report) => report.findings.includes(finding)))
    .slice(0, MAX_ROWS)
    .map(({ finding }) => ({
      ruleId: finding.ruleId,
      severity: finding.severity,
      file: finding.file,
      line: finding.line ?? null,
      snippet: finding.snippet,
      title: finding.title,
      explanation: finding.explanation,
      remediation: finding.remediation,
    }));
  // Escaped rather than made visible: the block has to stay valid JSON.
  const json = JSON.stringify({ findings }, null, 2).replace(/`/g, '\\u0060');
  return `${plural(findings.length, 'finding')}:\n\n\`\`\`json\n${json}\n\`\`\``;
};

/** Compare X and Y. */
export const compareAnswer = (reports: readonly FileReport[]): string => {
  const [a, b] = reports;
  if (a === undefined || b === undefined)
    return `To compare I need two files; ${reports.length === 0 ? 'you named none that is attached' : `only ${code(a?.file.name ?? '')} was named`}. Say “compare X and Y” with two of the attached names.`;
  const nameA = code(a.file.name);
  const nameB = code(b.file.name);
  const rows = [
    ['SHA-256', code(a.file.sha256), code(b.file.sha256)],
    ['Size', size(a.file.bytes.length), size(b.file.bytes.length)],
    ['Type', cell(a.file.label), cell(b.file.label)],
    [
      'Lines',
      a.lines === undefined ? 'no text' : String(a.lines.count),
      b.lines === undefined ? 'no text' : String(b.lines.count),
    ],
    ['Findings', bySeverity(a.findings) || 'none', bySeverity(b.findings) || 'none'],
    ['Indicators', String(a.indicators.length), String(b.indicators.length)],
  ];
  const parts = [table(['', cell(a.file.name), cell(b.file.name)], rows)];
  if (a.file.sha256 === b.file.sha256) parts.push('The contents are identical.');
  else if (a.lines !== undefined && b.lines !== undefined) parts.push(...lineDifference(a, b));
  else parts.push('The contents differ.');
  const key = (indicator: Indicator): string => `${indicator.kind} ${indicator.value}`;
  const inB = new Set(b.indicators.map(key));
  const common = a.indicators.filter((indicator) => inB.has(key(indicator)));
  if (common.length > 0) parts.push(`Indicators in both (lines of ${nameA}):`, indicatorTable(common.slice(0, 20)));
  parts.push(
    `Compared: ${nameA} with ${nameB}.${reports.length > 2 ? ` More were named; I compare two at a time.` : ''}`,
  );
  return parts.join('\n\n');
};

const MAX_COMPARED = 200_000;

const lineDifference = (a: FileReport, b: FileReport): string[] => {
  const linesA = a.lines;
  const linesB = b.lines;
  if (linesA === undefined || linesB === undefined) return [];
  // Only what was searched is compared line by line, as lines that differ are quoted.
  const countA = Math.min(linesA.scannedLines, MAX_COMPARED);
  const countB = Math.min(linesB.scannedLines, MAX_COMPARED);
  const setOf = (report: FileReport, count: number): Set<string> => {
    const set = new Set<string>();
    for (let number = 1; number <= count; number += 1) set.add(report.lines?.line(number) ?? '');
    return set;
  };
  const inA = setOf(a, countA);
  const inB = setOf(b, countB);
  const only = (report: FileReport, count: number, other: Set<string>): number[] => {
    const numbers: number[] = [];
    for (let number = 1; number <= count; number += 1)
      if (!other.has(report.lines?.line(number) ?? '')) numbers.push(number);
    return numbers;
  };
  const onlyA = only(a, countA, inB);
  const onlyB = only(b, countB, inA);
  const both = Math.min(countA, countB);
  let first: number | undefined;
  for (let number = 1; number <= both && first === undefined; number += 1)
    if (linesA.line(number) !== linesB.line(number)) first = number;
  const isWhole = countA === linesA.count && countB === linesB.count;
  if (isWhole && countA !== countB) first ??= both + 1;
  const show = (report: FileReport, numbers: readonly number[], mark: string): string[] =>
    numbers
      .slice(0, 15)
      .map(
        (number) =>
          `${mark} ${number}: ${report.lines === undefined ? '' : (quoteLine(report.lines, report.secrets, number, 160) ?? '')}`,
      );
  const parts = [
    `The contents differ${first === undefined ? '' : `, first on line ${first}`}: ${plural(onlyA.length, 'line')} only in ${code(a.file.name)}, ${plural(onlyB.length, 'line')} only in ${code(b.file.name)}.`,
  ];
  if (!isWhole) parts.push('The files are long: compared line by line only up to what was searched.');
  const shown = [...show(a, onlyA, '-'), ...show(b, onlyB, '+')];
  if (shown.length > 0) parts.push(block(shown.join('\n'), 'diff'));
  return parts;
};
