// T06 for the local sandbox on v1, half 1 of 2 (each has the runner's guard for itself): nothing lost, doubled or asked again.
import { join } from 'node:path';
import { killAll, killInMidTurn } from '../unit/sandbox/hostile.ts';
import { cleanUp, temporaryFolder } from '../unit/sandbox/support.ts';

const KILLS = Number(process.env['SEC_GEMINI_SANDBOX_KILLS'] ?? 250);
/** Sandboxes at the same time: each spends most of its life waiting. */
const SEEDS = [11, 12];

describe('the sandbox, killed', function () {
  this.timeout(8.5 * 60_000);
  afterEach(cleanUp);
  afterEach(killAll);

  it(`${KILLS} times in mid-turn, seeds ${SEEDS.join()}`, async () => {
    await Promise.all(SEEDS.map((seed) => killInMidTurn(join(temporaryFolder(), 'state'), KILLS / SEEDS.length, seed)));
  });
});
