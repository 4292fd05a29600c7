/** The end of an answer that grew: on v1 it comes as a message of its own, and nobody who reads, selects or stands in it may notice. */
import { expect, test } from '@playwright/test';
import { RENDER_CHARS } from '../../../src/panel/protocol.ts';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';

test('the whole answer takes the place of its pieces under another id; selection, focus and folds stay', async ({
  page,
}) => {
  const model = new FakeModel();
  model.apply({ type: 'history', messages: [prompt('a question')] });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const thought = message({ kind: 'thinking', status: 'streaming' });
  const answer = message({ status: 'streaming' });
  model.apply({ type: 'piece', message: thought, text: 'a thought that grows' });
  await page.getByRole('button', { name: /^Thinking/ }).click();
  await expect(page.getByText('a thought that grows')).toBeVisible();
  model.apply({ type: 'piece', message: answer, text: 'first words\n\nmiddle\n\nsecond words' });
  const article = page.getByRole('article', { name: 'Sec-Gemini' });
  await expect(article).toContainText('second words');
  await article.evaluate((element) => {
    element.focus();
    const paragraph = element.querySelector('.markdown p');
    if (paragraph !== null) document.getSelection()?.selectAllChildren(paragraph);
    (window as unknown as { kept: (Element | null)[] }).kept = [element, paragraph];
  });
  model.apply(
    {
      type: 'message',
      message: message({ kind: 'thinking', content: 'a thought that grows, whole' }),
      replaces: thought.id,
    },
    {
      type: 'message',
      message: message({ id: 'final', content: 'first words\n\nmiddle\n\nsecond words, **whole**' }),
      replaces: answer.id,
    },
  );
  await expect(article.locator('strong')).toHaveText('whole');
  await expect(article).toHaveAttribute('data-row', 'final');
  await expect(page.getByText('a thought that grows, whole')).toBeVisible();
  const kept = await page.evaluate(() => {
    const [element, paragraph] = (window as unknown as { kept: Element[] }).kept;
    return {
      article: element?.isConnected,
      paragraph: paragraph?.isConnected,
      focus: document.activeElement === element,
      selected: document.getSelection()?.toString(),
    };
  });
  expect(kept).toEqual({ article: true, paragraph: true, focus: true, selected: 'first words' });
  expect(panel.problems).toEqual([]);
  panel.dispose();
});

test('an answer that ends out of view is spoken', async ({ page }) => {
  const model = new FakeModel();
  const earlier = Array.from({ length: 60 }, (_, index) => message({ content: `old answer ${index.toString()}` }));
  model.apply({ type: 'history', messages: [...earlier, prompt('a question')] });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const answer = message({ status: 'streaming' });
  model.apply({ type: 'piece', message: answer, text: 'half' });
  await expect(page.getByText('half', { exact: true })).toBeVisible();
  await page.getByRole('log', { name: 'Conversation' }).press('Home');
  await expect(page.getByText('old answer 0', { exact: true })).toBeVisible();
  await expect(page.getByText('half', { exact: true })).not.toBeAttached();
  model.apply({ type: 'message', message: { ...answer, content: 'half and whole', status: 'complete' } });
  await expect(page.locator('[aria-live="polite"].spoken')).toHaveText('Sec-Gemini. half and whole');
  expect(panel.problems).toEqual([]);
  panel.dispose();
});

test('an answer that outgrows what is drawn is not drawn again with every piece', async ({ page }) => {
  const model = new FakeModel();
  model.apply({ type: 'history', messages: [prompt('a question')] });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const answer = message({ status: 'streaming' });
  model.apply({
    type: 'piece',
    message: answer,
    text: `the beginning\n\n${'word '.repeat(RENDER_CHARS / 5 - 10)}\n\n`,
  });
  const article = page.getByRole('article', { name: 'Sec-Gemini' });
  const first = article.locator('.markdown p').first();
  await expect(first).toHaveText('the beginning');
  await first.evaluate((element) => element.setAttribute('data-same', ''));
  const cut = article.getByText('Only the beginning is shown.');
  await expect(cut).not.toBeAttached();
  for (const words of ['more words than fit into what is drawn '.repeat(9), 'and more', 'and more again'])
    model.apply({ type: 'piece', message: answer, text: words });
  await expect(cut).toHaveCount(1);
  model.apply({ type: 'piece', message: answer, text: 'and still more' });
  await expect(cut).toHaveCount(1);
  await expect(first).toHaveAttribute('data-same', '');
  expect(panel.problems).toEqual([]);
  panel.dispose();
});
