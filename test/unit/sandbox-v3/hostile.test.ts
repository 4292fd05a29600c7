import { join } from 'node:path';
import { killAll } from '../sandbox/hostile.ts';
import { cleanUp, start, temporaryFolder } from '../sandbox/support.ts';
import { killInMidTurn, sendFrames } from './hostile.ts';
import { closeAll } from './support.ts';

describe('sandbox, v3 under rubbish and kills', function () {
  this.timeout(60_000);
  afterEach(closeAll);
  afterEach(cleanUp);
  afterEach(killAll);

  it('goes on after 600 malformed or compressed bodies, seed 71', async () => {
    await sendFrames(await start(), 600, 71);
  });

  it('survives 6 kills in mid-turn, seed 72', async () => {
    await killInMidTurn(join(temporaryFolder(), 'state'), 6, 72);
  });
});
