/** The long tier of the v1 client: 100,000 malformed frames and bodies, 500 kills of the sandbox. */

import assert from 'node:assert/strict';
import { killRuns } from '../contract/kill-runs.ts';
import { seed } from '../fakes/v1-arbitraries.ts';
import { pourBodies, pourFrames } from '../fakes/v1-malformed.ts';

describe('v1 client, long tier', () => {
  it('T05: 100,000 malformed frames and bodies: no crash, no unhandled rejection', async function () {
    this.timeout(300_000);
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    const start = seed();
    let frames = 0;
    for (let round = 0; frames < 95_000; round += 1) frames += await pourFrames(10_000, start + round);
    await pourBodies(5_000, start);
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
  });

  it('T06: 500 kills of the sandbox at random moments: 0 lost, 0 twice, 0 sent again', async function () {
    this.timeout(480_000);
    const start = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.error(`KILL_SEED=${start} repeats the moments`);
    const figures = await killRuns('v1', 500, start);
    console.error(JSON.stringify(figures));
    assert.equal(figures.kills, 500);
    assert.ok(figures.cut >= 50, 'enough turns were cut in their middle for the run to count');
  });
});
