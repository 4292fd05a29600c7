// Figure 3 with everything an agent sends: 5,000 messages of all kinds and render types, made rows as the host does, opened and scrolled.
import type { Message, MessageKind, RenderAs } from '../../src/core/model.ts';
import { RowList } from '../../src/panel/rows.ts';
import { launch, mixedMarkdown, print } from './panel-support.ts';
import { openAndScroll, type Opened } from './support/open-and-scroll.ts';

const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const COUNT = 5_000;

const CYCLE: readonly (readonly [MessageKind, RenderAs])[] = [
  ['prompt', 'text'],
  ['thinking', 'markdown'],
  ['toolCall', 'json'],
  ['toolResult', 'json'],
  ['progress', 'text'],
  ['progress', 'text'],
  ['taskList', 'json'],
  ['memory', 'json'],
  ['skillLoaded', 'text'],
  ['notice', 'text'],
  ['warning', 'text'],
  ['log', 'text'],
  ['debug', 'text'],
  ['agentResponse', 'table'],
  ['agentResponse', 'graph'],
  ['agentResponse', 'timeline'],
  ['agentResponse', 'json'],
  ['agentResponse', 'html'],
  ['sessionName', 'text'],
  ['response', 'markdown'],
];

function contentOf(kind: MessageKind, render: RenderAs, index: number): string {
  const list = Array.from({ length: 8 }, (_, at) => ({
    id: `n${at.toString()}`,
    time: `2024-01-05T06:1${at.toString()}:00Z`,
    title: `Event ${at.toString()}`,
    count: index + at,
  }));
  if (kind === 'taskList')
    return JSON.stringify({
      title: 'All',
      state: 'running',
      children: list.map(({ title }) => ({ title, state: 'done' })),
    });
  if (kind === 'memory')
    return JSON.stringify([{ category: 'facts', items: list.map(({ title }) => ({ content: title })) }]);
  switch (render) {
    case 'graph':
      return JSON.stringify({
        nodes: list,
        edges: list.map(({ id }, at) => ({ from: id, to: `n${((at + 3) % 8).toString()}`, label: 'to' })),
      });
    case 'json':
    case 'table':
    case 'timeline':
      return JSON.stringify(list);
    case 'html':
      return `<h2>Part ${index.toString()}</h2><p>Words with <b>some</b> <a href="https://example.org">structure</a>.</p>`;
    case 'markdown':
      return mixedMarkdown(1_850, index);
    default:
      return `Line ${index.toString()} of plain words.`;
  }
}

const messages = Array.from({ length: COUNT }, (_, index): Message => {
  const [kind, render] = CYCLE[index % CYCLE.length] ?? ['response', 'markdown'];
  return {
    id: `m${index.toString()}`,
    sessionId: 's',
    kind,
    sender: kind === 'prompt' ? 'user' : 'agent',
    author: index % 3 === 0 ? 'Planner' : 'Runner',
    title: kind === 'toolCall' || kind === 'toolResult' ? 'scan' : kind,
    content: contentOf(kind, render, index),
    render,
    mimeType: 'text/plain',
    status: 'complete',
    createdAt: 1_000 * index + 1,
  };
});

const browser = await launch();
try {
  const whole: number[] = [];
  const each: number[] = [];
  const opened: Opened[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    let started = performance.now();
    const rows = new RowList().update(messages);
    whole.push(performance.now() - started);
    // One message after another on top of a long conversation: what each costs in a stream.
    const list = new RowList();
    list.update(messages.slice(0, COUNT - 500));
    started = performance.now();
    for (let length = COUNT - 500; length <= COUNT; length += 1) list.update(messages.slice(0, length));
    each.push((performance.now() - started) / 500);
    opened.push(await openAndScroll(browser, rows));
  }
  print('5,000 mixed messages: size', 'bytes', [messages.reduce((sum, { content }) => sum + content.length, 0)]);
  print('5,000 mixed messages: rows of the host', 'ms', whole);
  print('5,000 mixed messages: one more message in the host', 'ms', each);
  print(
    'open 5,000 mixed messages: settled',
    'ms',
    opened.map(({ opened }) => opened),
  );
  print(
    'open 5,000 mixed messages: elements in the page',
    'count',
    opened.map(({ nodes }) => nodes),
  );
  print(
    'open 5,000 mixed messages: p95 frame gap while scrolling',
    'ms',
    opened.map(({ gap }) => gap),
  );
} finally {
  await browser.close();
}
