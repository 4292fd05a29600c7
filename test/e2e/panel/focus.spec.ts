/** Where the keyboard is, what moves, and what is spoken. */
import { expect, test } from '@playwright/test';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';
import { box, log, longModel } from './support/reading.ts';

test('focus and selection survive rows that come and go', async ({ page }) => {
  const model = longModel(100);
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await expect(page.getByText('answer 99')).toBeInViewport();
  const row = page.locator('[data-row="long-99"]');
  await row.focus();
  await row.getByRole('button', { name: 'Copy message as Markdown' }).focus();
  const copy = row.getByRole('button', { name: 'Copy message as Markdown' });
  await log(page).evaluate((element) => (element.scrollTop = 0));
  await expect(page.getByText('question 0', { exact: true })).toBeVisible();
  await expect(copy).toBeFocused();
  model.apply({ type: 'message', message: message({ content: 'another' }) });
  await expect(copy).toBeFocused();
  await copy.press('ArrowRight');
  await expect(row.getByRole('button', { name: 'Copy turn as Markdown' })).toBeFocused();
  panel.dispose();
});

test('a cursor that the editor asked for comes late, and leaves the keyboard to who has gone on elsewhere', async ({
  page,
}) => {
  const panel = await openPanel(page, {
    model: longModel(5),
    host: new FakeHost(),
    environment: serviceEnvironment,
  });
  await expect(page.getByText('answer 4')).toBeInViewport();
  // Playwright's pages always have the keyboard; this one is told that it is elsewhere.
  const keyboard = (here: boolean): Promise<void> =>
    page.evaluate((has) => {
      document.hasFocus = () => has;
      if (has) window.dispatchEvent(new Event('focus'));
    }, here);
  await keyboard(false);
  panel.controller.focusComposer('first');
  await expect(box(page)).toHaveValue('first ');
  await expect(box(page)).not.toBeFocused();
  await keyboard(true);
  await expect(box(page)).toBeFocused();

  // Who comes back with the mouse chooses by it.
  await box(page).blur();
  await keyboard(false);
  panel.controller.focusComposer('second');
  await expect(box(page)).toHaveValue('first second ');
  await page.getByText('answer 4').click();
  await keyboard(true);
  await expect(box(page)).not.toBeFocused();
  panel.dispose();
});

test('focus stays in its row when rows are drawn anew, come before it, or go', async ({ page }) => {
  const model = longModel(30);
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const answer = message({ id: 'answer', status: 'streaming' });
  model.apply({ type: 'piece', message: answer, text: 'a `b` c\n\n```py\nx = 1\n```\n\n- `load()` one\n' });
  const row = page.locator('[data-row="answer"]');
  const focused = (): Promise<string> =>
    page.evaluate(
      () =>
        `${document.activeElement?.closest('article')?.dataset['row'] ?? ''} ${document.activeElement?.localName ?? ''}`,
    );
  // In the toolbar, while the text grows and while it ends.
  await row.focus();
  await row.getByRole('button', { name: 'Copy message as Markdown' }).focus();
  model.apply({ type: 'piece', message: answer, text: '- two\n' });
  await expect(row).toContainText('two');
  expect(await focused()).toBe('answer button');
  // In the part that is drawn again with every piece.
  await row.getByRole('link', { name: 'load()' }).focus();
  model.apply({ type: 'piece', message: answer, text: '- three\n\nfour' });
  await expect(row).toContainText('four');
  expect(await focused()).toBe('answer span');
  model.apply({ type: 'message', message: { ...answer, status: 'complete', content: 'quite another text' } });
  await expect(row).toContainText('quite another');
  expect(await focused()).toBe('answer article');
  await row.getByRole('button', { name: 'Copy message as Markdown' }).focus();
  // The whole history is loaded again, with rows that were not known before.
  model.apply({ type: 'history', messages: [message({ id: 'older', content: 'older' }), ...model.current.messages] });
  await expect(page.getByRole('article').last()).toHaveAttribute('aria-setsize', '32');
  expect(await focused()).toMatch(/^answer /);
  model.apply({ type: 'history', messages: [message({ id: 'other', content: 'another list' })] });
  await expect(page.getByText('another list', { exact: true })).toBeVisible();
  await expect(log(page)).toBeFocused();
  panel.dispose();
});

test('nothing moves for whoever asked for less motion', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  model.apply(
    { type: 'turnStart', prompt: prompt('q') },
    { type: 'piece', message: message({ status: 'streaming' }), text: 'half' },
  );
  await expect(page.getByText('half')).toBeVisible();
  const moving = (): Promise<number> => page.evaluate(() => document.getAnimations().length);
  expect(await moving()).toBe(0);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  expect(await moving()).toBeGreaterThan(0);
  // VS Code's own setting sets a class.
  await page.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
  expect(await moving()).toBe(0);
  panel.dispose();
});

test('a finished answer is spoken once and politely; the log is no live region', async ({ page }) => {
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await expect(log(page)).toHaveAttribute('aria-live', 'off');
  const answer = message({ status: 'streaming' });
  model.apply({ type: 'turnStart', prompt: prompt('q') }, { type: 'piece', message: answer, text: 'half' });
  await expect(page.getByText('half')).toBeVisible();
  const spoken = page.locator('[aria-live="polite"].spoken');
  await expect(spoken).toHaveText('');
  model.apply({ type: 'message', message: { ...answer, content: 'half and **whole**', status: 'complete' } });
  await expect(spoken).toHaveText('Sec-Gemini. half and whole');
  panel.dispose();
});

test('history that is loaded again is not read out; what is new in it is', async ({ page }) => {
  const model = new FakeModel({ history: 'loading' });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const spoken = page.locator('[aria-live="polite"].spoken');
  const asked = prompt('q');
  const answer = message({ content: 'old words' });
  model.apply({ type: 'history', messages: [asked, answer] });
  await expect(page.getByText('old words')).toBeVisible();
  await expect(spoken).toHaveText('');
  // The same conversation as the service tells it: other ids, and side information that the stream did not bring.
  const told = [
    { ...asked, id: 'told-1' },
    message({ id: 'told-2', kind: 'toolCall', title: 'scan', render: 'json' }),
    { ...answer, id: 'told-3' },
  ];
  model.apply({ type: 'history', messages: told });
  await expect(page.getByRole('article')).toHaveCount(3);
  await expect(spoken).toHaveText('');
  model.apply({ type: 'history', messages: [...told, message({ content: 'new words' })] });
  await expect(spoken).toHaveText('Sec-Gemini. new words');
  panel.dispose();
});

test('arrow keys walk round a toolbar, past what is hidden; it is one stop of the Tab key', async ({ page }) => {
  const panel = await openPanel(page, {
    model: longModel(5),
    host: new FakeHost(),
    environment: { ...serviceEnvironment, asksAlways: true },
  });
  const toolbar = page.getByRole('toolbar', { name: 'Conversation' });
  const names = (): Promise<string[]> =>
    toolbar.getByRole('button').evaluateAll((buttons) => buttons.map((each) => each.getAttribute('aria-label') ?? ''));
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.localName ?? '');
  const walk = async (): Promise<void> => {
    const all = await names();
    await toolbar.getByRole('button').first().focus();
    const seen: string[] = [];
    for (const _ of all) {
      seen.push(await focused());
      await page.keyboard.press('ArrowRight');
    }
    expect(seen).toEqual(all);
    expect(await focused()).toBe(all[0]);
    await page.keyboard.press('End');
    expect(await focused()).toBe(all.at(-1));
  };
  await expect(toolbar.getByRole('button', { name: 'Ask before every tool call' })).toBeVisible();
  await walk();
  await toolbar.getByRole('button', { name: 'Ask before every tool call' }).focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowRight');
  // The button that is the toolbar's stop goes.
  panel.controller.setEnvironment(serviceEnvironment);
  await expect(toolbar.getByRole('button', { name: 'Ask before every tool call' })).toBeHidden();
  await log(page).focus();
  await page.keyboard.press('Shift+Tab');
  expect(await names()).toContain(await focused());
  await walk();
  panel.dispose();
});
