/** A hub of v3 on loopback that does what a test says, frame by frame: sessions in memory, every link under control. */

import { createHash, randomUUID } from 'node:crypto';
import http2 from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { type MessageInitShape, create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FrameReader, frame } from '../../src/client/v3/frames.ts';
import {
  type ClientMessage,
  ClientMessageSchema,
  JobStatus,
  type Message,
  MessageSchema,
  MessageType,
  ServerMessageSchema,
  SourceType,
  UploadFileRequestSchema,
  UploadFileResponseSchema,
} from '../../src/client/v3/gen/api_hub_pb.js';

export const HUB_KEY = 'fake-hub-key-7f3a91';
type Answer = NonNullable<MessageInitShape<typeof ServerMessageSchema>['payload']>;

export interface HubSession {
  readonly id: string;
  readonly log: Message[];
  status: JobStatus;
}

/** One Connect stream of one client. */
export class HubLink {
  readonly stream: http2.ServerHttp2Stream;
  /** req_id -> session of the streams that run here. */
  readonly watching = new Map<string, string>();
  readonly headers: http2.IncomingHttpHeaders;

  constructor(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) {
    this.stream = stream;
    this.headers = headers;
  }

  send(reqId: string, payload: Answer): void {
    this.raw(frame(toBinary(ServerMessageSchema, create(ServerMessageSchema, { reqId, payload }))));
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    if (!this.stream.destroyed && !this.stream.writableEnded) this.stream.write(bytes);
  }

  /** Ends the call with a gRPC status. */
  finish(status: number, text = ''): void {
    if (this.stream.destroyed || this.stream.writableEnded) return;
    this.stream.once('wantTrailers', () =>
      this.stream.sendTrailers({ 'grpc-status': String(status), 'grpc-message': encodeURIComponent(text) }),
    );
    this.stream.end();
  }
}

export class V3Hub {
  readonly sessions = new Map<string, HubSession>();
  readonly links: HubLink[] = [];
  /** Everything that clients said on Connect, in order. */
  readonly received: ClientMessage[] = [];
  /** `size` and `sha256`: of the file's content as far as it came. */
  readonly uploads: {
    headers: http2.IncomingHttpHeaders;
    bytes: number;
    messages: number;
    whole: boolean;
    name: string;
    size: number;
    sha256: string;
  }[] = [];
  /** False: the next upload is taken to its end and then refused. */
  takesUploads = true;
  replay: 'after' | 'inclusive' | 'all' = 'after';
  key = HUB_KEY;
  /** False: whatever comes is swallowed, nothing is said. */
  answering = true;
  /** Headers of the answer to Connect. */
  responseHeaders: http2.OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc+proto' };
  /** Takes a request in the place of the hub; true = taken. */
  intercept: (link: HubLink, message: ClientMessage) => boolean = () => false;
  /** Plays the turn of a prompt that was taken. Default: a thought, a response, COMPLETED. */
  onPrompt: (session: HubSession, text: string) => void = (session, text) => {
    this.say(session, MessageType.THOUGHT, 'Thinking');
    this.say(session, MessageType.RESPONSE, `Answer to: ${text}`);
    this.status(session, JobStatus.COMPLETED);
  };
  readonly #server: http2.Http2Server | http2.Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(tls?: { readonly cert: string; readonly key: string }) {
    this.#server = tls === undefined ? http2.createServer() : http2.createSecureServer({ ...tls });
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('sessionError', () => undefined);
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      if (headers[':path']?.endsWith('/UploadFile') === true) this.#upload(stream, headers);
      else this.#connect(stream, headers);
    });
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens again on the same port after `stop`, with the sessions that it had. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every link; sessions stay. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Bytes below gRPC, straight onto every socket: frames of HTTP/2 that Node's server would not send. */
  wire(bytes: Uint8Array): void {
    for (const socket of this.#sockets) if (!socket.destroyed) socket.write(bytes);
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  session(id: string = randomUUID()): HubSession {
    const session: HubSession = { id, log: [], status: JobStatus.NOT_INITIALIZED };
    this.sessions.set(id, session);
    return session;
  }

  say(
    session: HubSession,
    messageType: MessageType,
    content: string,
    more: Partial<MessageInitShape<typeof MessageSchema>> = {},
  ): Message {
    const message = create(MessageSchema, {
      id: randomUUID(),
      timestamp: Date.now() / 1000,
      sessionId: session.id,
      messageType,
      content,
      sourceType: messageType === MessageType.PROMPT ? SourceType.USER : SourceType.AGENT,
      ...(more as object),
    });
    session.log.push(message);
    this.push(session, { case: 'message', value: message });
    return message;
  }

  status(session: HubSession, status: JobStatus): void {
    session.status = status;
    this.push(session, { case: 'sessionStateChange', value: { sessionId: session.id, status } });
  }

  push(session: HubSession, payload: Answer): void {
    for (const link of this.links)
      for (const [reqId, id] of link.watching) if (id === session.id) link.send(reqId, payload);
  }

  /** Every prompt that reached the hub. */
  prompts(): string[] {
    return this.received.flatMap(({ payload }) => (payload.case === 'promptRequest' ? [payload.value.prompt] : []));
  }

  asked(kind: ClientMessage['payload']['case']): ClientMessage[] {
    return this.received.filter(({ payload }) => payload.case === kind);
  }

  #connect(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
    const link = new HubLink(stream, headers);
    this.links.push(link);
    const reader = new FrameReader(64 * 1024 * 1024, {
      message: (payload) => this.#take(link, fromBinary(ClientMessageSchema, payload)),
      oversize: () => undefined,
    });
    stream.on('data', (chunk: Buffer) => reader.push(chunk));
    stream.on('end', () => link.finish(0));
    stream.on('close', () => {
      link.watching.clear();
      this.links.splice(this.links.indexOf(link), 1);
    });
    if (this.answering) stream.respond(this.responseHeaders, { waitForTrailers: true });
  }

  #take(link: HubLink, message: ClientMessage): void {
    this.received.push(message);
    if (!this.answering || this.intercept(link, message)) return;
    const { reqId, sessionId, payload } = message;
    const session = this.sessions.get(sessionId);
    const gone = (): void => link.send(reqId, { case: 'sessionNotFound', value: { sessionId } });
    switch (payload.case) {
      case 'registerRequest': {
        const success = payload.value.apiKey === this.key;
        link.send(reqId, {
          case: 'registerResponse',
          value: { success, userId: success ? 'fake' : '', message: success ? 'OK' : 'Invalid API key' },
        });
        return;
      }
      case 'createSessionRequest':
        link.send(reqId, { case: 'createSessionResponse', value: { success: true, sessionId: this.session().id } });
        return;
      case 'listSessionsRequest': {
        const sessions = [...this.sessions.values()].map(({ id, status }) => ({ sessionId: id, status, createdAt: 1 }));
        link.send(reqId, { case: 'listSessionsResponse', value: { success: true, sessions } });
        return;
      }
      case 'streamMessagesRequest': {
        if (session === undefined) return gone();
        const after = session.log.findIndex(({ id }) => id === payload.value.lastMessageId);
        const start = this.replay === 'all' ? 0 : Math.max(0, after + (this.replay === 'after' ? 1 : 0));
        for (const old of session.log.slice(start)) link.send(reqId, { case: 'message', value: old });
        link.send(reqId, { case: 'sessionStateChange', value: { sessionId, status: session.status } });
        link.watching.set(reqId, sessionId);
        return;
      }
      case 'stopStreamMessagesRequest':
        for (const [id, watched] of link.watching) if (watched === sessionId) link.watching.delete(id);
        return;
      case 'promptRequest':
        if (session === undefined) return gone();
        link.send(reqId, { case: 'promptResponse', value: { success: true } });
        this.take(session, payload.value.prompt);
        return;
      case 'listFilesRequest':
        link.send(reqId, { case: 'listFilesResponse', value: { success: true } });
        return;
      case 'deleteFileRequest':
        link.send(reqId, { case: 'deleteFileResponse', value: { success: true } });
        return;
      default:
        return;
    }
  }

  /** Takes a prompt as if it had come over the wire: echo, RUNNING, the turn. */
  take(session: HubSession, text: string): void {
    this.say(session, MessageType.PROMPT, text);
    this.status(session, JobStatus.RUNNING);
    this.onPrompt(session, text);
  }

  #upload(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
    const seen = { headers, bytes: 0, messages: 0, whole: false, name: '', size: 0, sha256: '' };
    this.uploads.push(seen);
    const hash = createHash('sha256');
    const reader = new FrameReader(64 * 1024 * 1024, {
      message: (payload) => {
        seen.bytes += payload.length;
        seen.messages += 1;
        const { payload: part } = fromBinary(UploadFileRequestSchema, payload);
        if (part.case === 'metadata') seen.name = part.value.filename;
        if (part.case !== 'chunk') return;
        seen.size += part.value.length;
        hash.update(part.value);
      },
      oversize: () => undefined,
    });
    stream.on('data', (chunk: Buffer) => reader.push(chunk));
    stream.on('end', () => {
      if (stream.destroyed) return;
      seen.whole = true;
      seen.sha256 = hash.digest('hex');
      const success = this.takesUploads;
      this.takesUploads = true;
      stream.respond(this.responseHeaders, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(frame(toBinary(UploadFileResponseSchema, create(UploadFileResponseSchema, { success }))));
    });
  }
}
