/** Small counts of what test/full/client-v3-*.test.ts does in large ones. */

import { runCuts, runMalformed } from '../../fakes/v3-runs.ts';

describe('client v3: hostile', function () {
  this.timeout(60_000);
  const seed = 20_260_921;

  it(`survives 400 malformed and compressed frames (seed ${seed})`, () => runMalformed(400, seed));

  it(`loses, repeats and sends nothing again over 20 turns with cuts (seed ${seed})`, () => runCuts(20, seed));
});
