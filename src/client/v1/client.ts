/** The house's client on v1: SecGeminiClient over the same pieces that the reference's session object uses. */

import type {
  AttachOptions,
  CallOptions,
  CreateSessionOptions,
  FeedbackOptions,
  ListSessionsOptions,
  LogsOptions,
  LogsResult,
  Prompt,
  SecGeminiClient,
  SessionPage,
  SessionPatch,
  Upload,
} from '../../core/client.ts';
import { type Endpoint, parseEndpoint } from '../../core/endpoint.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { SessionEvent } from '../../core/events.ts';
import type { Approvals } from '../../core/client-agent.ts';
import type { Confirmation } from '../../core/model-agent.ts';
import type { Account, Attachment, Capabilities, Message, SessionInfo } from '../../core/model.ts';
import type { Clock } from '../clock.ts';
import { Api } from './api.ts';
import { decodeMessage, toAccount, toAttachment, toAttachments, toMessage, toSessionInfo } from './codec.ts';
import type { Context } from './http.ts';
import { confirmationMessage, queryMessage } from './query.ts';
import { uploadLogs } from './logs.ts';
import { sendOnce } from './link.ts';
import { V1SessionTools } from './session-tools.ts';
import { type Outgoing, type ParkedTurn, type StreamPorts, runTurn } from './stream.ts';
import { SessionMemory, foldHistory } from './turn.ts';
import { confirmationOf } from './confirmation.ts';
import type { WireSession } from './wire.ts';

/** A file travels as base64 in one JSON body, so v1's default is small (product.md, secGemini.attach.maxBytes). */
const MAX_ATTACHMENT_BYTES = 20_000_000;

/** A waiting turn's connection is kept a little longer than an approval lives (5 minutes, trust.md S18). */
const PARKED_MS = 6 * 60_000;

/** What is kept of a session between calls: nothing that the service does not know better, and no key. */
interface SessionRecord {
  readonly memory: SessionMemory;
  /** Keys of the files as last seen, for the occurrence in an attachment's id. */
  files: readonly Attachment[] | undefined;
  /** A turn that waits for a yes or no, with its connection. */
  parked: (ParkedTurn & { readonly expire: () => void }) | undefined;
  /** The request that waits. */
  confirmation: Confirmation | undefined;
  /** What was answered, for the next listener: the service does not repeat it. */
  answer: Message | undefined;
}

export class V1Client implements SecGeminiClient {
  readonly protocol = 'v1' as const;
  readonly origin: string;
  readonly capabilities: Capabilities;
  readonly api: Api;
  readonly sessionTools: V1SessionTools;
  readonly #context: Context;
  readonly #closing: AbortController;
  readonly #logs: Endpoint | undefined;
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #waits = new Set<() => void>();

  readonly approvals: Approvals = {
    pending: (sessionId) => Promise.resolve(this.#record(sessionId).confirmation),
    answer: (sessionId, confirmationId, approved, options) =>
      this.#answer(sessionId, confirmationId, approved, options?.signal),
    setAlwaysAsk: () =>
      Promise.reject(
        new SecGeminiError('invalidArgument', 'This service decides by itself when it asks (protocol v1).', {
          action: 'Answer each request when it comes.',
        }),
      ),
  };

  /** `closing` is the controller behind `context.closed`. */
  constructor(context: Context, closing: AbortController, options: { readonly logs: Endpoint | undefined }) {
    this.#context = context;
    this.#closing = closing;
    this.#logs = options.logs;
    this.api = new Api(context);
    this.sessionTools = new V1SessionTools(context, this.api);
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
      logs: options.logs !== undefined,
      loggingChoice: true,
      partialMessages: true,
      confirmations: true,
      mcpServers: false,
      skills: false,
      maxAttachmentBytes: MAX_ATTACHMENT_BYTES,
    };
  }

  get clock(): Clock {
    return this.#context.clock;
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

  async sendFeedback(sessionId: string, score: number, comment: string, options: FeedbackOptions = {}): Promise<void> {
    const { groupId, signal } = options;
    await this.api.feedback(sessionId, { type: 'user_feedback', score, comment, groupId }, signal);
  }

  async sendBugReport(sessionId: string, bug: string, options: FeedbackOptions = {}): Promise<void> {
    const { groupId, signal } = options;
    await this.api.feedback(sessionId, { type: 'bug_report', score: 0, comment: bug, groupId }, signal);
  }

  /** Sends a JSON-lines log to the logs service, unless it holds it already, and binds it to the session. */
  async attachLogs(sessionId: string, upload: Upload, options: LogsOptions = {}): Promise<LogsResult> {
    const logs = options.service === undefined ? this.#logs : parseEndpoint(options.service);
    if (logs === undefined)
      throw new SecGeminiError('invalidArgument', 'No logs service is configured for this endpoint.', {
        action: 'Set secGemini.logsService to its address.',
      });
    const session = await this.api.get(sessionId, options.signal);
    return uploadLogs(
      this.#context,
      this.api,
      logs,
      { id: sessionId, canLog: session.can_log !== false },
      upload,
      options,
    );
  }

  retryNow(): void {
    for (const retry of this.#waits) retry();
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#sessions.clear();
    return Promise.resolve();
  }

  #record(sessionId: string): SessionRecord {
    let record = this.#sessions.get(sessionId);
    if (record === undefined) {
      record = {
        memory: new SessionMemory(),
        files: undefined,
        parked: undefined,
        confirmation: undefined,
        answer: undefined,
      };
      this.#sessions.set(sessionId, record);
    }
    return record;
  }

  #park(record: SessionRecord, turn: ParkedTurn): void {
    if (this.#context.closed.aborted) return turn.link.close();
    const { clock } = this.#context;
    const expire = (): void => {
      cancel();
      this.#context.closed.removeEventListener('abort', expire);
      record.parked = undefined;
      turn.link.close();
    };
    const cancel = clock.after(PARKED_MS, expire);
    this.#context.closed.addEventListener('abort', expire, { once: true });
    record.parked = {
      ...turn,
      expire: () => {
        cancel();
        this.#context.closed.removeEventListener('abort', expire);
      },
    };
  }

  /** Hands the waiting turn to a listener; a new prompt does without it. */
  #unpark(record: SessionRecord, discard: boolean): ParkedTurn | undefined {
    const { parked } = record;
    if (parked === undefined) return undefined;
    record.parked = undefined;
    parked.expire();
    if (discard) parked.link.close();
    return discard ? undefined : parked;
  }

  async #answer(sessionId: string, confirmationId: string, approved: boolean, signal?: AbortSignal): Promise<boolean> {
    const record = this.#record(sessionId);
    if (record.confirmation?.id !== confirmationId) return false;
    const said = confirmationMessage(this.#context.clock, confirmationId, approved);
    const text = JSON.stringify(said);
    // The connection that asked gets the answer; when it is gone, a new one of the session does.
    if (record.parked?.link.send(text) !== true)
      await sendOnce(this.#context, sessionId, text, signal ?? this.#context.closed);
    record.confirmation = undefined;
    record.answer = toMessage(decodeMessage(said), sessionId);
    return true;
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
    const parked = this.#unpark(record, outgoing !== undefined);
    const ports: StreamPorts = {
      context: this.#context,
      memory: record.memory,
      history: (inner) => this.api.history(sessionId, inner),
      takeTool: (call, link) => this.sessionTools.take(sessionId, call, link),
      park: (turn) => this.#park(record, turn),
      onRetryNow: (retry) => {
        this.#waits.add(retry);
        return () => this.#waits.delete(retry);
      },
    };
    const { answer } = record;
    record.answer = undefined;
    try {
      if (answer !== undefined) yield { type: 'message', message: answer };
      for await (const event of runTurn(ports, { sessionId, outgoing, knownIds, parked, signal: stop.signal })) {
        if (event.type === 'message' && event.message.kind === 'confirmationRequest')
          record.confirmation = confirmationOf(event.message);
        yield event;
      }
    } finally {
      closed.removeEventListener('abort', abort);
      signal?.removeEventListener('abort', abort);
    }
  }
}
