// T05 and T06 of the local sandbox on v1: 100,000 malformed bodies and frames; 500 kills in mid-turn, nothing lost, doubled or asked again.
import { join } from 'node:path';
import { killAll, killInMidTurn, sendRubbish } from '../unit/sandbox/hostile.ts';
import { cleanUp, start, temporaryFolder } from '../unit/sandbox/support.ts';

const RUBBISH = Number(process.env['SEC_GEMINI_RUBBISH'] ?? 100_000);
const KILLS = Number(process.env['SEC_GEMINI_SANDBOX_KILLS'] ?? 500);
const CHUNKS = 2;

describe('the sandbox under rubbish and kills', function () {
  this.timeout(9.5 * 60_000);
  afterEach(cleanUp);
  afterEach(killAll);

  it(`answers ${RUBBISH} malformed bodies and frames, seed 11`, async () => {
    await sendRubbish(await start(), RUBBISH / 2, 11);
  });

  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    it(`survives ${KILLS / CHUNKS} kills, seed ${20 + chunk}`, async () => {
      await killInMidTurn(join(temporaryFolder(), 'state'), KILLS / CHUNKS, 20 + chunk);
    });
  }
});
