// A feature that is loaded by the first of its commands.
import assert from 'node:assert/strict';
import { lazyFeature } from '../../../src/host/lazy-feature.ts';

describe('a lazy feature', () => {
  it('is made once, by the first command, which gets its arguments and gives its result', async () => {
    let made = 0;
    const { commands } = lazyFeature(
      async () => {
        made += 1;
        return { commands: { rateAnswer: (...args: unknown[]) => args, reportBug: () => 'told' } };
      },
      { rateAnswer: true, reportBug: true },
    );
    assert.equal(made, 0);
    assert.deepEqual(await Promise.all([commands.rateAnswer?.(1, 'two'), commands.reportBug?.()]), [
      [1, 'two'],
      'told',
    ]);
    assert.equal(made, 1);
  });

  it('that could not be loaded is tried again', async () => {
    let tries = 0;
    const { commands } = lazyFeature(
      async () => {
        tries += 1;
        if (tries === 1) throw new Error('gone');
        return { commands: { reportBug: () => 'told' } };
      },
      { reportBug: true },
    );
    await assert.rejects(async () => commands.reportBug?.(), /gone/);
    assert.equal(await commands.reportBug?.(), 'told');
  });
});
