/** A Sec-Gemini service in memory behind the client port, for tests of the rooms above the wire. Turns are scripted by the test. */

import { createHash } from 'node:crypto';
import type { CallOptions, Prompt, SecGeminiClient, SessionPage, SessionPatch, Upload } from '../../src/core/client.ts';
import { SecGeminiError } from '../../src/core/errors.ts';
import type { SessionEvent } from '../../src/core/events.ts';
import type { Account, Attachment, Capabilities, Message, Protocol, SessionInfo } from '../../src/core/model.ts';

export const V1_CAPABILITIES: Capabilities = {
  cancel: false,
  pause: false,
  rename: true,
  editDescription: true,
  editTtl: true,
  archive: false,
  publish: false,
  feedback: true,
  logs: true,
  loggingChoice: true,
  partialMessages: true,
  confirmations: false,
  alwaysAsk: false,
  mcpServers: false,
  skills: false,
  maxAttachmentBytes: 20_000_000,
};

type Script = (prompt: Prompt, signal: AbortSignal) => AsyncIterable<SessionEvent>;

export class FakeClient implements SecGeminiClient {
  protocol: Protocol = 'v1';
  readonly origin: string;
  readonly capabilities = V1_CAPABILITIES;
  readonly sessions = new Map<string, SessionInfo>();
  readonly histories = new Map<string, Message[]>();
  readonly uploaded: { name: string; sha256: string }[] = [];
  readonly sent: string[] = [];
  readonly calls: string[] = [];
  closed = false;
  /** Set to make the named call fail once. */
  readonly failNext = new Map<string, SecGeminiError>();
  script: Script = async function* (prompt) {
    yield { type: 'message', message: message(`answer-${prompt.id}`, 'response', `Echo: ${prompt.text}`) };
    yield { type: 'turnEnd', outcome: 'completed' };
  };
  listenScript: (signal: AbortSignal) => AsyncIterable<SessionEvent> = async function* () {
    yield { type: 'turnEnd', outcome: 'completed' };
  };
  #count = 0;

  constructor(origin = 'https://fake.invalid') {
    this.origin = origin;
  }

  async account(): Promise<Account> {
    this.#call('account');
    return { userId: 'user', models: [] };
  }

  async listSessions(): Promise<SessionPage> {
    this.#call('listSessions');
    return { sessions: [...this.sessions.values()] };
  }

  async getSession(sessionId: string): Promise<SessionInfo> {
    this.#call('getSession');
    const found = this.sessions.get(sessionId);
    if (found === undefined) throw new SecGeminiError('notFound', `Session ${sessionId} not found.`);
    return found;
  }

  async createSession(options: { name?: string | undefined }): Promise<SessionInfo> {
    this.#call('createSession');
    this.#count += 1;
    const info = sessionInfo(`s${this.#count}`, {
      name: options.name ?? `Session ${this.#count}`,
      updatedAt: this.#count,
    });
    this.sessions.set(info.id, info);
    this.histories.set(info.id, []);
    return info;
  }

  async updateSession(sessionId: string, patch: SessionPatch): Promise<SessionInfo> {
    this.#call('updateSession');
    const { name, description, ttlSeconds } = patch;
    const info = {
      ...(await this.getSession(sessionId)),
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    };
    this.sessions.set(sessionId, info);
    return info;
  }

  async deleteSession(sessionId: string): Promise<void> {
    this.#call('deleteSession');
    if (!this.sessions.delete(sessionId)) throw new SecGeminiError('notFound', 'gone');
  }

  async attach(
    sessionId: string,
    upload: Upload,
    options: { onProgress?: ((sent: number) => void) | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<Attachment> {
    this.#call('attach');
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of upload.open()) {
      if (options.signal?.aborted === true) throw new SecGeminiError('cancelled', 'Cancelled.');
      hash.update(chunk);
      size += chunk.byteLength;
      options.onProgress?.(size);
    }
    const sha256 = hash.digest('hex');
    const attachment: Attachment = { id: `${sha256}:${upload.name}`, name: upload.name, size, sha256 };
    const info = await this.getSession(sessionId);
    this.sessions.set(sessionId, { ...info, attachments: [...(info.attachments ?? []), attachment] });
    this.uploaded.push({ name: upload.name, sha256 });
    return attachment;
  }

  async detach(sessionId: string, attachmentId: string): Promise<void> {
    this.#call('detach');
    const info = await this.getSession(sessionId);
    const attachments = (info.attachments ?? []).filter((other) => other.id !== attachmentId);
    if (attachments.length === (info.attachments ?? []).length)
      throw new SecGeminiError('notFound', 'The file is not there.');
    this.sessions.set(sessionId, { ...info, attachments });
  }

  async history(sessionId: string): Promise<readonly Message[]> {
    this.#call('history');
    return this.histories.get(sessionId) ?? [];
  }

  async *stream(_sessionId: string, prompt: Prompt, options: CallOptions = {}): AsyncIterable<SessionEvent> {
    this.sent.push(prompt.text);
    yield* this.script(prompt, options.signal ?? new AbortController().signal);
  }

  async *listen(_sessionId: string, options: CallOptions = {}): AsyncIterable<SessionEvent> {
    this.calls.push('listen');
    yield* this.listenScript(options.signal ?? new AbortController().signal);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #call(name: string): void {
    this.calls.push(name);
    const error = this.failNext.get(name);
    this.failNext.delete(name);
    if (error !== undefined) throw error;
  }
}

export function sessionInfo(id: string, more: Partial<SessionInfo> = {}): SessionInfo {
  return {
    id,
    protocol: 'v1',
    name: `Session ${id}`,
    description: '',
    status: 'idle',
    createdAt: 0,
    updatedAt: 0,
    attachments: [],
    ...more,
  };
}

export function message(id: string, kind: Message['kind'], content: string, more: Partial<Message> = {}): Message {
  return {
    id,
    sessionId: 's1',
    kind,
    sender: kind === 'prompt' ? 'user' : 'agent',
    author: 'fake',
    title: '',
    content,
    render: 'markdown',
    mimeType: 'text/markdown',
    status: 'complete',
    createdAt: 0,
    ...more,
  };
}
