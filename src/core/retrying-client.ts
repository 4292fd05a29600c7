/** A client whose calls are tried again by the user's policy, where that does no harm: reads, and changes that are the same when made twice. */

import type { CallOptions, SecGeminiClient } from './client.ts';
import type { ErrorInfo } from './errors.ts';
import type { SessionEvent } from './events.ts';
import type { RetryDesk } from './retry.ts';

/** The client behind it keeps everything else as it is: creating, uploading and answering are done once. */
export function withRetries(client: SecGeminiClient, desk: RetryDesk): SecGeminiClient {
  const closed = new AbortController();
  const until = (options: CallOptions | undefined): AbortSignal =>
    options?.signal === undefined ? closed.signal : AbortSignal.any([options.signal, closed.signal]);
  const own: Partial<SecGeminiClient> = {
    listSessions: (options) => desk.run(() => client.listSessions(options), { signal: until(options) }),
    getSession: (sessionId, options) =>
      desk.run(() => client.getSession(sessionId, options), { sessionId, signal: until(options) }),
    history: (sessionId, options) =>
      desk.run(() => client.history(sessionId, options), { sessionId, signal: until(options) }),
    updateSession: (sessionId, patch, options) =>
      desk.run(() => client.updateSession(sessionId, patch, options), { sessionId, signal: until(options) }),
    deleteSession: (sessionId, options) =>
      desk.run(() => client.deleteSession(sessionId, options), { sessionId, signal: until(options) }),
    stream: (sessionId, prompt, options) => {
      const about = { sessionId, signal: until(options) };
      return streamAgain(
        () => client.stream(sessionId, prompt, options),
        (attempt, error) => desk.again(attempt, error, about),
      );
    },
    close: async () => {
      closed.abort();
      await client.close();
    },
  };
  return new Proxy(client, {
    get: (target, key) => {
      if (Object.hasOwn(own, key)) return own[key as keyof SecGeminiClient];
      const value: unknown = Reflect.get(target, key);
      // Its methods have private fields: they want the client itself.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/**
 * A prompt goes out again only when it is certain that it never arrived: the client said so, and nothing of a turn came. Whatever may have
 * arrived ends as it ended; then the user decides.
 */
async function* streamAgain(
  stream: () => AsyncIterable<SessionEvent>,
  wait: (attempt: number, error: ErrorInfo) => Promise<boolean>,
): AsyncGenerator<SessionEvent, void, void> {
  for (let attempt = 1; ; attempt += 1) {
    let refused: SessionEvent | undefined;
    let mayHaveArrived = false;
    let again = false;
    for await (const event of stream()) {
      if (event.type === 'delivery' && event.state === 'failed') {
        refused = event;
        continue;
      }
      mayHaveArrived ||= event.type === 'message' || event.type === 'piece';
      mayHaveArrived ||= event.type === 'delivery' && event.state !== 'sending';
      if (event.type === 'turnEnd' && refused !== undefined) {
        const { error, outcome } = event;
        // A session whose job still runs takes nothing for as long as that takes: its prompt waits in the queue instead.
        const passes = outcome === 'failed' && error !== undefined && error.code !== 'rateLimited';
        again = passes && !mayHaveArrived && (await wait(attempt, error));
        if (again) break;
        yield refused;
      }
      yield event;
    }
    if (!again) return;
  }
}
