// Mocha's spec reporter, which also writes its counts as JSON to $SEC_GEMINI_COUNTS.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { firstLines } from './counts.ts';

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const why: string[] = [];
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error: unknown) => {
      why.push(`${test.fullTitle()}: ${firstLines(error instanceof Error ? error.message : String(error))}`);
    });
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      const file = process.env.SEC_GEMINI_COUNTS;
      if (file !== undefined) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, failures: why }));
    });
  }
}
