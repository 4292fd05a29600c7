/** Words over the composer: what keeps the conversation from going on, and what to do about it. Pure. */

import { type ErrorCode, SecGeminiError } from '../core/errors.ts';
import { visibleText } from '../core/visible-text.ts';
import type { PanelStatus } from '../panel/protocol.ts';

/** What stands over the composer: text, and buttons as [label, action]. */
export function noticeOf(status: PanelStatus): {
  readonly text: string;
  readonly buttons: readonly (readonly [string, string])[];
} {
  if (status.sessionStatus === 'deleted')
    return { text: 'This session was deleted on the service. What is shown stays readable here.', buttons: [] };
  if (status.sessionStatus === 'expired')
    return { text: 'The service no longer keeps this session. Start a new one to go on.', buttons: [] };
  if (status.retry !== undefined)
    return { text: visibleText(`${what(status.retry.error)} ${status.retry.words}`), buttons: [] };
  // It needs no service; the composer says why.
  if (status.readOnly !== undefined && status.history !== 'failed') return { text: '', buttons: [] };
  if (status.historyError !== undefined && status.history === 'failed')
    return {
      text: `The conversation could not be loaded: ${sentence(status.historyError)}`,
      buttons: keyButton(status.historyError.code, ['Load again', 'reload-history']),
    };
  if (status.connection === 'reconnecting') {
    const seconds = Math.ceil((status.retryInMs ?? 0) / 1000);
    const when = seconds > 0 ? ` Next try in ${seconds.toString()} s.` : '';
    return { text: `The connection was lost.${when} Nothing is sent twice.`, buttons: [['Retry now', 'retry-now']] };
  }
  if (status.connection === 'offline' && status.connectionError !== undefined)
    return {
      text: sentence(status.connectionError),
      buttons: keyButton(status.connectionError.code, ['Retry now', 'retry-now']),
    };
  if (status.sessionStatus === 'maxAttemptsExceeded' && status.phase === 'idle')
    return {
      text: 'The agent gave up: it tried as often as the service allows without reaching its goal. What arrived is kept. Ask for a smaller step, or name what it should leave out.',
      buttons: [],
    };
  const { ready, connecting, trouble } = status.environment;
  if (!ready && connecting !== true)
    return {
      text:
        trouble === undefined
          ? 'Not connected. Set an API key, or start the local sandbox.'
          : `${sentence(trouble)} What is kept here can be read, and drafts stay.`,
      buttons: [
        ...(trouble === undefined || trouble.code === 'unauthenticated' ? [['Set API key', 'set-key'] as const] : []),
        ...(trouble === undefined ? [] : [['Connect', 'retry-now'] as const]),
      ],
    };
  return { text: '', buttons: [] };
}

function keyButton(code: ErrorCode, otherwise: readonly [string, string]): readonly (readonly [string, string])[] {
  return code === 'unauthenticated' ? [['Set API key', 'set-key'], otherwise] : [otherwise];
}

function sentence(error: { readonly message: string; readonly action: string }): string {
  return visibleText(`${what(error)} ${error.action}`);
}

function what({ message }: { readonly message: string }): string {
  return /[.!?…]$/.test(message) ? message : `${message}.`;
}

/** What failed, and what to do, as one text. */
export function words(error: unknown): string {
  return error instanceof SecGeminiError ? sentence(error) : String(error);
}
