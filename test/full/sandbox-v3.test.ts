// The sandbox's gRPC side in the long tier: 20,000 malformed or compressed bodies; 200 kills in mid-turn, nothing lost, doubled or asked again.
import { join } from 'node:path';
import { killAll } from '../unit/sandbox/hostile.ts';
import { cleanUp, start, temporaryFolder } from '../unit/sandbox/support.ts';
import { killInMidTurn, sendFrames } from '../unit/sandbox-v3/hostile.ts';
import { closeAll } from '../unit/sandbox-v3/support.ts';

const FRAMES = Number(process.env['SEC_GEMINI_FRAMES'] ?? 20_000);
const KILLS = Number(process.env['SEC_GEMINI_SANDBOX_KILLS'] ?? 200);

describe('the sandbox on v3 under rubbish and kills', function () {
  this.timeout(9.5 * 60_000);
  afterEach(closeAll);
  afterEach(cleanUp);
  afterEach(killAll);

  it(`answers ${FRAMES} malformed or compressed bodies, seed 73`, async () => {
    await sendFrames(await start(), FRAMES, 73);
  });

  for (const seed of [74, 75]) {
    it(`survives ${KILLS / 2} kills, seed ${seed}`, async () => {
      await killInMidTurn(join(temporaryFolder(), 'state'), KILLS / 2, seed);
    });
  }
});
