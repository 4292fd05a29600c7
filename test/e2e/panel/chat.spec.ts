/** The panel's main path: snapshot, streaming, sending, stopping, files, words. */
import { expect, test } from '@playwright/test';
import { FakeHost, sandboxEnvironment, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';

test('an empty session says what to do, and whose answers these are', async ({ page }) => {
  const host = new FakeHost();
  const panel = await openPanel(page, { model: new FakeModel(), host, environment: sandboxEnvironment });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Suspicious login script');
  await expect(page.getByText('Local sandbox — no model')).toBeVisible();
  await expect(page.getByRole('status', { name: 'Status' })).toHaveText('Connected');
  await expect(page.getByText('Attach the file you want looked at')).toBeVisible();
  await page.getByRole('button', { name: 'Attach files…' }).click();
  await expect.poll(() => host.of('attachFiles').length).toBe(1);
  await page.getByRole('button', { name: 'Attach files', exact: true }).click();
  await expect.poll(() => host.of('attachFiles').length).toBe(2);
  expect(panel.problems).toEqual([]);
  panel.dispose();
});

test('a prompt is sent with Enter, streamed and stopped', async ({ page }) => {
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const box = page.getByRole('textbox', { name: 'Message Sec-Gemini' });
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
  await box.fill('What is suspicious?');
  await box.press('Shift+Enter');
  await box.pressSequentially('Be brief.');
  await box.press('Enter');
  await expect
    .poll(() => model.calls)
    .toEqual([['send', 'session-1', 'What is suspicious?\nBe brief.', undefined, {}]]);
  await expect(box).toHaveValue('');

  const asked = prompt('What is suspicious?\nBe brief.');
  model.apply({ type: 'turnStart', prompt: asked });
  await expect(page.getByRole('article', { name: 'You' })).toContainText('Be brief.');
  await expect(page.getByRole('status', { name: 'Status' })).toHaveText('Working');
  const answer = message({ status: 'streaming' });
  for (const text of ['The **scr', 'ipt** runs `ev', 'al` on\n\n```py', 'thon\nprint(1)\n', '```\n\ndone'])
    model.apply({ type: 'piece', message: answer, text });
  const article = page.getByRole('article', { name: 'Sec-Gemini' });
  await expect(article).toContainText('The script runs eval on');
  await expect(article.locator('pre code')).toHaveText('print(1)\n');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => model.calls.at(-1)).toEqual(['stop', 'session-1']);
  model.apply({ type: 'turnEnd', outcome: 'stopped' });
  await expect(page.getByRole('button', { name: 'Stop' })).toBeHidden();
  await expect(article).toContainText('Interrupted: the rest did not arrive.');
  await expect(page.getByRole('status', { name: 'Status' })).toHaveText('Connected');
  expect(panel.problems).toEqual([]);
  expect(panel.requests).toEqual([]);
  panel.dispose();
});

test('where Enter begins a new line, Ctrl+Enter sends, and the composer says so', async ({ page }) => {
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const hint = page.getByText('Ctrl+Enter sends');
  await expect(hint).toBeHidden();
  panel.controller.setEnvironment({ ...serviceEnvironment, enterSends: false });
  await expect(hint).toBeVisible();
  const box = page.getByRole('textbox', { name: 'Message Sec-Gemini' });
  await box.fill('one');
  await box.press('Enter');
  await box.pressSequentially('two');
  await expect(box).toHaveValue('one\ntwo');
  expect(model.calls).toEqual([]);
  await box.press('Control+Enter');
  await expect.poll(() => model.calls).toEqual([['send', 'session-1', 'one\ntwo', undefined, {}]]);
  panel.controller.setEnvironment(serviceEnvironment);
  await expect(hint).toBeHidden();
  panel.dispose();
});

test('the keyboard is not taken from a quick pick or a dialog: the page waits until the user comes back', async ({
  page,
}) => {
  const model = new FakeModel();
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const box = page.getByRole('textbox', { name: 'Message Sec-Gemini' });
  const stop = page.getByRole('button', { name: 'Stop' });
  // A page that is not a frame has the focus always here: only its word for it is changed, not what it does then.
  const leave = () => page.evaluate(() => void (document.hasFocus = () => false));
  const comeBack = () =>
    page.evaluate(() => {
      document.hasFocus = () => true;
      window.dispatchEvent(new Event('focus'));
    });

  model.apply({ type: 'turnStart', prompt: prompt('What is suspicious?') });
  await stop.focus();
  await leave();
  model.apply({ type: 'turnEnd', outcome: 'completed' });
  await expect(stop).toBeHidden();
  await expect(box).not.toBeFocused();
  await comeBack();
  await expect(box).toBeFocused();

  // Who presses something in the page has chosen: the focus stays there.
  model.apply({ type: 'turnStart', prompt: prompt('And now?') });
  await stop.focus();
  await leave();
  model.apply({ type: 'turnEnd', outcome: 'completed' });
  await expect(stop).toBeHidden();
  await page.getByRole('button', { name: 'Attach files', exact: true }).dispatchEvent('pointerdown');
  await comeBack();
  await expect(box).not.toBeFocused();
  panel.dispose();
});
