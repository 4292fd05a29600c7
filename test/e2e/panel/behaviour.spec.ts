/** What readers of other panels complain about: jumps, lost words, grey pages. */
import { type Page, expect, test } from '@playwright/test';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';
import { log, longModel } from './support/reading.ts';

/** The text at the top of the view and where it stands. */
function topOf(page: Page): Promise<{ row: string; y: number }> {
  return page.evaluate(() => {
    const view = document.querySelector('.log')?.getBoundingClientRect();
    const rows = [...document.querySelectorAll('.canvas > article')].map((row) => ({
      row,
      box: row.getBoundingClientRect(),
    }));
    const first = rows
      .filter(({ box }) => box.bottom > (view?.top ?? 0) + 1)
      .toSorted((a, b) => a.box.top - b.box.top)[0];
    return { row: first?.row.getAttribute('data-row') ?? '', y: Math.round((first?.box.top ?? 0) - (view?.top ?? 0)) };
  });
}

test('a long session opens at its end with few nodes, and history comes by ranges', async ({ page }) => {
  const model = longModel(2000);
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await expect(page.getByText('answer 1999')).toBeInViewport();
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(1000);
  await log(page).focus();
  await page.keyboard.press('Home');
  await expect(page.getByText('question 0', { exact: true })).toBeInViewport();
  const first = page.getByRole('article').first();
  await expect(first).toHaveAttribute('aria-posinset', '1');
  await expect(first).toHaveAttribute('aria-setsize', '2000');
  await expect(first).toBeFocused();
  expect(panel.problems).toEqual([]);
  panel.dispose();
});

test('what is read does not move: while scrolling up, while text streams below, while the panel changes its width', async ({
  page,
}) => {
  const model = longModel(300);
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await expect(page.getByText('answer 299')).toBeInViewport();
  await log(page).hover();
  for (let step = 0; step < 40; step += 1) {
    const before = await topOf(page);
    await log(page).evaluate(async (element) => {
      element.scrollTop -= 120;
      for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    });
    const moved = await page.evaluate(
      ({ row }) =>
        Math.round(
          (document.querySelector(`[data-row="${row}"]`)?.getBoundingClientRect().top ?? NaN) -
            (document.querySelector('.log')?.getBoundingClientRect().top ?? 0),
        ),
      before,
    );
    expect(Math.abs(moved - before.y - 120), `step ${step.toString()}`).toBeLessThanOrEqual(2);
  }
  const before = await topOf(page);
  const answer = message({ status: 'streaming' });
  for (let index = 0; index < 30; index += 1)
    model.apply({ type: 'piece', message: answer, text: `line ${index.toString()}\n\n` });
  await expect(page.getByRole('button', { name: 'Jump to latest (1 new)' })).toBeVisible();
  expect(await topOf(page)).toEqual(before);
  await page.setViewportSize({ width: 500, height: 720 });
  await page.waitForTimeout(200);
  const narrow = await topOf(page);
  expect(narrow.row).toBe(before.row);
  await page.getByRole('button', { name: /Jump to latest/ }).click();
  await expect(page.getByText('line 29')).toBeInViewport();
  model.apply({ type: 'piece', message: answer, text: 'followed' });
  await expect(page.getByText('followed')).toBeInViewport();
  expect(panel.problems).toEqual([]);
  panel.dispose();
});

test('a page that is made anew stands where the reader was, and tells what has come since', async ({ page }) => {
  const model = longModel(300);
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await expect(page.getByText('answer 299')).toBeInViewport();
  await log(page).evaluate((element) => (element.scrollTop = element.scrollHeight / 3));
  await expect(page.locator('.placeholder')).toHaveCount(0);
  const kept = (): Promise<{ top: number } | undefined> =>
    page.evaluate(() => (JSON.parse(sessionStorage.getItem('state') ?? '{}') as { place?: { top: number } }).place);
  await expect.poll(async () => ((await kept())?.top ?? NaN) - (await topOf(page)).y).toBe(0);
  const before = await topOf(page);
  await page.reload();
  await page.locator('.page.ready').waitFor();
  await expect.poll(() => topOf(page)).toEqual(before);
  await expect(page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();
  // The host tells all of it anew, as it does when a page is shown: the same place.
  panel.controller.setVisible(false);
  model.apply({ type: 'message', message: message({ content: 'meanwhile' }) });
  panel.controller.setVisible(true);
  await expect(page.getByRole('article').first()).toHaveAttribute('aria-setsize', '301');
  await expect.poll(() => topOf(page)).toEqual(before);
  model.apply({ type: 'history', messages: model.current.messages.slice(0, 300) });
  await expect(page.getByRole('article').first()).toHaveAttribute('aria-setsize', '300');
  // At the end it is the end that is followed.
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect(page.getByText('answer 299')).toBeInViewport();
  await expect.poll(kept).toBeUndefined();
  await page.reload();
  await expect(page.getByText('answer 299')).toBeInViewport();
  panel.dispose();
});

test('a page that is hidden right after the reader moved keeps where they went', async ({ page }) => {
  const panel = await openPanel(page, { model: longModel(300), host: new FakeHost(), environment: serviceEnvironment });
  await expect(page.getByText('answer 299')).toBeInViewport();
  const kept = (): Promise<number | undefined> =>
    page.evaluate(
      () => (JSON.parse(sessionStorage.getItem('state') ?? '{}') as { place?: { index: number } }).place?.index,
    );
  // From here on no timer of the page comes to its end.
  await page.evaluate(() => Object.assign(window, { setTimeout: () => 1 }));
  const hide = (): Promise<void> =>
    page.evaluate(() => {
      document.body.style.display = 'none';
      document.dispatchEvent(new Event('visibilitychange'));
      document.body.style.display = '';
    });
  await log(page).evaluate((element) => (element.scrollTop = element.scrollHeight / 3));
  await expect(page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();
  await hide();
  expect(await kept()).toBeGreaterThan(50);
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect(page.getByText('answer 299')).toBeInViewport();
  await hide();
  expect(await kept()).toBeUndefined();
  panel.dispose();
});

test('a hidden page gets nothing and is whole again when shown', async ({ page }) => {
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  panel.controller.setVisible(false);
  const answer = message({ status: 'streaming' });
  for (let index = 0; index < 500; index += 1) model.apply({ type: 'piece', message: answer, text: 'word ' });
  model.apply({ type: 'message', message: { ...answer, content: 'the whole', status: 'complete' } });
  panel.controller.setVisible(true);
  await expect(page.getByRole('article', { name: 'Sec-Gemini' })).toContainText('the whole');
  model.apply({ type: 'message', message: message({ content: 'and more' }) });
  await expect(page.getByText('and more', { exact: true })).toBeVisible();
  panel.dispose();
});

test('a broken order of messages is mended by a snapshot', async ({ page }) => {
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  model.apply({ type: 'message', message: message({ content: 'first' }) });
  await expect(page.getByText('first', { exact: true })).toBeVisible();
  await page.evaluate(() =>
    window.postMessage(
      { t: 'note', seq: 900, name: 'changes', params: { changes: [{ type: 'row', index: 70, row: {} }] } },
      window.origin,
    ),
  );
  await expect
    .poll(() => panel.fromPage.filter((entry) => (entry as { name?: string }).name === 'resync').length)
    .toBe(1);
  model.apply({ type: 'message', message: message({ content: 'second' }) });
  await expect(page.getByText('second', { exact: true })).toBeVisible();
  await expect(page.getByRole('article')).toHaveCount(2);
  panel.dispose();
});

test('queue, files, unknown delivery, offline: each has its button', async ({ page }) => {
  const model = new FakeModel({ attachments: [{ id: 'a', name: 'x.py', size: 10 }] });
  const host = new FakeHost();
  const panel = await openPanel(page, { model, host, environment: serviceEnvironment });
  const lost = prompt('lost?');
  model.apply(
    { type: 'turnStart', prompt: lost },
    { type: 'delivery', promptId: lost.id, state: 'unknown' },
    { type: 'turnEnd', outcome: 'interrupted' },
    { type: 'queue', queue: [{ id: 'q', text: 'later' }] },
    { type: 'connection', state: 'reconnecting', retryInMs: 3000 },
  );
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByRole('button', { name: 'Remove x.py' }).click();
  await page.getByRole('button', { name: 'Remove from queue: later' }).click();
  await page.getByRole('button', { name: 'Retry now' }).click();
  await expect.poll(() => host.of('retryNow')).toEqual([['session-1']]);
  expect(model.calls).toEqual([
    ['sendAgain', 'session-1', lost.id],
    ['detach', 'session-1', 'a'],
    ['removeQueued', 'session-1', 'q'],
  ]);
  await expect(page.getByRole('status', { name: 'Status' })).toHaveText('Reconnecting');
  panel.dispose();
});
