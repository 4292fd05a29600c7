// Trust S11: texts made to be slow, 100 KB each in Chromium: the slowest, and by how much twice the length takes longer (linear = 2).
import { openProbe } from '../e2e/panel/support/probe-page.ts';
import { PATHOLOGICAL } from '../e2e/panel/support/pathological.ts';
import type { Probe } from '../e2e/panel/support/probe.ts';
import { launch, median, print } from './panel-support.ts';

declare const probe: Probe;

const RUNS = Number(process.env.BENCH_RUNS ?? 3);

const browser = await launch();
const times: number[] = [];
const ratios: number[] = [];
try {
  const page = await browser.newPage();
  await openProbe(page);
  for (const make of Object.values(PATHOLOGICAL)) {
    const [half, whole] = await page.evaluate(
      ({ texts, runs }) =>
        texts.map((text) =>
          Array.from({ length: runs }, () => {
            const start = performance.now();
            probe.oneShot(text);
            return performance.now() - start;
          }),
        ),
      { texts: [make(50_000), make(100_000)], runs: RUNS },
    );
    times.push(median(whole ?? []));
    // What takes no time at all says nothing about its growth.
    if (median(half ?? []) > 20) ratios.push(median(whole ?? []) / median(half ?? []));
  }
} finally {
  await browser.close();
}
print('hostile Markdown, 100 KB: slowest of each kind', 'ms', [Math.max(...times)]);
print('hostile Markdown: twice the length against once, worst kind', 'ratio', [Math.max(...ratios)]);
