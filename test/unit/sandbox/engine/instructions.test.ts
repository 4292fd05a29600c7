import assert from 'node:assert/strict';
import { ask, stepsOf } from './support.ts';

describe('instructions before a prompt', () => {
  const block = '<instructions>\nBe brief. /demo failure\n</instructions>\n\n';

  it('are named, and the prompt behind them is answered', async () => {
    const [first, ...rest] = await stepsOf(`${block}/demo limit`);
    assert.ok(first?.type === 'thinking');
    assert.match(first.text, /Be brief/);
    assert.deepEqual(rest, await stepsOf('/demo limit'));
    assert.equal(await ask(`${block}What is attached?`), await ask('What is attached?'));
  });

  it('are only what stands at the very beginning', async () => {
    const [first] = await stepsOf(`Explain ${block}`);
    assert.ok(first?.type === 'thinking');
    assert.equal(first.title, 'Reading the request');
  });

  it('requirements behind a prompt are named, and the prompt before them is answered', async () => {
    const behind = '\n\n<requirements>\nThese attachments must be used: a.py.\n</requirements>';
    const [first, ...rest] = await stepsOf(`/demo limit${behind}`);
    assert.ok(first?.type === 'thinking');
    assert.match(first.text, /must be used: a\.py/);
    assert.deepEqual(rest, await stepsOf('/demo limit'));
    assert.equal(await ask(`${block}What is attached?${behind}`), await ask('What is attached?'));
  });
});
