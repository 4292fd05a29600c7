/** The renderers in the real page: read by name, walked by keyboard, bounded, and inert whatever they are given. */
import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { type OpenPanel, openPanel } from './support/panel-page.ts';
import { type Sample, hostile, samples } from './support/render-samples.ts';
import type { ThemeName } from './themes.ts';

async function show(page: Page, shown: readonly Sample[], theme: ThemeName = 'dark'): Promise<OpenPanel> {
  const model = new FakeModel();
  model.apply({ type: 'turnStart', prompt: prompt('Show it') });
  for (const { title, render, content, mimeType } of shown)
    model.apply({
      type: 'message',
      message: message({ kind: 'agentResponse', title, render, content, mimeType: mimeType ?? 'text/plain' }),
    });
  model.apply({ type: 'turnEnd', outcome: 'completed' });
  const panel = await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment, theme });
  await expect(page.getByText('Drawing…')).toHaveCount(0);
  return panel;
}

const one = (title: string): Sample[] => samples.filter((sample) => sample.title === title);

for (const theme of ['dark', 'light', 'hcDark', 'hcLight'] as const) {
  test(`every render type, ${theme}: axe finds nothing`, async ({ page }) => {
    await page.setViewportSize({ width: 720, height: 2200 });
    const panel = await show(page, samples, theme);
    if (process.env['SCREENS'] !== undefined)
      await page.screenshot({ path: `${process.env['SCREENS']}/render-${theme}.png` });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    expect(panel.problems).toEqual([]);
    panel.dispose();
  });
}

test('JSON is a tree that the keyboard walks', async ({ page }) => {
  const panel = await show(page, one('JSON'));
  const tree = page.getByRole('tree', { name: 'JSON' });
  const items = tree.getByRole('treeitem');
  await expect(items.first()).toHaveAccessibleName('{3 members}');
  await expect(tree.getByRole('treeitem', { name: 'size: 12345678901234567890' })).toBeVisible();
  await expect(tree.getByRole('treeitem', { name: 'name: "a⟦U+202E⟧b"' })).toBeVisible();
  await items.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(tree.getByRole('treeitem', { name: 'findings: [1 item]' })).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(tree.getByRole('treeitem', { name: 'findings: [1 item]' })).toHaveAttribute('aria-expanded', 'false');
  await expect(tree.getByRole('treeitem', { name: /^size/ })).toHaveCount(0);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('End');
  await expect(tree.getByRole('treeitem', { name: /^name/ })).toBeFocused();
  await page.keyboard.press('Home');
  await expect(items.first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(items).toHaveCount(1);
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await expect(items.first()).toBeFocused();
  expect(await tree.locator('[tabindex="0"]').count()).toBe(1);
  await page.getByRole('button', { name: 'Source' }).click();
  await expect(page.getByRole('group', { name: 'Code, json' })).toContainText('12345678901234567890');
  panel.dispose();
});

test('a large JSON costs what is seen, one beyond the limits is source', async ({ page }) => {
  const many = JSON.stringify({ list: Array.from({ length: 5_000 }, (_, index) => ({ index })) });
  const deep = `${'['.repeat(80)}1${']'.repeat(80)}`;
  const panel = await show(page, [
    { title: 'Large', render: 'json', content: many },
    { title: 'Deep', render: 'json', content: deep },
  ]);
  const tree = page.getByRole('tree');
  await expect(tree).toHaveCount(1);
  expect(await tree.locator('*').count()).toBeLessThan(50);
  await tree.getByRole('treeitem', { name: 'list: [5,000 items]' }).click();
  await tree.getByRole('treeitem', { name: 'Show 100 more of 4,900' }).click();
  await expect(tree.getByRole('treeitem', { name: /^199: / })).toHaveCount(1);
  expect(await tree.locator('*').count()).toBeLessThan(3_000);
  await expect(page.getByRole('article').last().getByRole('group', { name: 'Code, json' })).toBeVisible();
  panel.dispose();
});

test('a table sorts and copies', async ({ page }) => {
  const panel = await show(page, one('Table'));
  const table = page.getByRole('table', { name: 'Table, 3 rows' });
  await table.getByRole('button', { name: 'severity' }).click();
  await expect(table.getByRole('row').nth(1)).toContainText('low');
  await table.getByRole('button', { name: 'severity' }).click();
  await expect(table.getByRole('row').nth(1)).toContainText('critical');
  await page.getByRole('button', { name: 'Copy table as CSV' }).click();
  await expect
    .poll(() => panel.fromPage.find((sent) => JSON.stringify(sent).includes('copyText')))
    .toMatchObject({ params: { text: expect.stringContaining('198.51.100.7,3,critical') as unknown } });
  panel.dispose();
});

test('a graph is a drawing with a table twin', async ({ page }) => {
  const panel = await show(page, one('Graph'));
  await expect(page.getByRole('img', { name: /^Graph, 4 nodes and 3 edges/ })).toBeVisible();
  await page.getByText('As a table: 4 nodes and 3 edges').click();
  const twin = page.getByRole('table', { name: 'Connections' });
  await expect(twin.getByRole('row')).toHaveCount(5);
  await expect(twin.getByRole('row').nth(2)).toHaveText('login.example.netserveskit.zip');
  await expect(twin.getByRole('row').nth(4)).toHaveText('Alone');
  panel.dispose();
});

test('a graph of 10,000 nodes is a table only, one of 120 is drawn when asked', async ({ page }) => {
  const graph = (count: number): string =>
    JSON.stringify({
      nodes: Array.from({ length: count }, (_, index) => ({ id: `n${index.toString()}` })),
      edges: Array.from({ length: count }, (_, index) => ({
        from: `n${index.toString()}`,
        to: `n${(index % 7).toString()}`,
      })),
    });
  await page.setViewportSize({ width: 720, height: 1600 });
  const panel = await show(page, [
    { title: 'Huge', render: 'graph', content: graph(10_000) },
    { title: 'Big', render: 'graph', content: graph(120) },
  ]);
  const huge = page.getByRole('article').filter({ hasText: 'Huge' });
  const big = page.getByRole('article').filter({ hasText: 'Big' });
  await expect(huge).toContainText('10,000 nodes and 10,000 edges are too many to draw; the table has them.');
  await expect(huge).toContainText('Not shown: 9,500 more rows.');
  await expect(huge.locator('svg.graph')).toHaveCount(0);
  await expect(big.locator('svg.graph')).toHaveCount(0);
  await big.getByRole('button', { name: 'Draw 120 nodes and 120 edges' }).click();
  await expect(big.getByRole('img', { name: /^Graph, 120 nodes/ })).toBeVisible();
  panel.dispose();
});

test('a timeline is a drawing and a list in order', async ({ page }) => {
  const panel = await show(page, one('Timeline'));
  await expect(page.getByRole('img', { name: /^3 events from 2024-01-05 06:12:01 UTC to / })).toBeVisible();
  const list = page.getByRole('list', { name: 'Timeline, 3 events' });
  await expect(list.getByRole('listitem').first()).toContainText('First failed log-in');
  await expect(list.getByRole('listitem').first()).toContainText('root from 198.51.100.7');
  panel.dispose();
});

test('HTML is words, and its links are ours', async ({ page }) => {
  const panel = await show(page, one('HTML'));
  const article = page.getByRole('article').last();
  await expect(article.getByRole('heading', { name: 'Heading' })).toBeVisible();
  await expect(article.locator('a')).toHaveCount(0);
  await expect(article.getByRole('link', { name: 'a link' })).toBeVisible();
  await page.getByRole('button', { name: 'Source' }).click();
  await expect(article).toContainText('<h1>Heading</h1>');
  panel.dispose();
});

test('hostile content of every type stays inert: 0 requests, 0 scripts', async ({ page }) => {
  let hits = 0;
  await page.exposeFunction('hit', () => (hits += 1));
  const panel = await show(page, hostile);
  for (const twin of await page.getByText(/^As a table/).all()) await twin.click();
  const found = await page.evaluate(() => {
    const all = [...document.querySelectorAll('.log *')];
    return {
      tags: all.filter((element) =>
        /^(?:script|img|iframe|form|style|link|meta|base|a|foreignobject|use|image|object|embed)$/i.test(
          element.localName,
        ),
      ).length,
      handlers: all.filter((element) => element.getAttributeNames().some((name) => /^on/i.test(name))).length,
      // The virtual list places its rows by style; nothing inside a row has one of its own.
      styles: all.filter((element) => element.closest('.block') !== null && element.hasAttribute('style')).length,
      raw: all.filter(
        (element) => element.closest('.block') !== null && /\u202e/.test(element.getAttribute('aria-label') ?? ''),
      ).length,
    };
  });
  expect(found).toEqual({ tags: 0, handlers: 0, styles: 0, raw: 0 });
  expect(panel.requests).toEqual([]);
  expect(hits).toBe(0);
  // DOMPurify parses HTML in a document that runs and loads nothing; the policy speaks of it all the same.
  expect(panel.problems.filter((problem) => !/violates the following Content Security Policy/.test(problem))).toEqual(
    [],
  );
  await expect(page.getByRole('article').filter({ hasText: 'U+202E' }).first()).toBeVisible();
  panel.dispose();
});
