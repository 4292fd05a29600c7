// A session is opened in the real page and scrolled through: the measure of figure 3.
import type { Browser } from 'playwright-core';
import type { Row } from '../../../src/panel/protocol.ts';
import { type BenchWindow, newPage } from '../panel-support.ts';

/** Milliseconds until it is settled, elements in the page then, and the p95 gap between frames while it scrolls. */
export interface Opened {
  readonly opened: number;
  readonly nodes: number;
  readonly gap: number;
}

/** Opens a session of these rows in a page of its own and scrolls upwards through it. */
export async function openAndScroll(browser: Browser, all: readonly Row[]): Promise<Opened> {
  const { page, session, goto } = await newPage(browser);
  // An empty panel first: what is measured is the session, not the start of Chromium.
  await goto();
  await page.locator('.page.ready').waitFor();
  // In the editor the rows are the host's: what it costs this page to be given them is not the panel's.
  await page.evaluate((given) => void ((window as unknown as BenchWindow).bench.rows = [...given]), all);
  await session.send('HeapProfiler.collectGarbage');
  await page.waitForTimeout(300);
  const result = await page.evaluate(async (count) => {
    const { bench } = window as unknown as BenchWindow;
    const last = `[aria-posinset="${count.toString()}"]`;
    const log = document.querySelector<HTMLElement>('.log');
    const started = performance.now();
    bench.post('snapshot', bench.snapshot());
    // Settled: the last row is there and two frames in a row have the same height.
    let height = -1;
    for (;;) {
      await new Promise(requestAnimationFrame);
      const now = document.querySelector(last) === null ? -1 : (log?.scrollHeight ?? 0);
      if (now >= 0 && now === height) break;
      height = now;
    }
    const opened = performance.now() - started;
    const nodes = document.querySelectorAll('*').length;
    const gaps: number[] = [];
    let before = performance.now();
    for (let frame = 0; frame < 240; frame += 1) {
      if (log !== null) log.scrollTop -= 150;
      const now = await new Promise<number>(requestAnimationFrame);
      if (frame > 0) gaps.push(now - before);
      before = now;
    }
    gaps.sort((a, b) => a - b);
    return { opened, nodes, gap: gaps[Math.floor(gaps.length * 0.95)] ?? 0 };
  }, all.length);
  await page.context().close();
  return result;
}
