/** gRPC on the sandbox's port: ApiHub and the tool hub, for requests whose head has been checked already. */
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { Code, ConnectError, createConnectRouter } from '@connectrpc/connect';
import {
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node';
import { createContextKey, createContextValues } from '@connectrpc/connect';
import { ApiHub } from '../../client/v3/gen/api_hub_pb.js';
import { BringYourOwnToolsHub } from '../../client/v3/gen/byot_pb.js';
import type { Accounts } from '../accounts.ts';
import type { Clock } from '../state/clock.ts';
import type { Store } from '../state/store.ts';
import { connectToolClient } from '../tool-hub/connect.ts';
import { ToolHub } from '../tool-hub/hub.ts';
import type { Turns } from '../turns/turns.ts';
import { Answered } from './answered.ts';
import { Connection } from './connection.ts';
import { Conversations } from './conversations.ts';
import type { Room } from './room.ts';
import { takeUpload } from './upload.ts';

const MIB = 1024 * 1024;
/** Of one message that comes in. What goes out is kept below the official client's 4 MiB where it is made. */
const RECEIVE_BYTES = 16 * MIB;
/** The tool hub's messages have no limit on the service; here they have one, for the sake of the memory. */
const HUB_RECEIVE_BYTES = 64 * MIB;

export interface ServicePorts {
  readonly store: Store;
  readonly turns: Turns;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly endpoint: string;
  /** For the process's own log; told no key and no content. */
  readonly onError: (error: unknown) => void;
}

export interface V3Service {
  readonly hub: ToolHub;
  readonly handle: (request: Http2ServerRequest, response: Http2ServerResponse) => void;
  /** Goes on with the turns that the last end of the process cut short. */
  resumeAll(): void;
  /** Ends every call as a server that restarts does. */
  close(): void;
}

/** Where a published session is read, without a key. */
export const PUBLIC_PATH = '/public/';

const cutKey = createContextKey<() => void>(() => undefined);

export function createService(ports: ServicePorts): V3Service {
  const { clock, accounts, store, endpoint } = ports;
  const hub = new ToolHub(clock);
  const connections = new Set<Connection>();
  const onStatus = (room: Room): void => {
    for (const connection of connections)
      if (connection.account?.id === room.session.user) connection.stateChanged(room);
  };
  const conversations = new Conversations({ ...ports, hub }, onStatus);
  const publicUrl = (sessionId: string): string => `${endpoint}${PUBLIC_PATH}${sessionId}`;
  const connectionPorts = { ...ports, hub, conversations, publicUrl, answered: new Answered() };
  const restarting = new AbortController();

  const common = {
    grpc: true,
    grpcWeb: false,
    connect: false,
    acceptCompression: [compressionGzip],
    shutdownSignal: restarting.signal,
  };
  const router = createConnectRouter({ ...common, readMaxBytes: RECEIVE_BYTES });
  router.service(ApiHub, {
    connect(requests, { signal, values }) {
      const connection = new Connection(connectionPorts, values.get(cutKey));
      connections.add(connection);
      return connection.serve(requests, signal, () => connections.delete(connection));
    },
    uploadFile: (requests, { requestHeader }) =>
      takeUpload({ accounts, store, conversations }, requests, requestHeader),
  });
  router.service(
    BringYourOwnToolsHub,
    { connect: (requests, { signal }) => connectToolClient({ hub, accounts, clock }, requests, signal) },
    { readMaxBytes: HUB_RECEIVE_BYTES },
  );
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  return {
    hub,
    handle(request, response) {
      const handler = handlers.get(request.url);
      if (handler === undefined) {
        unimplemented(request, response);
        return;
      }
      // What the other side does to its own stream is nobody else's affair; without a listener it would end the process.
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      const values = createContextValues().set(cutKey, () => request.stream.session?.destroy());
      handler(universalRequestFromNodeRequest(request, response, undefined, values))
        .then((answer) => universalResponseToNodeResponse(answer, response))
        // The client went, or sent what is no gRPC: it was told as far as it could be.
        .catch(() => undefined);
    },
    resumeAll: () => conversations.resumeAll(),
    close() {
      for (const connection of connections)
        connection.end(new ConnectError('The sandbox is restarting.', Code.Unavailable));
      hub.close();
      restarting.abort();
    },
  };
}

/** gRPC status 12 for a path that nobody serves. */
function unimplemented(request: Http2ServerRequest, response: Http2ServerResponse): void {
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  request.resume();
  // The status counts as one only when nothing follows it, not even an empty frame.
  const head = {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': '12',
    'grpc-message': 'unimplemented',
  };
  if (!response.stream.destroyed) response.stream.respond(head, { endStream: true });
}
