/** Words of the composer: what Send does now or why it does nothing, and what may be written. Pure. */

import type { PanelStatus } from '../panel/protocol.ts';

/** `works`: a turn runs. Empty where nothing has to be said. */
export function hintText(status: PanelStatus, works: boolean): string {
  if (status.readOnly !== undefined) return status.readOnly;
  if (!status.environment.ready) return 'Not connected';
  if (works) return 'Send adds to the queue';
  return status.environment.enterSends ? '' : `${navigator.userAgent.includes('Mac') ? '⌘' : 'Ctrl+'}Enter sends`;
}

/** What stands in the empty box: what to ask, and what the two signs do that nobody would guess. */
export function placeholderText(status: PanelStatus): string {
  if (status.readOnly !== undefined) return 'Read only';
  if (status.question !== undefined) return 'Answer the question above';
  return status.files.length + status.pending.length === 0
    ? 'Ask a question (# adds files, / prompts)'
    : 'Ask about the attached files (# adds, / prompts)';
}

/** `3 files, 1,204 characters`: what goes with the next message. Empty when there is neither. */
export function countText(status: PanelStatus | undefined, characters: number): string {
  const files = (status?.files.length ?? 0) + (status?.pending.length ?? 0);
  return [count(files, 'file'), count(characters, 'character')].filter((part) => part !== '').join(', ');
}

/** `1 file`, `1,204 files`; empty for none. */
function count(number: number, noun: string): string {
  return number === 0 ? '' : `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
