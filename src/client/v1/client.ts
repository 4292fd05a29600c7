/** The house's client on v1: SecGeminiClient over the same pieces that the reference's session object uses. */

import type {
  AttachOptions,
  CallOptions,
  CreateSessionOptions,
  FeedbackOptions,
  ListSessionsOptions,
  Prompt,
  SecGeminiClient,
  SessionPage,
  SessionPatch,
  Upload,
} from '../../core/client.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { SessionEvent } from '../../core/events.ts';
import type { Account, Attachment, Capabilities, Message, SessionInfo } from '../../core/model.ts';
import { Api } from './api.ts';
import { toAccount, toAttachment, toAttachments, toSessionInfo } from './codec.ts';
import type { Context } from './http.ts';
import { confirmationMessage, queryMessage, toolRefusal } from './query.ts';
import { type Outgoing, type StreamPorts, runTurn } from './stream.ts';
import { SessionMemory, foldHistory } from './turn.ts';
import type { WireSession } from './wire.ts';

/** A file travels as base64 in one JSON body, so v1's default is small (product.md, secGemini.attach.maxBytes). */
const MAX_ATTACHMENT_BYTES = 20_000_000;

/** What is kept of a session between calls: nothing that the service does not know better, and no key. */
interface SessionRecord {
  readonly memory: SessionMemory;
  /** Keys of the files as last seen, for the occurrence in an attachment's id. */
  files: readonly Attachment[] | undefined;
  /** Of the connection that streams now. */
  send: ((text: string) => void) | undefined;
}

export class V1Client implements SecGeminiClient {
  readonly protocol = 'v1' as const;
  readonly origin: string;
  readonly capabilities: Capabilities;
  readonly api: Api;
  readonly #context: Context;
  readonly #closing: AbortController;
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #waits = new Set<() => void>();
  readonly #running = new Set<Promise<unknown>>();

  /** `closing` is the controller behind `context.closed`. */
  constructor(context: Context, closing: AbortController, options: { readonly logs: boolean }) {
    this.#context = context;
    this.#closing = closing;
    this.api = new Api(context);
    this.origin = context.endpoint.origin;
    this.capabilities = {
      cancel: false,
      pause: false,
      rename: true,
      editDescription: true,
      editTtl: true,
      archive: false,
      publish: false,
      feedback: true,
      logs: options.logs,
      loggingChoice: true,
      partialMessages: true,
      confirmations: true,
      mcpServers: false,
      skills: false,
      maxAttachmentBytes: MAX_ATTACHMENT_BYTES,
    };
  }

  async account(options: CallOptions = {}): Promise<Account> {
    return toAccount(await this.api.userInfo(options.signal));
  }

  /** v1 lists everything at once: there are no pages and nothing is archived. */
  async listSessions(options: ListSessionsOptions = {}): Promise<SessionPage> {
    const sessions = await this.api.sessions(options.signal);
    return { sessions: sessions.map((session) => this.#info(session)) };
  }

  async getSession(sessionId: string, options: CallOptions = {}): Promise<SessionInfo> {
    return this.#info(await this.api.get(sessionId, options.signal));
  }

  async createSession(options: CreateSessionOptions, call: CallOptions = {}): Promise<SessionInfo> {
    return this.#info(await this.api.create(options, call.signal));
  }

  async updateSession(sessionId: string, patch: SessionPatch, options: CallOptions = {}): Promise<SessionInfo> {
    return this.#info(await this.api.update(sessionId, patch, options.signal));
  }

  async deleteSession(sessionId: string, options: CallOptions = {}): Promise<void> {
    await this.api.delete(sessionId, options.signal);
    this.#sessions.delete(sessionId);
  }

  async attach(sessionId: string, upload: Upload, options: AttachOptions = {}): Promise<Attachment> {
    const record = this.#record(sessionId);
    record.files ??= toAttachments((await this.api.get(sessionId, options.signal)).files);
    const file = await this.api.attach(sessionId, upload, options);
    const alone = toAttachment(file, 0);
    const occurrence = record.files.filter(
      (other) => other.name === alone.name && other.sha256 === alone.sha256,
    ).length;
    const attachment = toAttachment(file, occurrence);
    record.files = [...record.files, attachment];
    return attachment;
  }

  async detach(sessionId: string, attachmentId: string, options: CallOptions = {}): Promise<void> {
    const files = toAttachments((await this.api.get(sessionId, options.signal)).files);
    const index = files.findIndex((file) => file.id === attachmentId);
    if (index === -1) {
      this.#record(sessionId).files = files;
      throw new SecGeminiError('notFound', 'The service does not hold this file any more.');
    }
    await this.api.detach(sessionId, index, options.signal);
    this.#record(sessionId).files = undefined;
  }

  async history(sessionId: string, options: CallOptions = {}): Promise<readonly Message[]> {
    const messages = await this.api.history(sessionId, options.signal);
    if (messages === undefined)
      throw new SecGeminiError('notFound', 'The service does not know this session: it expired or was deleted.');
    return foldHistory(messages, sessionId);
  }

  stream(sessionId: string, prompt: Prompt, options: CallOptions = {}): AsyncIterable<SessionEvent> {
    const frame = JSON.stringify(queryMessage(this.#context.clock, prompt.id, prompt.text));
    return this.#turn(sessionId, { promptId: prompt.id, frame }, undefined, options.signal);
  }

  listen(
    sessionId: string,
    options: CallOptions & { readonly knownIds?: ReadonlySet<string> | undefined } = {},
  ): AsyncIterable<SessionEvent> {
    return this.#turn(sessionId, undefined, options.knownIds, options.signal);
  }

  /** Answers on the connection that streams now; v1 has no other way. */
  answerConfirmation(sessionId: string, requestId: string, approved: boolean): Promise<void> {
    const { send } = this.#record(sessionId);
    if (send === undefined)
      return Promise.reject(
        new SecGeminiError('unavailable', 'There is no connection to this session to answer on.', {
          action: 'Wait until it is connected again, then answer.',
        }),
      );
    send(JSON.stringify(confirmationMessage(this.#context.clock, requestId, approved)));
    return Promise.resolve();
  }

  async sendFeedback(sessionId: string, score: number, comment: string, options: FeedbackOptions = {}): Promise<void> {
    const { groupId, signal } = options;
    await this.api.feedback(sessionId, { type: 'user_feedback', score, comment, groupId }, signal);
  }

  async sendBugReport(sessionId: string, bug: string, options: FeedbackOptions = {}): Promise<void> {
    const { groupId, signal } = options;
    await this.api.feedback(sessionId, { type: 'bug_report', score: 0, comment: bug, groupId }, signal);
  }

  retryNow(): void {
    for (const retry of this.#waits) retry();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#sessions.clear();
    await Promise.allSettled(this.#running);
  }

  #record(sessionId: string): SessionRecord {
    let record = this.#sessions.get(sessionId);
    if (record === undefined) {
      record = { memory: new SessionMemory(), files: undefined, send: undefined };
      this.#sessions.set(sessionId, record);
    }
    return record;
  }

  #info(session: WireSession): SessionInfo {
    const info = toSessionInfo(session);
    if (info.attachments !== undefined) this.#record(info.id).files = info.attachments;
    return info;
  }

  async *#turn(
    sessionId: string,
    outgoing: Outgoing | undefined,
    knownIds: ReadonlySet<string> | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SessionEvent, void, void> {
    const record = this.#record(sessionId);
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    const { closed } = this.#context;
    if (closed.aborted || signal?.aborted === true) abort();
    closed.addEventListener('abort', abort, { once: true });
    signal?.addEventListener('abort', abort, { once: true });
    const ports: StreamPorts = {
      context: this.#context,
      memory: record.memory,
      history: (inner) => this.api.history(sessionId, inner),
      refuseTool: (call) => JSON.stringify(toolRefusal(this.#context.clock, call)),
      onSocket: (send) => {
        record.send = send;
      },
      onRetryNow: (retry) => {
        this.#waits.add(retry);
        return () => this.#waits.delete(retry);
      },
    };
    try {
      yield* runTurn(ports, { sessionId, outgoing, knownIds, signal: stop.signal });
    } finally {
      closed.removeEventListener('abort', abort);
      signal?.removeEventListener('abort', abort);
    }
  }
}
