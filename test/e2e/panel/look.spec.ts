/** Every state in every theme: axe finds nothing. With SCREENS=1 a picture of each goes to out/panel-screens, to be looked at. */
import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';
import { FakeHost } from './support/fake-host.ts';
import { openPanel } from './support/panel-page.ts';
import { type State, states } from './support/states.ts';
import type { ThemeName } from './themes.ts';

async function picture(page: Page, name: string): Promise<void> {
  if (process.env['SCREENS'] === '1') await page.screenshot({ path: `out/panel-screens/${name}.png` });
}

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => `${id} (${String(impact)}): ${node.html} ${node.failureSummary ?? ''}`),
  );
}

async function open(page: Page, state: State, theme: ThemeName): Promise<() => void> {
  const host = new FakeHost();
  host.completions = [...(state.completions ?? [])];
  const panel = await openPanel(page, { model: state.model(), host, environment: state.environment, theme });
  await state.reach?.(page);
  return () => panel.dispose();
}

for (const theme of ['dark', 'light', 'hcDark', 'hcLight'] as const) {
  for (const state of states) {
    test(`${state.name}, ${theme}: axe finds nothing`, async ({ page }) => {
      await page.setViewportSize({ width: 720, height: 760 });
      const dispose = await open(page, state, theme);
      await page.waitForTimeout(300);
      await picture(page, `${state.name}-${theme}`);
      expect(await faults(page)).toEqual([]);
      dispose();
    });
  }
}

for (const state of states) {
  test(`${state.name}: 250 px wide and at 200 % nothing is cut off sideways`, async ({ page }) => {
    const dispose = await open(page, state, 'dark');
    for (const [name, width, height] of [
      ['narrow', 250, 700],
      ['zoomed', 290, 300],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(200);
      await picture(page, `${state.name}-${name}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
      await expect(page.getByRole('textbox', { name: 'Message Sec-Gemini' })).toBeInViewport();
      await expect(page.getByRole('button', { name: 'Attach files', exact: true })).toBeInViewport();
      expect(await faults(page)).toEqual([]);
    }
    dispose();
  });
}

test('unfolded, every kind of block', async ({ page }) => {
  await page.setViewportSize({ width: 720, height: 900 });
  const state = states.find(({ name }) => name === 'conversation');
  if (state === undefined) throw new Error('no state');
  const dispose = await open(page, state, 'dark');
  await page.getByRole('button', { name: 'Expand all' }).click();
  await expect(page.getByRole('article', { name: 'Tool call scan_secrets' })).toContainText('Result after 2.4 s');
  await picture(page, 'unfolded-dark');
  expect(await faults(page)).toEqual([]);
  dispose();
});
