/** The editor's problems as SARIF 2.1.0 JSON. Pure. */

export interface Problem {
  /** Relative path with forward slashes, as the service will see it. */
  readonly path: string;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly message: string;
  /** Who found it, e.g. `eslint`. */
  readonly source?: string | undefined;
  /** The rule's id, e.g. `no-eval`. */
  readonly rule?: string | undefined;
  /** Where the rule is explained. */
  readonly ruleUri?: string | undefined;
  /** 1-based; the end is exclusive in its column, as SARIF counts. */
  readonly range: {
    readonly startLine: number;
    readonly startColumn: number;
    readonly endLine: number;
    readonly endColumn: number;
  };
  /** The text of the lines; undefined when the file is kept here or could not be read. */
  readonly snippet?: string | undefined;
}

const LEVELS = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const;
const NO_SOURCE = 'Visual Studio Code';

/** One run for each source of problems, in the order of their first problem; problems by path and place. `leftOut`: files that stay here. */
export function problemsAsSarif(problems: readonly Problem[], leftOut = 0): string {
  const sorted = problems.toSorted(
    (a, b) =>
      compare(a.path, b.path) ||
      a.range.startLine - b.range.startLine ||
      a.range.startColumn - b.range.startColumn ||
      compare(a.message, b.message),
  );
  const bySource = new Map<string, Problem[]>();
  for (const problem of sorted) {
    const source = problem.source ?? NO_SOURCE;
    bySource.set(source, [...(bySource.get(source) ?? []), problem]);
  }
  const runs = [...bySource].map(([source, found]) => ({
    tool: { driver: { name: source, rules: rulesOf(found) } },
    columnKind: 'utf16CodeUnits',
    results: found.map(resultOf),
  }));
  const properties = leftOut === 0 ? {} : { properties: { filesLeftOutByRulesOfThisMachine: leftOut } };
  return `${JSON.stringify({ version: '2.1.0', ...properties, runs }, undefined, 2)}\n`;
}

function rulesOf(problems: readonly Problem[]): object[] {
  const rules = new Map<string, object>();
  for (const { rule, ruleUri } of problems)
    if (rule !== undefined && !rules.has(rule))
      rules.set(rule, { id: rule, ...(ruleUri === undefined ? {} : { helpUri: ruleUri }) });
  return [...rules.values()];
}

function resultOf(problem: Problem): object {
  return {
    ...(problem.rule === undefined ? {} : { ruleId: problem.rule }),
    level: LEVELS[problem.severity],
    message: { text: problem.message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: problem.path.split('/').map(encodeURIComponent).join('/') },
          region: {
            ...problem.range,
            ...(problem.snippet === undefined ? {} : { snippet: { text: problem.snippet } }),
          },
        },
      },
    ],
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
