/** What the status bar says: connection first, then the session that matters most right now. Pure. */

import type { ConnectionStatus } from './connection.ts';
import { quotaWords } from './job-quota.ts';
import type { JobCounts } from './model-agent.ts';
import { type Retry, retryWords } from './retry.ts';
import type { SessionState } from './session-state.ts';
import { labelText, visibleText } from './visible-text.ts';

export interface StatusLine {
  /** With codicons, as VS Code writes them: `$(shield) …`. */
  readonly text: string;
  readonly tooltip: string;
  /** For screen readers: the text without icons. */
  readonly accessibleLabel: string;
  readonly emphasis: 'none' | 'warning' | 'error';
}

/** `sessions` in the order of last use; `jobs` as the service counts them. */
export function statusLine(
  status: ConnectionStatus,
  sessions: readonly SessionState[],
  sandbox: boolean,
  jobs?: JobCounts,
  retry?: Retry,
): StatusLine {
  const place = sandbox ? 'local sandbox' : 'Sec-Gemini';
  switch (status.kind) {
    case 'signedOut':
      return line('shield', 'Sec-Gemini', 'Not signed in. Click to start the local sandbox or to set an API key.');
    case 'unconfirmed':
      return line(
        'shield',
        'Sec-Gemini: confirm endpoint',
        `${status.origin} is not confirmed yet; no key was sent to it.`,
        'warning',
      );
    case 'connecting':
      return line('sync~spin', 'Sec-Gemini: connecting', `Connecting to the ${place}…`);
    case 'keyRefused':
      return line('error', 'Sec-Gemini: key refused', status.error.message, 'error');
    case 'offline':
      return line(
        'debug-disconnect',
        'Sec-Gemini: offline',
        `${status.error.message} ${status.error.action}`,
        'warning',
      );
    case 'connected':
      if (retry !== undefined)
        return line('sync~spin', 'Sec-Gemini: trying again', `${retry.error.message} ${retryWords(retry)}`, 'warning');
      return withQuota(connected(status.origin, sessions, sandbox), jobs);
  }
}

/** The limit of jobs is only worth a word while it binds. */
function withQuota(shown: StatusLine, jobs: JobCounts | undefined): StatusLine {
  const quota = quotaWords(jobs);
  if (quota === undefined) return shown;
  return {
    ...shown,
    text: `${shown.text} · ${quota.short}`,
    tooltip: `${shown.tooltip} ${quota.long}`,
    accessibleLabel: `${shown.accessibleLabel}, ${quota.short}`,
  };
}

function connected(origin: string, sessions: readonly SessionState[], sandbox: boolean): StatusLine {
  const name = sandbox ? 'Sec-Gemini sandbox' : 'Sec-Gemini';
  const where = `Connected to ${sandbox ? 'the local sandbox (no model)' : origin}.`;
  const waiting = sessions.filter((state) => state.turn.phase === 'waiting' || (state.asks ?? 0) > 0);
  if (waiting.length > 0)
    return line('bell-dot', `${name}: waiting for you`, `${where} ${names(waiting)} waits for your answer.`, 'warning');
  const working = sessions.filter((state) => state.turn.phase === 'working' || state.turn.phase === 'stopping');
  if (working.length > 0) return line('loading~spin', `${name}: working`, `${where} Working: ${names(working)}.`);
  const unread = sessions.filter((state) => state.unread > 0);
  if (unread.length > 0)
    return line('circle-filled', `${name}: ${unread.length} new`, `${where} New answers: ${names(unread)}.`);
  return line('shield', name, where);
}

function names(sessions: readonly SessionState[]): string {
  const first = sessions.slice(0, 3).map((state) => labelText(state.info.name, 40));
  return sessions.length > 3 ? `${first.join(', ')} and ${sessions.length - 3} more` : first.join(', ');
}

function line(icon: string, words: string, tooltip: string, emphasis: StatusLine['emphasis'] = 'none'): StatusLine {
  // Parts of it are the service's own words.
  return { text: `$(${icon}) ${words}`, tooltip: visibleText(tooltip), accessibleLabel: words, emphasis };
}
