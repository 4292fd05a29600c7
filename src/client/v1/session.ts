/**
 * v1 with the reference's own method names in TypeScript spelling, for scripts and for whoever knows the official client. It sits on the same
 * pieces as the house's client and keeps no state of its own but the last known session.
 */

import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CallOptions, Upload } from '../../core/client.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { SessionEvent } from '../../core/events.ts';
import type { Attachment, Message, SessionInfo } from '../../core/model.ts';
import type { V1Client } from './client.ts';
import { toMessage } from './codec.ts';
import { queryMessage } from './query.ts';
import { foldHistory } from './turn.ts';

/** The entry of the reference: makes, lists and resumes sessions. */
export class SecGemini {
  readonly #client: V1Client;

  constructor(client: V1Client) {
    this.#client = client;
  }

  async createSession(
    name?: string,
    description?: string,
    ttl?: number,
    enableLogging = true,
    options?: CallOptions,
  ): Promise<Session> {
    const info = await this.#client.createSession(
      { name, description, ttlSeconds: ttl, logging: enableLogging },
      options,
    );
    return new Session(this.#client, info);
  }

  async listSessions(options?: CallOptions): Promise<Session[]> {
    const { sessions } = await this.#client.listSessions(options);
    return sessions.map((info) => new Session(this.#client, info));
  }

  /** Rejects with `notFound` for a session that the service does not have. */
  async resumeSession(id: string, options?: CallOptions): Promise<Session> {
    return new Session(this.#client, await this.#client.getSession(id, options));
  }
}

/** What `query` gives back. */
export interface QueryAnswer {
  readonly messages: readonly Message[];
  /** The text/plain results, joined. */
  readonly text: string;
}

/** One session. `files`, `canLog` and `info` are as of the last call that told. */
export class Session {
  readonly #client: V1Client;
  #info: SessionInfo;

  constructor(client: V1Client, info: SessionInfo) {
    this.#client = client;
    this.#info = info;
  }

  get id(): string {
    return this.#info.id;
  }

  get info(): SessionInfo {
    return this.#info;
  }

  get files(): readonly Attachment[] {
    return this.#info.attachments ?? [];
  }

  get canLog(): boolean {
    return this.#info.logging ?? true;
  }

  /** Streams the file from disk; its name alone goes over the wire, not its path. */
  async attachFileFromDisk(path: string, options?: CallOptions): Promise<Attachment> {
    const { size } = await stat(path);
    return this.#attach({ name: basename(path), size, open: () => createReadStream(path) }, options);
  }

  attachFile(filename: string, content: Uint8Array, mimeTypeHint?: string, options?: CallOptions): Promise<Attachment> {
    const upload: Upload = {
      name: filename,
      mimeType: mimeTypeHint,
      size: content.byteLength,
      async *open() {
        yield content;
      },
    };
    return this.#attach(upload, options);
  }

  /** `index` as in `files` of this moment; `invalidArgument` outside of it. */
  async detachFile(index: number, options: CallOptions = {}): Promise<void> {
    if (!Number.isSafeInteger(index) || index < 0)
      throw new SecGeminiError('invalidArgument', `There is no file number ${index}.`);
    await this.#client.api.detach(this.id, index, options.signal);
    await this.#refresh(options);
  }

  async delete(options?: CallOptions): Promise<void> {
    await this.#client.deleteSession(this.id, options);
  }

  /** What is undefined stays as it is. */
  async update(name?: string, description?: string, ttl?: number, options?: CallOptions): Promise<void> {
    this.#info = await this.#client.updateSession(this.id, { name, description, ttlSeconds: ttl }, options);
  }

  /** Asks without a socket and waits for the whole answer. Rejects when the turn failed. */
  async query(prompt: string, options: CallOptions = {}): Promise<QueryAnswer> {
    const query = queryMessage(this.#client.clock, randomUUID(), prompt);
    const wires = await this.#client.api.generate(this.id, query, options.signal);
    const text = wires
      .filter((wire) => wire.message_type === 'result' && (wire.mime_type ?? 'text/plain') === 'text/plain')
      .map((wire) => toMessage(wire, this.id).content)
      .join('');
    return { messages: foldHistory(wires, this.id), text };
  }

  stream(prompt: string, options?: CallOptions): AsyncIterable<SessionEvent> {
    return this.#client.stream(this.id, { id: randomUUID(), text: prompt }, options);
  }

  history(options?: CallOptions): Promise<readonly Message[]> {
    return this.#client.history(this.id, options);
  }

  /** The transcript as an indented tree of text, each message under the one it answers. */
  async visualize(options?: CallOptions): Promise<string> {
    const messages = await this.history(options);
    const known = new Set(messages.map((message) => message.id));
    const depth = new Map<string, number>();
    const lines = messages.map((message) => {
      const { parentId } = message;
      const level = parentId !== undefined && known.has(parentId) ? (depth.get(parentId) ?? 0) + 1 : 0;
      depth.set(message.id, level);
      const text = message.content.replace(/\s+/g, ' ').trim();
      const label = message.title === '' ? message.kind : `${message.kind} (${message.title})`;
      return `${'  '.repeat(Math.min(level, 32))}${label}: ${text.length > 80 ? `${text.slice(0, 79)}…` : text}`;
    });
    return [`${this.#info.name} (${this.id})`, ...lines].join('\n');
  }

  async sendBugReport(bug: string, groupId?: string, options?: CallOptions): Promise<void> {
    await this.#client.sendBugReport(this.id, bug, { ...options, groupId });
  }

  async sendFeedback(score: number, comment: string, groupId?: string, options?: CallOptions): Promise<void> {
    await this.#client.sendFeedback(this.id, score, comment, { ...options, groupId });
  }

  async #attach(upload: Upload, options?: CallOptions): Promise<Attachment> {
    const attachment = await this.#client.attach(this.id, upload, options);
    this.#info = { ...this.#info, attachments: [...this.files, attachment] };
    return attachment;
  }

  async #refresh(options: CallOptions): Promise<void> {
    this.#info = await this.#client.getSession(this.id, options);
  }
}
