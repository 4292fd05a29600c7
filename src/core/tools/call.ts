/** A call of a local tool on its way in, its result on its way out, and what is remembered of it. */

import type { Verdict } from './outcome.ts';

export interface ToolCall {
  /** Of the wire; a call runs once for each. */
  readonly id: string;
  /** Names by which the caller may mean the tool, the likeliest first. */
  readonly names: readonly string[];
  /** As they came. */
  readonly args: unknown;
  /** Undefined where the wire does not tell (the tool hub). */
  readonly sessionId?: string | undefined;
  /** Scheme, host and port the answer goes to. */
  readonly destination: string;
  /** Aborted when nobody can take the answer any more. */
  readonly signal: AbortSignal;
}

export interface ToolResult {
  readonly text: string;
  readonly isError: boolean;
  /** To be told once the network has the answer, or does not take it. */
  readonly settle: (outcome: 'sent' | 'failed') => void;
}

/** What became of a call, for the view. */
export interface CallRecord {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tool: string;
  readonly label: string;
  /** Undefined: no session was on. */
  readonly sessionId: string | undefined;
  /** Milliseconds that the tool ran, not that it waited for a person. */
  readonly ranMs: number;
  /** That left. */
  readonly bytes: number;
  readonly verdict: Verdict;
  /** In words, for the tooltip. */
  readonly words: string;
}
