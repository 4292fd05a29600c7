/** What the engine does, as v1 messages. */
import { createHash } from 'node:crypto';
import { block as fenced } from '../engine/markdown.ts';
import type { EngineStep } from '../engine/types.ts';
import type { MessageType, State, Usage, V1Message } from './shapes.ts';
import { noUsage } from './shapes.ts';

/** Frames over 1 MiB close the official client's socket; this leaves room for the other fields. */
const MOST_CONTENT_BYTES = 1_000_000;

export interface MessageParts {
  readonly type: MessageType;
  readonly state: State;
  readonly content: string;
  readonly title?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly parentId?: string | undefined;
  readonly status?: { readonly code: number; readonly name: string } | undefined;
  readonly usage?: Usage | undefined;
}

/** What the messages of one turn have in common. */
export interface TurnFrame {
  /** The message that asked. */
  readonly query: V1Message;
  readonly group: string;
  /** Content of any length was asked for. */
  readonly anyLength: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A whole message: every field is there, as the stricter clients want it. */
export function makeMessage(frame: TurnFrame, id: string, parts: MessageParts): V1Message {
  const at = frame.now() / 1000;
  return {
    id,
    parent_id: parts.parentId ?? frame.query.id,
    turn: frame.query.turn,
    group: frame.group,
    actor: 'sec-gemini',
    role: parts.type === 'error' ? 'system' : 'agent',
    timestamp: Math.floor(at),
    created_at: at,
    message_type: parts.type,
    icon: null,
    text_color: null,
    title: parts.title ?? null,
    state: parts.state,
    content: frame.anyLength ? parts.content : shortened(parts.content),
    mime_type: parts.mimeType ?? 'text/plain',
    status_code: parts.status?.code ?? 200,
    status_message: parts.status?.name ?? 'OK',
    usage: parts.usage ?? noUsage(),
  };
}

/** Cut so that its JSON stays within a frame, with a last line that says so. */
export function shortened(content: string): string {
  const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
  if (content.length * 6 <= MOST_CONTENT_BYTES || jsonBytes(content) <= MOST_CONTENT_BYTES) return content;
  let low = 0;
  let high = content.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (jsonBytes(content.slice(0, middle)) <= MOST_CONTENT_BYTES - 200) low = middle;
    else high = middle - 1;
  }
  const kept = content.slice(0, low).toWellFormed();
  return `${kept}\n\n[Cut here: ${content.length - low} of ${content.length} characters left out, as no frame may pass 1 MiB.]`;
}

/** An id that is the same when a turn is played again after a restart. */
export function derivedId(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
}

/** Steps that v1 says as one message each. `answer`, `fail`, `drop` and tool results are the turn's own affair. */
export function partsOf(
  step: Exclude<EngineStep, { type: 'answer' | 'fail' | 'drop' | 'toolResult' }>,
): MessageParts | undefined {
  switch (step.type) {
    case 'thinking':
      return { type: 'thinking', state: 'thinking', title: step.title, content: step.text };
    case 'progress':
      return { type: 'info', state: 'generating', title: 'Progress', content: step.text };
    case 'toolCall':
      return {
        type: 'info',
        state: 'calling_tool',
        title: step.name,
        content: JSON.stringify(step.args),
        mimeType: 'application/json',
      };
    case 'block':
      return {
        type: 'info',
        state: 'generating',
        title: step.title,
        // Text has no render type of its own on v1, and an info of plain text is how the service works inside: in a fence it is said, as it is.
        content: step.render === 'text' ? fenced(step.content) : step.content,
        mimeType: `sec-gemini/${step.render === 'text' ? 'markdown' : step.render}`,
      };
    case 'notice':
      return { type: 'info', state: 'generating', title: 'Notice', content: step.text };
    case 'aside':
      return {
        type: step.kind === 'debug' ? 'debug' : 'info',
        state: 'generating',
        title: step.kind,
        content: step.text,
      };
    case 'source':
      return { type: 'source', state: 'grounding', title: step.title, content: step.text };
    case 'says':
      return {
        type: 'info',
        state: 'generating',
        title: step.agent,
        content: step.markdown,
        mimeType: 'sec-gemini/markdown',
      };
    case 'skillLoaded':
      return { type: 'info', state: 'running_agent', title: 'Skill', content: `Loaded the skill ${step.name}.` };
    // v1 has no words for these, and its sessions are named by their clients.
    case 'taskList':
    case 'memory':
    case 'sessionName':
      return undefined;
  }
}

/** The answer in pieces that a reader can follow: cut at spaces where there are some, never inside a character. */
export function pieces(text: string, most: number): string[] {
  const size = Math.max(48, Math.ceil(text.length / most));
  const found: string[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(text.length, start + size);
    if (end < text.length) {
      const space = text.lastIndexOf(' ', end);
      if (space > start + size / 2) end = space + 1;
      // Not between the halves of a surrogate pair.
      else if (/[\uD800-\uDBFF]/.test(text[end - 1] ?? '')) end += 1;
    }
    found.push(text.slice(start, end));
    start = end;
  }
  return found;
}

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  422: 'UNPROCESSABLE_ENTITY',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_ERROR',
  501: 'NOT_IMPLEMENTED',
  503: 'SERVICE_UNAVAILABLE',
};

export const statusName = (code: number): string => STATUS_NAMES[code] ?? 'INTERNAL_ERROR';
