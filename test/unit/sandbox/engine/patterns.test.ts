import assert from 'node:assert/strict';
import { inspectFile } from '../../../../src/sandbox/engine/inspect.ts';
import { languageOf } from '../../../../src/sandbox/engine/languages.ts';
import { ruleIds } from '../../../../src/sandbox/engine/patterns.ts';
import { SAMPLES } from './pattern-samples.ts';
import { fileOf } from './support.ts';

const found = async (name: string, text: string): Promise<{ ruleId: string; line?: number | undefined }[]> => {
  const report = await inspectFile(fileOf(name, text), new AbortController().signal);
  return report.findings.map(({ ruleId, line }) => ({ ruleId, line }));
};

describe('risky patterns', () => {
  it('has a sample for every rule, and no rule twice', () => {
    assert.deepEqual(Object.keys(SAMPLES).toSorted(), ruleIds().toSorted());
  });

  for (const [ruleId, [name, bad, good]] of Object.entries(SAMPLES)) {
    it(`${ruleId}: reports the line, not its neighbour`, async () => {
      const findings = await found(name, `\n\n${bad}\n`);
      assert.ok(
        findings.some((finding) => finding.ruleId === ruleId && finding.line === 3),
        JSON.stringify(findings),
      );
      assert.ok(
        !(await found(name, `\n\n${good}\n`)).some((finding) => finding.ruleId === ruleId),
        `${good} is reported`,
      );
    });
  }

  it('says nothing about comments', async () => {
    assert.deepEqual(await found('a.py', '# eval(user_input)\n'), []);
    assert.deepEqual(await found('a.js', '// eval(text)\n * eval(text)\n'), []);
    assert.deepEqual(await found('a.sql', '-- DROP TABLE users;\n'), []);
  });

  it('knows languages by name, label, first line', () => {
    const cases: readonly [string, string, string, string | undefined][] = [
      ['x/A.PY', 'txt', '', 'python'],
      ['run', 'txt', '#!/usr/bin/env bash\n', 'shell'],
      ['run', 'txt', '#!/usr/bin/python3\n', 'python'],
      ['noname', 'javascript', '', 'javascript'],
      ['Dockerfile.dev', 'txt', '', 'dockerfile'],
      ['ci.yml', 'txt', 'on: push\njobs:\n  a:\n', 'workflow'],
      ['k8s.yaml', 'txt', 'kind: Pod\n', 'yaml'],
      ['page', 'txt', '<?php echo 1;', 'php'],
      ['notes.txt', 'txt', 'words', undefined],
    ];
    for (const [name, label, head, expected] of cases) assert.equal(languageOf(name, label, head), expected, name);
  });

  it('looks at no more of a long line than it says, and does not hang on it', async () => {
    const findings = await found('a.js', `${'('.repeat(2_000_000)} eval(x)\neval(y)\n`);
    assert.deepEqual(findings, [{ ruleId: 'javascript/eval', line: 2 }]);
  });
});
