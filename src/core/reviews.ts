/** Reviews that were asked for and whose answer is not read yet: kept over a reload, as an answer may come after it. Pure. */

import type { Message } from './model.ts';
import type { SessionState } from './session-state.ts';
import { turnAfter } from './thread-view.ts';
import { type ThreadPrompt, promptIndices } from './threads.ts';

/** A file that an answer may name. */
export interface ReviewedFile {
  readonly uri: string;
  /** Names by which the answer may call it; the fullest first. */
  readonly names: readonly string[];
}

export interface Review extends ThreadPrompt {
  readonly files: readonly ReviewedFile[];
  /** The files went as a whole: what is no longer found in them is settled. */
  readonly isWhole: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export type ReviewOutcome =
  | { readonly kind: 'running' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'ended'; readonly answer: string; readonly error?: string | undefined };

/** How far a review is, from its session's state. `gone`: its question is no part of the session any more. */
export function reviewOutcome(review: Review, state: SessionState | undefined): ReviewOutcome {
  if (state === undefined) return { kind: 'running' };
  if (state.queue.some(({ id }) => id === review.id)) return { kind: 'running' };
  const [at = -1] = promptIndices([review], state.messages);
  if (at === -1) return { kind: state.history === 'loaded' && state.turn.promptId !== review.id ? 'gone' : 'running' };
  const turn = turnAfter(state.messages, at);
  const isLast = at + turn.length === state.messages.length - 1;
  if (isLast && state.turn.phase !== 'idle') return { kind: 'running' };
  // A kept transcript ends where it was kept: the service may know more.
  if (turn.length === 0 && state.history !== 'loaded' && state.turn.promptId !== review.id) return { kind: 'running' };
  const answer = turn
    .filter(isAnswer)
    .map(({ content }) => content)
    .join('\n\n');
  const failure = turn.findLast(({ kind }) => kind === 'error' || kind === 'failure');
  const error = failure?.error?.message ?? failure?.content ?? (isLast ? state.turn.error?.message : undefined);
  return { kind: 'ended', answer, ...(error === undefined ? {} : { error }) };
}

function isAnswer({ kind }: Message): boolean {
  return kind === 'response' || kind === 'agentResponse';
}

/** The file that a finding names: by its full name, else by its end where only one fits, else the only one there is. */
export function fileNamed(files: readonly ReviewedFile[], name: string): ReviewedFile | undefined {
  const wanted = tidy(name);
  const exact = files.find(({ names }) => names.some((known) => tidy(known) === wanted));
  if (exact !== undefined) return exact;
  const ends = files.filter(({ names }) =>
    names.some((known) => tidy(known).endsWith(`/${wanted}`) || wanted.endsWith(`/${tidy(known)}`)),
  );
  if (ends.length === 1) return ends[0];
  return files.length === 1 ? files[0] : undefined;
}

function tidy(name: string): string {
  return name.replaceAll('\\', '/').replace(/^(?:\.\/|[ab]\/(?=.*\/))/, '');
}
