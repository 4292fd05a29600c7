/** Findings as a Markdown document: every word of an answer is plain text in it. Pure. */

import { FINDING_SEVERITIES } from './findings-format.ts';
import { type Finding } from './findings.ts';
import { findingState } from './findings-words.ts';
import { markdownCode, markdownText } from './safe-markdown.ts';
import { labelText } from './visible-text.ts';

/** A finding with what only the host knows of it. */
export interface ReportedPlace {
  readonly finding: Finding;
  /** Relative to the workspace, with forward slashes. */
  readonly path: string;
  /** The lines as they are now, if they can be read. */
  readonly lines?: string | undefined;
}

export function findingsMarkdown(places: readonly ReportedPlace[], now: Date): string {
  const open = places.filter(({ finding }) => finding.suppressed === undefined);
  const suppressed = places.filter(({ finding }) => finding.suppressed !== undefined);
  const parts = [
    '# Findings of Sec-Gemini',
    `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC · ${counts(open)}${suppressed.length === 0 ? '' : `, ${suppressed.length} suppressed`}`,
    ...sorted(open).map(section),
  ];
  if (suppressed.length > 0) parts.push('# Suppressed', ...sorted(suppressed).map(section));
  return `${parts.join('\n\n')}\n`;
}

function counts(open: readonly ReportedPlace[]): string {
  if (open.length === 0) return 'no open findings';
  return FINDING_SEVERITIES.map(
    (severity) => [severity, open.filter(({ finding }) => finding.severity === severity).length] as const,
  )
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`)
    .join(', ');
}

/** The worst first, then by place. */
function sorted(places: readonly ReportedPlace[]): readonly ReportedPlace[] {
  return places.toSorted(
    (a, b) =>
      FINDING_SEVERITIES.indexOf(a.finding.severity) - FINDING_SEVERITIES.indexOf(b.finding.severity) ||
      a.path.localeCompare(b.path) ||
      a.finding.place.first - b.finding.place.first,
  );
}

function section({ finding, path, lines }: ReportedPlace): string {
  const { title, severity, rule, place, explanation } = finding;
  const state = findingState(finding);
  return [
    `## ${markdownText(labelText(title, 300))}`,
    [
      `- Place: ${markdownCode(`${path}:${place.first}${place.last === place.first ? '' : `-${place.last}`}`)}`,
      `- Severity: ${severity}`,
      `- Rule: ${markdownCode(rule)}`,
      ...(state === '' ? [] : [`- State: ${markdownText(state)}`]),
    ].join('\n'),
    ...(lines === undefined || lines.trim() === '' ? [] : [fenced(lines)]),
    ...(explanation.trim() === '' ? [] : [markdownText(explanation.trim())]),
  ].join('\n\n');
}

function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
