/** Seeded rubbish for the sandbox, and kills at seeded moments; the unit tests take a little of each, the long tier more. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import type { Sandbox } from '../../../src/sandbox/server.ts';
import { history, KEY, register, sessionBody, stream } from './support.ts';
import type { Fields } from './support.ts';

export const MAIN = fileURLToPath(new URL('../../../src/sandbox/main.ts', import.meta.url));

/** Numbers from 0 to 1, the same ones for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ODD_VALUES: readonly string[] = [
  ...[
    'null',
    'true',
    '-1',
    '1e308',
    '1e999',
    '9007199254740993',
    '0.5',
    '""',
    '"\\u0000"',
    '"\\ud800"',
    '[]',
    '{}',
    '[[[]]]',
  ],
  ...[
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    `"${'x'.repeat(5000)}"`,
    '['.repeat(200) + ']'.repeat(200),
  ],
];

/** A JSON text with something wrong (or nothing: then it is merely odd). */
function mangle(value: Fields, next: () => number): Buffer {
  const pick = (most: number): number => Math.floor(next() * most);
  const names = Object.keys(value);
  const chosen = names[pick(names.length)] ?? '';
  const odd = ODD_VALUES[pick(ODD_VALUES.length)] ?? 'null';
  const text = JSON.stringify(value);
  const bytes = Buffer.from(text);
  switch (pick(6)) {
    case 0:
      return Buffer.from(JSON.stringify({ ...value, [chosen]: 'ODD' }).replace('"ODD"', () => odd));
    case 1:
      return Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(value).filter(([name]) => name !== chosen))));
    case 2:
      return bytes.subarray(0, pick(bytes.length));
    case 3:
      for (let i = 0; i < 3; i++) bytes[pick(bytes.length)] = pick(256);
      return bytes;
    case 4:
      return Buffer.from(odd);
    default:
      return Buffer.from(text.replace('{', `{"__proto__":{"polluted":1},"${'k'.repeat(pick(50))}":${odd},`));
  }
}

/** Sends `count` malformed bodies and as many frames. Afterwards the sandbox still answers and knows the session. */
export async function sendRubbish(sandbox: Sandbox, count: number, seed: number): Promise<void> {
  const next = random(seed);
  const id = await register(sandbox);
  const message = {
    id: 'm',
    parent_id: '3713',
    message_type: 'query',
    role: 'user',
    state: 'query',
    content: 'hello',
    mime_type: 'text/plain',
    usage: {},
  };
  const posts: readonly (readonly [string, Fields])[] = [
    [
      '/v1/session/register',
      sessionBody({ local_tools: [{ name: 'a', description: 'b', parameters: {} }], agents_config: { a: {} } }),
    ],
    ['/v1/session/update', sessionBody({ id })],
    ['/v1/session/attach_file', { session_id: id, filename: 'a.txt', mime_type: 'text/plain', content: 'YQ==' }],
    ['/v1/session/detach_file', { session_id: id, file_idx: 0 }],
    ['/v1/session/feedback', { session_id: id, group_id: '', type: 'bug_report', score: 1, comment: 'c' }],
    ['/v1/session/generate', { id: 'none', messages: [message], local_tools: [] }],
    [
      '/upload_logs',
      { logs_hash: 'a'.repeat(64), can_log: true, log_lines: ['{}'], custom_fields_mapping: { a: 'b' } },
    ],
    ['/chat/completions', { model: 7, messages: [{ role: 'user', content: 'hi' }], stream: false }],
  ];
  for (let i = 0; i < count; i++) {
    const [path, value] = posts[i % posts.length] ?? ['/', {}];
    const body = mangle(value, next);
    const response = await fetch(`${sandbox.endpoint}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': KEY },
      body: new Uint8Array(body),
    });
    const text = await response.text();
    assert.ok(response.status < 500, `${path} ${response.status} ${text}`);
    JSON.parse(text);
  }
  let socket: WebSocket | undefined;
  for (let i = 0; i < count; i++) {
    socket = socket?.readyState === WebSocket.OPEN ? socket : (await stream(sandbox, id)).socket;
    socket.send(mangle({ ...message, message_type: 'local_tool_result' }, next), { binary: next() < 0.1 });
    if (i % 50 !== 0) continue;
    // Invalid UTF-8 in a text frame closes the connection; everything else is answered on it.
    const back = Promise.race([once(socket, 'pong'), once(socket, 'close')]);
    if (socket.readyState === WebSocket.OPEN) socket.ping();
    await back;
  }
  socket?.terminate();
  assert.equal(
    (await fetch(`${sandbox.endpoint}/v1/session/get?session_id=${id}`, { headers: { 'x-api-key': KEY } })).status,
    200,
  );
  assert.equal(({} as Fields)['polluted'], undefined);
}

export interface Started {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly port: number;
  readonly line: Fields;
}

const children = new Set<ChildProcess>();

/** Starts the sandbox as a process of its own and reads its first line. */
export async function startProcess(...args: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  assert.ok(child.stdout !== null);
  const [text] = (await once(createInterface(child.stdout), 'line')) as [string];
  const line = JSON.parse(text) as Fields;
  const endpoint = String(line['endpoint']);
  return { child, endpoint, port: Number(new URL(endpoint).port), line };
}

export function adopt(child: ChildProcess): void {
  children.add(child);
}

/** For afterEach: no process outlives its test. */
export async function killAll(): Promise<void> {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  children.clear();
}

/**
 * Kills the process `count` times at a seeded moment of a turn and starts it again: what a client had heard is in the history, every
 * prompt is there once and has one answer and one end. The prompt is never sent again.
 */
export async function killInMidTurn(stateFile: string, count: number, seed: number): Promise<void> {
  const next = random(seed);
  let at = await startProcess('--api-key', KEY, '--state', stateFile);
  const id = await register(at);
  let kept: Fields[] = [];
  for (let round = 0; round < count; round++) {
    const client = await stream(at, id, round % 2 === 0 ? '&stream=true' : '');
    const prompt = client.ask(round % 3 === 0 ? `What is in the files? ${round}` : '/demo long 20');
    const target = Math.floor(next() * 8);
    while (client.all.length < target && !client.all.some(({ state }) => state === 'end')) await client.next();
    const exited = once(at.child, 'exit');
    at.child.kill('SIGKILL');
    await exited;
    await client.closed;
    at = await startProcess('--api-key', KEY, '--state', stateFile);
    const before = kept.length;
    const arrived = (await history(at, id)).some((message) => message['id'] === prompt);
    assert.ok(arrived || client.all.length === 0, `round ${round}: a prompt that was answered is kept`);
    if (arrived) await (await stream(at, id)).untilEnd();
    kept = await history(at, id);
    const ids = kept.map((message) => message['id']);
    assert.equal(new Set(ids).size, ids.length, `round ${round}: nothing twice`);
    for (const message of client.all) {
      if (message['status_code'] === 200)
        assert.deepEqual(
          kept.find((other) => other['id'] === message['id']),
          message,
        );
    }
    const turn = kept.slice(before);
    const numberOf = (type: string): number => turn.filter((message) => message['message_type'] === type).length;
    const ends = turn.filter(({ state }) => state === 'end').length;
    assert.deepEqual([numberOf('query'), numberOf('result'), ends], arrived ? [1, 1, 1] : [0, 0, 0], `round ${round}`);
  }
}
