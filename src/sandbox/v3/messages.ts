/** What the engine does, as v3 messages. */
import { withoutPlace } from '../engine/requests.ts';
import { createHash } from 'node:crypto';
import { MessageType, MimeType, RenderType, SourceType } from '../../client/v3/gen/api_hub_pb.js';
import type { EngineStep } from '../engine/types.ts';
import type { V3Message } from './shapes.ts';

/** The official client takes at most 4 MiB at once, and reconnects for ever above that; this leaves room for the other fields. */
const MOST_CONTENT_BYTES = 4 * 1024 * 1024 - 64 * 1024;
const MOST_TITLE = 500;
const AGENT = 'local-sandbox';

export interface MessageParts {
  readonly type: MessageType;
  readonly content: string;
  readonly title?: string | undefined;
  readonly mime?: MimeType | undefined;
  readonly render?: RenderType | undefined;
  /** Default: the agent. */
  readonly from?: 'user' | 'system' | undefined;
  /** Its name, when it is not the sandbox's first agent. */
  readonly agent?: string | undefined;
  readonly reqId?: string | undefined;
  readonly clarifies?: string | undefined;
}

/** `at`: milliseconds since the epoch. Content of any length is cut to what one message may carry. */
export function makeMessage(id: string, at: number, parts: MessageParts): V3Message {
  const { type, content, title = '', mime = MimeType.TEXT, render = RenderType.TEXT, from } = parts;
  return {
    id,
    timestamp: at / 1000,
    sourceType: from === 'user' ? SourceType.USER : from === 'system' ? SourceType.SYSTEM : SourceType.AGENT,
    source: from ?? parts.agent ?? AGENT,
    title: title.slice(0, MOST_TITLE).toWellFormed(),
    content: shortened(content),
    messageType: type,
    mimeType: mime,
    renderType: render,
    reqId: parts.reqId ?? '',
    clarifies: parts.clarifies ?? '',
  };
}

/** Cut so that its UTF-8 fits into a message, with a last line that says so. */
export function shortened(content: string, most = MOST_CONTENT_BYTES): string {
  const whole = content.toWellFormed();
  if (whole.length * 3 <= most || Buffer.byteLength(whole) <= most) return whole;
  let low = 0;
  let high = whole.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (Buffer.byteLength(whole.slice(0, middle)) <= most - 200) low = middle;
    else high = middle - 1;
  }
  // Not between the halves of a surrogate pair.
  if (/[\uD800-\uDBFF]/.test(whole[low - 1] ?? '')) low -= 1;
  return `${whole.slice(0, low)}\n\n[Cut here: ${whole.length - low} of ${whole.length} characters left out, as no message may pass 4 MiB.]`;
}

/** An id that is the same when a turn is played again after a restart, in the form of a UUID. */
export function derivedId(...parts: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

type Block = Extract<EngineStep, { type: 'block' }>['render'];

const BLOCKS: Readonly<Record<Block, readonly [render: RenderType, mime: MimeType]>> = {
  markdown: [RenderType.MARKDOWN, MimeType.MARKDOWN],
  text: [RenderType.TEXT, MimeType.TEXT],
  html: [RenderType.HTML, MimeType.HTML],
  json: [RenderType.JSON, MimeType.JSON],
  table: [RenderType.TABLE, MimeType.SERIALIZED_JSON],
  graph: [RenderType.GRAPH, MimeType.SERIALIZED_JSON],
  timeline: [RenderType.TIMELINE, MimeType.SERIALIZED_JSON],
  image: [RenderType.UNSPECIFIED, MimeType.PNG],
  code: [RenderType.TEXT, MimeType.PYTHON],
  // v3 has no canvas of its own.
  canvas: [RenderType.HTML, MimeType.HTML],
};

const ASIDES = {
  warning: MessageType.WARNING,
  error: MessageType.ERROR,
  log: MessageType.LOG,
  debug: MessageType.DEBUG,
} as const;

const JSON_PARTS = { render: RenderType.JSON, mime: MimeType.SERIALIZED_JSON };
const MARKDOWN_PARTS = { render: RenderType.MARKDOWN, mime: MimeType.MARKDOWN };

/** Each step as one message; `drop` is the turn's own affair. */
export function partsOf(step: Exclude<EngineStep, { type: 'drop' }>): MessageParts {
  switch (step.type) {
    case 'thinking':
      return { type: MessageType.THOUGHT, title: step.title, content: step.text, ...MARKDOWN_PARTS };
    case 'progress':
      return { type: MessageType.PROGRESS, title: 'Progress', content: step.text };
    case 'toolCall':
      return { type: MessageType.TOOL_CALL, title: step.name, content: JSON.stringify(step.args), ...JSON_PARTS };
    case 'toolResult':
      return {
        type: MessageType.TOOL_RESULT,
        title: step.name,
        content: step.isError ? `Error: ${step.text}` : step.text,
      };
    case 'block': {
      const [render, mime] = BLOCKS[step.render];
      return { type: MessageType.AGENT_RESPONSE, title: step.title, content: step.content, render, mime };
    }
    case 'taskList':
      return { type: MessageType.TASK_LIST, title: 'Tasks', content: JSON.stringify(step.tasks), ...JSON_PARTS };
    case 'memory':
      return { type: MessageType.MEMORY_STATE, title: 'Memory', content: JSON.stringify(step.memory), ...JSON_PARTS };
    case 'skillLoaded':
      return { type: MessageType.SKILL_LOADED, title: step.name, content: `Loaded the skill ${step.name}.` };
    case 'notice':
      return { type: MessageType.NOTIFICATION, title: 'Notice', content: step.text, from: 'system' };
    case 'aside':
      return { type: ASIDES[step.kind], title: step.kind[0]?.toUpperCase() + step.kind.slice(1), content: step.text };
    // v3 has no word for it: told as what an agent says.
    case 'source':
      return { type: MessageType.AGENT_RESPONSE, title: step.title, content: step.text, ...MARKDOWN_PARTS };
    case 'says':
      return { type: MessageType.AGENT_RESPONSE, content: step.markdown, agent: step.agent, ...MARKDOWN_PARTS };
    case 'sessionName':
      return { type: MessageType.SESSION_NAME, content: step.name };
    case 'answer':
      return { type: MessageType.RESPONSE, content: step.markdown, ...MARKDOWN_PARTS };
    case 'fail':
      return { type: MessageType.FAILURE, title: 'Failure', content: step.message };
  }
}

/** What the client puts before a prompt when its tools are connected. */
const SYSTEM_CONTEXT = /^\s*<system-context>[\s\S]*?<\/system-context>\s*/;

/** The prompt as a person typed it. */
export function typed(prompt: string): string {
  return prompt.replace(SYSTEM_CONTEXT, '');
}

/** A name for a session after its first prompt. */
export function nameFor(prompt: string): string {
  const asked = withoutPlace(typed(prompt));
  const words = asked.trim().split(/\s+/).slice(0, 8).join(' ');
  return words.length <= 60 ? words : `${words.slice(0, 59).toWellFormed()}…`;
}
