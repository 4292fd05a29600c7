/** How a request for an approval ended: what this window knows of it, and the words for that. Pure. */

import { labelText } from './visible-text.ts';

/** `allowedByGrant`: the tool had been allowed for the session before; `ranOut`: nobody answered in time. */
export type ApprovalHow = 'allowed' | 'allowedForSession' | 'allowedByGrant' | 'denied' | 'ranOut';

/** An answer that this window gave. */
export interface ApprovalEnd {
  readonly how: ApprovalHow;
  /** Milliseconds since the epoch, of this machine. */
  readonly at: number;
}

/** What the conversation says was answered: `content` as the service worded it, `at` in milliseconds since the epoch, 0 when it is not told. */
export interface ApprovalAnswer {
  readonly content: string;
  readonly at: number;
}

/**
 * `Denied. By you in this window, 14:03.` Who answered stands after what was answered. What this window did not answer itself was answered by
 * another one, by another program of the account, or by this one before it was loaded anew: the wire does not tell which.
 */
export function approvalEndWords(
  end: ApprovalEnd | undefined,
  answer: ApprovalAnswer | undefined,
  time: (milliseconds: number) => string,
): string {
  if (end !== undefined) return `${HERE[end.how]}, ${time(end.at)}.`;
  if (answer === undefined) return 'No longer waiting: it was answered or is void.';
  const said = answerWords(answer.content);
  const when = answer.at > 0 ? `, ${time(answer.at)}` : '';
  return `${said} Not by this window since it was loaded${when}.`;
}

const HERE: Readonly<Record<ApprovalHow, string>> = {
  allowed: 'Allowed. By you in this window',
  allowedForSession: 'Allowed. By you in this window, for the whole session',
  allowedByGrant: 'Allowed. By itself: you had allowed this tool for the session',
  denied: 'Denied. By you in this window',
  ranOut: 'Denied. By itself: nobody answered in time',
};

function answerWords(content: string): string {
  if (/^(?:approved?|allowed|yes|true|confirmed)$/i.test(content.trim())) return 'Allowed.';
  if (/^(?:denied|no|false|rejected|refused)$/i.test(content.trim())) return 'Denied.';
  return `Answered: ${labelText(content, 200)}.`;
}
