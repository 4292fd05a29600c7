/** A tool hub on loopback that does what a test says, frame by frame. */

import http2 from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { type MessageInitShape, create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FrameReader, frame } from '../../src/client/v3/frames.ts';
import {
  type ClientMessage,
  ClientMessageSchema,
  type RequestType,
  ServerMessageSchema,
} from '../../src/client/v3/gen/byot_pb.js';

type Payload = NonNullable<MessageInitShape<typeof ServerMessageSchema>['payload']>;

export const TOOL_KEY = 'fake-tool-key-91c2';

export class FakeToolHub {
  readonly #server = http2.createServer();
  readonly #sockets = new Set<Socket>();
  /** What clients said, oldest first. */
  readonly said: ClientMessage['payload'][] = [];
  /** Head of each call. */
  readonly calls: http2.IncomingHttpHeaders[] = [];
  /** `silent` says nothing, not even to a registration. */
  mode: 'good' | 'refusing' | 'denied' | 'silent' = 'good';
  pongs = true;
  #stream: http2.ServerHttp2Stream | undefined;
  url = '';

  async listen(): Promise<void> {
    this.#server.on('connection', (socket: Socket) => this.#sockets.add(socket));
    this.#server.on('stream', (stream, headers) => {
      this.calls.push(headers);
      stream.on('error', () => undefined);
      if (this.mode === 'denied') {
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-status': '7' },
          { endStream: true },
        );
        return;
      }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' });
      this.#stream = stream;
      const reader = new FrameReader(16 * 1024 * 1024, {
        message: (payload) => this.#take(fromBinary(ClientMessageSchema, payload).payload),
        oversize: () => undefined,
      });
      stream.on('data', (chunk: Buffer) => reader.push(chunk));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  send(payload: Payload): void {
    this.#stream?.write(frame(toBinary(ServerMessageSchema, create(ServerMessageSchema, { payload }))));
  }

  job(jobId: string, requestType: RequestType, data: unknown = ''): void {
    const requestData = typeof data === 'string' ? data : JSON.stringify(data);
    this.send({ case: 'jobRequest', value: { jobId, requestData, userId: 'u', byotName: 'n', requestType } });
  }

  /** The results of a job, as they came. */
  results(jobId: string): string[] {
    return this.said.flatMap((payload) =>
      payload.case === 'jobResult' && payload.value.jobId === jobId ? [payload.value.content] : [],
    );
  }

  registrations(): { apiKey: string; name: string }[] {
    return this.said.flatMap((payload) =>
      payload.case === 'registerRequest' ? [{ apiKey: payload.value.apiKey, name: payload.value.name }] : [],
    );
  }

  drop(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  async stop(): Promise<void> {
    this.drop();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #take(payload: ClientMessage['payload']): void {
    this.said.push(payload);
    if (payload.case === 'registerRequest' && this.mode !== 'silent') {
      const success = this.mode === 'good' && payload.value.apiKey === TOOL_KEY;
      this.send({ case: 'registerResponse', value: { success, message: success ? 'OK' : 'unknown key' } });
    }
    if (payload.case === 'ping' && this.pongs) this.send({ case: 'pong', value: { msg: payload.value.msg } });
  }
}
