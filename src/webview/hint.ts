/** The words beside the composer's buttons: what Send does now, or why it does nothing. */

import type { PanelStatus } from '../panel/protocol.ts';

/** `works`: a turn runs. Empty where nothing has to be said. */
export function hintText(status: PanelStatus, works: boolean): string {
  if (status.readOnly !== undefined) return status.readOnly;
  if (!status.environment.ready) return 'Not connected';
  if (works) return 'Send adds to the queue';
  return status.environment.enterSends ? '' : `${navigator.userAgent.includes('Mac') ? '⌘' : 'Ctrl+'}Enter sends`;
}

/** What the empty box says. */
export function placeholderText({ readOnly, question, files, pending }: PanelStatus): string {
  if (readOnly !== undefined) return 'Read only';
  if (question !== undefined) return 'Answer the question above';
  return files.length + pending.length > 0 ? 'Ask about the attached files' : 'Ask, or attach files to ask about';
}
