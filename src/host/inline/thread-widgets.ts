/** Threads as the editor's comment threads: made, renewed while an answer streams, taken away. They only read: what is shown is the session's. */

import * as vscode from 'vscode';
import type { Disposable } from '../../core/disposable.ts';
import { safeMarkdown } from '../../core/safe-markdown.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import { type ThreadEntry, type ThreadView, UNSENT_KEY, threadView } from '../../core/thread-view.ts';
import { placeWords } from '../../core/thread-row.ts';
import type { CodeThread, Threads } from '../../core/threads.ts';
import { labelText } from '../../core/visible-text.ts';
import { answerMarkdown } from '../safe-markdown.ts';

/** Milliseconds between renewals of a thread whose answer streams: each sends and draws whole comments. */
const RENEW_MS = 250;

/** A comment that knows which message it shows: commands get it back. */
export class ShownComment implements vscode.Comment {
  readonly threadId: string;
  readonly key: string;
  readonly author: vscode.CommentAuthorInformation;
  readonly mode = vscode.CommentMode.Preview;
  body: vscode.MarkdownString | string = '';
  label?: string;
  contextValue?: string;
  timestamp?: Date;
  /** What it was made of, to see whether anything changed. */
  #shown = '';

  constructor(threadId: string, entry: ThreadEntry) {
    this.threadId = threadId;
    this.key = entry.key;
    this.author = { name: entry.author };
  }

  /** False when it shows that already. */
  show(entry: ThreadEntry): boolean {
    const shown = JSON.stringify(entry);
    if (shown === this.#shown) return false;
    this.#shown = shown;
    this.body = entry.isMarkdown ? answerMarkdown(safeMarkdown(entry.text)) : entry.text;
    this.contextValue = entry.key === UNSENT_KEY ? 'unsent' : entry.codes > 0 ? 'answer.code' : 'message';
    if (entry.label === '') delete this.label;
    else this.label = entry.label;
    if (entry.at > 0) this.timestamp = new Date(entry.at);
    return true;
  }
}

export class ThreadWidgets implements Disposable {
  readonly #controller: vscode.CommentController;
  readonly #threads: Threads;
  readonly #sessions: SessionManager;
  /** Threads whose question is on its way through the gate. */
  readonly sending = new Set<string>();
  readonly #widgets = new Map<string, vscode.CommentThread>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(controller: vscode.CommentController, threads: Threads, sessions: SessionManager) {
    this.#controller = controller;
    this.#threads = threads;
    this.#sessions = sessions;
  }

  view(thread: CodeThread): ThreadView {
    return threadView(thread, (sessionId) => this.#sessions.state(sessionId), this.sending.has(thread.id));
  }

  /** The thread that a comment widget shows; undefined for a new, empty one. */
  idOf(widget: unknown): string | undefined {
    for (const [id, other] of this.#widgets) if (other === widget) return id;
    return undefined;
  }

  /** Takes a widget that the editor made (the gutter's plus). */
  adopt(threadId: string, widget: vscode.CommentThread): void {
    this.#widgets.get(threadId)?.dispose();
    this.#widgets.set(threadId, widget);
    this.render(threadId);
  }

  expand(threadId: string): void {
    this.render(threadId);
    const widget = this.#widgets.get(threadId);
    if (widget !== undefined) widget.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
  }

  /** Out of the way of a diff. */
  collapse(threadId: string): void {
    const widget = this.#widgets.get(threadId);
    if (widget !== undefined) widget.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
  }

  renderSoon(threadId: string): void {
    if (this.#timers.has(threadId)) return;
    this.#timers.set(
      threadId,
      setTimeout(() => {
        this.#timers.delete(threadId);
        this.render(threadId);
      }, RENEW_MS),
    );
  }

  /** Shows the thread as it is now, or takes it away when it is gone. */
  render(threadId: string): void {
    const thread = this.#threads.get(threadId);
    if (thread === undefined) {
      this.#widgets.get(threadId)?.dispose();
      this.#widgets.delete(threadId);
      return;
    }
    const view = this.view(thread);
    if (view.verdict !== thread.verdict) this.#threads.update(threadId, { verdict: view.verdict });
    const widget = this.#widgetOf(thread);
    const range = shownRange(thread);
    if (widget.range?.isEqual(range) !== true) widget.range = range;
    this.#renewComments(threadId, widget, view);
    const label = this.#label(thread, view);
    if (widget.label !== label) widget.label = label;
    const context = [thread.isResolved ? 'resolved' : 'open', view.isWorking ? 'working' : 'idle'].join('.');
    if (widget.contextValue !== context) widget.contextValue = context;
    const state = thread.isResolved ? vscode.CommentThreadState.Resolved : vscode.CommentThreadState.Unresolved;
    if (widget.state !== state) widget.state = state;
    if (!view.isWorking) this.#markSeen(thread, widget);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const widget of this.#widgets.values()) widget.dispose();
    this.#widgets.clear();
  }

  #widgetOf({ id, anchor, place }: CodeThread): vscode.CommentThread {
    const known = this.#widgets.get(id);
    // A widget cannot change its document: after a rename it is made anew.
    if (known !== undefined && known.uri.toString() === anchor.uri) return known;
    known?.dispose();
    const uri = vscode.Uri.parse(anchor.uri, true);
    const widget = this.#controller.createCommentThread(uri, shownRange({ place }), []);
    widget.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    this.#widgets.set(id, widget);
    return widget;
  }

  #renewComments(threadId: string, widget: vscode.CommentThread, view: ThreadView): void {
    const before = widget.comments.filter((comment) => comment instanceof ShownComment);
    let isChanged = before.length !== view.entries.length;
    const comments = view.entries.map((entry, index) => {
      // The same object stays the same comment on the screen: nothing flickers, nothing loses the focus.
      const known = before.find((comment) => comment.key === entry.key && comment.author.name === entry.author);
      const comment = known ?? new ShownComment(threadId, entry);
      if (comment.show(entry) || before[index] !== comment) isChanged = true;
      return comment;
    });
    if (isChanged) widget.comments = comments;
  }

  /** What stands open beside the code in front of the user is no news. */
  #markSeen({ sessionId, anchor }: CodeThread, widget: vscode.CommentThread): void {
    const isOpen = widget.collapsibleState === vscode.CommentThreadCollapsibleState.Expanded;
    const isSeen = vscode.window.visibleTextEditors.some(({ document }) => document.uri.toString() === anchor.uri);
    if (isOpen && isSeen && vscode.window.state.focused) this.#sessions.markSeen(sessionId);
  }

  #label(thread: CodeThread, view: ThreadView): string {
    const session = this.#sessions.state(thread.sessionId)?.info.name;
    return [
      view.verdict === undefined ? '' : `Verdict: ${view.verdict}`,
      placeWords(thread),
      thread.isResolved ? 'resolved' : '',
      session === undefined ? 'Sec-Gemini' : `Sec-Gemini: ${labelText(session, 40)}`,
    ]
      .filter((part) => part !== '')
      .join(' · ');
  }
}

/** Whole lines; longer than any line that somebody reads. */
function shownRange({ place }: Pick<CodeThread, 'place'>): vscode.Range {
  return new vscode.Range(place.first - 1, 0, place.last - 1, 2000);
}
