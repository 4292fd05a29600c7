/**
 * The API that "Sec-Gemini for VS Code" exports to other extensions, version 1.
 *
 *     const extension = vscode.extensions.getExtension<SecGeminiExports>('secgemini-vscode.sec-gemini');
 *     const api = await (await extension?.activate())?.connect('My extension');
 *
 * It is off until the user allows it: `connect` asks them natively, once for each call, showing the name that the caller claims (exports
 * cannot know their caller). It holds until the window closes or the user runs "Revoke API Access". The API never returns the key. What
 * sends files, deletes, forks, rewinds or allows a tool call still asks the user, whatever a caller says.
 *
 * One file, however long: other extensions copy it whole.
 *
 * All methods reject with an Error that has `code` (see ErrorCode) and `action`, a sentence that says what to do.
 */

export interface SecGeminiExports {
  readonly apiVersion: 1;
  /** `claimedName`: what the user is told who asks, at most 80 characters. Rejects with `permissionDenied` when they say no. */
  connect(claimedName: string): Promise<SecGeminiApi>;
}

export type ErrorCode =
  | 'unauthenticated'
  | 'permissionDenied'
  | 'notFound'
  | 'expired'
  | 'invalidArgument'
  | 'tooLarge'
  | 'rateLimited'
  | 'unavailable'
  | 'timeout'
  | 'cancelled'
  | 'storage'
  | 'protocol';

export interface ApiUsage {
  readonly promptTokens: number;
  readonly generatedTokens: number;
  readonly thinkingTokens: number;
  readonly cachedTokens: number;
  readonly toolTokens: number;
  readonly totalTokens: number;
}

export interface ApiAttachment {
  readonly id: string;
  readonly name: string;
  /** Bytes; undefined where nobody knows (v3, sent from elsewhere). */
  readonly size?: number | undefined;
  /** Lower-case hex. */
  readonly sha256?: string | undefined;
  readonly mimeType?: string | undefined;
}

export interface ApiSession {
  readonly id: string;
  readonly protocol: 'v1' | 'v3';
  readonly name: string;
  readonly description: string;
  /** `idle`, `running`, `waitingForConfirmation`, `failed`, `expired`, `deleted` …; more may come. */
  readonly status: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt?: number | undefined;
  /** Seconds; v1 only. */
  readonly ttlSeconds?: number | undefined;
  readonly logging?: boolean | undefined;
  readonly archived?: boolean | undefined;
  readonly usage?: ApiUsage | undefined;
  /** What the service has and uses. */
  readonly attachments: readonly ApiAttachment[];
  /** Taken off the service by `chooseAttachments`; their bytes are kept on this machine. */
  readonly unused: readonly ApiAttachment[];
  /** Marked as closed on this machine; `open` takes the mark away. */
  readonly closed: boolean;
  /** Came from a file: read only, on this machine. */
  readonly imported: boolean;
  /** Ended for good: read only. */
  readonly terminated: boolean;
  /** Made by `fork` or `rewind`: a new session with the transcript of that one replayed. */
  readonly forkedFrom?: string | undefined;
  /** The sessions that were made from this one. */
  readonly forks: readonly string[];
  /** The session in which a rewound conversation goes on. */
  readonly rewoundTo?: string | undefined;
}

export interface ApiMessage {
  readonly id: string;
  readonly sessionId: string;
  readonly sender: 'user' | 'agent' | 'system';
  /** `prompt`, `response`, `thinking`, `toolCall`, `toolResult`, `source`, `error`, `end` …; more may come. */
  readonly kind: string;
  /** MIME type of `text`. */
  readonly contentType: string;
  /** Tool name, or a heading. Untrusted, as every text here. */
  readonly title: string;
  readonly text: string;
  readonly status: 'streaming' | 'complete' | 'error';
  readonly createdAt: number;
  /** v1: what feedback refers to. */
  readonly group?: string | undefined;
  readonly usage?: ApiUsage | undefined;
  /** A copy of the message as it came over the wire; undefined for what only this machine says. */
  readonly raw?: unknown;
}

export interface ApiSessionDetails extends ApiSession {
  /** The last `messageLimit` ones, oldest first; empty unless asked for. */
  readonly messages: readonly ApiMessage[];
}

export interface CreateOptions {
  /** Made when it is missing. */
  readonly name?: string;
  /** On v3 kept on this machine: that service has no field for it. */
  readonly description?: string;
  /** Seconds, at least 300; v1 only: a v3 service decides by itself. */
  readonly ttl?: number;
  /** False asks the service not to log; rejects with `permissionDenied` where the key may not. On v3 it goes along with each prompt. */
  readonly enableLogging?: boolean;
  /** Attached at once. The user is asked; when they say no, nothing is created and the call rejects with `cancelled`. */
  readonly files?: readonly ApiFile[];
  /** A temporary session: what becomes of it when its panel is closed, or `close` is called. Kept when missing. */
  readonly atEnd?: 'close' | 'delete';
}

/** A file of this machine, or a text or bytes with a name. */
export type ApiFile =
  | { readonly path: string }
  | { readonly uri: string }
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly bytes: Uint8Array };

/** A file of any session, with the line that was found where the text was searched. */
export interface ApiFoundAttachment {
  readonly sessionId: string;
  readonly sessionName: string;
  readonly attachment: ApiAttachment;
  /** 1-based. */
  readonly line?: number | undefined;
  readonly lineText?: string | undefined;
}

/** What came of the question about one file; `statusCode` as in QueryResult. */
export interface ApiFileAnswer {
  readonly name: string;
  readonly sha256?: string | undefined;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly text: string;
  readonly tokens?: number | undefined;
}

/** A message with those that name it as their parent, in the order of arrival. */
export interface ApiMessageNode {
  readonly message: ApiMessage;
  readonly children: readonly ApiMessageNode[];
}

/** `default`: the domain's text alone; `append`: the given one behind it; `replace`: the given one instead of it. */
export interface ApiInstructions {
  readonly mode: 'default' | 'append' | 'replace';
  /** May hold `$<variables>`. At most 51,200 bytes of UTF-8 for `append`, 102,400 for `replace`, after substitution. */
  readonly text: string;
}

/** What is done when a call fails for a reason that passes by itself (`unavailable`, `timeout`, `rateLimited`). */
export interface RetryOptions {
  /** `fixed`: the same wait each time; `exponential`: twice as long each time, up to 30 s. */
  readonly strategy: 'none' | 'fixed' | 'exponential';
  /** Tries after the first, 0 to 10; default 3. */
  readonly times?: number;
  /** Milliseconds before the first of them, 1 to 30,000; default 1000. */
  readonly delay?: number;
}

export interface CallOptions {
  /**
   * For the calls that this one makes of the service (`query` and `stream`: until the turn has ended); without it the user's settings hold. A
   * prompt that may have arrived is never sent again.
   */
  readonly retry?: RetryOptions;
}

/** What is asked of one prompt beyond its text. */
export interface PromptOptions extends CallOptions {
  /** v3: the whole agent answers, whatever the session's harness is. v1 has no such word: a sentence at the end of the prompt says it. */
  readonly detailed?: boolean;
  /** Attachments, by id or name, that the answer has to use: the prompt says so, and the answer is checked. */
  readonly mustUse?: readonly string[];
}

export interface QueryOptions extends PromptOptions {
  /** False leaves the agent's reasoning out of `messages`. */
  readonly reasoning?: boolean;
}

export interface QueryResult {
  readonly messages: readonly ApiMessage[];
  /** 200 answered · 202 waits for the user · 4xx and 5xx as by HTTP · 499 stopped · 503 the link broke. */
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly usage?: ApiUsage | undefined;
  /** The answers, joined. */
  readonly text: string;
  /** Of `mustUse`, the names that neither an answer nor a tool call of the turn mentions. */
  readonly unused: readonly string[];
}

export interface LogsResult {
  /** What the log is known by on the service. */
  readonly hash: string;
  readonly insertedLines: number;
  /** The service held this log already; nothing was sent. */
  readonly alreadyThere: boolean;
}

export interface ApprovalRequest {
  readonly sessionId: string;
  readonly requestId: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly message: string;
  /** `service`: it would run there. `editor`: a tool of this editor, whose output would leave this machine. */
  readonly place: 'service' | 'editor';
  /** Denied by itself then. */
  readonly expiresAt: number;
}

/** Every event names its time; those of a session name it. */
interface EventOf<T extends string> {
  readonly type: T;
  readonly at: number;
}
interface SessionEventOf<T extends string> extends EventOf<T> {
  readonly sessionId: string;
}
interface MessageEventOf<T extends string> extends SessionEventOf<T> {
  readonly message: ApiMessage;
}

export type ApiEvent =
  /** A piece of an answer that is being written. v1 · never on v3, whose messages come whole. */
  | (SessionEventOf<'messageDelta'> & { readonly messageId: string; readonly text: string })
  /** An answer of the agent is there as a whole. v1, v3. */
  | MessageEventOf<'messageComplete'>
  /** A turn begins or ends. v1, v3. */
  | (SessionEventOf<'streaming'> & { readonly active: boolean; readonly outcome?: string | undefined })
  /** A whole message of any kind, prompts included. v1, v3. */
  | MessageEventOf<'messagePosted'>
  /** The whole transcript was read (again): after opening a session, and after an overflow. v1, v3. */
  | (SessionEventOf<'messagesPosted'> & { readonly messages: readonly ApiMessage[] })
  /** v1, v3. */
  | MessageEventOf<'toolCall'>
  /** v1, v3. */
  | MessageEventOf<'toolResult'>
  /** v1, v3. */
  | MessageEventOf<'thinking'>
  /** Something the agent found and names as its source. v1 · never on v3, which has no such message. */
  | MessageEventOf<'searchResult'>
  /** A tool call waits for the user: `message` of the service's (v1, v3), `requestId` of a tool of this editor (v1, v3). See `approvals`. */
  | (SessionEventOf<'approvalRequest'> & {
      readonly tool: string;
      readonly message?: ApiMessage | undefined;
      readonly requestId?: string | undefined;
    })
  /** The key was refused: the user is asked for it, nothing is sent until then. v1, v3. */
  | (EventOf<'reauthRequest'> & { readonly reason: string })
  /** A turn, a history or the connection failed, or this queue ran over (`subscriber queue overflow`). v1, v3. */
  | (EventOf<'error'> & { readonly sessionId?: string | undefined; readonly code: ErrorCode; readonly message: string })
  /** What the agent of a session does. v1, v3. */
  | (SessionEventOf<'participantStatus'> & { readonly participant: 'agent'; readonly status: string })
  /** A session was made, here or elsewhere, since the list was known; not one that a start or a longer list shows. v1, v3. */
  | (SessionEventOf<'sessionCreated'> & { readonly session: ApiSession })
  /** v1, v3. */
  | (EventOf<'connected'> & { readonly protocol: 'v1' | 'v3' })
  /** The answer to `ping`. v1, v3. */
  | (EventOf<'pong'> & { readonly milliseconds: number });

export type ApiEventType = ApiEvent['type'];

/** Which sessions, in which order; the same as the view's filter. */
export interface ListChoice {
  readonly activeOnly?: boolean;
  /** Words of names, descriptions, ids or file names; each must be found. */
  readonly text?: string;
  /** Any one of these; `files` is asked for on top. */
  readonly marks?: readonly (
    'working' | 'waiting' | 'unread' | 'failed' | 'ended' | 'closed' | 'imported' | 'archived' | 'files'
  )[];
  readonly sort?: 'used' | 'created' | 'name';
}

export interface ListenOptions {
  /** Only these types; all when missing. */
  readonly types?: readonly ApiEventType[];
  /** Only of this session (and those that belong to none). */
  readonly sessionId?: string;
  /**
   * Events that may wait for a slow reader; default 1000, 0 = unbounded. One more makes exactly one `error` event "subscriber queue
   * overflow" at the end of the queue; what comes until the reader has caught up is left out, and then a `messagesPosted` for each session
   * of which something was left out brings its whole transcript.
   */
  readonly queueSize?: number;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

export interface ExportOptions {
  readonly format: 'json' | 'markdown' | 'markdownWithMetadata' | 'html';
  readonly maskSecrets?: boolean;
  /** Ids; all when missing. */
  readonly messages?: readonly string[];
}

export interface SecGeminiApi {
  readonly version: 1;
  isConnected(): boolean;
  /** Connects this window again with the key and the endpoint that it has; they are the user's. True when it stands. */
  connect(): Promise<boolean>;
  /** Closes this window's connections. What runs goes on at the service; `connect` takes it up again. */
  disconnect(): Promise<void>;
  protocol(): 'v1' | 'v3' | undefined;
  /** Asks the service for a sign of life; milliseconds. A `pong` event tells everybody. */
  ping(): Promise<number>;

  create(options?: CreateOptions): Promise<ApiSession>;
  /** On v3 a description is kept on this machine, and `ttl` rejects with `invalidArgument`. */
  update(
    sessionId: string,
    changes: { readonly name?: string; readonly description?: string; readonly ttl?: number },
  ): Promise<ApiSession>;
  /** The user is asked. False when they said no. */
  delete(sessionId: string): Promise<boolean>;
  /**
   * Ends a session for good: what runs is stopped, and nothing can be sent in it from this machine ever again. It can be read, exported and
   * forked. v3 archives it; v1 has no word for it. The user is asked; false when they said no.
   */
  terminate(sessionId: string): Promise<boolean>;
  /** Finds a session that the service still keeps. */
  resume(sessionId: string, options?: CallOptions): Promise<ApiSession>;
  get(
    sessionId: string,
    options?: CallOptions & { readonly includeMessages?: boolean; readonly messageLimit?: number },
  ): Promise<ApiSessionDetails>;
  /** The one used last first. `activeOnly` leaves out what is expired, deleted, archived, closed, rewound, terminated or imported. */
  list(options?: { readonly limit?: number; readonly offset?: number } & ListChoice): Promise<readonly ApiSession[]>;
  /** Page by page; `pageSize` from 1, default 50. */
  iterate(options?: { readonly pageSize?: number } & ListChoice): AsyncIterable<ApiSession>;
  /** The transcript, oldest first, notes of this machine left out. `from` counts from 0; `limit` alone gives the last ones. */
  messages(
    sessionId: string,
    range?: CallOptions & { readonly from?: number; readonly limit?: number },
  ): Promise<readonly ApiMessage[]>;
  /** The messages by parent, and the same as indented text with type, agent, time and tokens. */
  messageTree(sessionId: string): Promise<{ readonly roots: readonly ApiMessageNode[]; readonly text: string }>;
  /** Everything that is known of a session, as text. */
  details(sessionId: string): Promise<string>;
  /** Shows the session's panel. */
  open(sessionId: string): Promise<void>;
  /** Shuts its panel and marks it as closed; a temporary session ends as it was made to. */
  close(sessionId: string): Promise<void>;

  /** Sends now, or queues behind the running turn; the id of the prompt. */
  send(sessionId: string, text: string, options?: PromptOptions): Promise<string>;
  /** Sends, and gives what happens in the session until that turn has ended. */
  stream(sessionId: string, text: string, options?: QueryOptions): AsyncIterable<ApiEvent>;
  /** Sends and waits for the end of the turn. A failed turn resolves too: see `statusCode`. */
  query(sessionId: string, text: string, options?: QueryOptions): Promise<QueryResult>;
  /** v3 ends the work on the service; v1 can only stop listening. */
  cancel(sessionId: string): Promise<void>;

  /** The user is asked, as with every file. False when they said no. */
  attach(sessionId: string, file: ApiFile): Promise<boolean>;
  detach(sessionId: string, attachmentId: string): Promise<void>;
  /**
   * Which of its files a session uses: `all`, or those with these ids (of `attachments` and `unused`), at most 100. The others are taken off
   * the service; only files whose bytes are kept on this machine can be. Putting back asks the user, as with every file.
   */
  chooseAttachments(sessionId: string, use: 'all' | readonly string[]): Promise<ApiSession>;
  /**
   * Files of all sessions, in the order of `list`: those whose name, session, type or hash holds every word of `query`; with `inText` those
   * whose copy on this machine holds it in a line.
   */
  findAttachments(options?: {
    readonly query?: string;
    readonly inText?: boolean;
    readonly limit?: number;
    readonly offset?: number;
  }): Promise<readonly ApiFoundAttachment[]>;
  /** The kept copy of a file that was sent from this machine; undefined when there is none. Rejects with `tooLarge` beyond 50 MB. */
  readAttachment(sessionId: string, attachmentId: string): Promise<Uint8Array | undefined>;
  /** Asks about each file by itself, one after another; at most 100. Ends early, with what was answered, when `signal` is aborted. */
  askEach(
    sessionId: string,
    attachmentIds: readonly string[],
    question: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly ApiFileAnswer[]>;

  /**
   * What the user thinks of an answer; `messageId` is one of the agent's messages, its group goes along. `sent` on v1; `kept` with the session
   * on this machine on v3, whose service takes none.
   */
  feedback(
    sessionId: string,
    messageId: string,
    score: 1 | -1,
    options?: { readonly comment?: string },
  ): Promise<'sent' | 'kept'>;
  /** The user sees the whole report and sends it, or copies it where the service takes none. `refused` when they closed it. */
  reportBug(
    sessionId: string,
    bug: string,
    options?: { readonly messageId?: string },
  ): Promise<'sent' | 'kept' | 'refused'>;

  /** A built-in domain (`general`, `secure-code-review` …) or one of the user's own. Its text goes in front of the next prompt. */
  setDomain(sessionId: string, domainId: string): Promise<void>;
  /** Kept for the session. Rejects with `invalidArgument` for an unknown variable, `tooLarge` for a text beyond the limits. */
  setInstructions(sessionId: string, instructions: ApiInstructions): Promise<void>;
  /** Exactly what goes in front of the next prompt, and what there is to say about it. */
  previewInstructions(sessionId: string): Promise<{ readonly text: string; readonly notes: readonly string[] }>;

  /**
   * Sends a log of JSON lines to the service's log store and binds it to the session. v1 · on v3 `invalidArgument`, not on this protocol yet.
   * The user is asked; undefined when they said no. `fieldsMapping`: the service's field -> the log's, where the names differ.
   */
  attachLogs(
    sessionId: string,
    file: { readonly uri: string } | { readonly name: string; readonly text: string },
    options?: { readonly fieldsMapping?: Readonly<Record<string, string>> },
  ): Promise<LogsResult | undefined>;

  /** `messageIndex` counts from 0 and is inclusive. The new session; undefined when the user said no. */
  fork(sessionId: string, messageIndex: number, options?: { readonly title?: string }): Promise<ApiSession | undefined>;
  /** `lastMessageToKeep` as for `fork`; -1 keeps none. The user is asked. */
  rewind(
    sessionId: string,
    lastMessageToKeep: number,
    options?: { readonly cleanUpMedia?: boolean },
  ): Promise<ApiSession | undefined>;
  export(sessionId: string, options: ExportOptions): Promise<string>;
  /** `json`: what `export` made as `json`. The session is read only. */
  import(json: string): Promise<ApiSession>;

  /** Requests that wait for the user, oldest first. */
  approvals(sessionId?: string): Promise<readonly ApprovalRequest[]>;
  /**
   * Answers a request that is pending. Denying happens at once; `reason` then goes as the next message, for a tool of the editor in place
   * of its result. To allow, the user is shown the request natively and decides: the answer tells what they did. `arguments`, when given,
   * must be those of the request.
   */
  respond(
    sessionId: string,
    requestId: string,
    approved: boolean,
    options?: { readonly arguments?: Readonly<Record<string, unknown>>; readonly reason?: string },
  ): Promise<'answered' | 'pending'>;

  listen(options?: ListenOptions): AsyncIterable<ApiEvent>;
}
