/** From messages to the rows of the conversation: what is shown at all, as what, and which result belongs into which call. Pure but for its memory. */

import type { Message, MessageKind } from '../core/model.ts';
import { RENDER_CHARS, STRUCTURED_CHARS, type Row, type RowKind, type ToolResult } from './protocol.ts';

/** undefined = not shown in the conversation (it changes other places: the tab's name, the turn's end). */
function kindOf(kind: MessageKind): RowKind | 'result' | undefined {
  switch (kind) {
    case 'prompt':
    case 'clarificationResponse':
      return 'you';
    case 'response':
    case 'agentResponse':
      return 'agent';
    case 'thinking':
      return 'thinking';
    case 'toolCall':
      return 'tool';
    case 'toolResult':
      return 'result';
    case 'error':
    case 'failure':
      return 'error';
    case 'confirmationRequest':
      return 'approval';
    case 'clarificationRequest':
      return 'clarification';
    case 'info':
    case 'progress':
    case 'source':
    case 'warning':
    case 'notice':
    case 'log':
    case 'debug':
    case 'confirmationResponse':
    case 'taskList':
    case 'memory':
    case 'skillLoaded':
    case 'unknown':
      return 'notice';
    case 'sessionName':
    case 'end':
      return undefined;
  }
}

/** What a service says about its own steps ("Transfer") reads as noise between question and answer; the message tree has it. */
function isChatter({ kind, render }: Message): boolean {
  return kind === 'log' || kind === 'debug' || (kind === 'info' && (render === 'text' || render === 'markdown'));
}

/** Heading of a notice where the service gave none. */
const NOTICE_TITLES: Partial<Readonly<Record<MessageKind, string>>> = {
  warning: 'Warning',
  source: 'Source',
  taskList: 'Tasks',
  memory: 'Memory',
  skillLoaded: 'Skill loaded',
  confirmationResponse: 'Answer to the approval',
};

interface Merge {
  readonly messageIndex: number;
  readonly rowIndex: number;
  /** The call as it was without this result. */
  readonly before: Row;
}

/** Keeps the rows of one session. An update costs what changed, not the length of the conversation. */
export class RowList {
  #messages: readonly Message[] = [];
  #rows: Row[] = [];
  /** For each row the index of its message. */
  #origin: number[] = [];
  #merges: Merge[] = [];
  /** Calls by message id, and those still without a result, oldest first. */
  #calls = new Map<string, number>();
  #open: number[] = [];

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** The message behind a row, for copy and export. */
  message(rowIndex: number): Message | undefined {
    return this.#messages[this.#origin[rowIndex] ?? -1];
  }

  /** Takes the new list. The array returned is a new one; rows that did not change are the same objects as before. */
  update(messages: readonly Message[]): readonly Row[] {
    if (messages === this.#messages) return this.#rows;
    let same = Math.min(messages.length, this.#messages.length);
    let first = 0;
    while (first < same && messages[first] === this.#messages[first]) first += 1;
    same = first;
    const kept = this.#cut(same);
    this.#messages = messages;
    this.#rows = kept;
    for (let index = same; index < messages.length; index += 1) {
      const message = messages[index];
      if (message !== undefined) this.#take(message, index);
    }
    return this.#rows;
  }

  /** Forgets everything from message `from` on, and what such messages put into earlier rows. */
  #cut(from: number): Row[] {
    let length = this.#origin.length;
    while (length > 0 && (this.#origin[length - 1] ?? 0) >= from) length -= 1;
    const rows = this.#rows.slice(0, length);
    this.#origin.length = length;
    while ((this.#merges.at(-1)?.messageIndex ?? -1) >= from) {
      const merge = this.#merges.pop();
      if (merge !== undefined && merge.rowIndex < length) rows[merge.rowIndex] = merge.before;
    }
    const answered = new Set(this.#merges.map((merge) => merge.rowIndex));
    for (const [id, rowIndex] of this.#calls) if (rowIndex >= length) this.#calls.delete(id);
    this.#open = [...this.#calls.values()].filter((rowIndex) => !answered.has(rowIndex));
    return rows;
  }

  #take(message: Message, index: number): void {
    const kind = kindOf(message.kind);
    if (kind === undefined || isChatter(message)) return;
    if (kind === 'result') {
      const at = this.#callOf(message);
      const call = at === undefined ? undefined : this.#rows[at];
      if (at !== undefined && call !== undefined) {
        this.#rows[at] = { ...call, result: resultOf(message) };
        this.#open = this.#open.filter((open) => open !== at);
        this.#merges.push({ messageIndex: index, rowIndex: at, before: call });
        return;
      }
    }
    // An empty notice would be an empty box.
    if (kind === 'notice' && message.content.trim() === '' && message.title.trim() === '') return;
    this.#rows.push(rowOf(message, kind === 'result' ? 'tool' : kind));
    this.#origin.push(index);
    if (kind === 'tool') {
      this.#calls.set(message.id, this.#rows.length - 1);
      this.#open.push(this.#rows.length - 1);
    }
  }

  /** By the parent's id; else the oldest open call of the same group and name, then of the same name, then the oldest (v3 pairs first in, first out). */
  #callOf(result: Message): number | undefined {
    const byParent = result.parentId === undefined ? undefined : this.#calls.get(result.parentId);
    if (byParent !== undefined && this.#open.includes(byParent)) return byParent;
    const named = this.#open.filter((at) => this.#rows[at]?.title === result.title);
    const grouped = named.find((at) => this.message(at)?.group === result.group);
    return grouped ?? named[0] ?? this.#open[0];
  }
}

/** A part of these cannot be drawn. */
const DRAWN_WHOLE: ReadonlySet<Message['render']> = new Set(['json', 'table', 'graph', 'timeline']);

function rowOf(message: Message, kind: RowKind): Row {
  // Bytes under an image's type are no text, whatever they are to be rendered as.
  const image = message.render === 'image' || /^image\//i.test(message.mimeType);
  const content = image ? '' : message.content;
  const most = DRAWN_WHOLE.has(message.render) ? STRUCTURED_CHARS : RENDER_CHARS;
  const cut = content.length > most;
  return {
    id: message.id,
    kind,
    title: message.title === '' ? (NOTICE_TITLES[message.kind] ?? '') : message.title,
    author: message.author,
    content: cut ? content.slice(0, wholeCharacters(content, most)) : content,
    render: image ? 'image' : message.render,
    mimeType: message.mimeType,
    status: message.status,
    createdAt: message.createdAt,
    ...(cut || image ? { wholeChars: message.content.length } : {}),
    ...(message.usage === undefined ? {} : { usage: message.usage }),
    ...(message.error === undefined ? {} : { error: message.error }),
  };
}

function resultOf(message: Message): ToolResult {
  const cut = message.content.length > RENDER_CHARS;
  return {
    id: message.id,
    content: cut ? message.content.slice(0, wholeCharacters(message.content, RENDER_CHARS)) : message.content,
    render: message.render,
    status: message.status,
    createdAt: message.createdAt,
    failed: message.status === 'error' || message.error !== undefined,
  };
}

/** Cuts before a surrogate pair, never inside it. */
function wholeCharacters(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code <= 0xdbff ? at - 1 : at;
}
