/** What features get from the root of the host: plain arguments, no container. */

import type * as vscode from 'vscode';
import type { ApprovalDesk, PendingApproval } from '../core/approvals.ts';
import type { AttachCandidate } from '../core/attach-source.ts';
import type { Connection } from '../core/connection.ts';
import type { DisposableStore } from '../core/disposable.ts';
import type { LogsResult } from '../core/client.ts';
import type { ClearedUpload } from '../core/egress.ts';
import type { LineRange } from '../core/anchor.ts';
import type { LinesEdit } from '../core/code-blocks.ts';
import type { EgressAbout } from '../core/egress-model.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Attachment } from '../core/model.ts';
import type { SecretMap } from '../core/redaction.ts';
import type { RetryDesk } from '../core/retry.ts';
import type { SessionManager } from '../core/session-manager.ts';
import type { LocalTools } from '../core/tools/local-tools.ts';
import type { ThreadProblem, Threads } from '../core/threads.ts';
import type { CommandName } from '../manifest.ts';
import type { Domains } from './domains/domains.ts';
import type { HostLog } from './log.ts';
import type { LocalLogs } from './logs/local-logs.ts';
import type { ShownSession } from './shown-session.ts';
import type { WorkspaceFiles } from './workspace-files.ts';

export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly log: HostLog;
  readonly connection: Connection;
  readonly sessions: SessionManager;
  /** What failed and is tried again. */
  readonly retries: RetryDesk;
  readonly shownSession: ShownSession;
  readonly attacher: Attacher;
  /** Takes files off a session's service and puts others back: what the tick boxes do. Putting back asks like any attach. */
  readonly changeFiles: (sessionId: string, change: FileChange) => Promise<void>;
  /** Sends a log of JSON lines to the service's log store; asked about like every file. Undefined when the user said no. */
  readonly attachLogs: (sessionId: string, log: LogFile) => Promise<LogsResult | undefined>;
  readonly forks: Forks;
  readonly feedback: Feedback;
  readonly domains: Domains;
  readonly ledger: Ledger;
  /** What an agent may call on this machine, behind the user's consent. */
  readonly tools: LocalTools;
  /** Logs of this window that an agent may ask and that stay here. */
  readonly logs: LocalLogs;
  /** The workspace's files behind the one path gate. */
  readonly files: WorkspaceFiles;
  /** The conversations that stand beside lines of code. */
  readonly threads: Threads;
  /** Opens a diff of an answer's code against the lines asked about, else against the selection. Rejects with `invalidArgument` without either. */
  readonly compareCode: (sessionId: string, text: string, language: string) => Promise<void>;
  /** Opens the place that a question at lines of code names, where its code is now; false when no thread named it so. */
  readonly openThreadPlace: (reference: string) => Promise<boolean>;
  /** Opens a diff of a change that the user may apply there. Rejects with `invalidArgument` when it does not fit the file. */
  readonly proposeChange: (uri: vscode.Uri, plan: ChangePlan) => Promise<void>;
  /**
   * Asks for the findings of whole files; see "Review File". Gives what came of it as Markdown, undefined when the user said no. `words`: what the
   * user wants looked at above all.
   */
  readonly reviewFiles: (
    sessionId: string,
    uris: readonly vscode.Uri[],
    signal: AbortSignal,
    words?: string,
  ) => Promise<string | undefined>;
  /** A question at lines of code, as a thread beside them. */
  readonly askAtCode: (question: CodeQuestion) => Promise<void>;
  /** What the placeholders of a session stand for: for showing on this machine only. */
  readonly secretMap: (sessionId: string) => Promise<SecretMap>;
  /** A text about a session that is about to leave: the same, or with its secrets replaced, as the user says. Rejects with `cancelled`. */
  readonly reviewText: (sessionId: string, text: string) => Promise<string>;
  /** The contributed tree view; features set its badge and message. */
  readonly view: vscode.TreeView<unknown>;
  /** Runs another feature's command, with the same guards as from the palette. */
  readonly run: (name: CommandName, ...args: unknown[]) => Promise<unknown>;
  /** Shuts the panel of a session; false when there is none. */
  readonly closePanel: (sessionId: string) => boolean;
  /** The session whose panel is in front, if one is. */
  readonly activeSession: () => string | undefined;
  /** What services ask to be allowed, oldest first. */
  readonly pendingApprovals: () => readonly PendingApproval[];
  /** What the services of this window wait to be allowed. */
  readonly approvals: ApprovalDesk;
  /** Denies what a session's service asks, or the local tool call that a message shows; rejects when nothing waits. */
  readonly denyApproval: (sessionId: string, messageId?: string) => Promise<void>;
  /** Owns what lives as long as the host. */
  readonly store: DisposableStore;
}

/** `hand`: a person did it, and nothing but a person can; `call`: another extension could have done it. */
export type Gesture = NonNullable<EgressAbout['by']>;

/** How a batch came together, for the gate: stricter rules hold for what was found in a folder. */
export interface AttachOptions extends Pick<EgressAbout, 'within'> {
  /** `named`: the user pointed at each file itself. */
  readonly chosen: 'named' | 'collected';
  /** Whoever makes a new way in has to say it (`EgressAbout.by`). */
  readonly by: Gesture;
  /** Id of the attachment that this one is a new version of: it keeps the name. */
  readonly replacing?: string | undefined;
}

/** Files that the service has, and files that lie on this machine's shelf (core/shelf.ts). */
export interface FileChange {
  readonly off: readonly Attachment[];
  readonly on: readonly Attachment[];
}

/** What the gate has to know of a batch beyond its session. */
export type ClearAbout = Pick<EgressAbout, 'within' | 'chosen' | 'by' | 'destination' | 'maxBytes'>;

export interface LogFile extends Pick<EgressAbout, 'by'> {
  /** A file of the editor, or bytes without one. */
  readonly file: vscode.Uri | AttachCandidate;
  /** The service's field -> the log's field. */
  readonly fieldsMapping?: Readonly<Record<string, string>> | undefined;
}

/** Lines of a document; the whole of it without them. */
export interface DocumentLines {
  readonly document: vscode.TextDocument;
  /** 1-based, inclusive. */
  readonly first?: number | undefined;
  readonly last?: number | undefined;
}

/** Places a change in the document as it is now. Throws when it does not fit. */
export type ChangePlan = (document: vscode.TextDocument) => readonly LinesEdit[];

export interface CodeQuestion {
  readonly uri: vscode.Uri;
  readonly range: LineRange;
  /** For lists. */
  readonly title: string;
  readonly question: string;
  /** Where it is asked, while that session can be used. */
  readonly sessionId: string;
  /** A thread that it continues, if that is still there. */
  readonly threadId?: string | undefined;
  readonly problem?: ThreadProblem | undefined;
  /** Told the thread's id before anything leaves. */
  readonly onThread?: ((threadId: string) => void) | undefined;
}

/** A diff that was attached, and the files that it changes. */
export interface AttachedChanges {
  readonly name: string;
  readonly files: readonly { readonly uri: vscode.Uri; readonly path: string }[];
}

/** Sends files to a session after the user's confirmation. Resolves false when the user said no or cancelled. */
export interface Attacher {
  files(sessionId: string, files: readonly AttachCandidate[], options: AttachOptions): Promise<boolean>;
  /** A file of the editor as the gate wants it; unsaved text counts. Nothing is read yet. */
  candidate(uri: vscode.Uri): Promise<AttachCandidate>;
  /** What may leave of these files, once the user has agreed; none when they did not. Whoever asked sends it, and settles each. */
  cleared(sessionId: string, files: readonly AttachCandidate[], about: ClearAbout): Promise<readonly ClearedUpload[]>;
  /** Files and folders that the user pointed at. */
  uris(sessionId: string, uris: readonly vscode.Uri[], by: Gesture): Promise<boolean>;
  /**
   * Whole lines of documents, or all of them. Gives the name of each attachment, in the order of `places`, or undefined when the user said no. What the
   * session holds already, byte for byte, is not sent again. Always asked about: a reply in a thread can be made up by a call.
   */
  places(sessionId: string, places: readonly DocumentLines[]): Promise<readonly string[] | undefined>;
  /** Git changes that the user picks; `session` is asked for once there are some. Undefined when the user closed a question. */
  changes(session: () => Promise<string | undefined>): Promise<AttachedChanges | undefined>;
  /** Bytes without a place in the editor, e.g. pasted; asked about together. */
  bytes(
    sessionId: string,
    files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
    by: Gesture,
  ): Promise<boolean>;
}

/** New sessions with the transcript of another replayed. Message indexes count the service's messages from 0, inclusive. */
export interface Forks {
  /** The new session's id; undefined when the user did not agree to send its files. */
  fork(sessionId: string, messageIndex: number, title?: string): Promise<string | undefined>;
  /** Forks up to `lastToKeep` (-1 = nothing) and puts the old one away, when the user agrees. Without `cleanUpMedia` they choose that too. */
  rewind(
    sessionId: string,
    lastToKeep: number,
    options?: { readonly cleanUpMedia?: boolean | undefined },
  ): Promise<string | undefined>;
}

/** `kept`: with the session on this machine, because the service takes none or the user handed it over. */
export type FeedbackOutcome = 'sent' | 'kept';

/** What is said about answers and sessions. Both reject with `invalidArgument` or `notFound` for what is not here. */
export interface Feedback {
  rate(
    sessionId: string,
    messageId: unknown,
    verdict: 'up' | 'down',
    comment: string,
  ): Promise<{ readonly outcome: FeedbackOutcome; readonly prepared: string }>;
  /** The user sees the whole report first. `caller`: who asks, when it is not the user. Undefined when they closed the question. */
  report(sessionId: string, messageId: unknown, words: string, caller?: string): Promise<FeedbackOutcome | undefined>;
}

/** A handler gets untrusted arguments: other extensions can call every command. */
export type CommandHandler = (...args: unknown[]) => unknown;

/** A feature with exactly these commands. */
export interface FeatureOf<K extends CommandName> extends Feature {
  readonly commands: Readonly<Record<K, CommandHandler>>;
}

export interface Feature {
  readonly commands: Partial<Record<CommandName, CommandHandler>>;
}
