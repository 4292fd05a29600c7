/** Placeholders of redacted secrets: the reader sees what they stand for; links, tool arguments, streams and what is copied do not hold it. */
import { type Page, expect, test } from '@playwright/test';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { type OpenPanel, openPanel } from './support/panel-page.ts';

const SECRET = 'the-secret<b>&"of this machine';
const PLACEHOLDER = '[[SECRET-1:github-token]]';

async function openWith(page: Page, content: string): Promise<{ model: FakeModel; panel: OpenPanel; host: FakeHost }> {
  const model = new FakeModel();
  const host = new FakeHost();
  model.apply({ type: 'history', messages: [prompt(`Is ${PLACEHOLDER} valid?`), message({ id: 'answer', content })] });
  const panel = await openPanel(page, { model, host, environment: serviceEnvironment });
  await expect(page.getByRole('article')).toHaveCount(2);
  return { model, panel, host };
}

test('is shown in prompts and answers, in words and in code, as text and as nothing else', async ({ page }) => {
  const { panel } = await openWith(
    page,
    `It is ${PLACEHOLDER}.\n\n\`\`\`sh\ncurl -H ${PLACEHOLDER}\n\`\`\`\n\nand \`${PLACEHOLDER}\``,
  );
  // Rows that are drawn already take it, too.
  panel.controller.setPlaceholders({ [PLACEHOLDER]: SECRET });
  await expect(page.locator('.restored')).toHaveCount(4);
  await expect(page.locator('.restored')).toHaveText([SECRET, SECRET, SECRET, SECRET]);
  await expect(page.locator('.restored b')).toHaveCount(0);
  await expect(page.getByText('[[SECRET-')).toHaveCount(0);
  await expect(page.locator('.restored').first()).toHaveAttribute(
    'title',
    /The service saw \[\[SECRET-1:github-token\]\]/,
  );
  panel.dispose();
});

test('is not in a link, nor in what a link or another placeholder says', async ({ page }) => {
  const { panel } = await openWith(
    page,
    `[see ${PLACEHOLDER}](https://evil.example/?k=${PLACEHOLDER}) and [[SECRET-2:other]] but ${PLACEHOLDER}`,
  );
  panel.controller.setPlaceholders({ [PLACEHOLDER]: SECRET });
  const answer = page.getByRole('article').last();
  await expect(answer.locator('.restored')).toHaveCount(1);
  await expect(answer).toContainText('[[SECRET-2:other]]');
  const links = await answer.locator('a, [role="link"]').evaluateAll((all) => all.map((link) => link.outerHTML));
  expect(links.join()).not.toContain('the-secret');
  expect(
    await page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((node) => [...node.attributes].map(({ value }) => value)).join(),
    ),
  ).not.toContain('the-secret');
  panel.dispose();
});

test('is not in what is approved, in a tool’s arguments, or in a text that still grows', async ({ page }) => {
  const { model, panel } = await openWith(page, 'Nothing here.');
  panel.controller.setPlaceholders({ [PLACEHOLDER]: SECRET });
  const growing = message({ id: 'growing', content: `so far ${PLACEHOLDER}`, status: 'streaming' });
  model.apply({
    type: 'message',
    message: message({ id: 'call', kind: 'toolCall', title: 'run', content: `{"k":"${PLACEHOLDER}"}`, render: 'json' }),
  });
  model.apply({ type: 'message', message: growing });
  await expect(page.getByText('so far')).toBeVisible();
  await expect(page.locator('.restored')).toHaveCount(1);
  model.apply({ type: 'message', message: { ...growing, status: 'complete' } });
  await expect(page.locator('.restored')).toHaveCount(2);
  await page.getByRole('article').nth(2).getByRole('button').first().click();
  await expect(page.getByRole('article').nth(2)).toContainText(PLACEHOLDER);
  await expect(page.getByRole('article').nth(2).locator('.restored')).toHaveCount(0);
  panel.dispose();
});
