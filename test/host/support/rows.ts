// Which rows of the capability table were seen working: a row's test is named by it, and what passed is written for the README's table.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The same form as the contract suite's results (test/contract/capabilities.ts). */
export function collectRows(protocol: string): void {
  const proven: string[] = [];
  afterEach(function () {
    const test = this.currentTest;
    if (test?.state === 'passed') proven.push(test.title);
  });
  after(() => {
    const file = process.env['SEC_GEMINI_API_RESULTS'];
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    const result = { name: `${protocol} through the exported API`, protocol, proven: proven.toSorted() };
    writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  });
}
