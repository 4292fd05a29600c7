/** A v1 service on loopback for fault tests: enough HTTP to keep sessions and files, and sockets that the test drives by hand. */

import { createHash, randomUUID } from 'node:crypto';
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { V1Peer } from './v1-peer.ts';

export const FAKE_KEY = 'fake-key-0123456789';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Json = Record<string, unknown>;

/** What an override may do instead of the ordinary answer. */
export type Override = (
  request: FakeRequest,
  response: ServerResponse,
) =>
  { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> } | 'taken' | undefined;

export class V1Fake {
  readonly sessions = new Map<string, Json & { messages: Json[]; files: Json[] }>();
  readonly requests: FakeRequest[] = [];
  readonly peers: V1Peer[] = [];
  readonly feedback: Json[] = [];
  key = FAKE_KEY;
  override: Override = () => undefined;
  /** Called for each new socket with its number; without it sockets are accepted and wait for the test. */
  onPeer: (peer: V1Peer, number: number) => void = (peer) => peer.accept();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #waiting: (() => void)[] = [];
  #port = 0;

  private constructor(make: (listener: RequestListener) => Server) {
    this.#server = make((request, response) => void this.#http(request, response));
    this.#server.on('upgrade', (request, socket) => {
      const peer = new V1Peer(request, socket);
      this.peers.push(peer);
      this.onPeer(peer, this.peers.length - 1);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** `make` lets a TLS server take the same part. */
  static async start(make: (listener: RequestListener) => Server = createServer, port = 0): Promise<V1Fake> {
    const fake = new V1Fake(make);
    await new Promise<void>((resolve) => fake.#server.listen(port, '127.0.0.1', resolve));
    fake.#port = (fake.#server.address() as AddressInfo).port;
    return fake;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Every query that ever arrived, by id, over all sockets. */
  get queries(): Json[] {
    return this.peers
      .flatMap((peer) => peer.texts)
      .map((text) => JSON.parse(text) as Json)
      .filter((message) => message.message_type === 'query');
  }

  /** Waits for the socket with this number. */
  async peer(number: number): Promise<V1Peer> {
    for (;;) {
      const peer = this.peers[number];
      if (peer !== undefined) return peer;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  addSession(fields: Json = {}): string {
    const id = randomUUID();
    this.sessions.set(id, {
      id,
      user_id: 'u',
      org_id: 'o',
      model: { model_name: 'm', version: '1', model_string: 'm-1', use_experimental: false },
      ttl: 86_400,
      language: 'en',
      name: 'fake',
      description: '',
      create_time: 1_700_000_000,
      update_time: 1_700_000_000.5,
      num_messages: 0,
      can_log: true,
      state: 'start',
      ...fields,
      messages: [],
      files: [],
    });
    return id;
  }

  /** Puts messages into the transcript, as a real service does while it streams them. */
  keep(sessionId: string, ...messages: Json[]): void {
    this.sessions.get(sessionId)?.messages.push(...messages);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #http(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const early = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
    };
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const full: FakeRequest = { ...early, body: Buffer.concat(chunks).toString('utf8') };
    this.requests.push(full);
    const other = this.override(full, response);
    if (other === 'taken') return;
    const answer = other ?? this.#answer(full);
    const { status, body, headers } = { headers: {}, ...answer };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? null));
  }

  #answer(request: FakeRequest): { status: number; body?: unknown } {
    if (request.headers['x-api-key'] !== this.key) return { status: 401, body: { detail: 'bad key' } };
    const ok = (data: unknown = null): { status: number; body: unknown } => ({
      status: 200,
      body: { ok: true, status_code: 200, status_message: 'OK', data, mime_type: 'text/plain', latency: 0 },
    });
    const refused = (code: number, message: string): { status: number; body: unknown } => ({
      status: 200,
      body: { ok: false, status_code: code, status_message: message, data: null },
    });
    if (request.path === '/v1/user/info')
      return { status: 200, body: { user: { id: 'u', org_id: 'o' }, sessions: [], available_models: [] } };
    if (request.path === '/v1/session/list')
      return { status: 200, body: [...this.sessions.values()].map((session) => ({ ...session, messages: [] })) };
    if (request.path === '/v1/session/get')
      return { status: 200, body: this.sessions.get(request.query.get('session_id') ?? '') ?? null };
    const body = (request.body === '' ? {} : JSON.parse(request.body)) as Json;
    if (request.path === '/v1/session/register') {
      this.sessions.set(String(body.id), { ...body, messages: [], files: [] });
      return ok();
    }
    const session = this.sessions.get(String(body.session_id ?? body.id));
    if (session === undefined) return refused(404, 'Session not found');
    if (request.path === '/v1/session/update') {
      Object.assign(session, { name: body.name, description: body.description, ttl: body.ttl });
      return ok();
    }
    if (request.path === '/v1/session/delete') {
      this.sessions.delete(String(body.id));
      return ok();
    }
    if (request.path === '/v1/session/attach_file') {
      const bytes = Buffer.from(String(body.content), 'base64');
      const file = {
        name: body.filename,
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        mime_type: 'text/plain',
        content_type_label: 'txt',
      };
      session.files.push(file);
      return ok(file);
    }
    if (request.path === '/v1/session/detach_file') {
      const index = Number(body.file_idx);
      if (session.files[index] === undefined) return refused(404, 'No such file');
      session.files.splice(index, 1);
      return ok();
    }
    if (request.path === '/v1/session/feedback') {
      this.feedback.push(body);
      return ok();
    }
    return { status: 404, body: { detail: 'no such path' } };
  }
}

let counter = 0;

/** A message of the service, whole, with a fresh id. */
export function wire(type: string, content: string, more: Json = {}): Json {
  counter += 1;
  return {
    id: `m${counter}`,
    parent_id: '3713',
    turn: 't',
    group: 'g',
    actor: 'sec-gemini',
    role: 'agent',
    timestamp: 1_700_000_000,
    created_at: 1_700_000_000 + counter / 1000,
    message_type: type,
    state: 'generating',
    content,
    mime_type: 'text/plain',
    status_code: 200,
    status_message: 'OK',
    ...more,
  };
}

export const endMark = (more: Json = {}): Json => wire('info', 'Done', { state: 'end', ...more });
export const piece = (content: string, more: Json = {}): Json =>
  wire('result', content, { status_code: 206, status_message: 'PARTIAL_CONTENT', ...more });
