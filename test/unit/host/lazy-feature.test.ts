// A feature that is loaded by the first of its commands.
import assert from 'node:assert/strict';
import { lateCommands, lazyFeature } from '../../../src/host/lazy-feature.ts';

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

describe('commands that are made late', () => {
  it('are made once, by the first of them, and give what it gives', () => {
    let made = 0;
    const commands = lateCommands(
      () => {
        made += 1;
        return { reportBug: (...args: unknown[]) => args, rateAnswer: () => 'rated' };
      },
      { reportBug: true, rateAnswer: true },
    );
    assert.deepEqual(Object.keys(commands), ['reportBug', 'rateAnswer']);
    assert.equal(made, 0);
    assert.deepEqual(commands.reportBug?.(1, 'two'), [1, 'two']);
    assert.equal(commands.rateAnswer?.(), 'rated');
    assert.equal(made, 1);
  });

  it('that could not be made are tried again', () => {
    let tries = 0;
    const commands = lateCommands(
      () => {
        tries += 1;
        if (tries === 1) throw new Error('gone');
        return { reportBug: () => 'told' };
      },
      { reportBug: true },
    );
    assert.throws(() => commands.reportBug?.(), /gone/);
    assert.equal(commands.reportBug?.(), 'told');
  });
});
