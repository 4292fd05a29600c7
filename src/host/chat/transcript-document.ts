/** Conversations as plain, read-only documents: they follow their session while they are open and never ask to be saved. */

import * as vscode from 'vscode';
import { safeFileName } from '../../core/file-name.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import type { Disposable } from '../../core/disposable.ts';
import { transcriptText } from '../../panel/transcript-text.ts';

const SCHEME = 'sec-gemini-transcript';
/** A document is read by people: while an answer streams it is renewed this often (milliseconds). */
const RENEW_MS = 1000;

export class TranscriptDocuments implements vscode.TextDocumentContentProvider, Disposable {
  readonly #sessions: SessionManager;
  readonly #changes = new vscode.EventEmitter<vscode.Uri>();
  /** By session id: the document that shows it, and its next renewal. */
  readonly #open = new Map<string, { readonly uri: vscode.Uri; timer: NodeJS.Timeout | undefined }>();
  readonly #owned: Disposable[];

  constructor(sessions: SessionManager) {
    this.#sessions = sessions;
    this.#owned = [
      this.#changes,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      sessions.onDidChange(({ sessionId }) => this.#renewSoon(sessionId)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#closed(uri)),
    ];
  }

  get onDidChange(): vscode.Event<vscode.Uri> {
    return this.#changes.event;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const state = this.#sessions.state(sessionOf(uri));
    return state === undefined ? 'This session is not known here.' : transcriptText(state.info.name, state.messages);
  }

  /** Rejects with `notFound` for a session that this window does not know. */
  async show(sessionId: string): Promise<void> {
    const state = this.#sessions.state(sessionId);
    if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
    await this.#sessions.open(sessionId);
    const uri = vscode.Uri.from({
      scheme: SCHEME,
      path: `/${encodeURIComponent(sessionId)}/${safeFileName(state.info.name)}.txt`,
    });
    if (!this.#open.has(sessionId)) this.#open.set(sessionId, { uri, timer: undefined });
    const document = await vscode.workspace.openTextDocument(this.#open.get(sessionId)?.uri ?? uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    for (const { timer } of this.#open.values()) clearTimeout(timer);
    this.#open.clear();
    for (const owned of this.#owned) owned.dispose();
  }

  #renewSoon(sessionId: string): void {
    const open = this.#open.get(sessionId);
    if (open === undefined || open.timer !== undefined) return;
    open.timer = setTimeout(() => {
      open.timer = undefined;
      this.#changes.fire(open.uri);
    }, RENEW_MS);
  }

  #closed(uri: vscode.Uri): void {
    if (uri.scheme !== SCHEME) return;
    const open = this.#open.get(sessionOf(uri));
    clearTimeout(open?.timer);
    this.#open.delete(sessionOf(uri));
  }
}

function sessionOf(uri: vscode.Uri): string {
  return decodeURIComponent(uri.path.split('/')[1] ?? '');
}
