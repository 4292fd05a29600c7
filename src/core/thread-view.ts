/** What a thread shows: one entry for each message that a comment can draw; the rest is counted and one click away in the panel. Pure. */

import { parseCode } from './code-blocks.ts';
import type { Message } from './model.ts';
import type { SessionState } from './session-state.ts';
import { placeWords } from './thread-row.ts';
import { questionOf, verdictOf } from './thread-prompt.ts';
import { type CodeThread, promptIndices } from './threads.ts';
import { labelText } from './visible-text.ts';

export interface ThreadEntry {
  /** The message's id, or a name of its own for what no message says. */
  readonly key: string;
  readonly author: 'You' | 'Sec-Gemini' | 'Error' | 'Notice';
  /** Beside the author's name. */
  readonly label: string;
  readonly text: string;
  /** False: plain text. */
  readonly isMarkdown: boolean;
  /** Blocks of code that can be used. */
  readonly codes: number;
  /** Milliseconds since the epoch; 0 when nobody said. */
  readonly at: number;
}

export interface ThreadView {
  readonly entries: readonly ThreadEntry[];
  readonly isWorking: boolean;
  /** Of the last answer that gave one. */
  readonly verdict?: string | undefined;
}

const UNSENT = 'unsent';
/** Key of the entry for a question that did not leave. */
export const UNSENT_KEY: string = UNSENT;

/** `state` gives a session, undefined when it is not known here (not connected, deleted). */
export function threadView(
  thread: CodeThread,
  state: (sessionId: string) => SessionState | undefined,
  isSending = false,
): ThreadView {
  const entries: ThreadEntry[] = [];
  let isWorking = false;
  let verdict: string | undefined;
  for (const sessionId of new Set(thread.prompts.map((prompt) => prompt.sessionId))) {
    const prompts = thread.prompts.filter((prompt) => prompt.sessionId === sessionId);
    const session = state(sessionId);
    const messages = session?.messages ?? [];
    const indices = promptIndices(prompts, messages);
    prompts.forEach((prompt, order) => {
      const at = indices[order] ?? -1;
      const queued = session?.queue.find(({ id }) => id === prompt.id);
      if (queued !== undefined) {
        entries.push(you(prompt.id, questionOf(queued.text), 'waits for the running answer', 0));
        return;
      }
      const asked = messages[at];
      if (asked === undefined) {
        if (order === 0) entries.push(...away(thread, session));
        return;
      }
      entries.push(you(asked.id, questionOf(asked.content), delivery(session, asked.id), asked.createdAt));
      const turn = turnAfter(messages, at);
      const answers = answerEntries(turn);
      entries.push(...answers);
      const isLast = at + turn.length === messages.length - 1;
      if (isLast && session !== undefined && session.turn.phase !== 'idle') {
        isWorking = session.turn.phase !== 'waiting';
        if (answers.length === 0 && isWorking) entries.push(note(`working:${asked.id}`, 'Sec-Gemini', 'Working…'));
      }
      for (const { kind, content } of turn)
        if (kind === 'response' || kind === 'agentResponse') verdict = verdictOf(content) ?? verdict;
    });
  }
  if (thread.unsent !== undefined)
    entries.push(you(UNSENT, questionOf(thread.unsent), isSending ? 'being sent' : 'not sent', 0));
  return { entries, isWorking, ...(verdict === undefined ? {} : { verdict }) };
}

/** The messages between a prompt and the next one. */
export function turnAfter(messages: readonly Message[], at: number): readonly Message[] {
  const next = messages.findIndex(({ kind }, index) => index > at && kind === 'prompt');
  return messages.slice(at + 1, next === -1 ? undefined : next);
}

function answerEntries(turn: readonly Message[]): ThreadEntry[] {
  const entries: ThreadEntry[] = [];
  let steps = 0;
  for (const message of turn) {
    const entry = entryOf(message, steps);
    if (entry === undefined) {
      if (message.kind === 'toolCall' || message.kind === 'thinking') steps += 1;
      continue;
    }
    entries.push(entry);
    steps = 0;
  }
  return entries;
}

/** Undefined for what a comment cannot draw. `steps`: how many thoughts and tool calls stand before it. */
function entryOf(message: Message, steps: number): ThreadEntry | undefined {
  const before = steps === 0 ? '' : `after ${steps} ${steps === 1 ? 'step' : 'steps'}, see the panel`;
  switch (message.kind) {
    case 'response':
    case 'agentResponse':
    case 'clarificationRequest': {
      const isText = message.render === 'markdown' || message.render === 'text';
      return {
        key: message.id,
        author: 'Sec-Gemini',
        label: [message.status === 'interrupted' ? 'cut off' : '', before].filter((part) => part !== '').join(' · '),
        text: isText ? message.content : `_${message.render}: open in the panel._`,
        isMarkdown: message.render !== 'text',
        codes: isText && message.status !== 'streaming' ? parseCode(message.content).length : 0,
        at: message.createdAt,
      };
    }
    case 'error':
    case 'failure': {
      const text = message.error?.message ?? message.content;
      return { ...note(message.id, 'Error', text), at: message.createdAt };
    }
    case 'confirmationRequest':
      return note(
        message.id,
        'Notice',
        'Sec-Gemini asks for your approval. Run "Review Pending Approval" or open the panel.',
      );
    case 'notice':
    case 'warning':
      return message.content.trim() === '' ? undefined : note(message.id, 'Notice', message.content);
    default:
      return undefined;
  }
}

/** In the place of a conversation that is not here. */
function away(thread: CodeThread, session: SessionState | undefined): ThreadEntry[] {
  const why =
    session === undefined
      ? 'The session of this thread is not known here. Connect to see the conversation; if it was deleted, only the question is left.'
      : session.history === 'loaded'
        ? 'This question is no longer part of its session.'
        : 'The conversation is being loaded…';
  return [you(`title:${thread.id}`, thread.title, '', thread.createdAt), note(`away:${thread.id}`, 'Notice', why)];
}

function delivery(session: SessionState | undefined, promptId: string): string {
  switch (session?.delivery[promptId]) {
    case 'unknown':
      return 'arrival not certain: see the panel';
    case 'failed':
      return 'not delivered: see the panel';
    default:
      return '';
  }
}

function you(key: string, text: string, label: string, at: number): ThreadEntry {
  return { key, author: 'You', label, text, isMarkdown: false, codes: 0, at };
}

function note(key: string, author: ThreadEntry['author'], text: string): ThreadEntry {
  return { key, author, label: '', text, isMarkdown: false, codes: 0, at: 0 };
}

/** The whole thread as Markdown for a file: place, verdict, every word. `path` is what the reader knows the file by. */
export function threadMarkdown(thread: CodeThread, path: string, view: ThreadView): string {
  const { place } = thread;
  const words = placeWords(thread);
  const head = [
    `# ${labelText(thread.title, 200)}`,
    '',
    `- Place: \`${path}:${place.first}-${place.last}\`${words === '' ? '' : ` (${words})`}`,
    ...(thread.problem === undefined
      ? []
      : [`- Problem: ${labelText([thread.problem.source, thread.problem.rule].filter(Boolean).join(' '), 200)}`]),
    ...(view.verdict === undefined ? [] : [`- Verdict: ${view.verdict}`]),
    `- State: ${thread.isResolved ? 'resolved' : 'open'}`,
  ];
  const body = view.entries.map(
    ({ author, label, text }) => `## ${author}${label === '' ? '' : ` (${label})`}\n\n${text}`,
  );
  return `${[head.join('\n'), ...body].join('\n\n')}\n`;
}
