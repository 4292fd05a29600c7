/** What the sandbox's wire tests share: a clock that stands still, a bare v1 client, an engine that a test conducts. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Answer, EngineContext, EngineStep } from '../../../src/sandbox/engine/types.ts';
import { startSandbox } from '../../../src/sandbox/server.ts';
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/server.ts';
import type { Clock } from '../../../src/sandbox/state/clock.ts';

export const KEY = 'test-key';

export type Fields = Record<string, unknown>;

/** Time passes only by `advance`. */
export class ManualClock implements Clock {
  #now = 1_800_000_000_000;
  readonly #waiting = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const entry = { at: this.#now + milliseconds, run };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  /** Runs what is due on the way, earliest first. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  get waiting(): number {
    return this.#waiting.size;
  }
}

/** An engine that says what the test tells it to, when it tells it to. */
export class Conductor {
  readonly prompts: string[] = [];
  readonly contexts: EngineContext[] = [];
  readonly #steps: EngineStep[] = [];
  #wake: PromiseWithResolvers<void> = Promise.withResolvers();
  #started: PromiseWithResolvers<void> = Promise.withResolvers();

  readonly answer: Answer = async function* (this: Conductor, prompt: string, context: EngineContext) {
    this.prompts.push(prompt);
    this.contexts.push(context);
    this.#started.resolve();
    this.#started = Promise.withResolvers();
    for (let next = 0; ;) {
      const step = this.#steps[next];
      if (step !== undefined) {
        next += 1;
        yield step;
        if (step.type === 'answer' || step.type === 'fail') return;
      } else {
        const { promise, reject } = Promise.withResolvers<never>();
        const onAbort = (): void => reject(context.signal.reason as Error);
        context.signal.addEventListener('abort', onAbort, { once: true });
        await Promise.race([this.#wake.promise, promise]);
        context.signal.removeEventListener('abort', onAbort);
      }
    }
  }.bind(this);

  /** Steps for every turn, in order; a turn waits for the next one until it has an answer. */
  play(...steps: readonly EngineStep[]): void {
    this.#steps.push(...steps);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  nextTurn(): Promise<void> {
    return this.#started.promise;
  }
}

export const thinking = (text: string): EngineStep => ({ type: 'thinking', title: 'Thought', text });
export const says = (markdown: string): EngineStep => ({ type: 'answer', markdown });

/** An engine that runs a function of its own for each prompt. */
export const engineOf = (run: (prompt: string, context: EngineContext) => AsyncIterable<EngineStep>): Answer =>
  async function* (prompt, context) {
    yield* run(prompt, context);
  };

const running = new Set<Sandbox>();
const folders = new Set<string>();
const sockets = new Set<WebSocket>();

export async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ port: 0, users: [{ key: KEY }], ...options });
  running.add(sandbox);
  return sandbox;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
  folders.add(folder);
  return folder;
}

/** For afterEach: nothing a test made outlives it. */
export async function cleanUp(): Promise<void> {
  for (const socket of sockets) socket.terminate();
  sockets.clear();
  await Promise.all([...running].map((sandbox) => sandbox.close()));
  running.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export async function call(
  sandbox: Pick<Sandbox, 'endpoint'>,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { 'x-api-key': KEY },
): Promise<Reply> {
  const init =
    body === undefined
      ? { headers }
      : { method: 'POST', body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
  const response = await fetch(`${sandbox.endpoint}${path}`, { ...init, redirect: 'error' });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  };
}

/** A change: its OpResult, whatever it says. */
export async function op(
  sandbox: Pick<Sandbox, 'endpoint'>,
  path: string,
  body: unknown,
  key = KEY,
): Promise<{
  ok: boolean;
  status_code: number;
  status_message: string;
  data: Fields | null;
  mime_type: string;
  latency: number;
}> {
  const { status, body: result } = await call(sandbox, path, body, { 'x-api-key': key });
  assert.equal(status, 200);
  return result as Awaited<ReturnType<typeof op>>;
}

export function sessionBody(fields: Fields = {}): Fields {
  return {
    ...{
      id: randomUUID(),
      user_id: 'someone',
      org_id: 'somewhere',
      ttl: 300,
      name: 'a session',
      description: 'for a test',
    },
    ...{ model: { model_name: 'sec-gemini', version: '1.1', model_string: 'sec-gemini-1.1' }, can_log: true },
    ...fields,
  };
}

/** Registers a session and returns its id. */
export async function register(sandbox: Pick<Sandbox, 'endpoint'>, fields: Fields = {}, key = KEY): Promise<string> {
  const body = sessionBody(fields);
  const result = await op(sandbox, '/v1/session/register', body, key);
  assert.equal(result.status_code, 200, result.status_message);
  return body['id'] as string;
}

export async function session(sandbox: Pick<Sandbox, 'endpoint'>, id: string, key = KEY): Promise<Fields | null> {
  return (await call(sandbox, `/v1/session/get?session_id=${id}`, undefined, { 'x-api-key': key }))
    .body as Fields | null;
}

export async function history(sandbox: Pick<Sandbox, 'endpoint'>, id: string): Promise<Fields[]> {
  return ((await session(sandbox, id))?.['messages'] ?? []) as Fields[];
}

/** A WebSocket whose messages are read one by one. */
export class Listener {
  readonly socket: WebSocket;
  readonly all: Fields[] = [];
  readonly closed: Promise<{ readonly code: number }>;
  #read = 0;
  #news: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) =>
      socket.once('close', (code) => {
        resolve({ code });
        this.#news.resolve();
      }),
    );
    socket.on('message', (data) => {
      this.all.push(JSON.parse((data as Buffer).toString()) as Fields);
      this.#news.resolve();
    });
    socket.on('error', () => undefined);
  }

  async next(): Promise<Fields> {
    for (;;) {
      const message = this.all[this.#read];
      if (message !== undefined) {
        this.#read += 1;
        return message;
      }
      assert.equal(this.socket.readyState, WebSocket.OPEN, 'the connection ended before the next message');
      this.#news = Promise.withResolvers();
      await this.#news.promise;
    }
  }

  /** Everything up to the first message that fits, that one included. */
  async until(fits: (message: Fields) => boolean): Promise<Fields[]> {
    const got: Fields[] = [];
    for (;;) {
      const message = await this.next();
      got.push(message);
      if (fits(message)) return got;
    }
  }

  untilEnd(): Promise<Fields[]> {
    return this.until((message) => message['state'] === 'end');
  }

  send(message: Fields): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Sends a prompt and returns its id. */
  ask(content: string, fields: Fields = {}): string {
    const id = randomUUID().slice(0, 12);
    this.send({ id, message_type: 'query', role: 'user', state: 'query', content, ...fields });
    return id;
  }
}

/** Connects to a path; rejects with the refusal's status in its message. */
export async function connect(
  sandbox: Pick<Sandbox, 'port'>,
  path: string,
  headers: Record<string, string> = {},
): Promise<Listener> {
  const socket = new WebSocket(`ws://127.0.0.1:${sandbox.port}${path}`, { headers, perMessageDeflate: false });
  sockets.add(socket);
  const listener = new Listener(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return listener;
}

export const stream = (sandbox: Pick<Sandbox, 'port'>, id: string, more = '', key = KEY): Promise<Listener> =>
  connect(sandbox, `/v1/stream?api_key=${key}&session_id=${id}${more}`);

export const kinds = (messages: readonly Fields[]): string[] =>
  messages.map(({ message_type, state }) => `${String(message_type)}/${String(state)}`);
