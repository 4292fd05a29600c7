/** The house's client on v3: SecGeminiClient over one hub stream, and one call per upload. */

import { create } from '@bufbuild/protobuf';
import type { ToolHubs } from '../../core/client-agent.ts';
import type {
  AttachOptions,
  CallOptions,
  CreateSessionOptions,
  ListSessionsOptions,
  Prompt,
  SecGeminiClient,
  SessionPage,
  SessionPatch,
  Upload,
} from '../../core/client.ts';
import { SecGeminiError, toSecGeminiError } from '../../core/errors.ts';
import type { SessionEvent } from '../../core/events.ts';
import type { Account, Attachment, Capabilities, Message, SessionInfo } from '../../core/model.ts';
import { type AgentCalls, agentCalls, page } from './agent.ts';
import { MAX_PAGES, PAGE, allFiles, attachFile } from './attachments.ts';
import { toAttachment, toJobCounts, toSessionInfo } from './codec-session.ts';
import { toMessage } from './codec.ts';
import { type Context, TIMES } from './context.ts';
import { notDetached, notListed, sessionGone } from './errors.ts';
import { SessionInfoSchema } from './gen/api_hub_pb.js';
import type { FileInfo, SessionInfo as WireSession, Message as WireMessage } from './gen/api_hub_pb.js';
import { readHistory } from './history.ts';
import { Hub } from './hub.ts';
import { type SessionRecord, createRecord, learn } from './session-record.ts';
import { toolHubs } from './tool-hubs.ts';
import { type OutgoingPrompt, Turn, type TurnPorts } from './stream.ts';

/** Files go by chunks and are never whole in memory; the service names no limit. */
const MAX_ATTACHMENT_BYTES = 200_000_000;
const CLOCK_SKEW_MS = 10 * 60_000;

export class V3Client implements SecGeminiClient {
  readonly protocol = 'v3' as const;
  readonly origin: string;
  readonly capabilities: Capabilities = {
    cancel: true,
    pause: true,
    rename: true,
    editDescription: false,
    editTtl: false,
    archive: true,
    promptOptions: true,
    namesSessions: true,
    publish: true,
    feedback: false,
    logs: false,
    loggingChoice: false,
    partialMessages: false,
    confirmations: true,
    alwaysAsk: true,
    mcpServers: true,
    skills: true,
    maxAttachmentBytes: MAX_ATTACHMENT_BYTES,
  };
  readonly turns: AgentCalls['turns'];
  readonly approvals: AgentCalls['approvals'];
  readonly archive: AgentCalls['archive'];
  readonly files: AgentCalls['files'];
  readonly mcp: AgentCalls['mcp'];
  readonly skills: AgentCalls['skills'];
  readonly toolClients: AgentCalls['toolClients'];
  readonly publishing: AgentCalls['publishing'];
  readonly news: AgentCalls['news'];
  readonly toolHub: ToolHubs;
  readonly #context: Context;
  readonly #closing: AbortController;
  readonly #hub: Hub;
  readonly #sessions = new Map<string, SessionRecord>();

  /** `closing` is the controller behind `context.closed`. */
  constructor(context: Context, closing: AbortController) {
    this.#context = context;
    this.#closing = closing;
    this.#hub = new Hub(context);
    this.origin = context.endpoint.origin;
    const calls = agentCalls({
      hub: this.#hub,
      redact: context.redact,
      attachment: (sessionId, file) => this.#attachment(sessionId, file),
    });
    this.turns = calls.turns;
    this.approvals = calls.approvals;
    this.archive = calls.archive;
    this.files = calls.files;
    this.mcp = calls.mcp;
    this.skills = calls.skills;
    this.toolClients = calls.toolClients;
    this.publishing = calls.publishing;
    this.news = calls.news;
    this.toolHub = toolHubs(context);
  }

  async account(options: CallOptions = {}): Promise<Account> {
    await this.#hub.connected(options.signal);
    return { userId: this.#hub.userId, models: [] };
  }

  async listSessions(options: ListSessionsOptions = {}): Promise<SessionPage> {
    const answer = await this.#page(options);
    return {
      sessions: answer.sessions.map((session) => this.#info(session)),
      nextPageToken: answer.nextPageToken || undefined,
      jobs: toJobCounts(answer),
    };
  }

  async getSession(sessionId: string, options: CallOptions = {}): Promise<SessionInfo> {
    const session = await this.#find(sessionId, options.signal);
    if (session === undefined) throw sessionGone();
    return this.#info(session, await allFiles(this.files, sessionId, options.signal));
  }

  async createSession(options: CreateSessionOptions, call: CallOptions = {}): Promise<SessionInfo> {
    if (options.logging === false)
      throw new SecGeminiError('invalidArgument', 'This service has no sessions without logging.', {
        action: 'Turn logging off for each message instead (prompt option disable_logging).',
      });
    const { success, sessionId } = await this.#hub.request(
      { case: 'createSessionRequest', value: { creationSource: 'vscode' } },
      'createSessionResponse',
      { signal: call.signal, timeoutMs: TIMES.create },
    );
    if (!success || sessionId === '')
      throw new SecGeminiError('rateLimited', 'The service did not create a session.', {
        action: 'Delete or archive sessions that you no longer need, then try again.',
      });
    const name = options.name?.trim() ?? '';
    if (name !== '') await this.#rename(sessionId, name, call.signal);
    const session = await this.#find(sessionId, call.signal);
    // The list may be a moment behind what was just created.
    const made =
      session ?? create(SessionInfoSchema, { sessionId, name, createdAt: this.#context.clock.wall() / 1000 });
    this.#record(sessionId).memory.complete = true;
    return this.#info(made, []);
  }

  /** Rejects with `invalidArgument` for what v3 cannot change: a description, a time to live. */
  async updateSession(sessionId: string, patch: SessionPatch, options: CallOptions = {}): Promise<SessionInfo> {
    if (patch.description !== undefined || patch.ttlSeconds !== undefined)
      throw new SecGeminiError('invalidArgument', 'This service keeps neither a description nor a time to live.', {
        action: 'Change the name only.',
      });
    if (patch.name !== undefined) await this.#rename(sessionId, patch.name, options.signal);
    return this.getSession(sessionId, options);
  }

  async deleteSession(sessionId: string, options: CallOptions = {}): Promise<void> {
    const ask = { case: 'deleteSessionRequest', value: {} } as const;
    const { success } = await this.#hub.request(ask, 'deleteSessionResponse', { sessionId, signal: options.signal });
    if (!success) throw sessionGone();
    this.#sessions.delete(sessionId);
  }

  async attach(sessionId: string, upload: Upload, options: AttachOptions = {}): Promise<Attachment> {
    const attachment = await attachFile(
      { context: this.#context, hub: this.#hub, files: this.files },
      sessionId,
      upload,
      options,
    );
    this.#record(sessionId).sizes.set(attachment.name, upload.size);
    return attachment;
  }

  async detach(sessionId: string, attachmentId: string, options: CallOptions = {}): Promise<void> {
    const ask = { case: 'deleteFileRequest', value: { sessionId, filename: attachmentId } } as const;
    const answer = await this.#hub.request(ask, 'deleteFileResponse', { sessionId, signal: options.signal });
    if (!answer.success) throw notDetached(this.#context.redact(answer.errorMessage.slice(0, 300)));
    this.#record(sessionId).sizes.delete(attachmentId);
  }

  async history(sessionId: string, options: CallOptions = {}): Promise<readonly Message[]> {
    const stop = this.#linked(options.signal);
    try {
      const wire = await this.#readAll(sessionId, this.#record(sessionId), stop.signal);
      return wire.map((message) => toMessage(message, sessionId));
    } finally {
      stop.unlink();
    }
  }

  stream(sessionId: string, prompt: Prompt, options: CallOptions = {}): AsyncIterable<SessionEvent> {
    return this.#turn(sessionId, prompt, options.signal);
  }

  listen(
    sessionId: string,
    options: CallOptions & { readonly knownIds?: ReadonlySet<string> | undefined } = {},
  ): AsyncIterable<SessionEvent> {
    const { memory } = this.#record(sessionId);
    if (options.knownIds !== undefined) memory.hold(options.knownIds);
    // Ids that this machine made up are no place to go on from.
    memory.lastId ??= [...(options.knownIds ?? [])].findLast((id) => !id.startsWith('local:'));
    return this.#turn(sessionId, undefined, options.signal);
  }

  /**
   * `requestId`: the confirmation's own id (approvals.pending), or the id of the message that asked, which is only taken while the tool it
   * named is the one that still waits.
   */
  async answerConfirmation(
    sessionId: string,
    requestId: string,
    approved: boolean,
    options: CallOptions = {},
  ): Promise<void> {
    const waiting = await this.approvals.pending(sessionId, options);
    const { question } = this.#record(sessionId);
    const asked =
      question?.messageId === requestId && (question.toolName === '' || question.toolName === waiting?.toolName);
    if (
      waiting === undefined ||
      !(waiting.id === requestId || asked) ||
      !(await this.approvals.answer(sessionId, waiting.id, approved, options))
    )
      throw new SecGeminiError('invalidArgument', 'This question is no longer open; nothing was allowed.', {
        action: 'Look at the last messages of the session.',
      });
  }

  retryNow(): void {
    this.#hub.retryNow();
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#sessions.clear();
    return Promise.resolve();
  }

  async *#turn(
    sessionId: string,
    prompt: Prompt | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SessionEvent, void, void> {
    const record = this.#record(sessionId);
    const stop = this.#linked(signal);
    const ports: TurnPorts = {
      context: this.#context,
      hub: this.#hub,
      memory: record.memory,
      find: (inner) => this.#find(sessionId, inner),
      onMessage: (message) => learn(record, message),
    };
    if (prompt !== undefined) record.finalKnown = false;
    const listening = { sessionId, finalKnown: record.finalKnown, signal: stop.signal };
    let turn: Turn | undefined;
    try {
      if (prompt !== undefined && !record.memory.complete)
        for (const event of await this.#catchUp(sessionId, record, stop.signal)) yield event;
      turn = new Turn(ports, {
        ...listening,
        prompt: prompt === undefined ? undefined : this.#outgoing(prompt, record),
      });
      record.live += 1;
      for (;;) {
        const step = turn.next();
        const events = step instanceof Promise ? await step : step;
        if (events === undefined) return;
        for (const event of events) yield event;
      }
    } finally {
      if (turn !== undefined) record.live -= 1;
      turn?.dispose();
      stop.unlink();
    }
  }

  /** What the session said before: without it, an old prompt of the same text could pass for the echo of a new one. */
  async #catchUp(sessionId: string, record: SessionRecord, signal: AbortSignal): Promise<SessionEvent[]> {
    try {
      const messages = await this.#readAll(sessionId, record, signal);
      return messages.map((message) => ({ type: 'message', message: toMessage(message, sessionId) }));
    } catch (error) {
      // The turn meets the same trouble and tells it in its own way.
      this.#context.log('info', `No history before the prompt: ${toSecGeminiError(error).code}`);
      return [];
    }
  }

  async #readAll(sessionId: string, record: SessionRecord, signal: AbortSignal): Promise<WireMessage[]> {
    const wire = await readHistory({ context: this.#context, hub: this.#hub }, sessionId, signal);
    // A running turn has to take its messages itself: one that was only read beside it would be dropped as known, and the turn would wait for it.
    if (record.live > 0) return wire;
    const { memory } = record;
    for (const message of wire) {
      learn(record, message);
      memory.newest = Math.max(memory.newest, message.timestamp);
    }
    memory.hold(wire.map((message) => message.id));
    memory.lastId = wire.findLast((message) => message.id !== '')?.id;
    memory.complete = true;
    return wire;
  }

  #outgoing(prompt: Prompt, { memory }: SessionRecord): OutgoingPrompt {
    // The service's own time stamps where we have them; our clock, which may be wrong, only where we have not.
    const notBefore = memory.complete ? memory.newest : (this.#context.clock.wall() - CLOCK_SKEW_MS) / 1000;
    return { id: prompt.id, text: prompt.text, meta: this.#meta(prompt), notBefore };
  }

  /** A prompt's meta without what a user has to turn on first. */
  #meta(prompt: Prompt): Record<string, string> {
    const entries = Object.entries(prompt.meta ?? {});
    return Object.fromEntries(
      prompt.systemInfo === true ? entries : entries.filter(([key]) => !key.startsWith('sys_')),
    );
  }

  async #rename(sessionId: string, name: string, signal: AbortSignal | undefined): Promise<void> {
    const ask = { case: 'renameSessionRequest', value: { name } } as const;
    const answer = await this.#hub.request(ask, 'renameSessionResponse', { sessionId, signal });
    if (answer.success) return;
    const said = this.#context.redact(answer.errorMessage ?? '');
    throw new SecGeminiError(
      'invalidArgument',
      said === '' ? 'The service did not take this name.' : `The service did not take this name: ${said}`,
    );
  }

  async #page(options: ListSessionsOptions) {
    const { includeArchived } = options;
    const value = { ...page(options), ...(includeArchived === undefined ? {} : { includeArchived }) };
    const answer = await this.#hub.request({ case: 'listSessionsRequest', value }, 'listSessionsResponse', {
      signal: options.signal,
    });
    // An empty "no" is no empty list: every session would pass for deleted.
    if (!answer.success && answer.sessions.length === 0 && answer.maxConcurrentJobs === undefined) throw notListed();
    return answer;
  }

  /** There is no request for one session: the list is read until it is found. */
  async #find(sessionId: string, signal: AbortSignal | undefined): Promise<WireSession | undefined> {
    const asked = new Set<string | undefined>();
    let pageToken: string | undefined;
    do {
      asked.add(pageToken);
      const answer = await this.#page({ limit: PAGE, includeArchived: true, pageToken, signal });
      const found = answer.sessions.find((session) => session.sessionId === sessionId);
      pageToken = answer.nextPageToken || undefined;
      if (found !== undefined) return found;
      if (pageToken !== undefined && (asked.has(pageToken) || asked.size >= MAX_PAGES)) throw notListed();
    } while (pageToken !== undefined);
    return undefined;
  }

  #info(session: WireSession, attachments?: readonly Attachment[]): SessionInfo {
    const info = toSessionInfo(session, attachments);
    this.#record(info.id).info = info;
    return info;
  }

  #attachment(sessionId: string, file: FileInfo): Attachment {
    return toAttachment(file, this.#record(sessionId).sizes.get(file.filename));
  }

  #record(sessionId: string): SessionRecord {
    let record = this.#sessions.get(sessionId);
    if (record === undefined) {
      record = createRecord();
      this.#sessions.set(sessionId, record);
    }
    return record;
  }

  /** A signal that is aborted with the caller's or with the client. */
  #linked(signal: AbortSignal | undefined): { readonly signal: AbortSignal; readonly unlink: () => void } {
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    const { closed } = this.#context;
    if (closed.aborted || signal?.aborted === true) abort();
    closed.addEventListener('abort', abort, { once: true });
    signal?.addEventListener('abort', abort, { once: true });
    return {
      signal: stop.signal,
      unlink: () => {
        closed.removeEventListener('abort', abort);
        signal?.removeEventListener('abort', abort);
      },
    };
  }
}
