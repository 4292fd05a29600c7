/** What readers of other panels complain about: jumps, lost focus, lost words, half sentences sent by an input method. */
import { AxeBuilder } from '@axe-core/playwright';
import { type Locator, type Page, expect, test } from '@playwright/test';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';

const log = (page: Page): Locator => page.getByRole('log', { name: 'Conversation' });
const box = (page: Page): Locator => page.getByRole('textbox', { name: 'Message Sec-Gemini' });

/** A long conversation with rows of very different height. */
function longModel(count: number): FakeModel {
  const model = new FakeModel();
  model.apply({
    type: 'history',
    messages: Array.from({ length: count }, (_, index) =>
      index % 5 === 0
        ? prompt(`question ${index.toString()}`)
        : message({
            id: `long-${index.toString()}`,
            content: `answer ${index.toString()}\n\n${'A paragraph of some length that wraps. '.repeat((index * 7) % 23)}\n\n\`\`\`py\n${'x = 1\n'.repeat((index * 3) % 11)}\`\`\``,
          }),
    ),
  });
  return model;
}

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

test('an input method finishes its word: Enter sends nothing while it composes', async ({ page }) => {
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await box(page).fill('こんにちは');
  await box(page).evaluate((element) => {
    element.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
    element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, isComposing: true }));
    element.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
    element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true }));
  });
  await expect(box(page)).toHaveValue('こんにちは');
  expect(model.calls).toEqual([]);
  await box(page).press('Enter');
  await expect.poll(() => model.calls.length).toBe(1);
  panel.dispose();
});

test('a draft of this very moment survives the page, and a prompt that arrives late does not take it along', async ({
  page,
}) => {
  const model = new FakeModel();
  const host = new FakeHost();
  const sent = Promise.withResolvers<void>();
  const panel = await openPanel(page, { model, host, environment: serviceEnvironment });
  model.send = () => sent.promise;
  const box = page.getByRole('textbox', { name: 'Message Sec-Gemini' });
  await box.fill('the first');
  await page.getByRole('button', { name: 'Send' }).click();
  // From here on no timer of the page comes to its end.
  await page.evaluate(() => Object.assign(window, { setTimeout: () => 1 }));
  await box.fill('half a thought');
  // The page goes: what it had not told yet is told now.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect.poll(() => host.draft).toBe('half a thought');
  sent.resolve();
  // The next page hears of a host that had not heard of this draft when it spoke.
  host.loadDraft = () => '';
  await page.reload();
  await page.locator('.page.ready').waitFor();
  await expect(box).toHaveValue('half a thought');
  expect(host.draft).toBe('half a thought');
  panel.dispose();
});

test('what could not be sent comes back; the draft survives a reload', async ({ page }) => {
  const model = new FakeModel();
  const host = new FakeHost();
  const panel = await openPanel(page, { model, host, environment: serviceEnvironment });
  model.failures.set('send', new SecGeminiError('unavailable', 'The service cannot be reached.'));
  await box(page).fill('keep me');
  await box(page).press('Enter');
  await expect(page.getByRole('alert')).toContainText('The service cannot be reached. Check the network');
  await expect(box(page)).toHaveValue('keep me');
  await expect.poll(() => host.draft).toBe('keep me');
  await page.reload();
  await expect(box(page)).toHaveValue('keep me');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Suspicious login script');
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

test('find goes over everything, also what is not on the page, and opens what is folded', async ({ page }) => {
  const model = longModel(400);
  const old = model.current.messages[3];
  if (old === undefined) throw new Error('no message');
  model.apply({ type: 'message', message: { ...old, kind: 'thinking', content: 'the **needle** is here' } });
  model.apply({ type: 'message', message: message({ content: 'another needle' }) });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await box(page).press('Control+f');
  await page.getByRole('textbox', { name: 'Find' }).fill('needle');
  await expect(page.getByRole('status', { name: 'Matches' })).toContainText('of 2 messages, 2 matches');
  await page.getByRole('button', { name: 'Next match' }).click();
  await expect(page.getByText('needle', { exact: true })).toBeInViewport();
  await page.getByRole('button', { name: 'Previous match' }).click();
  await expect(page.getByText('another needle')).toBeInViewport();
  await page.getByRole('textbox', { name: 'Find' }).press('Enter');
  await expect(page.getByText('needle', { exact: true })).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('search')).toBeHidden();
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

test('pasting a picture and dropping files ask the host', async ({ page }) => {
  const host = new FakeHost();
  const panel = await openPanel(page, { model: new FakeModel(), host, environment: serviceEnvironment });
  await box(page).evaluate((element) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array([1, 2, 3])], 'shot.png', { type: 'image/png' }));
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    const drop = new DataTransfer();
    drop.setData('text/uri-list', 'file:///a.txt\r\n# note\r\nfile:///b.txt');
    element.dispatchEvent(new DragEvent('dragover', { dataTransfer: drop, bubbles: true, cancelable: true }));
    element.dispatchEvent(new DragEvent('drop', { dataTransfer: drop, bubbles: true, cancelable: true }));
  });
  await expect
    .poll(() => host.of('attachBytes'))
    .toEqual([['session-1', 'shot.png', 'image/png', new Uint8Array([1, 2, 3])]]);
  expect(host.of('attachUris')).toEqual([['session-1', ['file:///a.txt', 'file:///b.txt']]]);
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

test('a mention is completed by keyboard, and Up brings back what was asked before', async ({ page }) => {
  const model = new FakeModel();
  model.apply({ type: 'message', message: prompt('asked first') }, { type: 'message', message: prompt('asked last') });
  const host = new FakeHost();
  host.completions = [
    { label: '#file', detail: 'A file of the workspace', insert: '#file:' },
    { label: '#selection', detail: 'What is selected', insert: '#selection' },
  ];
  const panel = await openPanel(page, { model, host, environment: serviceEnvironment });
  await box(page).pressSequentially('look at #s');
  await expect.poll(() => host.of('complete').at(-1)).toEqual(['session-1', '#', 's']);
  await expect(page.getByRole('option', { name: '#selection' })).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await box(page).press('ArrowDown');
  await expect(page.getByRole('option', { name: '#selection' })).toHaveAttribute('aria-selected', 'true');
  await box(page).press('Enter');
  await expect(box(page)).toHaveValue('look at #selection ');
  await expect(page.getByRole('listbox')).toBeHidden();
  expect(model.calls).toEqual([]);
  await box(page).fill('');
  await box(page).press('ArrowUp');
  await expect(box(page)).toHaveValue('asked last');
  await box(page).press('ArrowUp');
  await expect(box(page)).toHaveValue('asked first');
  await box(page).press('ArrowDown');
  await box(page).press('ArrowDown');
  await expect(box(page)).toHaveValue('');
  panel.dispose();
});
