// Figure 3: a session of 2,000 mixed messages (1.9 MB) opens, against 10,000; nodes in the page; scrolling through it.
import type { Row } from '../../src/panel/protocol.ts';
import { type Opened, openAndScroll } from './support/open-and-scroll.ts';
import { launch, mixedMarkdown, print } from './panel-support.ts';

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

const browser = await launch();
const open = (all: readonly Row[]): Promise<Opened> => openAndScroll(browser, all);

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
