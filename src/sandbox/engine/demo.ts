/** `/demo …`: shows what a real agent can do, so that every state of a client can be seen without one. */
import { evil } from './demo-evil.ts';
import { investigate } from './demo-investigate.ts';
import { busy, stubborn } from './demo-jobs.ts';
import { patch } from './demo-patch.ts';
import { renderSamples } from './demo-render.ts';
import { SANDBOX_NOTE } from './inspection-answer.ts';
import { block, code, plural, shorten } from './markdown.ts';
import { breathe } from '../../scan/text.ts';
import type { EngineContext, EngineStep, TaskNode } from './types.ts';

type Steps = AsyncGenerator<EngineStep, void, void>;

interface Demo {
  readonly usage: string;
  readonly what: string;
  /** The only protocol that has it; both when absent. */
  readonly only?: 'v1' | 'v3';
  readonly run: (rest: string, context: EngineContext) => Steps;
}

const SLOW_DEFAULT = 20;
const SLOW_MAX = 600;
const STUBBORN_DEFAULT = 5;
const STUBBORN_MAX = 60;
const BUSY_DEFAULT = 60;
const LONG_DEFAULT = 50;
const LONG_MAX = 5000;
const BIG_DEFAULT = 256;
const BIG_MAX = 10_240;

const say = (markdown: string): EngineStep => ({ type: 'answer', markdown: `${SANDBOX_NOTE}\n\n${markdown}` });

/** The first word as a number within bounds; `undefined` with a sentence when it is none. */
const amount = (rest: string, what: string, standard: number, max: number): { value: number } | { wrong: string } => {
  const word = rest.split(/\s+/)[0] ?? '';
  if (word === '') return { value: standard };
  const value = /^\d{1,9}$/.test(word) ? Number(word) : Number.NaN;
  if (!(value >= 1 && value <= max))
    return { wrong: `${what} has to be a whole number from 1 to ${max}, not ${code(shorten(word, 60))}.` };
  return { value };
};

async function* failure(): Steps {
  yield { type: 'thinking', title: 'Failing on purpose', text: 'This turn will fail, as `/demo failure` asks.' };
  yield { type: 'fail', code: 500, message: 'Demo failure: the agent stopped because /demo failure asked for it.' };
}

async function* limit(): Steps {
  yield {
    type: 'thinking',
    title: 'Running into a limit on purpose',
    text: 'This turn will end at a quota, as `/demo limit` asks.',
  };
  yield { type: 'fail', code: 429, message: 'Demo limit: the quota of this account is used up. Try again later.' };
}

async function* slow(rest: string, context: EngineContext): Steps {
  const seconds = amount(rest, 'SECONDS', SLOW_DEFAULT, SLOW_MAX);
  if ('wrong' in seconds) return yield say(seconds.wrong);
  yield {
    type: 'thinking',
    title: 'Working slowly',
    text: `I will take ${plural(seconds.value, 'second')}. Press Stop to end it.`,
  };
  for (let second = 1; second <= seconds.value; second += 1) {
    await context.pause(1000);
    yield { type: 'progress', text: `Second ${second} of ${seconds.value}` };
  }
  yield say(`Done after ${plural(seconds.value, 'second')}.`);
}

/** A demonstration that takes so many seconds. */
const forSeconds = (run: (seconds: number, context: EngineContext) => Steps, standard: number, max: number) =>
  async function* timed(rest: string, context: EngineContext): Steps {
    const seconds = amount(rest, 'SECONDS', standard, max);
    if ('wrong' in seconds) yield say(seconds.wrong);
    else yield* run(seconds.value, context);
  };

async function* long(rest: string, context: EngineContext): Steps {
  const messages = amount(rest, 'MESSAGES', LONG_DEFAULT, LONG_MAX);
  if ('wrong' in messages) return yield say(messages.wrong);
  for (let number = 1; number <= messages.value; number += 1) {
    if (number % 50 === 0) await breathe(context.signal);
    const text = `Message ${number} of ${messages.value}.`;
    if (number % 4 === 0)
      yield {
        type: 'block',
        render: 'markdown',
        title: `Part ${number}`,
        content: `**${text}** With \`code\` and a [link](https://example.invalid/${number}).`,
      };
    else yield { type: 'thinking', title: `Step ${number}`, text };
  }
  yield say(`${messages.value === 1 ? 'That was' : 'Those were'} ${plural(messages.value, 'message')}.`);
}

async function* big(rest: string, context: EngineContext): Steps {
  const kilobytes = amount(rest, 'KILOBYTES', BIG_DEFAULT, BIG_MAX);
  if ('wrong' in kilobytes) return yield say(kilobytes.wrong);
  yield { type: 'thinking', title: 'Writing a big answer', text: `About ${kilobytes.value} kilobytes.` };
  await breathe(context.signal);
  const target = kilobytes.value * 1000;
  const lines: string[] = [];
  let length = SANDBOX_NOTE.length + 2;
  for (let number = 1; length < target; number += 1) {
    const line =
      number % 20 === 1
        ? `\n## Section ${(number - 1) / 20 + 1}\n`
        : `Line ${number}: plain words, **bold ones** and \`code\`, to fill a big answer.  `;
    lines.push(line);
    length += line.length + 1;
  }
  yield say(lines.join('\n'));
}

async function* render(): Steps {
  yield {
    type: 'thinking',
    title: 'Showing every kind of block',
    text: 'One of each render type; hostile samples are text and have to stay inert.',
  };
  for (const sample of renderSamples()) yield { type: 'block', ...sample };
  // The answer holds a picture too: some places show the answer and not the blocks.
  yield say(
    'One block of every render type stands above. Nothing in them may load, run or navigate, this neither: ![a picture](https://tracker.example.invalid/answer.png)',
  );
}

async function* drop(): Steps {
  yield {
    type: 'thinking',
    title: 'Losing the connection',
    text: 'The connection breaks after this, once; the rest has to come all the same.',
  };
  yield { type: 'progress', text: 'Before the break' };
  yield { type: 'drop' };
  yield { type: 'progress', text: 'After the break' };
  yield say(
    'The connection was lost in the middle of this turn. If you read this once and whole, the client caught up.',
  );
}

async function* confirm(_rest: string, context: EngineContext): Steps {
  if (context.confirm === undefined) return yield say('Not on this protocol, or nobody is connected who could decide.');
  const args = { host: 'scanner.example.invalid', ports: [22, 443], dryRun: true };
  yield {
    type: 'thinking',
    title: 'Asking before acting',
    text: 'I need your permission for a (pretended) port scan; nothing is run either way.',
  };
  const { approved } = await context.confirm(
    'port_scan',
    args,
    'May I run port_scan on scanner.example.invalid? (A demonstration: nothing is run.)',
  );
  if (approved) {
    yield { type: 'toolCall', callId: 'demo-confirm', name: 'port_scan', args };
    yield {
      type: 'toolResult',
      callId: 'demo-confirm',
      name: 'port_scan',
      text: 'Demonstration: nothing was scanned.',
      isError: false,
    };
  }
  yield say(
    approved
      ? 'You **approved** `port_scan`. As this is a demonstration, nothing was scanned.'
      : 'You **denied** `port_scan`, so it was not called.',
  );
}

async function* tool(rest: string, context: EngineContext): Steps {
  const match = /^(\S+)\s*([\s\S]*)$/.exec(rest);
  const offered =
    context.clientTools.length === 0
      ? 'The connected client offers no tools.'
      : `It offers: ${context.clientTools.map((name) => code(name)).join(', ')}.`;
  if (match === null) return yield say(`Name the tool: \`/demo tool NAME [JSON]\`. ${offered}`);
  const [, name = '', json = ''] = match;
  if (context.callTool === undefined)
    return yield say('Not on this protocol, or no client is connected that could run a tool.');
  let args: Record<string, unknown> = {};
  if (json.trim() !== '') {
    const parsed = parseObject(json);
    if (parsed === undefined)
      return yield say(
        `The arguments have to be one JSON object, such as \`{"a": 2}\`; this is none: ${code(shorten(json, 200))}`,
      );
    args = parsed;
  }
  if (!context.clientTools.includes(name))
    return yield say(`The connected client offers no tool called ${code(shorten(name, 100))}. ${offered}`);
  yield { type: 'thinking', title: 'Calling your tool', text: `${code(name)} runs in your client, not here.` };
  yield { type: 'toolCall', callId: 'demo-tool', name, args };
  const result = await context.callTool(name, args);
  yield { type: 'toolResult', callId: 'demo-tool', name, text: result.text, isError: result.isError };
  const fence = '`'.repeat(Math.max(3, ...(result.text.match(/`+/g) ?? []).map((run) => run.length + 1)));
  yield say(
    `${code(name)} ${result.isError ? '**failed**' : 'answered'}, verbatim:\n\n${fence}\n${result.text}\n${fence}`,
  );
}

const parseObject = (json: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

async function* reports(_rest: string, context: EngineContext): Steps {
  const filed = context.reports ?? [];
  if (filed.length === 0) return yield say('No feedback and no bug report was filed in this session.');
  const list = filed.map((report, index) => {
    const kind = report.type === 'bug_report' ? 'Bug report' : 'Feedback';
    const score = report.score === undefined ? '' : `, score ${report.score}`;
    const group = report.groupId === undefined ? '' : `, about ${code(report.groupId)}`;
    return `${index + 1}. ${kind}${score}${group}, ${new Date(report.at).toISOString()}: ${code(shorten(report.comment, 500))}`;
  });
  yield say(`${plural(filed.length, 'report')} filed in this session:\n\n${list.join('\n')}`);
}

async function* sources(): Steps {
  yield {
    type: 'source',
    title: 'CVE-2021-44228',
    text: 'Apache Log4j2: JNDI features used in configuration, log messages and parameters. (A sample; nothing was looked up.)',
  };
  yield say('One sample source stands above.');
}

async function* clarify(_rest: string, context: EngineContext): Steps {
  if (context.clarify === undefined) return yield say('Not on this protocol, or nobody is connected who could answer.');
  yield { type: 'thinking', title: 'Something is not clear', text: 'I will ask a question and wait for the answer.' };
  const reply = await context.clarify('Which of the attached files matters most to you?');
  yield say(`You answered:\n\n${block(shorten(reply, 2000))}`);
}

async function* tasks(_rest: string, context: EngineContext): Steps {
  const titles = ['Collect the files', 'Look for secrets', 'Write the report'];
  const tree = (done: number): TaskNode => ({
    title: 'Review the workspace',
    state: done >= titles.length ? 'done' : 'running',
    children: titles.map((title, index) => ({
      title,
      state: index < done ? 'done' : index === done ? 'running' : 'pending',
      children: [],
    })),
  });
  yield { type: 'sessionName', name: 'Demo: tasks' };
  yield { type: 'skillLoaded', name: 'workspace-review' };
  yield {
    type: 'memory',
    memory: [{ category: 'Demo', items: [{ id: 'demo-1', content: 'You asked for /demo tasks.' }] }],
  };
  for (let done = 0; done <= titles.length; done += 1) {
    yield { type: 'taskList', tasks: tree(done) };
    if (done < titles.length) await context.pause(300);
  }
  yield { type: 'aside', kind: 'log', text: 'demo: 3 tasks in 0.9 s' };
  yield { type: 'aside', kind: 'debug', text: 'demo: nothing was looked at' };
  yield { type: 'aside', kind: 'warning', text: 'These tasks are made up: nothing was looked at.' };
  yield { type: 'says', agent: 'reviewer', markdown: 'A second agent has read the report.' };
  yield { type: 'notice', text: 'All tasks of the demonstration are done.' };
  yield say(
    `A task list with ${plural(titles.length, 'task')}, a memory, a skill, a log and a debug line, a warning, a second agent, a notice and a name for the session were sent.`,
  );
}

async function* help(_rest: string, context: EngineContext): Steps {
  const rows = Object.values(DEMOS)
    .filter((entry) => entry.only === undefined || entry.only === context.protocol)
    .map((entry) => `- \`/demo ${entry.usage}\`: ${entry.what}`);
  yield say(`Demonstrations on ${context.protocol}:\n\n${rows.join('\n')}`);
}

const DEMOS: Readonly<Record<string, Demo>> = {
  failure: { usage: 'failure', what: 'the turn fails', run: failure },
  limit: { usage: 'limit', what: 'the turn ends at a quota', run: limit },
  slow: { usage: 'slow [SECONDS]', what: `takes its time with visible progress (${SLOW_DEFAULT} seconds)`, run: slow },
  stubborn: {
    usage: 'stubborn [SECONDS]',
    what: `one step that Pause and Stop have to wait for (${STUBBORN_DEFAULT} seconds)`,
    only: 'v3',
    run: forSeconds(stubborn, STUBBORN_DEFAULT, STUBBORN_MAX),
  },
  busy: {
    usage: 'busy [SECONDS]',
    what: `takes all your places for jobs: other prompts are refused (${BUSY_DEFAULT} seconds)`,
    only: 'v3',
    run: forSeconds(busy, BUSY_DEFAULT, SLOW_MAX),
  },
  long: { usage: 'long [MESSAGES]', what: `many messages (${LONG_DEFAULT})`, run: long },
  big: { usage: 'big [KILOBYTES]', what: `one big answer (${BIG_DEFAULT})`, run: big },
  render: { usage: 'render', what: 'one block of every render type, hostile samples included', run: render },
  drop: { usage: 'drop', what: 'the connection is lost in mid-turn', run: drop },
  patch: { usage: 'patch', what: 'proposes a change at both ends of every attached file, as a diff', run: patch },
  confirm: { usage: 'confirm', what: 'asks for your permission', run: confirm },
  tool: { usage: 'tool NAME [JSON]', what: 'calls that tool of your client and quotes its result', run: tool },
  investigate: {
    usage: 'investigate SYMBOL',
    what: 'answers about your code through the tools of your editor',
    run: investigate,
  },
  evil: {
    usage: 'evil [FROM-TO]',
    what: 'tries to get at your secrets through your tools, in many ways or in some of them',
    run: evil,
  },
  sources: { usage: 'sources', what: 'names a source', only: 'v1', run: sources },
  reports: { usage: 'reports', what: 'shows feedback and bug reports of this session', only: 'v1', run: reports },
  clarify: { usage: 'clarify', what: 'asks a question back', only: 'v3', run: clarify },
  tasks: { usage: 'tasks', what: 'a task list, memory, a skill, notices, a second agent', only: 'v3', run: tasks },
  help: { usage: 'help', what: 'this list', run: help },
};

/** Runs a demonstration. An unknown name, or none, answers with the list. */
export async function* demo(name: string, rest: string, context: EngineContext): Steps {
  const entry = Object.hasOwn(DEMOS, name) ? DEMOS[name] : undefined;
  if (entry === undefined) yield* help(rest, context);
  else if (entry.only !== undefined && entry.only !== context.protocol)
    yield say(`\`/demo ${name}\` is not on this protocol (${context.protocol}); it is on ${entry.only}.`);
  else yield* entry.run(rest, context);
}
