/** The composer beyond sending: it grows, counts, says what a drop needs, and completes prompts. */
import { expect, test } from '@playwright/test';
import type { Completion } from '../../../src/panel/protocol.ts';
import { prompts } from '../../../src/host/chat/prompts.ts';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';
import { box } from './support/reading.ts';

test('it counts what goes with the next message: files and characters', async ({ page }) => {
  const model = new FakeModel();
  await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const counted = page.locator('.composer .count');
  await expect(counted).toHaveText('');
  await expect(box(page)).toHaveAttribute('placeholder', 'Ask a question (# adds files, / prompts)');
  await box(page).fill('x');
  await expect(counted).toHaveText('1 character');
  const files = [
    { id: 'a', name: 'a.py', size: 10 },
    { id: 'b', name: 'b.py', size: 10 },
  ];
  model.apply(
    { type: 'attachments', attachments: files },
    { type: 'pending', pending: [{ id: 'c', name: 'c.py', size: 10, sentBytes: 1 }] },
  );
  await box(page).fill('y'.repeat(1_204));
  await expect(counted).toHaveText('3 files, 1,204 characters');
  await box(page).fill('');
  await expect(counted).toHaveText('3 files');
  await expect(box(page)).toHaveAttribute('placeholder', 'Ask about the attached files (# adds, / prompts)');
});

test('it grows with its text to a part of the panel, then scrolls, and shrinks again', async ({ page }) => {
  await openPanel(page, { model: new FakeModel(), host: new FakeHost(), environment: serviceEnvironment });
  const height = async (): Promise<number> => (await box(page).boundingBox())?.height ?? 0;
  const one = await height();
  await box(page).fill('line\n'.repeat(5));
  const six = await height();
  expect(six).toBeGreaterThan(one * 2);
  await box(page).fill('line\n'.repeat(200));
  const view = page.viewportSize()?.height ?? 0;
  expect(await height()).toBeGreaterThan(six);
  expect(await height()).toBeLessThan(view * 0.4);
  expect(await box(page).evaluate((element) => element.scrollHeight > element.clientHeight)).toBe(true);
  await box(page).fill('');
  expect(await height()).toBe(one);
});

test('a drag is told what it needs, and the words go with it', async ({ page }) => {
  await openPanel(page, { model: new FakeModel(), host: new FakeHost(), environment: serviceEnvironment });
  const drag = (type: 'dragover' | 'dragleave', shiftKey: boolean): Promise<void> =>
    box(page).evaluate(
      (element, event) =>
        void element.dispatchEvent(
          new DragEvent(event.type, {
            dataTransfer: new DataTransfer(),
            bubbles: true,
            cancelable: true,
            shiftKey: event.shiftKey,
          }),
        ),
      { type, shiftKey },
    );
  await drag('dragover', false);
  await expect(page.getByText('Hold Shift to drop files here')).toBeVisible();
  await drag('dragover', true);
  await expect(page.getByText('Drop to attach', { exact: true })).toBeVisible();
  await drag('dragleave', true);
  await expect(page.getByText('Drop to attach', { exact: true })).toBeHidden();
});

test('a prompt that is chosen after / stands in the box, to be edited before it goes', async ({ page }) => {
  const model = new FakeModel();
  const host = new FakeHost();
  host.completions = [...prompts('')];
  await openPanel(page, { model, host, environment: serviceEnvironment });
  await box(page).pressSequentially('/');
  await expect(page.getByRole('option')).toHaveText([
    /^\/explain/,
    /^\/review/,
    /^\/threat-model/,
    /^\/triage/,
    /^\/find-secrets/,
    /^\/summarise-log/,
    /^\/indicators/,
    /^\/detection-rule/,
  ]);
  host.completions = [...prompts('threat')];
  await box(page).pressSequentially('threat');
  await expect(page.getByRole('option')).toHaveCount(1);
  await box(page).press('Enter');
  await expect(box(page)).toHaveValue(/^Write a threat model for the attached code: .* \(STRIDE\) and mitigations\. $/);
  expect(model.calls).toEqual([]);
  // In the midst of a sentence it is a word like any other.
  await box(page).fill('');
  await box(page).pressSequentially('one /');
  await expect(page.getByRole('listbox')).toBeHidden();
});

test('Enter before the list has caught up takes what was typed, not what stood first', async ({ page }) => {
  const model = new FakeModel();
  const host = new FakeHost();
  const item = (label: string): Completion => ({ label, detail: '', insert: label });
  const late = Promise.withResolvers<readonly Completion[]>();
  host.complete = async (...[, , query]: unknown[]) => {
    if (query === '') return [item('#file'), item('#problems')];
    return query === 'x' ? [] : late.promise;
  };
  const panel = await openPanel(page, { model, host, environment: serviceEnvironment });
  await box(page).pressSequentially('#');
  await expect(page.getByRole('option')).toHaveText(['#file', '#problems']);
  await box(page).pressSequentially('prob');
  await box(page).press('Enter');
  await expect(box(page)).toHaveValue('#prob');
  late.resolve([item('#problems')]);
  await expect(box(page)).toHaveValue('#problems ');
  expect(model.calls).toEqual([]);
  // With nothing to take the key sends, as it does without a list.
  await box(page).fill('');
  await box(page).pressSequentially('#');
  await expect(page.getByRole('option')).toHaveCount(2);
  await page.evaluate(() => {
    const area = document.querySelector('textarea');
    if (area === null) return;
    area.value = '#x';
    area.dispatchEvent(new Event('input'));
    area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  });
  await expect.poll(() => model.calls.map(([name]) => name)).toEqual(['send']);
  panel.dispose();
});
