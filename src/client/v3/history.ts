/** The transcript of a session, as far as the service has it. */

import { toSecGeminiError } from '../../core/errors.ts';
import { pause } from '../clock.ts';
import { isActive, toStatus } from './codec.ts';
import type { Context } from './context.ts';
import { cancelled, sessionGone } from './errors.ts';
import type { Message as WireMessage } from './gen/api_hub_pb.js';
import type { Hub } from './hub.ts';
import type { Subscription } from './subscription.ts';

export interface HistoryPorts {
  readonly context: Context;
  readonly hub: Hub;
}

const SILENCE_MS = 1_000;
/** Of a session that works right now, this much is read before the rest is left to `listen`. */
const LIVE_MS = 2_000;
/** Without a round trip nothing is silent; its own time-out ends the wait. */
const ROUND_TRIP_MS = 60_000;

/** Everything of a session, oldest first. There is no mark at the end: one second of silence is taken for it. */
export async function readHistory(ports: HistoryPorts, sessionId: string, signal: AbortSignal): Promise<WireMessage[]> {
  const { hub } = ports;
  const { clock } = ports.context;
  const subscription = hub.subscribe(sessionId);
  const messages: WireMessage[] = [];
  const started = clock.now();
  let active = false;
  // The silence counts from when a whole round trip has been made: a slow line is no empty history.
  let roundTrip = false;
  try {
    const link = hub.request({ case: 'listSessionsRequest', value: { limit: 1 } }, 'listSessionsResponse', { signal });
    link.then(
      () => {
        roundTrip = true;
        subscription.put({ type: 'sent' });
      },
      (error: unknown) => subscription.put({ type: 'failed', error: toSecGeminiError(error) }),
    );
    for (;;) {
      if (signal.aborted) throw cancelled();
      const item = subscription.take();
      if (item === undefined) {
        // A turn that runs never falls silent; what it says from here on is for `listen`.
        if (roundTrip && active && clock.now() - started > LIVE_MS) return messages;
        if (!(await readyWithin(ports, subscription, roundTrip ? SILENCE_MS : ROUND_TRIP_MS, signal)) && roundTrip)
          return messages;
      } else if (item.type === 'message') messages.push(item.message);
      else if (item.type === 'status') active = isActive(toStatus(item.status));
      else if (item.type === 'gone') throw sessionGone();
      else if (item.type === 'failed' || item.type === 'reconnecting') throw item.error;
    }
  } finally {
    subscription.close();
  }
}

async function readyWithin(
  ports: HistoryPorts,
  subscription: Subscription,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  const limit = new AbortController();
  const abort = (): void => limit.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([
      subscription.ready().then(() => true),
      pause(ports.context.clock, ms, limit.signal).then(() => false),
    ]);
  } finally {
    limit.abort();
    signal.removeEventListener('abort', abort);
  }
}
