// Figure 2: a 200-KB answer in 50-byte pieces over 4 s, flushed once per frame as the controller does, beside the floor: the same bytes as raw text.
import type { CDPSession, Page } from 'playwright-core';
import type { Row } from '../../src/panel/protocol.ts';
import { type BenchWindow, launch, mixedMarkdown, newPage, print, taskSeconds } from './panel-support.ts';

const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const CHARS = 200_000;
const PIECE = 50;
const SECONDS = 4;

interface Run {
  readonly longest: number;
  readonly gap: number;
  readonly settled: number;
  readonly task: number;
}

const row: Row = {
  id: 'r',
  kind: 'agent',
  title: '',
  author: 'Sec-Gemini',
  content: '',
  render: 'markdown',
  mimeType: 'text/markdown',
  status: 'streaming',
  createdAt: 1,
};

/** Drives the stream in the page: pieces become due with time, and each 60th of a second what is due goes out as one change. */
async function drive(page: Page, session: CDPSession, text: string, raw: boolean): Promise<Run> {
  const before = await taskSeconds(session);
  const measured = await page.evaluate(
    async ({ text, raw, piece, seconds }) => {
      const { bench } = window as unknown as BenchWindow;
      let longest = 0;
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration);
      });
      observer.observe({ type: 'longtask' });
      const gaps: number[] = [];
      let last = 0;
      let running = true;
      const frame = (now: number): void => {
        if (last > 0) gaps.push(now - last);
        last = now;
        if (running) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      const holder = document.querySelector('#raw');
      const node = document.createTextNode('');
      holder?.append(node);
      const start = performance.now();
      let sent = 0;
      while (sent < text.length) {
        await new Promise((resolve) => setTimeout(resolve, 16));
        const due = Math.min(
          text.length,
          Math.floor((((performance.now() - start) / 1000 / seconds) * text.length) / piece) * piece + piece,
        );
        const part = text.slice(sent, due);
        sent = due;
        if (raw) {
          node.appendData(part);
          if (holder !== null) holder.scrollTop = holder.scrollHeight;
        } else bench.post('changes', { changes: [{ type: 'text', index: 0, id: 'r', text: part }] });
      }
      const end = performance.now();
      if (!raw) {
        const marker = text.slice(-20).trim();
        // Settled: the last words are in the DOM and laid out.
        while (!(document.querySelector('.markdown')?.textContent ?? '').endsWith(marker))
          await new Promise((resolve) => setTimeout(resolve, 0));
      }
      void document.body.offsetHeight;
      const settled = performance.now() - end;
      running = false;
      await new Promise((resolve) => setTimeout(resolve, 300));
      observer.disconnect();
      gaps.sort((a, b) => a - b);
      return { longest, gap: gaps[Math.floor(gaps.length * 0.95)] ?? 0, settled };
    },
    { text, raw, piece: PIECE, seconds: SECONDS },
  );
  return { ...measured, task: ((await taskSeconds(session)) - before) * 1000 };
}

const browser = await launch();
const runs: { panel: Run[]; raw: Run[] } = { panel: [], raw: [] };
try {
  const text = `${mixedMarkdown(CHARS - 24)}\n\nThe very last words.`;
  for (let run = 0; run < RUNS; run += 1) {
    const floor = await newPage(
      browser,
      '<!DOCTYPE html><body><div id="raw" style="height:800px;overflow:auto;white-space:pre-wrap;font:13px sans-serif"></div>',
    );
    await floor.goto();
    runs.raw.push(await drive(floor.page, floor.session, text, true));
    await floor.page.context().close();
    const panel = await newPage(browser);
    await panel.page.addInitScript((first) => (window as unknown as BenchWindow).bench.rows.push(first), row);
    await panel.goto();
    await panel.page.locator('.page.ready').waitFor();
    runs.panel.push(await drive(panel.page, panel.session, text, false));
    await panel.page.context().close();
  }
} finally {
  await browser.close();
}
print(
  'stream 200 KB: longest task (0 = under 50)',
  'ms',
  runs.panel.map(({ longest }) => longest),
);
print(
  'stream 200 KB: p95 frame gap',
  'ms',
  runs.panel.map(({ gap }) => gap),
);
print(
  'stream 200 KB: settled after the last piece',
  'ms',
  runs.panel.map(({ settled }) => settled),
);
print(
  'stream 200 KB: main thread',
  'ms',
  runs.panel.map(({ task }) => task),
);
print(
  'stream 200 KB: main thread of raw text',
  'ms',
  runs.raw.map(({ task }) => task),
);
print(
  'stream 200 KB: main thread against raw text',
  'ratio',
  runs.panel.map(({ task }, at) => task / (runs.raw[at]?.task ?? 1)),
);
// The machine's own share: what the floor shows in the same run is not the page's.
print(
  'stream 200 KB: longest task of raw text',
  'ms',
  runs.raw.map(({ longest }) => longest),
);
print(
  'stream 200 KB: p95 frame gap of raw text',
  'ms',
  runs.raw.map(({ gap }) => gap),
);
