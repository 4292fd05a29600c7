// Trust S06: 100,000 fuzzed messages of a page that was taken over, without a throw or an effect.
import { fuzzController } from '../unit/panel/support.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

describe(`a hostile page, seed ${SEED.toString()}`, function () {
  this.timeout(8 * 60_000);

  it('sends 100,000 fuzzed messages: no throw, no effect', async () => {
    await fuzzController(100_000, SEED);
  });
});
