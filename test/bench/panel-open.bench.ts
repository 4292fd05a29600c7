// Figure 3: a session of 2,000 mixed messages (1.9 MB) opens, against 10,000; nodes in the page; scrolling through it.
import type { Row } from '../../src/panel/protocol.ts';
import { type BenchWindow, launch, mixedMarkdown, newPage, print } from './panel-support.ts';

const RUNS = Number(process.env.BENCH_RUNS ?? 5);

function rows(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `r${index.toString()}`,
    kind: index % 4 === 0 ? 'you' : index % 4 === 1 ? 'thinking' : index % 4 === 2 ? 'tool' : 'agent',
    title: index % 4 === 2 ? 'scan' : '',
    author: 'x',
    content:
      index % 4 === 2
        ? '{"path":"a.py","depth":3}'
        : index % 4 === 0
          ? `Question ${index.toString()}?`
          : mixedMarkdown(1_850, index),
    render: index % 4 === 0 ? 'text' : index % 4 === 2 ? 'json' : 'markdown',
    mimeType: 'text/markdown',
    status: 'complete',
    createdAt: 1_000 * index + 1,
  }));
}

interface Opened {
  readonly opened: number;
  readonly nodes: number;
  readonly gap: number;
}

const browser = await launch();
async function open(all: readonly Row[]): Promise<Opened> {
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
    const last = `[data-row="r${(count - 1).toString()}"]`;
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

try {
  const small = rows(2_000);
  const large = rows(10_000);
  const bytes = small.reduce((sum, { content }) => sum + content.length, 0);
  const two: Opened[] = [];
  const ten: Opened[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    two.push(await open(small));
    ten.push(await open(large));
  }
  print('open 2,000 messages: size', 'bytes', [bytes]);
  print(
    'open 2,000 messages: settled',
    'ms',
    two.map(({ opened }) => opened),
  );
  print(
    'open 2,000 messages: elements in the page',
    'count',
    two.map(({ nodes }) => nodes),
  );
  print(
    'open 2,000 messages: p95 frame gap while scrolling',
    'ms',
    two.map(({ gap }) => gap),
  );
  print(
    'open 10,000 messages: settled',
    'ms',
    ten.map(({ opened }) => opened),
  );
  print(
    'open 10,000 messages against 2,000',
    'ratio',
    ten.map(({ opened }, at) => opened / (two[at]?.opened ?? 1)),
  );
} finally {
  await browser.close();
}
