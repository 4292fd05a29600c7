/** T06 on gRPC: our client and the sandbox's process, 200 kills in mid-turn, eight of each side by side. */

import assert from 'node:assert/strict';
import { killLanes } from '../contract/kill-runs.ts';

describe('client v3: kills, full', () => {
  it('T06: 200 kills of the sandbox at random moments: 0 lost, 0 twice, 0 sent again', async function () {
    this.timeout(480_000);
    const seed = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.error(`KILL_SEED=${seed} repeats the moments`);
    const figures = await killLanes('v3', 200, seed, 8);
    console.error(JSON.stringify(figures));
    assert.equal(figures.kills, 200);
    assert.ok(figures.cut >= 40, 'enough turns were cut in their middle for the run to count');
  });
});
