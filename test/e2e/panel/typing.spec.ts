/** What is typed, pasted and recalled: nothing is lost, and nothing is sent half. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';
import { box } from './support/reading.ts';

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
    .toEqual([['session-1', [{ name: 'shot.png', bytes: new Uint8Array([1, 2, 3]) }]]]);
  expect(host.of('attachUris')).toEqual([['session-1', ['file:///a.txt', 'file:///b.txt']]]);
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

test('what is pasted together is asked about together; a picture of copied words is left out', async ({ page }) => {
  const host = new FakeHost();
  const panel = await openPanel(page, { model: new FakeModel(), host, environment: serviceEnvironment });
  /** Whether the page took the paste for itself. */
  const paste = (files: readonly string[], text: string): Promise<boolean> =>
    box(page).evaluate(
      (element, given) => {
        const data = new DataTransfer();
        for (const name of given.files)
          data.items.add(new File(['x'], name, { type: name.endsWith('.png') ? 'image/png' : 'text/plain' }));
        if (given.text !== '') data.setData('text/plain', given.text);
        return !element.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
        );
      },
      { files, text },
    );
  const names = (): unknown[] =>
    host.of('attachBytes').map(([, files]) => (files as readonly { name: string }[]).map(({ name }) => name));
  // Cells of a spreadsheet: words, and a picture of them.
  expect(await paste(['image.png'], 'a\tb')).toBe(false);
  expect(await paste(['one.log', 'two.png'], '')).toBe(true);
  // A file manager names its files in words, too.
  expect(await paste(['three.png'], 'three.png')).toBe(true);
  await expect.poll(names).toEqual([['one.log', 'two.png'], ['three.png']]);
  panel.dispose();
});

test('the box is as tall as its words when the panel becomes narrow, and when a draft is there before the page', async ({
  page,
}) => {
  const host = new FakeHost();
  host.draft = 'A question of some length, which needs one line in a wide panel. '.repeat(4).trim();
  await page.setViewportSize({ width: 1000, height: 900 });
  const panel = await openPanel(page, { model: new FakeModel(), host, environment: serviceEnvironment });
  const hidden = (): Promise<number> => box(page).evaluate((element) => element.scrollHeight - element.clientHeight);
  await expect(box(page)).toHaveValue(/^A question/);
  expect(await hidden()).toBe(0);
  await page.setViewportSize({ width: 320, height: 900 });
  await expect.poll(hidden).toBe(0);
  // The page is made anew, narrow from the start.
  await page.reload();
  await expect(box(page)).toHaveValue(/^A question/);
  await expect.poll(hidden).toBe(0);
  panel.dispose();
});

test('Up walks the lines of a recalled message before it goes on to the one before', async ({ page }) => {
  const model = new FakeModel();
  model.apply({ type: 'message', message: prompt('first') }, { type: 'message', message: prompt('two\nlines') });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await box(page).press('ArrowUp');
  await expect(box(page)).toHaveValue('two\nlines');
  await box(page).press('ArrowUp');
  await expect(box(page)).toHaveValue('two\nlines');
  await box(page).press('ArrowUp');
  await expect(box(page)).toHaveValue('first');
  panel.dispose();
});

test('Up brings back what was asked long ago, in rows that the page never had', async ({ page }) => {
  const model = new FakeModel();
  const answers = Array.from({ length: 400 }, (_, index) => message({ content: `answer ${index.toString()}` }));
  model.apply({ type: 'history', messages: [prompt('asked long ago'), ...answers] });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  await expect(page.getByText('answer 399')).toBeInViewport();
  await box(page).press('ArrowUp');
  await expect(box(page)).toHaveValue('asked long ago');
  panel.dispose();
});

test('a question whose turn failed is asked again by its button, once, with what was asked for beside it', async ({
  page,
}) => {
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const asked = prompt('What is it?');
  const again = page.getByRole('button', { name: 'Ask again' });
  model.apply(
    { type: 'turnStart', prompt: asked },
    { type: 'message', message: message({ kind: 'error', content: 'It broke.' }) },
  );
  await expect(page.getByRole('article', { name: 'Error' })).toBeVisible();
  await expect(again).toHaveCount(0);
  model.apply({ type: 'turnEnd', outcome: 'failed' });
  await expect(again).toHaveCount(1);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await again.focus();
  await again.press('Enter');
  await expect.poll(() => model.calls).toEqual([['send', 'session-1', 'What is it?', undefined, undefined]]);
  model.apply({ type: 'turnStart', prompt: prompt('What is it?') });
  await expect(again).toHaveCount(0);
  await expect(box(page)).toBeFocused();
  panel.dispose();
});

test('in half a window at 200 % a long draft leaves room for the conversation, and Send is there', async ({ page }) => {
  const model = new FakeModel({ attachments: [{ id: 'a', name: 'app.py', size: 10 }] });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  model.apply(
    { type: 'message', message: message({ content: 'the answer' }) },
    { type: 'turnStart', prompt: prompt('and now?') },
    { type: 'queue', queue: [{ id: 'q', text: 'then this' }] },
  );
  await page.setViewportSize({ width: 290, height: 300 });
  await box(page).fill('A line of it.\n'.repeat(9));
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeInViewport();
  const height = await page.getByRole('log').evaluate((element) => element.clientHeight);
  expect(height).toBeGreaterThan(60);
  panel.dispose();
});
