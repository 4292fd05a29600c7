/**
 * Fork and rewind, by what every service has: a new session with the same files and the transcript up to a message as one more file. The
 * service's own memory of the old session does not come along, and nothing here says that it does. Pure.
 */

import { SecGeminiError } from './errors.ts';
import { exportMarkdown } from './export-markdown.ts';
import { isConversation } from './export-words.ts';
import type { Attachment, Message } from './model.ts';
import { own } from './own.ts';
import { exportOf } from './session-export.ts';
import { type SessionState, isLocal } from './session-state.ts';
import { labelText } from './visible-text.ts';

export const FORK_TITLE = 'Forked Session';

export interface ForkPlan {
  /** What is replayed, oldest first; empty before the first message. */
  readonly messages: readonly Message[];
  /** False: nothing was said up to there (a v3 session begins with its name), so there is nothing to replay. */
  readonly replays: boolean;
  /** Sent again: their bytes are on this machine. */
  readonly files: readonly Attachment[];
  /** Not kept here, so they cannot be sent again. */
  readonly missing: readonly Attachment[];
  /** Attached after the last message that is kept, and left out on request. */
  readonly dropped: readonly Attachment[];
  readonly lastMessageId: string | undefined;
}

export interface ForkOptions {
  /** Leaves out files that were attached after the last kept message, as far as this machine attached them. */
  readonly cleanUpMedia?: boolean | undefined;
  /** True when the bytes of an attachment are on this machine. */
  readonly isKept: (attachment: Attachment) => boolean;
}

/** The messages that an index counts: those of the service, in its order; notes of this machine are none. */
export function transcriptOf(state: SessionState): readonly Message[] {
  return state.messages.filter((message) => !isLocal(message));
}

/** The index of a message for fork and rewind; `invalidArgument` when it is not in the transcript. */
export function messageIndexOf(state: SessionState, messageId: string): number {
  const index = transcriptOf(state).findIndex(({ id }) => id === messageId);
  if (index >= 0) return index;
  throw new SecGeminiError('invalidArgument', 'This message is not part of the conversation on the service.', {
    action: 'Choose another message.',
  });
}

/**
 * What a fork takes along. `messageIndex` counts from 0 and is inclusive; -1 keeps no message (a rewind before the first). Throws
 * `invalidArgument` that names the range.
 */
export function planFork(
  state: SessionState,
  messageIndex: number,
  { cleanUpMedia = false, isKept }: ForkOptions,
): ForkPlan {
  const all = transcriptOf(state);
  if (!Number.isInteger(messageIndex) || messageIndex < -1 || messageIndex >= all.length)
    throw new SecGeminiError('invalidArgument', `There is no message ${messageIndex} in this session.`, {
      action:
        all.length === 0
          ? 'It has no messages yet.'
          : `Messages are counted from 0; the last one is ${all.length - 1}.`,
    });
  const messages = all.slice(0, messageIndex + 1);
  const kept = new Set(messages.map(({ id }) => id));
  const isLater = ({ id }: Attachment): boolean => {
    const after = own(state.local?.attachedAfter, id);
    return after !== undefined && after !== '' && !kept.has(after);
  };
  const dropped = cleanUpMedia ? state.attachments.filter(isLater) : [];
  const wanted = state.attachments.filter((attachment) => !dropped.includes(attachment));
  return {
    messages,
    replays: messages.some(isConversation),
    files: wanted.filter(isKept),
    missing: wanted.filter((attachment) => !isKept(attachment)),
    dropped,
    lastMessageId: messages.at(-1)?.id,
  };
}

/** The transcript as the new session gets it: Markdown with what tools said, and a head that says what it is. */
export function replayOf(state: SessionState, { messages }: ForkPlan, now: number): string {
  const document = exportOf({ ...state, messages }, { now });
  const head = [
    `> Transcript of an earlier conversation, "${labelText(state.info.name, 120)}", replayed as a file.`,
    '> What it says was said there; this session goes on from its end.',
  ].join('\n');
  return `${head}\n\n${exportMarkdown(document, { metadata: false, tools: true })}`;
}

/** What the new session says of itself, on this machine. */
export function forkNotice(name: string, plan: ForkPlan, index: number): string {
  const named = (files: readonly Attachment[]): string => files.map((file) => labelText(file.name, 80)).join(', ');
  return [
    !plan.replays
      ? `New session in the place of "${labelText(name, 120)}": nothing of its conversation was kept.`
      : `New session with the transcript replayed: "${labelText(name, 120)}" up to message ${index} came along as a file. The service remembers nothing else of it.`,
    plan.missing.length === 0 ? '' : `Not sent again, as their bytes are not on this machine: ${named(plan.missing)}.`,
    plan.dropped.length === 0 ? '' : `Left out, as they were attached later: ${named(plan.dropped)}.`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}
