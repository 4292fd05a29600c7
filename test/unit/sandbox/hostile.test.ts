import { join } from 'node:path';
import { killAll, killInMidTurn, sendRubbish } from './hostile.ts';
import { cleanUp, start, temporaryFolder } from './support.ts';

describe('sandbox, hostile input and kills', () => {
  afterEach(cleanUp);
  afterEach(killAll);

  it('answers 400 malformed bodies and 400 malformed frames, seed 1', async function () {
    this.timeout(60_000);
    await sendRubbish(await start(), 400, 1);
  });

  it('loses and doubles nothing over 20 kills in mid-turn, seed 2', async function () {
    this.timeout(240_000);
    await killInMidTurn(join(temporaryFolder(), 'state'), 20, 2);
  });
});
