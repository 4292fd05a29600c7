/** What the chat needs of the place it runs in. The host implements it with `vscode`; tests with a fake. Every method checks and confirms by itself. */

import type { ApprovalEnd } from '../core/approval-end.ts';
import type { Message } from '../core/model.ts';
import type { Event } from '../core/emitter.ts';
import type { ApprovalView, Completion, Mention } from './protocol.ts';

/** A request that came from an untrusted page: the implementation validates, asks the user where it says so, and rejects with a SecGeminiError. */
export interface ChatHost {
  /** Opens the native file dialog and attaches what was chosen, by the usual way through egress. */
  attachFiles(sessionId: string): Promise<void>;
  /** URIs that were dropped: as text, unchecked. Confirms like every other way in. */
  attachUris(sessionId: string, uris: readonly string[]): Promise<void>;
  /** Bytes that were pasted into the composer. Confirms like every other way in. */
  attachBytes(
    sessionId: string,
    files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  ): Promise<void>;
  /** What a mention names, found in the workspace. Confirms like every other way in. */
  mention(sessionId: string, mention: Mention): Promise<void>;
  /** Shows the whole address with its host in punycode, asks, then opens. `href` is already normalised: https, http or mailto. */
  openLink(href: string): Promise<void>;
  /** `src/a.ts:12:3` or a bare name; resolved inside the workspace only, with a pick when several fit. */
  openFile(reference: string): Promise<void>;
  /** A name that the answer holds; found by the editor's own search for symbols, with a pick when several fit. */
  openSymbol(name: string): Promise<void>;
  copy(text: string): Promise<void>;
  insertAtCursor(text: string): Promise<void>;
  /** Opens a diff of the code against the lines that the session was asked about, else against the editor's selection. Changes nothing. */
  compareCode(sessionId: string, text: string, language: string): Promise<void>;
  /** Opens an untitled document. */
  openText(text: string, language: string): Promise<void>;
  /** The conversation as a plain, read-only document. */
  openTranscript(sessionId: string): Promise<void>;
  saveText(text: string, suggestedName: string): Promise<void>;
  complete(sessionId: string, trigger: '#' | '/', query: string): Promise<readonly Completion[]>;
  /** A new session with the transcript up to this message; asked natively what is sent. */
  forkAt(sessionId: string, message: Message): Promise<void>;
  /** The same, and this session is put away; asked natively. `before`: the message itself goes, and its text comes back as the new draft. */
  rewindTo(sessionId: string, message: Message, before: boolean): Promise<void>;
  /** Asks for a comment, then sends or keeps it. */
  rate(sessionId: string, answer: Message, up: boolean): Promise<void>;
  /** Asks what went wrong and shows the whole report before it leaves. */
  reportBug(sessionId: string, answer: Message): Promise<void>;
  /** The native approval pick for that request. The page cannot answer it. */
  reviewApproval(sessionId: string, request: Message): Promise<void>;
  denyApproval(sessionId: string, request: Message): Promise<void>;
  /** What waits for an approval in that session now. */
  approval(sessionId: string): ApprovalView | undefined;
  /** What this window answered in that session, by the id of the message that asked. */
  approvalEnds(sessionId: string): Readonly<Record<string, ApprovalEnd>>;
  /** Fires when `approval` or `approvalEnds` may answer differently. */
  readonly onDidChangeApproval: Event<void>;
  /** Tells the service whether the session asks before every tool call. */
  setAsksAlways(sessionId: string, always: boolean): Promise<void>;
  /** Kept for every panel of this profile. */
  setShowsLog(shows: boolean): Promise<void>;
  /** Kept with the session on this machine. */
  setShowsReasoning(sessionId: string, shows: boolean): void;
  setApiKey(): Promise<void>;
  retryNow(sessionId: string): Promise<void>;
  reloadHistory(sessionId: string): Promise<void>;
  /** The composer's text of a session, kept across reloads. */
  loadDraft(sessionId: string): string;
  saveDraft(sessionId: string, text: string): void;
}
