/** Seeded rubbish for the gRPC side of the sandbox, and kills in mid-turn; the unit tests take a little of each, the long tier more. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { ClientMessageSchema, MessageType, UploadFileRequestSchema } from '../../../src/client/v3/gen/api_hub_pb.js';
import { ClientMessageSchema as ToolMessageSchema } from '../../../src/client/v3/gen/byot_pb.js';
import type { Sandbox } from '../../../src/sandbox/server.ts';
import { random, startProcess } from '../sandbox/hostile.ts';
import { KEY } from '../sandbox/support.ts';
import { kindsOf, Peer } from './support.ts';

const CONNECT = '/secgemini.api_hub.ApiHub/Connect';
const UPLOAD = '/secgemini.api_hub.ApiHub/UploadFile';
const TOOLS = '/byot.BringYourOwnToolsHub/Connect';

function frame(payload: Uint8Array, flag = 0, length = payload.length): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, payload]);
}

/** The body of a call with something wrong in it. */
function rubbish(valid: Uint8Array, first: Buffer, next: () => number): Buffer {
  const pick = (most: number): number => Math.floor(next() * most);
  const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => pick(256)));
  const bytes = Buffer.from(valid);
  const begun = next() < 0.7 ? [first] : [];
  switch (pick(9)) {
    case 0:
      return Buffer.concat([...begun, noise(pick(200))]);
    case 1:
      return Buffer.concat([...begun, frame(noise(pick(200)))]);
    case 2:
      for (let i = 0; i < 3; i++) bytes[pick(bytes.length)] = pick(256);
      return Buffer.concat([...begun, frame(bytes)]);
    case 3:
      return Buffer.concat([...begun, frame(bytes)]).subarray(0, pick(first.length + bytes.length));
    case 4:
      return Buffer.concat([...begun, frame(noise(pick(100)), 1)]);
    case 5:
      return Buffer.concat([...begun, frame(gzipSync(bytes).subarray(0, pick(30)), 1)]);
    case 6:
      return Buffer.concat([...begun, frame(bytes, 0, 2 ** 32 - 1 - pick(1000))]);
    case 7:
      return Buffer.concat([...begun, frame(bytes, pick(256))]);
    default:
      return Buffer.concat([...begun, frame(Buffer.concat([bytes, bytes, noise(20)]))]);
  }
}

function call(session: ClientHttp2Session, path: string, more: Record<string, string> = {}): ClientHttp2Stream {
  const headers = { 'content-type': 'application/grpc', te: 'trailers', 'sec-gemini-api-key': KEY, ...more };
  const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
  stream.on('error', () => undefined);
  stream.resume();
  return stream;
}

/** Sends `count` calls whose bodies are malformed or compressed. Afterwards the sandbox serves as before. */
export async function sendFrames(sandbox: Pick<Sandbox, 'endpoint'>, count: number, seed: number): Promise<void> {
  const next = random(seed);
  const good = await Peer.of(sandbox);
  const id = await good.create();
  const registered = frame(
    toBinary(
      ClientMessageSchema,
      create(ClientMessageSchema, { reqId: 'r', payload: { case: 'registerRequest', value: { apiKey: KEY } } }),
    ),
  );
  const asked = toBinary(
    ClientMessageSchema,
    create(ClientMessageSchema, {
      reqId: 'q',
      sessionId: id,
      payload: { case: 'renameSessionRequest', value: { name: 'n' } },
    }),
  );
  const metadata = frame(
    toBinary(
      UploadFileRequestSchema,
      create(UploadFileRequestSchema, { payload: { case: 'metadata', value: { filename: 'f', sessionId: id } } }),
    ),
  );
  const chunk = toBinary(
    UploadFileRequestSchema,
    create(UploadFileRequestSchema, { payload: { case: 'chunk', value: Buffer.from('chunk') } }),
  );
  const joined = frame(
    toBinary(
      ToolMessageSchema,
      create(ToolMessageSchema, { payload: { case: 'registerRequest', value: { apiKey: KEY, name: 'rubbish' } } }),
    ),
  );
  const result = toBinary(
    ToolMessageSchema,
    create(ToolMessageSchema, { payload: { case: 'jobResult', value: { jobId: 'j', content: '[]' } } }),
  );
  const kinds = [
    [CONNECT, asked, registered],
    [UPLOAD, chunk, metadata],
    [TOOLS, result, joined],
  ] as const;
  let session: ClientHttp2Session | undefined;
  for (let at = 0; at < count; at++) {
    if (session === undefined || session.destroyed || session.closed) {
      session = connect(sandbox.endpoint);
      session.on('error', () => undefined);
    }
    const [path, valid, first] = kinds[at % kinds.length] ?? kinds[0];
    const odd = next();
    const more: Record<string, string> =
      odd < 0.4 ? { 'grpc-encoding': 'gzip' } : odd < 0.5 ? { 'grpc-encoding': 'none-such' } : {};
    const stream = call(session, path, more);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.write(rubbish(valid, first, next));
    if (next() < 0.1) stream.close();
    else stream.end();
    await closed;
    if (next() < 0.02) session.destroy();
  }
  // What grows to far more than a message may have is not taken either.
  const bomb = frame(gzipSync(Buffer.alloc(100 * 1024 * 1024)), 1);
  session?.destroy();
  session = connect(sandbox.endpoint);
  session.on('error', () => undefined);
  for (const { 0: path } of kinds) {
    const stream = call(session, path, { 'grpc-encoding': 'gzip' });
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.end(bomb);
    await closed;
  }
  session.destroy();
  // Raw bytes after the preface are no HTTP/2 at all.
  const broken = connectSocket({ host: '127.0.0.1', port: Number(new URL(sandbox.endpoint).port) });
  broken.on('error', () => undefined).resume();
  broken.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  broken.write(Buffer.from(Array.from({ length: 500 }, () => Math.floor(next() * 256))));
  await new Promise((resolve) => broken.once('close', resolve));
  assert.equal((await good.ask({ case: 'listSessionsRequest', value: {} }, 'listSessionsResponse')).sessions.length, 1);
  const fresh = await Peer.of(sandbox);
  assert.equal(await fresh.prompt(id, 'hello'), true);
  await fresh.until(({ payload }) => payload.case === 'sessionStateChange');
}

/**
 * Kills the process `count` times at a seeded moment of a turn and starts it again: what a client was told is in the history, every prompt
 * is there once and has one answer, also when the client repeats it with its req_id, as the official one does.
 */
export async function killInMidTurn(stateFile: string, count: number, seed: number): Promise<void> {
  const next = random(seed);
  let at = await startProcess('--api-key', KEY, '--state', stateFile);
  let peer = await Peer.of(at);
  const id = await peer.create();
  let before = 0;
  for (let round = 0; round < count; round++) {
    const reqId = `round-${round}`;
    const text = round % 3 === 0 ? `What is in the files? ${round}` : `/demo long 20`;
    const stream = peer.follow(id);
    await peer.until((message) => message.reqId === stream && message.payload.case === 'sessionStateChange');
    peer.send({ case: 'promptRequest', value: { prompt: text } }, id, reqId);
    const target = before + Math.floor(next() * 12);
    while (peer.messages(stream).length < target && !kindsOf(peer.messages(stream).slice(before)).includes('RESPONSE'))
      await peer.news();
    const exited = once(at.child, 'exit');
    at.child.kill('SIGKILL');
    await exited;
    await peer.ended;
    const told = peer.messages(stream).map((message) => message.id);
    peer.close();
    at = await startProcess('--api-key', KEY, '--state', stateFile);
    peer = await Peer.of(at);
    assert.equal(await peer.prompt(id, text, {}, reqId), true, `round ${round}: taken, before or now`);
    const again = peer.follow(id, told.at(-1));
    await peer.until(
      ({ reqId: own, payload }) =>
        own === again && payload.case === 'message' && payload.value.messageType === MessageType.RESPONSE,
      0,
    );
    for (;;) {
      const [session] = (await peer.ask({ case: 'listSessionsRequest', value: {} }, 'listSessionsResponse')).sessions;
      const isRunning = (await peer.ask({ case: 'listSessionsRequest', value: {} }, 'listSessionsResponse'))
        .runningJobsCount;
      if (session !== undefined && isRunning === 0) break;
    }
    const history = await peer.history(id);
    const ids = history.map((message) => message.id);
    assert.equal(new Set(ids).size, ids.length, `round ${round}: nothing twice`);
    assert.deepEqual(ids.slice(0, told.length), told, `round ${round}: nothing lost, nothing moved`);
    const kinds = kindsOf(history.slice(before));
    const count = (kind: string): number => kinds.filter((one) => one === kind).length;
    assert.deepEqual([count('PROMPT'), count('RESPONSE'), count('FAILURE')], [1, 1, 0], `round ${round}`);
    before = history.length;
  }
}
