/** BringYourOwnToolsHub.Connect: register, then jobs out, results and pings in. */
import { Code, ConnectError } from '@connectrpc/connect';
import type { ClientMessage } from '../../client/v3/gen/byot_pb.js';
import type { Accounts } from '../accounts.ts';
import type { Clock } from '../state/clock.ts';
import { Refusal } from '../state/model.ts';
import { Outbox } from '../v3/outbox.ts';
import type { HubMessage, ToolClient } from './client.ts';
import type { ToolHub } from './hub.ts';

/** Who has not said a key by then is sent away. */
const REGISTER_MS = 5_000;

export interface HubPorts {
  readonly hub: ToolHub;
  readonly accounts: Accounts;
  readonly clock: Clock;
}

/** Serves one call until either side ends it. */
export async function* connectToolClient(
  { hub, accounts, clock }: HubPorts,
  requests: AsyncIterable<ClientMessage>,
  signal: AbortSignal,
): AsyncGenerator<HubMessage, void, void> {
  const outbox = new Outbox<HubMessage>();
  let client: ToolClient | undefined;
  const leave = (): void => {
    forget();
    if (client !== undefined) hub.leave(client);
    outbox.end();
  };
  const forget = clock.after(REGISTER_MS, () => {
    if (client === undefined)
      outbox.end(new ConnectError('No RegisterRequest came within 5 seconds.', Code.Unauthenticated));
  });
  const register = (key: string, name: string): void => {
    const account = accounts.find(key);
    let message = 'The API key is not known here.';
    try {
      if (account !== undefined && client === undefined)
        client = hub.register(account.id, name, (job) => outbox.put(job), leave);
      if (account !== undefined) message = 'OK';
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      message = error.message;
    }
    const success = message === 'OK';
    outbox.putFirst({ payload: { case: 'registerResponse', value: { success, message } } });
    if (!success) outbox.end();
  };
  const read = async (): Promise<void> => {
    for await (const { payload } of requests) {
      if (payload.case === 'registerRequest') register(payload.value.apiKey, payload.value.name);
      if (client === undefined) continue;
      client.lastSeen = clock.now();
      if (payload.case === 'ping') outbox.put({ payload: { case: 'pong', value: { msg: payload.value.msg } } });
      if (payload.case === 'jobResult') client.settle(payload.value.jobId, payload.value.content);
    }
  };
  signal.addEventListener('abort', leave, { once: true });
  read().then(leave, leave);
  try {
    yield* outbox.messages();
  } finally {
    leave();
  }
}
