/** One connection of a session with what it said and nobody has read yet. It can be handed from one turn's reader to the next. */

import type { Context } from './http.ts';
import { Mailbox } from '../mailbox.ts';
import { type CloseReason, openSocket } from './socket.ts';
import { SecGeminiError } from '../../core/errors.ts';

export type LinkItem =
  | { readonly type: 'open' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'closed'; readonly reason: CloseReason };

export interface Link {
  readonly mailbox: Mailbox<LinkItem>;
  /** False when there is no connection to hand it to. */
  send(text: string): boolean;
  close(): void;
  /** Aborted when the connection is gone: what was asked over it has nobody to be answered to. */
  readonly closed: AbortSignal;
}

/** Starts connecting; what happens is in the mailbox. */
export function openLink(context: Context, sessionId: string): Link {
  const over = new AbortController();
  const mailbox: Mailbox<LinkItem> = new Mailbox((full) => (full ? socket.pause() : socket.resume()));
  const socket = openSocket(context, sessionId, {
    onOpen: () => mailbox.put({ type: 'open' }),
    onText: (text) => mailbox.put({ type: 'text', text }, text.length),
    onClose: (reason) => {
      over.abort();
      mailbox.put({ type: 'closed', reason });
    },
  });
  const close = (): void => {
    over.abort();
    socket.close();
  };
  return { mailbox, send: (text) => socket.send(text), close, closed: over.signal };
}

/** Connects, says one thing and leaves. Rejects when no connection comes about. */
export async function sendOnce(context: Context, sessionId: string, text: string, signal: AbortSignal): Promise<void> {
  const link = openLink(context, sessionId);
  const abort = (): void => link.mailbox.put({ type: 'closed', reason: ABORTED });
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) throw ABORTED.error;
    for (;;) {
      await link.mailbox.ready();
      const item = link.mailbox.take();
      if (item?.type === 'closed') throw item.reason.error;
      if (item?.type === 'open') {
        link.send(text);
        return;
      }
    }
  } finally {
    signal.removeEventListener('abort', abort);
    link.close();
  }
}

const ABORTED: CloseReason = {
  phase: 'refused',
  code: 1006,
  error: new SecGeminiError('cancelled', 'Cancelled.'),
  verdict: 'fatal',
};
