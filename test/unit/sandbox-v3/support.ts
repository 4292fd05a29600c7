/** Bare gRPC clients for the sandbox's v3 tests: connect-node's own, so that neither end is tested with itself. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import type { Client } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { ApiHub, ClientMessageSchema, JobStatus, MessageType } from '../../../src/client/v3/gen/api_hub_pb.js';
import type { Message, ServerMessage, UploadFileRequestSchema } from '../../../src/client/v3/gen/api_hub_pb.js';
import { BringYourOwnToolsHub } from '../../../src/client/v3/gen/byot_pb.js';
import type { ClientMessageSchema as ToolMessageSchema, JobRequest } from '../../../src/client/v3/gen/byot_pb.js';
import type { Sandbox } from '../../../src/sandbox/server.ts';
import { KEY } from '../sandbox/support.ts';

type Place = Pick<Sandbox, 'endpoint'>;
type ClientInit = MessageInitShape<typeof ClientMessageSchema>;
type Payloads = Exclude<ServerMessage['payload'], { case: undefined }>;
type Values = { readonly [P in Payloads as P['case']]: P['value'] };
export type Asking = NonNullable<ClientInit['payload']>;

const open = new Set<{ close(): void }>();

/** For afterEach: no connection outlives its test. */
export function closeAll(): void {
  for (const one of open) one.close();
  open.clear();
}

/** What goes into a call, while the call runs. */
class Sending<T> {
  readonly #queue: T[] = [];
  #news: PromiseWithResolvers<void> = Promise.withResolvers();
  #ended = false;

  put(message: T): void {
    this.#queue.push(message);
    this.#news.resolve();
  }

  end(): void {
    this.#ended = true;
    this.#news.resolve();
  }

  async *messages(): AsyncGenerator<T> {
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) yield next;
      else if (this.#ended) return;
      else {
        this.#news = Promise.withResolvers();
        await this.#news.promise;
      }
    }
  }
}

function grpc({ endpoint }: Place) {
  const sessionManager = new Http2SessionManager(endpoint);
  return { sessionManager, transport: createGrpcTransport({ baseUrl: endpoint, sessionManager }) };
}

/** One Connect call. Everything that arrives is kept in `all`. */
export class Peer {
  readonly all: ServerMessage[] = [];
  /** Resolves with what ended the call: undefined when it ended well. */
  readonly ended: Promise<unknown>;
  readonly api: Client<typeof ApiHub>;
  readonly #sending = new Sending<ClientInit>();
  readonly #manager: Http2SessionManager;
  #news: PromiseWithResolvers<void> = Promise.withResolvers();
  #isOver = false;

  constructor(sandbox: Place) {
    const { sessionManager, transport } = grpc(sandbox);
    this.#manager = sessionManager;
    this.api = createClient(ApiHub, transport);
    const read = async (): Promise<void> => {
      for await (const message of this.api.connect(this.#sending.messages())) {
        this.all.push(message);
        this.#news.resolve();
        this.#news = Promise.withResolvers();
      }
    };
    this.ended = read()
      .catch((error: unknown) => error)
      .finally(() => {
        this.#isOver = true;
        this.#news.resolve();
      });
    open.add(this);
  }

  /** A registered one. */
  static async of(sandbox: Place, key = KEY): Promise<Peer> {
    const peer = new Peer(sandbox);
    const { success } = await peer.ask({ case: 'registerRequest', value: { apiKey: key } }, 'registerResponse');
    assert.equal(success, true);
    return peer;
  }

  send(payload: Asking, sessionId = '', reqId: string = randomUUID()): string {
    this.#sending.put(create(ClientMessageSchema, { reqId, sessionId, payload }));
    return reqId;
  }

  /** The first message from `from` on that fits. */
  async until(fits: (message: ServerMessage) => boolean, from = 0): Promise<ServerMessage> {
    for (let at = from; ;) {
      for (; at < this.all.length; at++) {
        const message = this.all[at];
        if (message !== undefined && fits(message)) return message;
      }
      assert.ok(!this.#isOver, 'the call ended before the message came');
      await this.#news.promise;
    }
  }

  /** Resolves when something has come, or the call has ended. */
  news(): Promise<void> {
    return this.#isOver ? Promise.resolve() : this.#news.promise;
  }

  async answer(payload: Asking, sessionId = '', reqId: string = randomUUID()): Promise<Payloads> {
    const from = this.all.length;
    this.send(payload, sessionId, reqId);
    const { payload: got } = await this.until(
      (message) =>
        message.reqId === reqId && message.payload.case !== 'message' && message.payload.case !== 'sessionStateChange',
      from,
    );
    assert.ok(got.case !== undefined);
    return got;
  }

  async ask<C extends keyof Values>(payload: Asking, expects: C, sessionId = '', reqId?: string): Promise<Values[C]> {
    const got = await this.answer(payload, sessionId, reqId);
    assert.equal(got.case, expects);
    const value: unknown = got.value;
    return value as Values[C];
  }

  async create(): Promise<string> {
    const made = await this.ask(
      { case: 'createSessionRequest', value: { creationSource: 'test' } },
      'createSessionResponse',
    );
    assert.equal(made.success, true);
    return made.sessionId;
  }

  async prompt(sessionId: string, prompt: string, meta: Record<string, string> = {}, reqId?: string): Promise<boolean> {
    const ask = { case: 'promptRequest', value: { prompt, meta } } as const;
    return (await this.ask(ask, 'promptResponse', sessionId, reqId)).success;
  }

  follow(sessionId: string, lastMessageId?: string): string {
    return this.send(
      { case: 'streamMessagesRequest', value: lastMessageId === undefined ? {} : { lastMessageId } },
      sessionId,
    );
  }

  /** What came under a req_id: messages by kind, states by name. */
  seen(reqId: string, from = 0): string[] {
    return this.all.slice(from).flatMap(({ reqId: own, payload }) => {
      if (own !== reqId) return [];
      if (payload.case === 'message') return [MessageType[payload.value.messageType] ?? '?'];
      return payload.case === 'sessionStateChange' ? [`=${JobStatus[payload.value.status] ?? '?'}`] : [];
    });
  }

  messages(reqId: string): Message[] {
    return this.all.flatMap(({ reqId: own, payload }) =>
      own === reqId && payload.case === 'message' ? [payload.value] : [],
    );
  }

  /** Waits for a state of the session, whatever the req_id. */
  async status(sessionId: string, status: JobStatus, from = 0): Promise<void> {
    await this.until(
      ({ payload }) =>
        payload.case === 'sessionStateChange' &&
        payload.value.sessionId === sessionId &&
        payload.value.status === status,
      from,
    );
  }

  async message(type: MessageType, from = 0): Promise<Message> {
    const { payload } = await this.until(
      ({ payload: one }) => one.case === 'message' && one.value.messageType === type,
      from,
    );
    assert.ok(payload.case === 'message');
    return payload.value;
  }

  /** The whole history by a stream of its own. */
  async history(sessionId: string): Promise<Message[]> {
    const reqId = this.follow(sessionId);
    await this.until((message) => message.reqId === reqId && message.payload.case === 'sessionStateChange');
    this.send({ case: 'stopStreamMessagesRequest', value: {} }, sessionId);
    return this.messages(reqId);
  }

  async upload(
    sessionId: string,
    filename: string,
    content: Uint8Array | string,
    key = KEY,
    contentType = 'text/plain',
  ): Promise<{ success: boolean; errorMessage: string }> {
    const bytes = Buffer.from(content);
    return this.uploadParts(
      [
        { payload: { case: 'metadata', value: { filename, contentType, sessionId } } },
        ...(bytes.length === 0 ? [] : [{ payload: { case: 'chunk', value: bytes } } as const]),
      ],
      key,
    );
  }

  uploadParts(
    parts: readonly MessageInitShape<typeof UploadFileRequestSchema>[],
    key = KEY,
  ): Promise<{ success: boolean; errorMessage: string }> {
    const all = async function* (): AsyncGenerator<MessageInitShape<typeof UploadFileRequestSchema>> {
      yield* parts;
    };
    return this.api.uploadFile(all(), { headers: { 'sec-gemini-api-key': key } });
  }

  end(): void {
    this.#sending.end();
  }

  close(): void {
    this.#sending.end();
    this.#manager.abort();
  }
}

export const kindsOf = (messages: readonly Message[]): string[] =>
  messages.map(({ messageType }) => MessageType[messageType] ?? '?');

/** What a tool client answers to a job: JSON text, or nothing. */
export type Work = (job: JobRequest) => string | undefined | Promise<string | undefined>;

/** One tool client on the hub. */
export class ToolPeer {
  readonly jobs: JobRequest[] = [];
  readonly pongs: string[] = [];
  readonly registered: Promise<{ success: boolean; message: string }>;
  readonly ended: Promise<unknown>;
  readonly #sending = new Sending<MessageInitShape<typeof ToolMessageSchema>>();
  readonly #manager: Http2SessionManager;
  #news: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(sandbox: Place, name: string, work: Work, key = KEY) {
    const { sessionManager, transport } = grpc(sandbox);
    this.#manager = sessionManager;
    const api = createClient(BringYourOwnToolsHub, transport);
    const registered = Promise.withResolvers<{ success: boolean; message: string }>();
    this.registered = registered.promise;
    this.#sending.put({ payload: { case: 'registerRequest', value: { apiKey: key, name } } });
    const read = async (): Promise<void> => {
      for await (const { payload } of api.connect(this.#sending.messages())) {
        if (payload.case === 'registerResponse') registered.resolve(payload.value);
        if (payload.case === 'pong') this.pongs.push(payload.value.msg);
        if (payload.case === 'jobRequest') {
          const job = payload.value;
          this.jobs.push(job);
          const content = await work(job);
          if (content !== undefined) this.result(job.jobId, content);
        }
        this.#news.resolve();
        this.#news = Promise.withResolvers();
      }
    };
    this.ended = read().catch((error: unknown) => error);
    open.add(this);
  }

  result(jobId: string, content: string): void {
    this.#sending.put({ payload: { case: 'jobResult', value: { jobId, content } } });
  }

  ping(msg: string): void {
    this.#sending.put({ payload: { case: 'ping', value: { msg } } });
  }

  /** Resolves when `done` holds; asked after everything that arrives. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) await this.#news.promise;
  }

  close(): void {
    this.#sending.end();
    this.#manager.abort();
  }
}
