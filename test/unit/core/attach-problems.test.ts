import assert from 'node:assert/strict';
import { type Problem, problemsAsSarif } from '../../../src/core/attach-problems.ts';

const range = { startLine: 3, startColumn: 5, endLine: 3, endColumn: 9 };
const problem = (changes: Partial<Problem>): Problem => ({
  path: 'src/app.js',
  severity: 'error',
  message: 'eval is evil',
  source: 'eslint',
  rule: 'no-eval',
  ruleUri: 'https://rules.invalid/no-eval',
  range,
  snippet: '  eval(x)',
  ...changes,
});

describe('problems as SARIF', () => {
  it('name rule, severity, message, file, range and lines', () => {
    assert.deepEqual(JSON.parse(problemsAsSarif([problem({})])), {
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'eslint', rules: [{ id: 'no-eval', helpUri: 'https://rules.invalid/no-eval' }] } },
          columnKind: 'utf16CodeUnits',
          results: [
            {
              ruleId: 'no-eval',
              level: 'error',
              message: { text: 'eval is evil' },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'src/app.js' },
                    region: { ...range, snippet: { text: '  eval(x)' } },
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('are one run for each source, in order, whatever order they come in', () => {
    const given = [
      problem({ path: 'b.ts', source: 'ts', severity: 'warning' }),
      problem({ path: 'a b#.js', source: undefined, rule: undefined, severity: 'hint', snippet: undefined }),
      problem({ path: 'a.js', range: { ...range, startLine: 1 } }),
    ];
    const text = problemsAsSarif(given);
    assert.equal(text, problemsAsSarif(given.toReversed()));
    const { runs } = JSON.parse(text) as { runs: { tool: { driver: { name: string } }; results: object[] }[] };
    assert.deepEqual(
      runs.map(({ tool }) => tool.driver.name),
      ['Visual Studio Code', 'eslint', 'ts'],
    );
    assert.deepEqual(runs[0]?.results, [
      {
        level: 'note',
        message: { text: 'eval is evil' },
        locations: [{ physicalLocation: { artifactLocation: { uri: 'a%20b%23.js' }, region: range } }],
      },
    ]);
  });
});
