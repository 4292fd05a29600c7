/**
 * The v1 client's speed on loopback: messages received per second through codec and state machine, and attachments in MB/s with the peak of
 * extra memory. The other side is a process of its own, so that it does not share our thread.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { createV1Client } from '../../src/client/v1/create.ts';

const RUNS = 5;
const KEY = 'bench-key-000';
const SESSION = 'bench';

interface Served {
  readonly port: number;
}

/** The other side: sends `count` results of `size` characters to any query, takes any file. */
function serve(): void {
  const message = (type: string, content: string, more: object = {}): string =>
    JSON.stringify({
      id: Math.random().toString(16).slice(2),
      parent_id: '3713',
      turn: 't',
      group: 'g',
      actor: 'bench',
      role: 'agent',
      timestamp: 1,
      created_at: 1.5,
      message_type: type,
      state: 'generating',
      content,
      mime_type: 'text/plain',
      status_code: 200,
      status_message: 'OK',
      ...more,
    });
  const server = createServer((request, response) => {
    if (request.method === 'GET')
      return void response.end(JSON.stringify({ id: SESSION, files: [], messages: [], ttl: 300, update_time: 1 }));
    // Cheap on purpose: looking for quotes would measure this side.
    let size = 0;
    request.on('data', (chunk: Buffer) => (size += chunk.length));
    request.on('end', () =>
      response.end(JSON.stringify({ ok: true, status_code: 200, data: { name: 'f', size, mime_type: 'x' } })),
    );
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const [count = 0, size = 0] = (JSON.parse(data.toString()) as { content: string }).content.split(' ').map(Number);
      const content = 'x'.repeat(size);
      let sent = 0;
      const more = (): void => {
        while (sent < count) {
          sent += 1;
          socket.send(message('thinking', content));
          if (sent % 500 === 0 && socket.bufferedAmount > 4_000_000) return void setTimeout(more, 1);
        }
        socket.send(message('info', 'Done', { state: 'end' }));
      };
      more();
    });
  });
  server.listen(0, '127.0.0.1', () =>
    process.send?.({ port: (server.address() as AddressInfo).port } satisfies Served),
  );
}

function print(name: string, unit: string, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value: number | undefined): number => Math.round((value ?? 0) * 10) / 10;
  const value = round(sorted[Math.floor(sorted.length / 2)]);
  console.log(
    JSON.stringify({ name, value, unit, n: values.length, min: round(sorted[0]), max: round(sorted.at(-1)) }),
  );
}

async function measure(child: ChildProcess): Promise<void> {
  const { port } = await new Promise<Served>((resolve) => child.once('message', (value) => resolve(value as Served)));
  const client = createV1Client({ endpoint: `http://127.0.0.1:${port}`, apiKey: KEY, protocol: 'v1' });
  for (const [size, count] of [
    [200, 20_000],
    [4_000, 10_000],
  ] as const) {
    const rates: number[] = [];
    for (let run = 0; run <= RUNS; run += 1) {
      const started = performance.now();
      let messages = 0;
      for await (const event of client.stream(SESSION, { id: `p${size}-${run}`, text: `${count} ${size}` }))
        if (event.type === 'message') messages += 1;
      if (messages !== count + 1) throw new Error(`${messages} of ${count + 1} messages`);
      // The first run warms up.
      if (run > 0) rates.push(count / ((performance.now() - started) / 1000));
    }
    print(`v1 receive, ${size} characters`, 'messages/s', rates);
  }
  const chunk = Buffer.alloc(256 * 1024, 7);
  const chunks = 800;
  const size = chunk.length * chunks;
  const speeds: number[] = [];
  const peaks: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const before = process.memoryUsage().rss;
    let peak = before;
    const started = performance.now();
    await client.attach(SESSION, {
      name: 'f.bin',
      size,
      async *open() {
        for (let index = 0; index < chunks; index += 1) {
          if (index % 8 === 0) peak = Math.max(peak, process.memoryUsage().rss);
          yield chunk;
        }
      },
    });
    if (run > 0) {
      speeds.push(size / 1e6 / ((performance.now() - started) / 1000));
      peaks.push((peak - before) / 1024 / 1024);
    }
  }
  print('v1 attach, 200 MB', 'MB/s', speeds);
  print('v1 attach, 200 MB: extra memory', 'MiB', peaks);
  // What the same bytes cost without a network: base64 and hash alone.
  const floor: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const started = performance.now();
    const hash = createHash('sha256');
    for (let index = 0; index < chunks; index += 1) {
      hash.update(chunk);
      Buffer.from(chunk.toString('base64'), 'latin1');
    }
    hash.digest();
    floor.push(size / 1e6 / ((performance.now() - started) / 1000));
  }
  print('floor: base64 and SHA-256 of 200 MB', 'MB/s', floor);
  await client.close();
}

if (process.send === undefined) {
  const child = fork(import.meta.filename, { stdio: 'inherit' });
  try {
    await measure(child);
  } finally {
    child.kill();
  }
} else serve();
