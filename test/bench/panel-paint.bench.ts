// First paint of an empty panel with the real bundle, from navigation; beside a page with nothing but a line of text, in the same run.
import { launch, newPage, print } from './panel-support.ts';

const RUNS = Number(process.env.BENCH_RUNS ?? 7);
const BARE = '<!DOCTYPE html><html><body><p>Hello</p></body></html>';

const browser = await launch();

async function firstPaint(html?: string): Promise<number> {
  const { page, goto } = await newPage(browser, html);
  await goto();
  const milliseconds = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const paint = list.getEntriesByName('first-contentful-paint')[0];
          if (paint !== undefined) resolve(paint.startTime);
        }).observe({ type: 'paint', buffered: true });
      }),
  );
  await page.context().close();
  return milliseconds;
}

try {
  const panel: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    panel.push(await firstPaint());
    bare.push(await firstPaint(BARE));
  }
  print('panel-first-paint', 'ms', panel);
  print('bare-page-first-paint', 'ms', bare);
} finally {
  await browser.close();
}
