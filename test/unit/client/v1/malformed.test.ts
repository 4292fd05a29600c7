import { seed } from '../../../fakes/v1-arbitraries.ts';
import { pourBodies, pourFrames } from '../../../fakes/v1-malformed.ts';

describe('v1: malformed input over the wire', () => {
  it('300 frames in one turn, 300 bodies over every call', async function () {
    this.timeout(30_000);
    const start = seed();
    await pourFrames(300, start);
    await pourBodies(300, start);
  });
});
