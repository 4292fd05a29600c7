/** An answer that grows long: groups of its blocks that are out of view are skipped, and nobody who reads in it may notice. */
import { expect, test } from '@playwright/test';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';

test('a long answer that grows stands still for whoever reads in its middle', async ({ page }) => {
  const model = new FakeModel();
  model.apply({ type: 'history', messages: [prompt('a question')] });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const answer = message({ status: 'streaming' });
  const piece = (index: number): void =>
    model.apply({
      type: 'piece',
      message: answer,
      text: `block ${index.toString()} of it ${'word '.repeat(index % 40)}\n\n`,
    });
  for (let index = 0; index < 200; index += 1) piece(index);
  await expect(page.getByText('block 199 of it')).toBeInViewport();
  /** The block at the top of the view, and where it stands. */
  const top = (): Promise<{ words: string; y: number }> =>
    page.evaluate(() => {
      const start = document.querySelector('.log')?.getBoundingClientRect().top ?? 0;
      const blocks = [...document.querySelectorAll('.markdown > p, .blocks > p')];
      const first = blocks.find(
        (block) =>
          block.checkVisibility({ contentVisibilityAuto: true }) && block.getBoundingClientRect().bottom > start + 1,
      );
      return {
        words: first?.textContent.slice(0, 12) ?? '',
        y: Math.round((first?.getBoundingClientRect().top ?? 0) - start),
      };
    });
  await page.getByRole('log', { name: 'Conversation' }).hover();
  await page.mouse.wheel(0, -3000);
  await expect(page.getByRole('button', { name: /^Jump to latest/ })).toBeVisible();
  await expect(page.getByText('block 199 of it')).not.toBeInViewport();
  for (let step = 0; step < 15; step += 1) {
    const before = await top();
    expect(before.words).toMatch(/^block \d+/);
    await page.getByRole('log', { name: 'Conversation' }).evaluate(async (element) => {
      element.scrollTop -= 130;
      for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    });
    const y = await page
      .locator('.markdown p', { hasText: before.words })
      .first()
      .evaluate((block) =>
        Math.round(
          block.getBoundingClientRect().top - (document.querySelector('.log')?.getBoundingClientRect().top ?? 0),
        ),
      );
    expect(Math.abs(y - before.y - 130), `step ${step.toString()}`).toBeLessThanOrEqual(2);
  }
  const before = await top();
  for (let index = 200; index < 300; index += 1) piece(index);
  await expect(page.locator('.markdown p', { hasText: 'block 299 of it' })).toBeAttached();
  expect(await top()).toEqual(before);
  await page.getByRole('button', { name: /^Jump to latest/ }).click();
  await expect(page.getByText('block 299 of it')).toBeInViewport();
  expect(panel.problems).toEqual([]);
  panel.dispose();
});
