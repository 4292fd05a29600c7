/** How a tool call can end, in the words that the agent reads and those that the user reads. Pure. */

import { MAX_BYTES_PER_TURN, MAX_CALLS_PER_TURN } from './consent.ts';
import type { ToolDecision } from './desk.ts';
import { type Tool, type ToolArgs, ToolInputError } from './tool.ts';

export type Verdict = 'allowed' | 'denied' | 'withheld' | 'refused' | 'failed' | 'void';

export interface Outcome {
  readonly text: string;
  readonly isError: boolean;
  readonly verdict: Verdict;
  /** For the transcript and the ledger: `allowed once`, `denied: rule .env*`. */
  readonly rule: string;
  /** Nothing left and nothing is done: the same call may come again. */
  readonly again?: boolean | undefined;
}

/** What is known of a run that ends. */
interface Run {
  readonly tool: Tool;
  readonly ran: boolean;
}

export const NOT_ON =
  'Local tools are off here: no session in which the user switched them on is working. The user can switch them on with the command "Use Local Tools".';
export const OVER_CALLS = `The budget of this turn is used up: at most ${MAX_CALLS_PER_TURN} calls. Answer with what you have.`;
export const OVER_BYTES = `This result does not fit into the rest of this turn's budget of ${MAX_BYTES_PER_TURN} bytes; it was not sent. Ask for less.`;

/** Characters of a call's arguments as JSON. */
const MAX_ARGS = 64 * 1024;

/** What the agent sent, checked; `verdict` says what does not fit, in words about its own arguments only. */
export function argumentsOf(tool: Tool, raw: unknown): { readonly args: ToolArgs } | { readonly verdict: Outcome } {
  try {
    if ((JSON.stringify(raw ?? {}) ?? '').length > MAX_ARGS) throw new ToolInputError('The arguments are too long.');
    return { args: tool.parse(raw) };
  } catch (error) {
    const text = error instanceof ToolInputError ? error.message : 'The arguments do not fit.';
    return { verdict: refused(text, 'arguments that do not fit') };
  }
}

export function refused(text: string, rule: string): Outcome {
  return { text, isError: true, verdict: 'refused', rule };
}

export function failed(text: string): Outcome {
  return { text, isError: true, verdict: 'failed', rule: 'failed' };
}

/** Nothing of it may leave; what only reads may be asked for anew. */
export function gone({ tool, ran }: Run): Outcome {
  const again = !ran || tool.annotations.readOnlyHint || tool.annotations.idempotentHint;
  return {
    ...refused('The call was cut off: its turn or connection is gone.', 'void: the turn or the connection is gone'),
    verdict: 'void',
    again,
  };
}

export function notAllowed(decision: Exclude<ToolDecision, { kind: 'allow' | 'edit' }>, context: Run): Outcome {
  switch (decision.kind) {
    case 'void':
      return gone(context);
    case 'deny': {
      const why = decision.reason.trim();
      const text = why === '' ? 'The user denied this call.' : `The user denied this call: ${why}`;
      return { text, isError: true, verdict: 'denied', rule: why === '' ? 'denied' : `denied: ${why}` };
    }
    case 'withhold': {
      const why = decision.reason.trim();
      const text = `The user looked at the output and withheld it${why === '' ? '.' : `: ${why}`}`;
      return { text, isError: true, verdict: 'withheld', rule: 'output withheld' };
    }
  }
}

/** The run, or the end of the wait for it: a tool that does not listen to its signal holds nobody up. */
export async function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new Error('stopped'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
