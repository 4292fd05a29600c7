import assert from 'node:assert/strict';
import { killLanes } from './kill-runs.ts';

describe('v3: the sandbox is killed in the middle of turns', () => {
  it('20 kills: 0 lost, 0 twice, 0 prompts sent again', async function () {
    this.timeout(180_000);
    const seed = Number(process.env.KILL_SEED ?? 20_261_121);
    const figures = await killLanes('v3', 20, seed, 4);
    console.error(`kills on v3 (KILL_SEED=${seed}): ${JSON.stringify(figures)}`);
    assert.equal(figures.kills, 20);
    assert.ok(figures.cut >= 4, 'enough turns were cut in their middle for the run to count');
  });
});
