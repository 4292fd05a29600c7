// The rows of the table of sessions as suites: a suite is named by its row, a test by its part, and what passed is written for the README.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type PartName, type RowName, SESSION_ROWS, proofOf } from '../../../scripts/lib/session-rows.ts';

/** The protocol of this run of the suites. */
export const protocol = process.env['SEC_GEMINI_API_PROTOCOL'] === 'v1' ? 'v1' : 'v3';
export const onV1 = protocol === 'v1';

type Test = (this: Mocha.Context) => Promise<void>;

const proven = new Set<string>();
/** A row may have tests in more than one file. */
const failed = new Set<string>();

/** A row of the table. Every test of a part has to pass for it to count; `what` tells tests of one part apart. */
export function row<R extends RowName>(
  name: R,
  body: (part: (part: PartName<R>, what: string, test: Test) => void) => void,
): void {
  describe(`${SESSION_ROWS[name].title} (${protocol})`, () => {
    body((part, what, test) => {
      const proof = proofOf(name, part);
      it(`${part}: ${what}`, async function () {
        proven.delete(proof);
        try {
          await test.call(this);
        } catch (error) {
          failed.add(proof);
          throw error;
        }
        if (!failed.has(proof)) proven.add(proof);
      });
    });
    after(write);
  });
}

/** The same form as the contract suite's results (test/contract/capabilities.ts). */
function write(): void {
  const file = process.env['SEC_GEMINI_API_RESULTS'];
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  const result = { name: `${protocol} through the exported API`, protocol, proven: [...proven].toSorted() };
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
}
