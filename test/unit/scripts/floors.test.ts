import assert from 'node:assert/strict';
import { reachesFloor } from '../../../scripts/check-floors.ts';
import { takenLicence } from '../../../scripts/notices.ts';

describe('floors of known advisories', () => {
  const lowest = ['14.3.3', '15.0.3'];
  const table: readonly [string, boolean][] = [
    ['13.9.9', false],
    ['14.3.2', false],
    ['14.3.3', true],
    ['14.10.0', true],
    ['15.0.2', false],
    ['15.0.3-beta.1', false],
    ['15.0.3', true],
    ['16.0.0', true],
  ];
  for (const [version, good] of table) {
    it(`${version} is ${good ? 'good' : 'refused'}`, () => {
      assert.equal(reachesFloor(version, lowest), good);
    });
  }
});

describe('licences that may be shipped', () => {
  const table: readonly [string, string | undefined][] = [
    ['MIT', 'MIT'],
    ['(MPL-2.0 OR Apache-2.0)', 'Apache-2.0'],
    ['(Apache-2.0 AND BSD-3-Clause)', 'Apache-2.0 AND BSD-3-Clause'],
    ['Apache-2.0 AND MPL-2.0', undefined],
    ['GPL-3.0', undefined],
    ['', undefined],
  ];
  for (const [expression, taken] of table) {
    it(`"${expression}" is ${taken === undefined ? 'refused' : `taken as ${taken}`}`, () => {
      assert.equal(takenLicence(expression), taken);
    });
  }
});
