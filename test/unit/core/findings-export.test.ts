import assert from 'node:assert/strict';
import { linesOf } from '../../../src/core/anchor.ts';
import { findingsMarkdown } from '../../../src/core/findings-markdown.ts';
import { findingsSarif } from '../../../src/core/findings-sarif.ts';
import { type Finding, placedFinding } from '../../../src/core/findings.ts';
import { sarifValidator } from '../../e2e/support/sarif.ts';

const CODE = ['import os', 'query(f"SELECT {name}")', 'eval(text)', 'eval(text)'];
const finding = (patch: object = {}): Finding => ({
  ...placedFinding(
    {
      file: 'app.py',
      snippet: 'query(f"SELECT {name}")',
      severity: 'critical',
      rule: 'sql-injection',
      title: 'SQL built from text',
      explanation: 'Names like {0} or [x](https://evil.invalid) and <b>HTML</b> are text.',
    },
    { id: 'f', sessionId: 's', uri: 'file:///ws/a b/app.py', at: 1 },
    linesOf(CODE),
  ),
  ...patch,
});
const PLACES = [
  { finding: finding(), path: 'a b/äpp.py', lines: CODE[1] },
  {
    finding: finding({
      rule: 'eval',
      severity: 'low',
      title: '![x](https://evil.invalid/p.png)',
      suppressed: { reason: 'only *tests* use it', at: 5 },
    }),
    path: 'untitled:Untitled-1',
  },
  {
    finding: finding({ severity: 'info', verdict: 'confirmed', place: { first: 2, last: 4, confidence: 'likely' } }),
    path: 'c.py',
  },
];

describe('findings for other tools', () => {
  it('are valid SARIF 2.1.0, and the check sees what is not', () => {
    const faults = sarifValidator();
    assert.equal(faults(findingsSarif(PLACES, '0.1.0')), '');
    assert.equal(faults(findingsSarif([], '0.1.0')), '');
    assert.match(faults({ version: '2.1.0' }), /runs/);
    assert.match(
      faults({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: [{ level: 'high' }] }] }),
      /level|message/,
    );
  });

  it('say in SARIF where, how bad, what became of it, and that words are words', () => {
    const log = JSON.parse(JSON.stringify(findingsSarif(PLACES, '0.1.0'))) as {
      runs: {
        tool: { driver: { rules: { id: string; properties: Record<string, unknown> }[] } };
        results: {
          ruleId: string;
          level: string;
          message: { text: string };
          locations: { physicalLocation: { artifactLocation: object; region: object } }[];
          partialFingerprints: object;
          suppressions?: object[];
          properties: object;
        }[];
      }[];
    };
    const [first, second, third] = log.runs[0]?.results ?? [];
    assert.deepEqual(
      log.runs[0]?.tool.driver.rules.map(({ id, properties }) => [id, properties['security-severity']]),
      [
        ['sql-injection', '9.5'],
        ['eval', '3.0'],
      ],
    );
    assert.deepEqual(first?.locations[0]?.physicalLocation, {
      artifactLocation: { uri: 'a%20b/%C3%A4pp.py', uriBaseId: '%SRCROOT%' },
      region: { startLine: 2, endLine: 2, snippet: { text: CODE[1] } },
    });
    assert.match(first.message.text, /\{\{0\}\} or \\\[x\\\]\(https/);
    assert.deepEqual(second?.suppressions, [
      { kind: 'external', status: 'accepted', justification: 'only *tests* use it' },
    ]);
    assert.deepEqual(third?.properties, {
      severity: 'info',
      state: 'verdict: confirmed · stale: the code has changed since the review',
    });
    assert.deepEqual(first.partialFingerprints, third.partialFingerprints, 'the same rule at the same code');
  });

  it('are Markdown in which no word of an answer means anything', () => {
    const text = findingsMarkdown(PLACES, new Date(0));
    assert.match(text, /^# Findings of Sec-Gemini\n\n1970-01-01 00:00 UTC · 1 critical, 1 info, 1 suppressed\n/);
    assert.match(text, /- Place: `a b\/äpp\.py:2`\n- Severity: critical\n- Rule: `sql-injection`\n\n```\nquery/);
    assert.match(text, /# Suppressed\n\n## \\!?\\\[x\\\]|# Suppressed\n\n## !\\\[x\\\]/);
    assert.match(text, /suppressed: only \\\*tests\\\* use it/);
    assert.ok(!/[^\\]\]\(|<b>/.test(text), text);
  });
});
