import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { cleanUp, KEY, start } from './support.ts';
import type { Sandbox } from '../../../src/sandbox/server.ts';

async function http2(
  sandbox: Sandbox,
  headers: OutgoingHttpHeaders,
): Promise<IncomingHttpHeaders & { ':status'?: number }> {
  const client = connectHttp2(sandbox.endpoint);
  const call = client.request({ ':method': 'POST', ':path': '/some.Service/Call', ...headers });
  call.end();
  const [answer] = (await once(call, 'response')) as [IncomingHttpHeaders];
  call.resume();
  await once(call, 'close');
  client.close();
  return answer;
}

describe('sandbox, one port', () => {
  afterEach(cleanUp);

  it('listens on 127.0.0.1 only', async () => {
    const sandbox = await start();
    const socket = connect(sandbox.port, '127.0.0.1');
    await once(socket, 'connect');
    assert.equal(socket.remoteAddress, '127.0.0.1');
    socket.destroy();
    const other = connect(sandbox.port, '127.0.0.2');
    const [error] = (await once(other, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('tells HTTP/1.1 from HTTP/2 whatever the size of the first pieces', async () => {
    const sandbox = await start();
    for (const text of [
      'GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      'PUT /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      'PRX /health HTTP/1.1\r\n\r\n',
    ]) {
      const socket = connect({ port: sandbox.port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      let got = '';
      socket.on('data', (piece) => (got += String(piece)));
      // The parser may refuse before the last byte is written.
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      for (const character of text) {
        await new Promise<void>((resolve) => socket.write(character, () => resolve()));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await closed;
      assert.match(got, text.startsWith('PRX') ? /^HTTP\/1\.1 400 / : /^HTTP\/1\.1 200 /);
    }
  });

  it('answers HTTP/2 as unimplemented until something serves it, with the same guard', async () => {
    const sandbox = await start();
    const unserved = await http2(sandbox, {});
    assert.deepEqual([unserved[':status'], unserved['grpc-status']], [200, '12']);
    sandbox.attachHttp2((_, response) => void response.writeHead(200, { served: 'yes' }).end());
    assert.equal((await http2(sandbox, {}))['served'], 'yes');
    assert.equal((await http2(sandbox, { origin: 'http://localhost' }))[':status'], 403);
    assert.equal((await http2(sandbox, { ':authority': 'evil.example' }))[':status'], 403);
    assert.equal((await http2(sandbox, { ':authority': 'localhost:9', host: 'evil.example' }))[':status'], 403);
  });

  it('takes 64 connections', async () => {
    const sandbox = await start();
    const sockets: Socket[] = [];
    for (let i = 0; i < 64; i++) {
      const socket = connect(sandbox.port, '127.0.0.1');
      sockets.push(socket);
      await once(socket, 'connect');
    }
    const more = connect(sandbox.port, '127.0.0.1');
    more.on('error', () => undefined);
    await once(more, 'close');
    const last = sockets.at(-1);
    last?.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
    assert.match(String((await once(last ?? connect(0), 'data'))[0]), /200/);
    for (const socket of sockets) socket.destroy();
  });

  it('gives the place of a connection that only waits for a next request to a new one', async () => {
    const sandbox = await start();
    // The official v1 client keeps one open for each session object that it holds.
    const ask = async (): Promise<Socket> => {
      const socket = connect(sandbox.port, '127.0.0.1');
      socket.on('error', () => undefined).write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
      assert.match(String((await once(socket, 'data'))[0]), /200/);
      return socket;
    };
    const sockets: Socket[] = [];
    for (let i = 0; i < 100; i++) sockets.push(await ask());
    assert.equal(sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length <= 64, true);
    assert.equal(sockets.at(-1)?.readableEnded, false, 'the oldest went, not the newest');
    for (const socket of sockets) socket.destroy();
  });

  it('survives connections that break off at any byte', async () => {
    const sandbox = await start();
    const text = `POST /v1/session/register HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${KEY}\r\ncontent-length: 20\r\n\r\n{"id":`;
    for (let length = 0; length <= text.length; length += 7) {
      const socket = connect(sandbox.port, '127.0.0.1');
      await once(socket, 'connect');
      await new Promise<void>((resolve) => socket.write(text.slice(0, length), () => resolve()));
      socket.resetAndDestroy();
    }
    assert.equal((await fetch(`${sandbox.endpoint}/health`)).status, 200);
  });
});
