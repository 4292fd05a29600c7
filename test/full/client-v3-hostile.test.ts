/** The large counts: 20,000 malformed or compressed frames, 200 turns that are cut in the middle. SEED changes what they hold. */

import { runCuts, runMalformed } from '../fakes/v3-runs.ts';

describe('client v3: hostile, full', function () {
  this.timeout(480_000);
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

  it(`survives 20,000 malformed and compressed frames (seed ${seed})`, () => runMalformed(20_000, seed));

  it(`loses, repeats and sends nothing again over 200 turns with cuts (seed ${seed})`, () => runCuts(200, seed));
});
