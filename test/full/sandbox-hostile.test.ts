// T05 for the local sandbox on v1: 100,000 malformed bodies and frames, seeded.
import { sendRubbish } from '../unit/sandbox/hostile.ts';
import { cleanUp, start } from '../unit/sandbox/support.ts';

const COUNT = Number(process.env['SEC_GEMINI_RUBBISH'] ?? 100_000);

describe('the sandbox under rubbish', function () {
  this.timeout(8 * 60_000);
  afterEach(cleanUp);

  it(`answers ${COUNT} malformed bodies and frames, seed 11`, async () => {
    await sendRubbish(await start(), COUNT / 2, 11);
  });
});
