/** Find in the conversation, and what of it goes to the clipboard: everything, not only what is in the page. */
import { type Page, expect, test } from '@playwright/test';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';
import { box, log, longModel } from './support/reading.ts';

test('find goes over everything, also what is not on the page, and opens what is folded', async ({ page }) => {
  const model = longModel(400);
  const old = model.current.messages[3];
  if (old === undefined) throw new Error('no message');
  model.apply({ type: 'message', message: { ...old, kind: 'thinking', content: 'the **needle** is here' } });
  model.apply({ type: 'message', message: message({ content: 'another needle' }) });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await box(page).press('Control+f');
  await page.getByRole('textbox', { name: 'Find' }).fill('needle');
  await expect(page.getByRole('status', { name: 'Matches' })).toHaveText('2 of 2');
  await page.getByRole('button', { name: 'Next match' }).click();
  await expect(page.getByText('needle', { exact: true })).toBeInViewport();
  await page.getByRole('button', { name: 'Previous match' }).click();
  await expect(page.getByText('another needle')).toBeInViewport();
  await page.getByRole('textbox', { name: 'Find' }).press('Enter');
  await expect(page.getByText('needle', { exact: true })).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('search')).toBeHidden();
  // The keyboard goes on at what was found.
  await expect(page.getByRole('article').filter({ hasText: 'the needle is here' })).toBeFocused();
  panel.dispose();
});

/** The words of the hit that is shown, and how many hits are marked in the page. */
const marked = (page: Page): Promise<{ here: string; all: number; seen: boolean }> =>
  page.evaluate(() => {
    const [here] = CSS.highlights.get('found-here') ?? [];
    const place = here instanceof Range ? here.getBoundingClientRect() : undefined;
    const view = document.querySelector('.log')?.getBoundingClientRect();
    const seen = place !== undefined && view !== undefined && place.top >= view.top && place.bottom <= view.bottom;
    return { here: here instanceof Range ? here.toString() : '', all: CSS.highlights.get('found')?.size ?? 0, seen };
  });

test('each hit of a long message is gone to, round from the last to the first', async ({ page }) => {
  const model = new FakeModel();
  const far = 'A paragraph of some length. '.repeat(200);
  model.apply(
    { type: 'message', message: message({ content: `the key\n\n${far}\n\nthe key\n\n${far}\n\nthe key` }) },
    { type: 'message', message: message({ content: 'one more key' }) },
  );
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await box(page).press('Control+f');
  const find = page.getByRole('textbox', { name: 'Find' });
  const count = page.getByRole('status', { name: 'Matches' });
  await find.fill('the key');
  await expect(count).toHaveText('1 of 3');
  const tops: number[] = [];
  for (const told of ['2 of 3', '3 of 3', '1 of 3']) {
    await find.press('Enter');
    await expect(count).toHaveText(told);
    await expect.poll(() => marked(page)).toEqual({ here: 'the key', all: 3, seen: true });
    tops.push(await log(page).evaluate((element) => element.scrollTop));
  }
  expect(new Set(tops).size).toBe(3);
  await find.press('Shift+Enter');
  await expect(count).toHaveText('3 of 3');
  await expect.poll(() => marked(page)).toEqual({ here: 'the key', all: 3, seen: true });
  await find.fill('key');
  await find.press('Shift+Enter');
  await find.press('Shift+Enter');
  await expect(count).toHaveText('3 of 4');
  panel.dispose();
});

test('words are found as they are read: across bold, code and a line break', async ({ page }) => {
  const model = new FakeModel();
  model.apply({
    type: 'message',
    message: message({ content: 'It **runs** `eval(x)` on a\nlong [line](https://a.example/) of it.' }),
  });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await box(page).press('Control+f');
  await page.getByRole('textbox', { name: 'Find' }).fill('runs eval(x) on a long line of');
  await expect(page.getByRole('status', { name: 'Matches' })).toHaveText('1 of 1');
  expect(await marked(page)).toEqual({ here: 'runs eval(x) on a\nlong line of', all: 1, seen: true });
  panel.dispose();
});

for (const theme of ['hcDark', 'hcLight'] as const)
  test(`hits can be seen in ${theme}, which has no colour for them`, async ({ page }) => {
    const model = new FakeModel();
    model.apply({ type: 'message', message: message({ content: 'a key and a key' }) });
    const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment, theme });
    const answer = page.getByRole('article', { name: 'Sec-Gemini' });
    const before = await answer.screenshot();
    await box(page).press('Control+f');
    await page.getByRole('textbox', { name: 'Find' }).fill('key');
    await expect.poll(() => marked(page)).toMatchObject({ all: 2 });
    expect((await answer.screenshot()).equals(before)).toBe(false);
    const style = await answer.evaluate((row) => {
      const part = row.querySelector('.row-body p') ?? row;
      const of = (name: string) => getComputedStyle(part, `::highlight(${name})`);
      return { line: of('found').textDecorationLine, ground: of('found-here').backgroundColor };
    });
    expect(style.line).toBe('underline');
    expect(style.ground).not.toBe('rgba(0, 0, 0, 0)');
    panel.dispose();
  });

test('what is selected over many messages is copied whole, also what is out of view; so is all of it', async ({
  page,
}) => {
  const model = longModel(120);
  const host = new FakeHost();
  const panel = await openPanel(page, { model, host, environment: serviceEnvironment });
  await log(page).focus();
  await page.keyboard.press('Home');
  await expect(page.getByText('question 0', { exact: true })).toBeVisible();
  await page.evaluate(() => {
    const text = document.querySelector('[data-row] .text')?.firstChild;
    if (text !== null && text !== undefined) document.getSelection()?.setPosition(text, 'question '.length);
  });
  await page.keyboard.press('End');
  await expect(page.getByText('answer 119')).toBeVisible();
  await page.evaluate(() => {
    const last = document.querySelector('article:last-of-type .row-body p')?.firstChild;
    if (last !== null && last !== undefined) document.getSelection()?.extend(last, 'answer 1'.length);
  });
  await page.keyboard.press('Control+c');
  await expect.poll(() => host.of('copy').length).toBe(1);
  const [[part]] = host.of('copy') as [[string]];
  expect(part).toMatch(/^0\n\nanswer 1\n/);
  for (let index = 1; index < 119; index += 1)
    expect(part).toMatch(new RegExp(`(answer|question) ${index.toString()}\\b`));
  expect(part).toMatch(/answer 1$/);

  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await expect.poll(() => host.of('copy').length).toBe(2);
  const all = String(host.of('copy')[1]?.[0]);
  expect(all).toMatch(/^question 0\n\nanswer 1\n/);
  expect(all).toContain('```py\nx = 1');
  // Neither the head of the panel nor the composer is part of it.
  expect(all).not.toContain('Suspicious login script');
  panel.dispose();
});

test('a selection stays while text streams below it, while its message ends, and while code gets its colours', async ({
  page,
}) => {
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const answer = message({ status: 'streaming' });
  const piece = (text: string): void => model.apply({ type: 'piece', message: answer, text });
  piece('The first words of it.\n\n```py\nimport os\n');
  await expect(page.locator('pre code')).toHaveText('import os\n');
  const select = (selector: string, from: number, to: number): Promise<void> =>
    page.evaluate(
      (given) => {
        const walker = document.createTreeWalker(
          document.querySelector(given.selector) ?? document.body,
          NodeFilter.SHOW_TEXT,
        );
        const text = walker.nextNode();
        if (text !== null) document.getSelection()?.setBaseAndExtent(text, given.from, text, given.to);
      },
      { selector, from, to },
    );
  const selected = (): Promise<string> => page.evaluate(() => String(document.getSelection()));
  await select('pre code', 0, 6);
  piece('x = 1\n```\n\nand more');
  await expect(page.locator('.hljs-keyword')).toHaveText('import');
  expect(await selected()).toBe('import');
  // In the part that is drawn again with every piece; the view stays, too.
  await select('.markdown > p:last-child', 0, 3);
  const top = await log(page).evaluate((element) => element.scrollTop);
  for (let index = 0; index < 60; index += 1) piece(` word\n\nline ${index.toString()}`);
  await expect(page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();
  expect(await log(page).evaluate((element) => element.scrollTop)).toBe(top);
  expect(await selected()).toBe('and');
  model.apply({ type: 'message', message: { ...model.current.messages[0]!, status: 'complete' } });
  await expect(page.locator('article.streaming')).toHaveCount(0);
  expect(await selected()).toBe('and');
  // Who goes to the end follows it again.
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect(page.getByText('line 59')).toBeInViewport();
  model.apply({ type: 'message', message: message({ content: 'the next' }) });
  await expect(page.getByText('the next', { exact: true })).toBeInViewport();
  panel.dispose();
});

test('arrow keys begin where the reader looks, and a selection is what is looked for', async ({ page }) => {
  const model = longModel(200);
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await log(page).focus();
  await page.keyboard.press('Home');
  await expect(page.getByRole('article').first()).toBeFocused();
  await log(page).focus();
  await log(page).evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
  await expect(page.getByText(/^answer (9|10)\d/).first()).toBeVisible();
  await page.keyboard.press('ArrowDown');
  const focused = await page.evaluate(() => Number(document.activeElement?.getAttribute('aria-posinset')));
  expect(focused).toBeGreaterThan(50);
  await page.evaluate(() => {
    const words = document.activeElement?.querySelector('.row-body p, .row-body .text')?.firstChild;
    if (words !== null && words !== undefined) document.getSelection()?.setBaseAndExtent(words, 0, words, 9);
  });
  const words = await page.evaluate(() => String(document.getSelection()));
  await page.keyboard.press('Control+f');
  await expect(page.getByRole('textbox', { name: 'Find' })).toHaveValue(words.trim());
  panel.dispose();
});
