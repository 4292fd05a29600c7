/** What the page may ask, and who answers: the session model, the host's gestures, or the transcript. Nothing else can be reached from a page. */

import { type ApprovalEnd, approvalEndWords } from '../core/approval-end.ts';
import { SecGeminiError } from '../core/errors.ts';
import type { Message } from '../core/model.ts';
import { own } from '../core/own.ts';
import type { SessionModel } from '../core/session-model.ts';
import type { ChatHost } from './chat-host.ts';
import { findInRows } from './find.ts';
import { checkLink } from './link.ts';
import { LIMITS, type PageRequestName, type PageRequests, PROTOCOL_VERSION, type Row } from './protocol.ts';
import type { Handler } from './rpc.ts';

/** What the Up key goes back through. */
const MAX_PROMPTS = 200;

/** The rows as they are now, and the message behind each. */
export interface Transcript {
  rows(): readonly Row[];
  message(rowIndex: number): Message | undefined;
}

/** What requests change about the page itself. */
export interface PageLife {
  ready(version: number): void;
  resync(): void;
}

export interface PageHandlerOptions {
  readonly sessionId: string;
  readonly model: SessionModel;
  readonly host: ChatHost;
  readonly transcript: Transcript;
  readonly page: PageLife;
}

export type PageHandlers = {
  readonly [K in PageRequestName]: Handler<PageRequests[K]['params'], PageRequests[K]['result']>;
};

/** One handler per request of the contract. */
export function pageHandlers({ sessionId, model, host, transcript, page }: PageHandlerOptions): PageHandlers {
  const done = {};
  const requestOf = (rowId: string): Message => waitingRequest(transcript, rowId, host.approvalEnds(sessionId));
  return {
    ready: ({ version, draft }) => {
      if (draft !== undefined && draft !== '') host.saveDraft(sessionId, draft);
      page.ready(version);
      return { version: PROTOCOL_VERSION };
    },
    resync: () => {
      page.resync();
      return done;
    },
    send: async ({ text, ...asked }) => {
      await model.send(sessionId, text, undefined, asked);
      // What was typed and kept since then is the next draft; this one may have been kept before its last letters.
      if (text.startsWith(host.loadDraft(sessionId))) host.saveDraft(sessionId, '');
      return done;
    },
    stop: async () => {
      await model.stop(sessionId);
      return done;
    },
    pause: async () => {
      await model.steer(sessionId, 'pause');
      return done;
    },
    continue: async () => {
      await model.steer(sessionId, 'continue');
      return done;
    },
    setAsksAlways: async ({ always }) => {
      await host.setAsksAlways(sessionId, always);
      return done;
    },
    setShowsLog: async ({ shows }) => {
      await host.setShowsLog(shows);
      return done;
    },
    setShowsReasoning: ({ shows }) => {
      host.setShowsReasoning(sessionId, shows);
      return done;
    },
    removeQueued: ({ promptId }) => {
      model.removeQueued(sessionId, promptId);
      return done;
    },
    editQueued: ({ promptId }) => {
      const text = model.removeQueued(sessionId, promptId);
      if (text === undefined)
        throw new SecGeminiError('notFound', 'This message is no longer in the queue.', {
          action: 'It was sent already.',
        });
      return { text };
    },
    sendQueued: async ({ promptId }) => {
      await model.sendQueued(sessionId, promptId);
      return done;
    },
    sendAgain: async ({ promptId }) => {
      await model.sendAgain(sessionId, promptId);
      return done;
    },
    askAgain: async ({ rowId }) => {
      const prompt = promptBefore(transcript, rowId);
      await model.send(sessionId, prompt.content, undefined, model.state(sessionId)?.local?.extras?.[prompt.id]);
      return done;
    },
    prompts: () => ({ prompts: lastPrompts(transcript) }),
    retryNow: async () => {
      await host.retryNow(sessionId);
      return done;
    },
    reloadHistory: async () => {
      await host.reloadHistory(sessionId);
      return done;
    },
    attach: async () => {
      await host.attachFiles(sessionId);
      return done;
    },
    dropUris: async ({ uris }) => {
      await host.attachUris(sessionId, uris);
      return done;
    },
    paste: async ({ files }) => {
      await host.attachBytes(
        sessionId,
        files.map(({ name, base64 }) => ({ name, bytes: decodeBase64(base64) })),
      );
      return done;
    },
    mention: async (mention) => {
      await host.mention(sessionId, mention);
      return done;
    },
    detach: async ({ attachmentId }) => {
      await model.detach(sessionId, attachmentId);
      return done;
    },
    openLink: async ({ href }) => {
      const link = checkLink(href);
      if (!link.ok) throw new SecGeminiError('invalidArgument', 'Only https, http and mailto links open.');
      await host.openLink(link.href);
      return done;
    },
    openFile: async ({ reference }) => {
      await host.openFile(reference);
      return done;
    },
    openSymbol: async ({ name }) => {
      await host.openSymbol(name);
      return done;
    },
    copyText: async ({ text }) => {
      await host.copy(text);
      return done;
    },
    copyRow: async ({ rowId, turn }) => {
      const { row, message, index } = rowOf(transcript, rowId);
      await host.copy(turn ? turnSource(transcript, index) : withResult(message.content, row));
      return done;
    },
    compareCode: async ({ text, language }) => {
      await host.compareCode(sessionId, text, language);
      return done;
    },
    insertAtCursor: async ({ text }) => {
      await host.insertAtCursor(text);
      return done;
    },
    openInEditor: async ({ text, language }) => {
      await host.openText(text, language);
      return done;
    },
    openRow: async ({ rowId }) => {
      const { row, message } = rowOf(transcript, rowId);
      await host.openText(withResult(message.content, row), row.render === 'json' ? 'json' : 'markdown');
      return done;
    },
    saveRow: async ({ rowId }) => {
      const { row, message } = rowOf(transcript, rowId);
      await host.saveText(withResult(message.content, row), row.render === 'json' ? 'message.json' : 'message.md');
      return done;
    },
    openTranscript: async () => {
      await host.openTranscript(sessionId);
      return done;
    },
    rows: ({ from, count }) => {
      const rows = transcript.rows();
      return { from, rows: rows.slice(from, from + count), total: rows.length };
    },
    find: ({ query, caseSensitive }) => findInRows(transcript.rows(), query, caseSensitive),
    complete: async ({ trigger, query }) => ({ items: await host.complete(sessionId, trigger, query) }),
    forkRow: async ({ rowId }) => {
      await host.forkAt(sessionId, rowOf(transcript, rowId).message);
      return done;
    },
    rewindRow: async ({ rowId, before }) => {
      await host.rewindTo(sessionId, rowOf(transcript, rowId).message, before);
      return done;
    },
    rateRow: async ({ rowId, up }) => {
      await host.rate(sessionId, rowOf(transcript, rowId).message, up);
      return done;
    },
    reportRow: async ({ rowId }) => {
      await host.reportBug(sessionId, rowOf(transcript, rowId).message);
      return done;
    },
    reviewApproval: async ({ rowId }) => {
      await host.reviewApproval(sessionId, requestOf(rowId));
      return done;
    },
    denyApproval: async ({ rowId }) => {
      await host.denyApproval(sessionId, requestOf(rowId));
      return done;
    },
    setApiKey: async () => {
      await host.setApiKey();
      return done;
    },
    saveDraft: ({ text }) => {
      host.saveDraft(sessionId, text);
      return done;
    },
    seen: () => {
      model.markSeen(sessionId);
      return done;
    },
  };
}

function rowOf(
  transcript: Transcript,
  rowId: string,
): { readonly row: Row; readonly message: Message; readonly index: number } {
  const rows = transcript.rows();
  const index = rows.findLastIndex((row) => row.id === rowId);
  const row = rows[index];
  const message = transcript.message(index);
  if (row === undefined || message === undefined)
    throw new SecGeminiError('notFound', 'This message is no longer part of the conversation.');
  return { row, message, index };
}

/** A card can be clicked that was answered a moment ago, or long ago in another window: no other request may be taken for it. */
function waitingRequest(transcript: Transcript, rowId: string, ends: Readonly<Record<string, ApprovalEnd>>): Message {
  const { row, message } = rowOf(transcript, rowId);
  const isLocal = row.id.startsWith('local:');
  const over = (how: string): SecGeminiError =>
    new SecGeminiError('invalidArgument', `This request no longer waits. ${how}`, {
      action: 'Your click changed nothing.',
    });
  // What this editor asked itself becomes the call that was answered.
  if (row.kind === 'tool' && isLocal) throw over('It was answered in this window; its row says what became of it.');
  if (row.kind !== 'approval')
    throw new SecGeminiError('invalidArgument', 'This message asks for no approval.', {
      action: 'Choose one that does.',
    });
  // The id is the service's: `constructor` is no answer.
  const end = own(ends, row.id);
  const answer = row.answer === undefined ? undefined : { content: row.answer, at: row.answeredAt ?? 0 };
  const isLast = (): boolean =>
    transcript.rows().findLast(({ kind, id }) => kind === 'approval' && !id.startsWith('local:'))?.id === row.id;
  if (end !== undefined || answer !== undefined || !(isLocal || isLast()))
    throw over(approvalEndWords(end, answer, clock));
  return message;
}

const clock = (milliseconds: number): string =>
  new Date(milliseconds).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });

/** The question that a row belongs to. */
function promptBefore(transcript: Transcript, rowId: string): Message {
  const { index } = rowOf(transcript, rowId);
  const at = transcript.rows().findLastIndex(({ kind }, place) => kind === 'you' && place < index);
  const prompt = transcript.message(at);
  if (prompt === undefined)
    throw new SecGeminiError('notFound', 'Nothing was asked before this message.', { action: 'Ask below.' });
  return prompt;
}

/** The last prompts, oldest first; fewer when they are long. */
function lastPrompts(transcript: Transcript): readonly string[] {
  const prompts: string[] = [];
  let chars = 0;
  for (let at = transcript.rows().length - 1; at >= 0 && prompts.length < MAX_PROMPTS; at -= 1) {
    if (transcript.rows()[at]?.kind !== 'you') continue;
    const text = transcript.message(at)?.content ?? '';
    chars += text.length;
    if (chars > LIMITS.textChars) break;
    prompts.unshift(text);
  }
  return prompts;
}

/** Markdown source of a row's whole turn: from its prompt to before the next one. */
function turnSource(transcript: Transcript, index: number): string {
  const rows = transcript.rows();
  let first = index;
  while (first > 0 && rows[first]?.kind !== 'you') first -= 1;
  let end = index + 1;
  while (end < rows.length && rows[end]?.kind !== 'you') end += 1;
  const parts: string[] = [];
  for (let at = first; at < end; at += 1) {
    const kind = rows[at]?.kind;
    if (kind === 'you' || kind === 'agent') parts.push(transcript.message(at)?.content ?? '');
  }
  return parts.join('\n\n');
}

function withResult(content: string, row: Row): string {
  return row.result === undefined ? content : `${content}\n\n${row.result.content}`;
}

function decodeBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    throw new SecGeminiError('invalidArgument', 'What was pasted could not be read.');
  }
}
