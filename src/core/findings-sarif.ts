/** Findings as SARIF 2.1.0 (OASIS standard), for other tools. Pure; a test validates the result against the standard's own schema. */

import type { Finding } from './findings.ts';
import type { FindingSeverity } from './findings-format.ts';
import type { ReportedPlace } from './findings-markdown.ts';
import { findingState } from './findings-words.ts';

/** What GitHub and others sort by: CVSS-like figures, in the middle of each band. */
const SCORES: Readonly<Record<FindingSeverity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
};

const LEVELS: Readonly<Record<FindingSeverity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** `path` may be a URI where a file lies outside the workspace. `version`: of this extension. */
export function findingsSarif(places: readonly ReportedPlace[], version: string): object {
  const ids = [...new Set(places.map(({ finding }) => finding.rule))];
  const rules = ids.map((id) => {
    const { title, severity } = places.find(({ finding }) => finding.rule === id)?.finding ?? {
      title: id,
      severity: 'info' as const,
    };
    return {
      id,
      shortDescription: { text: plain(title) },
      defaultConfiguration: { level: LEVELS[severity] },
      properties: { 'security-severity': SCORES[severity], tags: ['security'] },
    };
  });
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Sec-Gemini for VS Code (community)', semanticVersion: version, rules } },
        columnKind: 'utf16CodeUnits',
        results: places.map((place) => result(place, ids.indexOf(place.finding.rule))),
      },
    ],
  };
}

function result({ finding, path, lines }: ReportedPlace, ruleIndex: number): object {
  const { rule, severity, title, explanation, place, suppressed } = finding;
  const state = findingState({ ...finding, suppressed: undefined });
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: [plain(title), plain(explanation)].filter((part) => part !== '').join('\n\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: /^[a-z][a-z0-9+.-]+:/i.test(path)
            ? { uri: path }
            : { uri: path.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' },
          region: {
            startLine: place.first,
            endLine: place.last,
            ...(lines === undefined ? {} : { snippet: { text: lines } }),
          },
        },
      },
    ],
    partialFingerprints: { 'secGeminiCode/v1': fingerprint(finding) },
    ...(suppressed === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: plain(suppressed.reason) }] }),
    properties: { severity, ...(state === '' ? {} : { state }) },
  };
}

/** Of the rule and the code, not of the line: it stays when the code moves. */
function fingerprint({ rule, asked }: Finding): string {
  return `${rule}:${asked.whole.toString(36)}`;
}

/** Placeholders (`{0}`) and links mean something in a message of SARIF (3.11.5, 3.11.6); here all is plain text. The rest stays readable for naive readers. */
function plain(text: string): string {
  const safe = text
    .trim()
    .replace(/\{(?=\d+\})/g, '{{')
    .replace(/(?<=\{\d+)\}/g, '}}');
  return /\]\(/.test(safe) ? safe.replace(/[[\]]/g, String.raw`\$&`) : safe;
}
