/** From messages to the rows of the conversation: what is shown at all, as what, and which result belongs into which call. Pure but for its memory. */

import type { Message, MessageKind } from '../core/model.ts';
import { RENDER_CHARS, STRUCTURED_CHARS, type Row, type RowKind, type Side, type ToolResult } from './protocol.ts';
import { sideOf } from './side.ts';

/** Where a message goes. undefined = nowhere in the panel (it changes the tab's name, or ends the turn). */
function placeOf(message: Message): RowKind | 'result' | 'answer' | 'side' | undefined {
  switch (message.kind) {
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
    case 'confirmationResponse':
      return 'answer';
    case 'clarificationRequest':
      return 'clarification';
    case 'progress':
      return 'progress';
    case 'warning':
      return 'warning';
    case 'skillLoaded':
      return 'skill';
    case 'log':
    case 'debug':
      return 'log';
    case 'taskList':
    case 'memory':
      return 'side';
    case 'info':
      return infoPlace(message);
    case 'source':
    case 'notice':
    case 'unknown':
      return 'notice';
    case 'sessionName':
    case 'end':
      return undefined;
  }
}

/**
 * v1 says everything by the way as info: its render types are content, "Progress" is that, the rest ("Transfer") is how it works inside. The
 * official clients keep none of it: the Python client's own word is "transient info message only used in streaming", the Rust one shows it while it waits.
 */
function infoPlace({ mimeType, render, title }: Message): RowKind {
  if (mimeType.startsWith('sec-gemini/')) return 'agent';
  if (render !== 'text' && render !== 'markdown') return 'notice';
  return title === 'Progress' ? 'progress' : 'log';
}

/** Heading of a notice where the service gave none. */
const NOTICE_TITLES: Partial<Readonly<Record<MessageKind, string>>> = {
  source: 'Source',
  log: 'Log',
  debug: 'Debug',
  info: 'Log',
};

interface Merge {
  readonly messageIndex: number;
  readonly rowIndex: number;
  /** The call as it was without this result. */
  readonly before: Row;
}

/** Kinds by which an agent shows that it speaks. */
const SPEAKS: ReadonlySet<MessageKind> = new Set(['response', 'agentResponse', 'thinking', 'toolCall']);

/** A message that stands beside the conversation, or names who speaks. */
interface Noted {
  readonly messageIndex: number;
  readonly message: Message;
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
  /** Task lists, memories and skills in the order they came; the latest of each kind counts. */
  #side: Noted[] = [];
  /** The first message of each agent. */
  #agents: Noted[] = [];
  #sideDrawn: { readonly of: Noted | undefined; readonly side: Side | undefined } = { of: undefined, side: undefined };
  #showsLog = false;
  #showsReasoning = true;

  get rows(): readonly Row[] {
    return this.#rows;
  }

  get side(): Side | undefined {
    const last = this.#side.at(-1);
    if (this.#sideDrawn.of !== last) {
      const latest = (kind: MessageKind): Message | undefined =>
        this.#side.findLast(({ message }) => message.kind === kind)?.message;
      const skills = this.#side.filter(({ message }) => message.kind === 'skillLoaded').map(({ message }) => message);
      this.#sideDrawn = { of: last, side: sideOf({ tasks: latest('taskList'), memory: latest('memory'), skills }) };
    }
    return this.#sideDrawn.side;
  }

  /** More than one agent has spoken. */
  get severalAgents(): boolean {
    return this.#agents.length > 1;
  }

  /** Whether log and debug messages are rows, and reasoning; the next `update` gives all anew when that changed. */
  show(shows: { readonly log: boolean; readonly reasoning: boolean }): void {
    if (shows.log === this.#showsLog && shows.reasoning === this.#showsReasoning) return;
    this.#showsLog = shows.log;
    this.#showsReasoning = shows.reasoning;
    this.#cut(0);
    this.#messages = [];
    this.#rows = [];
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
    this.#side = upTo(this.#side, from);
    this.#agents = upTo(this.#agents, from);
    const answered = new Set(this.#merges.map((merge) => merge.rowIndex));
    for (const [id, rowIndex] of this.#calls) if (rowIndex >= length) this.#calls.delete(id);
    this.#open = [...this.#calls.values()].filter((rowIndex) => !answered.has(rowIndex));
    return rows;
  }

  #take(message: Message, index: number): void {
    const place = placeOf(message);
    if (place === undefined || (place === 'log' && !this.#showsLog)) return;
    this.#note(message, index);
    if (place === 'side' || (place === 'thinking' && !this.#showsReasoning)) return;
    if (place === 'result' || place === 'answer' || place === 'progress') {
      const at =
        place === 'result' ? this.#callOf(message) : place === 'answer' ? this.#approvalOf() : this.#progress();
      const row = at === undefined ? undefined : this.#rows[at];
      if (at !== undefined && row !== undefined) {
        this.#rows[at] =
          place === 'result'
            ? { ...row, result: resultOf(message) }
            : place === 'answer'
              ? { ...row, answer: message.content.slice(0, ANSWER_CHARS), answeredAt: message.createdAt }
              : // The line says how far it is now.
                { ...rowOf(message, 'progress'), id: row.id };
        this.#open = this.#open.filter((open) => open !== at);
        this.#merges.push({ messageIndex: index, rowIndex: at, before: row });
        return;
      }
    }
    const kind = place === 'result' ? 'tool' : place === 'answer' ? 'notice' : place;
    // An empty notice would be an empty box.
    if (QUIET.has(kind) && message.content.trim() === '' && message.title.trim() === '') return;
    this.#rows.push(rowOf(message, kind));
    this.#origin.push(index);
    if (kind === 'tool') {
      this.#calls.set(message.id, this.#rows.length - 1);
      this.#open.push(this.#rows.length - 1);
    }
  }

  #note(message: Message, messageIndex: number): void {
    const { kind, sender, author } = message;
    if (kind === 'taskList' || kind === 'memory' || kind === 'skillLoaded') this.#side.push({ messageIndex, message });
    if (sender !== 'agent' || author === '' || !SPEAKS.has(kind)) return;
    if (this.#agents.length < 2 && this.#agents[0]?.message.author !== author)
      this.#agents.push({ messageIndex, message });
  }

  /** The last request without an answer. */
  #approvalOf(): number | undefined {
    const at = this.#rows.findLastIndex(({ kind }) => kind === 'approval');
    return at >= 0 && this.#rows[at]?.answer === undefined ? at : undefined;
  }

  /** Progress that nothing else came after. */
  #progress(): number | undefined {
    return this.#rows.at(-1)?.kind === 'progress' ? this.#rows.length - 1 : undefined;
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

/** Rows that say nothing when they are empty. */
const QUIET: ReadonlySet<RowKind> = new Set(['notice', 'progress', 'warning', 'skill', 'log']);
const ANSWER_CHARS = 2_000;

function upTo(noted: Noted[], from: number): Noted[] {
  return noted.at(-1)?.messageIndex === undefined || (noted.at(-1)?.messageIndex ?? 0) < from
    ? noted
    : noted.filter(({ messageIndex }) => messageIndex < from);
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
