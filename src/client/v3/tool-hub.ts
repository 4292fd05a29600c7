/**
 * This window at the tool hub (protocol/v3.md, "Bring your own tools"): one registration under one name, pings with a watched pong, a way back
 * after every loss, and jobs side by side. What a job may do is not decided here: ToolServer asks the user.
 */

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ToolHubLink, ToolHubState, ToolServer } from '../../core/client-agent.ts';
import { Emitter, type Event } from '../../core/emitter.ts';
import { SecGeminiError, toSecGeminiError } from '../../core/errors.ts';
import { pause } from '../clock.ts';
import { type GrpcCall, openCall } from './call.ts';
import { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { cancelled, lost } from './errors.ts';
import { ClientMessageSchema, ServerMessageSchema } from './gen/byot_pb.js';
import type { JobRequest, ServerMessage } from './gen/byot_pb.js';
import { identityHeaders } from './link.ts';
import { answerJob } from './tool-jobs.ts';

const PATH = '/byot.BringYourOwnToolsHub/Connect';

/** Milliseconds. */
const REGISTER_MS = 10_000;
const PING_MS = 10_000;
const SILENCE_MS = 35_000;
const FIRST_WAIT_MS = 4_000;
const LONGEST_WAIT_MS = 30_000;
/** A registration that lived this long proves the hub: the next trouble starts from the beginning. */
const PROVEN_MS = 60_000;
/** A hub that sends more at once than this is answered that it is too much. */
const MOST_JOBS = 64;

export interface ToolHubOptions {
  /** Of the hub's own endpoint. */
  readonly context: Context;
  readonly name: string;
  readonly server: ToolServer;
}

/** The wait before try `failures` (from 1), in milliseconds: 4 s doubling to 30 s, 20 % more or less. */
export function hubWait(failures: number, random: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(wait * (0.8 + 0.4 * random));
}

export class ToolHubClient implements ToolHubLink {
  readonly name: string;
  readonly #context: Context;
  readonly #server: ToolServer;
  readonly #closing = new AbortController();
  readonly #changed = new Emitter<ToolHubState>();
  #state: ToolHubState = { kind: 'connecting' };
  #early = new AbortController();
  #failures = 0;

  constructor({ context, name, server }: ToolHubOptions) {
    this.name = name;
    this.#context = context;
    this.#server = server;
    if (context.closed.aborted) this.#closing.abort();
    context.closed.addEventListener('abort', this.#onClosed, { once: true });
    void this.#live();
  }

  get state(): ToolHubState {
    return this.#state;
  }

  get onDidChange(): Event<ToolHubState> {
    return this.#changed.event;
  }

  retryNow(): void {
    this.#failures = 0;
    this.#early.abort();
  }

  dispose(): void {
    this.#context.closed.removeEventListener('abort', this.#onClosed);
    this.#closing.abort();
    this.#changed.dispose();
  }

  readonly #onClosed = (): void => this.dispose();

  async #live(): Promise<void> {
    const { clock, random, log } = this.#context;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#set({ kind: 'connecting' });
      let since: number | undefined;
      let error: SecGeminiError;
      try {
        error = await this.#registration(() => {
          since = clock.now();
          this.#set({ kind: 'connected' });
        });
      } catch (thrown) {
        error = toSecGeminiError(thrown);
      }
      if (signal.aborted) return;
      if (error.code === 'unauthenticated' || error.code === 'permissionDenied')
        return this.#set({ kind: 'refused', error });
      if (since !== undefined && clock.now() - since >= PROVEN_MS) this.#failures = 0;
      this.#failures += 1;
      const retryInMs = hubWait(this.#failures, random());
      log('info', `Tool hub: ${error.message} Next try in ${Math.round(retryInMs / 100) / 10} s.`);
      this.#set({ kind: 'waiting', retryInMs: Math.round(retryInMs), error });
      this.#early = new AbortController();
      await pause(clock, retryInMs, AbortSignal.any([signal, this.#early.signal]));
    }
  }

  /** One connection from its opening to its end; gives why it ended. */
  async #registration(onRegistered: () => void): Promise<SecGeminiError> {
    const context = this.#context;
    const { clock } = context;
    // Whatever runs for this connection ends with it: its answers could go nowhere.
    const over = new AbortController();
    const { promise: ended, resolve: end } = Promise.withResolvers<SecGeminiError>();
    const abort = (): void => end(cancelled());
    this.#closing.signal.addEventListener('abort', abort, { once: true });
    const connection = await Connection.open(context, this.#closing.signal);
    let registered = false;
    let running = 0;
    let cancelPing = (): void => undefined;
    let cancelWatch = clock.after(REGISTER_MS, () => end(lost('no answer to the registration')));
    const alive = (): void => {
      cancelWatch();
      cancelWatch = clock.after(SILENCE_MS, () => end(lost('the tool hub fell silent')));
    };
    const call: GrpcCall = openCall(connection, {
      path: PATH,
      headers: { ...identityHeaders(context), 'x-sec-gemini-env': 'public' },
      redact: context.redact,
      events: {
        onMessage: (payload) => take(payload),
        onOversize: () => context.log('warn', 'Tool hub: a message over the limit was skipped.'),
        onAlive: () => undefined,
        onEnd: (error) => end(error ?? lost('the tool hub ended the stream')),
      },
    });
    const send = (payload: Payload): void =>
      void call.write(toBinary(ClientMessageSchema, create(ClientMessageSchema, { payload })));
    const ping = (count: number): void => {
      cancelPing = clock.after(PING_MS, () => {
        send({ case: 'ping', value: { msg: `keepalive-${count}` } });
        ping(count + 1);
      });
    };
    const work = async (job: JobRequest): Promise<void> => {
      running += 1;
      try {
        const { content, settle } = await answerJob(job, {
          server: this.#server,
          registered: this.name,
          destination: context.endpoint.origin,
          signal: over.signal,
          busy: running > MOST_JOBS,
        });
        if (over.signal.aborted) return settle('failed');
        send({ case: 'jobResult', value: { jobId: job.jobId, content } });
        settle('sent');
      } finally {
        running -= 1;
      }
    };
    const take = (payload: Uint8Array | undefined): void => {
      const message = payload === undefined ? undefined : read(payload);
      if (message === undefined) return context.log('warn', 'Tool hub: a message could not be read and was skipped.');
      const { payload: said } = message;
      if (said.case === 'registerResponse' && !registered) {
        if (!said.value.success) return end(notKnown(context.redact(said.value.message.slice(0, 300))));
        registered = true;
        alive();
        ping(1);
        onRegistered();
      } else if (registered && (said.case === 'pong' || said.case === 'jobRequest')) {
        alive();
        if (said.case === 'jobRequest') void work(said.value);
      }
    };
    try {
      send({ case: 'registerRequest', value: { apiKey: context.apiKey, name: this.name } });
      return await ended;
    } finally {
      over.abort();
      cancelPing();
      cancelWatch();
      this.#closing.signal.removeEventListener('abort', abort);
      call.cancel();
      connection.close();
    }
  }

  #set(state: ToolHubState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}

type Payload = NonNullable<MessageInitShape<typeof ClientMessageSchema>['payload']>;

function read(payload: Uint8Array): ServerMessage | undefined {
  try {
    return fromBinary(ServerMessageSchema, payload);
  } catch {
    return undefined;
  }
}

function notKnown(said: string): SecGeminiError {
  return new SecGeminiError('unauthenticated', `The tool hub refused the API key${said === '' ? '.' : `: ${said}`}`);
}
