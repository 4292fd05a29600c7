/**
 * The contract between the extension host and the page of one chat panel. Types, constants and names only, so that the page carries no
 * validator; the host validates every request with `requests.ts`. The page asks by a closed list of names, none of which can run a command, open a path
 * or a URL without the host's own check.
 */

import type { ApprovalEnd } from '../core/approval-end.ts';
import type { ErrorInfo } from '../core/errors.ts';
import type { ConnectionState, DeliveryState, TurnOutcome } from '../core/events.ts';
import type { MessageStatus, ModelUsage, RenderAs, SessionStatus, Usage } from '../core/model.ts';
import type { PromptExtras } from '../core/prompt-extras.ts';
import { labelText } from '../core/visible-text.ts';

/** Both ends of another version do not talk: the page then asks to be reloaded. */
export const PROTOCOL_VERSION = 1;

/** What one request may carry. Characters are UTF-16 units. */
export const LIMITS = {
  /** A prompt, a draft or a copied text. */
  textChars: 1_000_000,
  idChars: 512,
  queryChars: 1_000,
  uriChars: 8_192,
  uris: 100,
  /** Rows of one history request. */
  rows: 200,
  /** Base64 characters of a pasted file (about 12 MB of bytes). */
  pasteChars: 16_000_000,
  /** Structure of any page message (trust.md S41). */
  depth: 64,
  nodes: 100_000,
  /** All the strings of one page message together. */
  messageChars: 20_000_000,
} as const;

/** Longest text that is drawn of one message (trust.md S11); the whole opens in an editor. */
export const RENDER_CHARS = 262_144;

/** The same for JSON, tables, graphs and timelines: half of them is nothing that can be drawn, and what is drawn of them is bounded. */
export const STRUCTURED_CHARS = 1_000_000;

/** The words of the status region. They do not change. `Read only`: imported or terminated, whatever the connection does. */
export type StatusWord =
  'Connecting' | 'Connected' | 'Reconnecting' | 'Offline' | 'Working' | 'Waiting for you' | 'Read only';

/** How a row is drawn; its article's accessible name starts with the kind's own words (product.md). */
export type RowKind =
  | 'you'
  | 'agent'
  | 'thinking'
  | 'tool'
  | 'error'
  | 'notice'
  | 'approval'
  | 'clarification'
  | 'progress'
  | 'warning'
  | 'skill'
  | 'log';

/** The answer of a tool, inside the article of its call. */
export interface ToolResult {
  readonly id: string;
  readonly content: string;
  readonly render: RenderAs;
  readonly status: MessageStatus;
  readonly createdAt: number;
  readonly failed: boolean;
}

/** One article of the conversation. All strings are untrusted. */
export interface Row {
  readonly id: string;
  readonly kind: RowKind;
  /** Tool name, or a notice's own heading. */
  readonly title: string;
  readonly author: string;
  readonly content: string;
  readonly render: RenderAs;
  readonly mimeType: string;
  readonly status: MessageStatus;
  /** Milliseconds since the epoch; for showing only. */
  readonly createdAt: number;
  /** Length of the whole in characters, where `content` is only its beginning. */
  readonly wholeChars?: number | undefined;
  readonly result?: ToolResult | undefined;
  /** Of an approval: what the conversation says was answered, as the service worded it. */
  readonly answer?: string | undefined;
  /** When that was said, by the service's clock: milliseconds since the epoch, 0 when it is not told. */
  readonly answeredAt?: number | undefined;
  readonly usage?: Usage | undefined;
  readonly error?: ErrorInfo | undefined;
}

/** What a row is called, as an article and in the plain text: the kind's own words first (product.md). */
export function rowName(row: Row): string {
  switch (row.kind) {
    case 'you':
      return 'You';
    case 'agent':
      return 'Sec-Gemini';
    case 'thinking':
      return 'Thinking';
    case 'tool':
      return `Tool call ${labelText(row.title, 80)}`;
    case 'error':
      return 'Error';
    case 'approval':
      return `Notice: approval of ${labelText(row.title, 80)}`;
    case 'clarification':
      return 'Sec-Gemini asks';
    case 'progress':
      return 'Notice: progress';
    case 'skill':
      return `Notice: skill ${labelText(row.title, 80)} loaded`;
    case 'warning':
      return 'Notice: warning';
    case 'log':
      return `Notice: ${row.title === '' ? 'log' : labelText(row.title, 80)}`;
    case 'notice':
      return row.title === '' ? 'Notice' : `Notice: ${labelText(row.title, 80)}`;
  }
}

/** A task of the agent's list; `level` is its depth. Untrusted text. */
export interface SideTask {
  readonly title: string;
  /** As the service words it, e.g. `executing`. */
  readonly state: string;
  readonly level: number;
}

export interface MemoryGroup {
  readonly category: string;
  readonly items: readonly string[];
}

/** What stands beside the conversation as it is now. */
export interface Side {
  readonly tasks: readonly SideTask[];
  readonly memory: readonly MemoryGroup[];
  readonly skills: readonly string[];
}

/** What the service waits to be allowed. Every text is untrusted. */
export interface ApprovalView {
  readonly toolName: string;
  readonly message: string;
  /** Every argument, in the order of the service, or by name where its wire has none: a string as it is, anything else as JSON. */
  readonly args: readonly { readonly name: string; readonly value: string }[];
  /** What it may touch, guessed from name and arguments. */
  readonly touches: readonly { readonly what: string; readonly why: string }[];
  /** Milliseconds since the epoch: denied by itself then. */
  readonly expiresAt: number;
}

export interface FileChip {
  readonly id: string;
  readonly name: string;
  readonly size?: number | undefined;
  /** Bytes sent so far while it is on its way. */
  readonly sentBytes?: number | undefined;
}

/** What the host knows about the place, not about the session. */
export interface PanelEnvironment {
  /** E.g. `Local sandbox — no model`; absent for a real service. */
  readonly badge?: string | undefined;
  /** Where the words go, e.g. `api.secgemini.google`. */
  readonly endpoint: string;
  /** True: Stop reaches the service. False: it only stops listening. */
  readonly cancels: boolean;
  /** True: a running turn can be held and let go on. */
  readonly pauses?: boolean | undefined;
  /** True: a session can be told to ask before every tool call. */
  readonly asksAlways?: boolean | undefined;
  /** Log and debug messages are shown. */
  readonly showsLog?: boolean | undefined;
  /** The agent's reasoning is shown where a session does not say otherwise. */
  readonly showsReasoning?: boolean | undefined;
  /** False where no key or no connection is set up: the composer says what to do. */
  readonly ready: boolean;
  /** A connection is being made: nothing for the reader to do yet. */
  readonly connecting?: boolean | undefined;
  /** Why there is no connection, where one was tried or ended by the user. */
  readonly trouble?: ErrorInfo | undefined;
  /** Enter sends and Shift+Enter makes a line; the other way round when false. */
  readonly enterSends: boolean;
}

/** Everything on the page but the rows. Sent whole whenever a part changed: it is small. */
export interface PanelStatus {
  readonly sessionId: string;
  readonly name: string;
  readonly sessionStatus: SessionStatus;
  /** Why nothing can be sent here at all, in words; absent for a session that can go on. */
  readonly readOnly?: string | undefined;
  readonly word: StatusWord;
  readonly connection: ConnectionState;
  readonly retryInMs?: number | undefined;
  readonly connectionError?: ErrorInfo | undefined;
  /** What failed, and when it is tried again. */
  readonly retry?: { readonly error: ErrorInfo; readonly words: string } | undefined;
  readonly phase: 'idle' | 'working' | 'stopping' | 'waiting';
  /** Pause or Continue was pressed and is not confirmed yet. */
  readonly asked?: 'pause' | 'continue' | undefined;
  readonly outcome?: TurnOutcome | undefined;
  readonly history: 'none' | 'loading' | 'loaded' | 'failed';
  readonly historyError?: ErrorInfo | undefined;
  readonly files: readonly FileChip[];
  readonly pending: readonly FileChip[];
  readonly queue: readonly { readonly id: string; readonly text: string; readonly reason?: string | undefined }[];
  /** Only what needs a word: prompts that are neither sent nor delivered. */
  readonly delivery: Readonly<Record<string, DeliveryState>>;
  readonly usage?: Usage | undefined;
  /** What goes along with each prompt, a phrase each. */
  readonly options?: readonly string[] | undefined;
  /** The same by model, where the service tells. */
  readonly modelUsage?: readonly ModelUsage[] | undefined;
  /** The agent's question that the next message answers. */
  readonly question?: string | undefined;
  readonly approval?: ApprovalView | undefined;
  /** By row id: what this window answered. */
  readonly approvalEnds?: Readonly<Record<string, ApprovalEnd>> | undefined;
  /** The session asks before every tool call, as far as this machine knows. */
  readonly asksAlways?: boolean | undefined;
  /** The agent's reasoning has rows of its own. */
  readonly showsReasoning: boolean;
  readonly side?: Side | undefined;
  /** Several agents speak: each is named. */
  readonly severalAgents?: boolean | undefined;
  /** By row id: what the user said of answers. */
  readonly ratings?: Readonly<Record<string, 'up' | 'down'>> | undefined;
  /** Index of the first row that came while nobody looked. */
  readonly unreadFrom?: number | undefined;
  readonly environment: PanelEnvironment;
  /** What the session's placeholders stand for, to be shown in finished text only; absent when there are none. */
  readonly placeholders?: Readonly<Record<string, string>> | undefined;
}

export interface Snapshot {
  readonly version: number;
  /** Number of rows; the page asks for those it does not have. */
  readonly total: number;
  /** Index of `rows[0]`. */
  readonly from: number;
  readonly rows: readonly Row[];
  readonly status: PanelStatus;
  /** What the host keeps of the composer; undefined when the page knows better. */
  readonly draft: string;
}

export type Change =
  /** Appends to the content of the row at `index`. */
  | { readonly type: 'text'; readonly index: number; readonly id: string; readonly text: string }
  | { readonly type: 'row'; readonly index: number; readonly row: Row }
  /**
   * The row at `index`, until now called `id`, is this one, with `text` at its end: an answer is finished, perhaps under another id. What was
   * there neither travels again nor is drawn again, and the reader's place, selection and focus in it stay.
   */
  | {
      readonly type: 'grown';
      readonly index: number;
      readonly id: string;
      readonly row: Omit<Row, 'content'>;
      readonly text: string;
    }
  /** Removes `remove` rows at `index` and puts `rows` in their place. */
  | { readonly type: 'splice'; readonly index: number; readonly remove: number; readonly rows: readonly Row[] }
  | { readonly type: 'status'; readonly status: PanelStatus };

export interface Match {
  /** Row index. */
  readonly index: number;
  /** Number of hits in that row. */
  readonly count: number;
}

/** A file of the clipboard, or one that was dropped from outside of the editor. */
export interface PastedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly base64: string;
}

/** What the page may ask to attach by name. The host finds it, shows it and asks, as with every other way in. */
export interface Mention {
  readonly kind: 'file' | 'selection' | 'problems' | 'changes';
  /** For `file`: a path relative to the workspace, with the folder's name in front where there are several; empty opens the file dialog. */
  readonly reference: string;
}

/** A completion in the composer: a mention (`#file`) or a prompt (`/review`). */
export interface Completion {
  readonly label: string;
  readonly detail: string;
  /** What is put in the place of the typed word. */
  readonly insert: string;
  /** Asked of the host when the completion is taken. */
  readonly mention?: Mention | undefined;
}

/** page -> host. Every name, with what it takes and gives. */
export type PageRequests = {
  /** First word of the page. The snapshot follows as a notification. */
  ready: { params: { version: number; draft?: string | undefined }; result: { version: number } };
  /** The page lost track (a gap, an error): a snapshot follows. */
  resync: { params: Empty; result: Empty };
  /** `mustUse`: ids of attachments. */
  send: { params: { text: string } & PromptExtras; result: Empty };
  stop: { params: Empty; result: Empty };
  pause: { params: Empty; result: Empty };
  continue: { params: Empty; result: Empty };
  setAsksAlways: { params: { always: boolean }; result: Empty };
  /** Log and debug messages, in every panel. */
  setShowsLog: { params: { shows: boolean }; result: Empty };
  /** The agent's reasoning in this session. */
  setShowsReasoning: { params: { shows: boolean }; result: Empty };
  removeQueued: { params: { promptId: string }; result: Empty };
  /** Takes the prompt out of the queue, to be written anew. Rejects when it was sent already. */
  editQueued: { params: { promptId: string }; result: { text: string } };
  /** Stops the running turn for it. */
  sendQueued: { params: { promptId: string }; result: Empty };
  sendAgain: { params: { promptId: string }; result: Empty };
  /** The question before a row that failed is asked once more, as a new message. */
  askAgain: { params: { rowId: string }; result: Empty };
  /** What the user asked, oldest first, of the whole conversation: for the Up key. */
  prompts: { params: Empty; result: { prompts: readonly string[] } };
  retryNow: { params: Empty; result: Empty };
  reloadHistory: { params: Empty; result: Empty };
  /** The host opens its own file dialog. */
  attach: { params: Empty; result: Empty };
  /** Dropped on the composer. The host checks and confirms each. */
  dropUris: { params: { uris: readonly string[] }; result: Empty };
  /** Pasted into the composer: the host confirms, then attaches. */
  /** What was pasted or dropped together is asked about together. */
  paste: { params: { files: readonly PastedFile[] }; result: Empty };
  /** A mention was taken in the composer: the host confirms, then attaches. */
  mention: { params: Mention; result: Empty };
  detach: { params: { attachmentId: string }; result: Empty };
  /** The host shows the whole address and asks. */
  openLink: { params: { href: string }; result: Empty };
  /** A reference as the text has it; the host finds the file in the workspace or asks. */
  openFile: { params: { reference: string }; result: Empty };
  /** The name of a symbol as the text has it; the host asks the editor's own search and lets the reader pick. */
  openSymbol: { params: { name: string }; result: Empty };
  copyText: { params: { text: string }; result: Empty };
  /** Markdown source of a row, or of the turn it belongs to. */
  copyRow: { params: { rowId: string; turn: boolean }; result: Empty };
  insertAtCursor: { params: { text: string }; result: Empty };
  /** The host opens a diff against the code that was asked about; the user applies it there. */
  compareCode: { params: { text: string; language: string }; result: Empty };
  openInEditor: { params: { text: string; language: string }; result: Empty };
  openRow: { params: { rowId: string }; result: Empty };
  saveRow: { params: { rowId: string }; result: Empty };
  openTranscript: { params: Empty; result: Empty };
  rows: { params: { from: number; count: number }; result: { from: number; rows: readonly Row[]; total: number } };
  find: { params: { query: string; caseSensitive: boolean }; result: { matches: readonly Match[]; hits: number } };
  complete: { params: { trigger: '#' | '/'; query: string }; result: { items: readonly Completion[] } };
  /** The host asks before anything is sent. */
  forkRow: { params: { rowId: string }; result: Empty };
  /** `before`: the row's own prompt goes too, to be written anew. */
  rewindRow: { params: { rowId: string; before: boolean }; result: Empty };
  /** The host asks for a comment before anything is sent. */
  rateRow: { params: { rowId: string; up: boolean }; result: Empty };
  /** The host shows the whole report before it is sent. */
  reportRow: { params: { rowId: string }; result: Empty };
  /** The host opens its native pick; the page decides nothing. */
  reviewApproval: { params: { rowId: string }; result: Empty };
  denyApproval: { params: { rowId: string }; result: Empty };
  setApiKey: { params: Empty; result: Empty };
  saveDraft: { params: { text: string }; result: Empty };
  seen: { params: Empty; result: Empty };
};

type Empty = Readonly<Record<string, never>>;
export type PageRequestName = keyof PageRequests;

/** host -> page, asked and answered: only whether the page is alive. */
export type HostRequests = {
  ping: { params: Empty; result: Empty };
};

/** host -> page, in order. */
export type HostNotifications = {
  snapshot: Snapshot;
  changes: { readonly changes: readonly Change[] };
  /** Puts the cursor into the composer; `insert` goes before the draft's end. */
  focusComposer: { readonly insert?: string | undefined };
  /** Opens the find bar. */
  showFind: Empty;
};
