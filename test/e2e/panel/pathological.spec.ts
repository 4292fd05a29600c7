/** Texts made to be slow come to an end, whole and as they grow (trust.md S11). How long they take is the bench's: panel-pathological. */
import { expect, test } from '@playwright/test';
import { PATHOLOGICAL } from './support/pathological.ts';
import { openProbe } from './support/probe-page.ts';
import type { Probe } from './support/probe.ts';

declare const probe: Probe;

test('more than 30 inputs that make careless renderers slow are rendered to their end', async ({ page }) => {
  const requests = await openProbe(page);
  const inputs = Object.entries(PATHOLOGICAL);
  expect(inputs.length).toBeGreaterThanOrEqual(30);
  for (const [name, make] of inputs)
    await test.step(name, async () => {
      const text = make(15_000);
      const faults = await page.evaluate((source) => {
        const whole = probe.oneShot(source);
        const streamed = probe.pieces(source.match(/[^]{1,5000}/g) ?? []);
        return streamed === whole ? '' : probe.findFirstDifference(streamed, whole);
      }, text);
      expect(faults).toBe('');
    });
  expect(requests).toEqual([]);
});
