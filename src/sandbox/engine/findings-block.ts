/** Findings as a fenced block of JSON, for clients that ask for that format. What is in it comes from the fixed checks, like every other answer. */
import { piecesOf } from '../../core/attach-diff.ts';
import { FINDINGS_FORMAT, FINDINGS_VERSION, type ReportedFinding } from '../../core/findings-format.ts';
import type { Finding } from './finding.ts';
import { fixedLine } from './fixes.ts';
import { bySeverity } from './inspection-answer.ts';
import { type FileReport, inspectFile } from './inspect.ts';
import { plural, shorten } from './markdown.ts';
import { quoteLine } from './secret-findings.ts';
import type { EngineFile } from './types.ts';

/** A client asks for the format by an example of it. */
export const asksForFindings = (prompt: string): boolean =>
  new RegExp(`"format": ?"${FINDINGS_FORMAT}", ?"version": ?${FINDINGS_VERSION}\\b`).test(prompt);

const MAX_FINDINGS = 200;
/** A quoted line; a longer one ends with an ellipsis. */
const LINE_UNITS = 2000;
const MAX_DIFF_FILES = 100;

export interface FindingsBlock {
  readonly markdown: string;
  /** All that was looked at, so that no secret of it gets out. */
  readonly reports: readonly FileReport[];
}

/** The files in the scope of the question. A diff is looked at file by file, and only what it adds counts. */
export const findingsBlock = async (shown: readonly FileReport[], signal: AbortSignal): Promise<FindingsBlock> => {
  const looked: { readonly report: FileReport; readonly added?: ReadonlySet<number> | undefined }[] = [];
  for (const report of shown) {
    const parts = report.lines !== undefined && isDiff(report) ? newSides(report.file, report.lines.text) : undefined;
    if (parts === undefined) looked.push({ report });
    else for (const { file, added } of parts) looked.push({ report: await inspectFile(file, signal), added });
  }
  const found = looked.flatMap(({ report, added }) =>
    report.findings.flatMap((finding) => {
      const { line } = finding;
      if (line === undefined || (added !== undefined && !added.has(line))) return [];
      return [{ finding, entry: entryOf(report, finding, line, added === undefined) }];
    }),
  );
  const findings = found.slice(0, MAX_FINDINGS);
  const severities = bySeverity(found.map(({ finding }) => finding));
  const block = { format: FINDINGS_FORMAT, version: FINDINGS_VERSION, findings: findings.map(({ entry }) => entry) };
  // Escaped rather than made visible: the block has to stay valid JSON.
  const json = JSON.stringify(block, null, 2).replace(/`/g, '\\u0060');
  const count = `${plural(looked.length, 'file')} looked at, ${plural(found.length, 'finding')} with a line${severities === '' ? '' : ` (${severities})`}`;
  const cut = found.length > findings.length ? `; the first ${findings.length} are listed` : '';
  return { markdown: `${count}${cut}.\n\n\`\`\`json\n${json}\n\`\`\``, reports: looked.map(({ report }) => report) };
};

const entryOf = (
  { lines, secrets }: FileReport,
  finding: Finding,
  line: number,
  withLine: boolean,
): ReportedFinding => {
  const raw = lines?.line(line) ?? '';
  const range = lines?.range(line);
  // A fix must not hold what is masked in the quotation.
  const hasSecret = range === undefined || secrets.some(({ start, end }) => start < range.end && end > range.start);
  const fix = hasSecret || raw.length > LINE_UNITS ? undefined : fixedLine(finding.ruleId, raw);
  const quoted = lines === undefined ? finding.snippet : quoteLine(lines, secrets, line, LINE_UNITS);
  return {
    file: finding.file,
    snippet: (quoted ?? finding.snippet) || finding.snippet,
    ...(withLine ? { line } : {}),
    severity: finding.severity,
    rule: shorten(finding.ruleId, 190),
    title: shorten(finding.title, 290),
    explanation: `${finding.explanation} ${finding.remediation}`,
    ...(fix === undefined ? {} : { fix }),
  };
};

const isDiff = ({ file, lines }: FileReport): boolean =>
  /\.(?:diff|patch)$/i.test(file.name) || /^diff --git /m.test(lines?.text.slice(0, 4000) ?? '');

/** Each file of a diff as it is after the change, as far as the diff shows it, with the numbers of the lines that are new in it. */
const newSides = (
  diff: EngineFile,
  text: string,
): { readonly file: EngineFile; readonly added: ReadonlySet<number> }[] =>
  piecesOf(text)
    .pieces.slice(0, MAX_DIFF_FILES)
    .map(({ paths, text: piece }) => {
      const kept: string[] = [];
      const added = new Set<number>();
      for (const line of piece.slice(Math.max(0, piece.search(/^@@/m))).split(/\r?\n/)) {
        if (line.startsWith('@@')) continue;
        if (line.startsWith('+')) added.add(kept.length + 1);
        if (line.startsWith('+') || line.startsWith(' ')) kept.push(line.slice(1));
      }
      const bytes = new TextEncoder().encode(kept.join('\n'));
      return { file: { ...diff, name: paths.at(-1) ?? diff.name, bytes, label: '' }, added };
    });
