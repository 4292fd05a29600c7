/** Keeps threads at their code: moved by the edits of open documents, found again by content when a document opens, followed when it is renamed. */

import * as vscode from 'vscode';
import { type AnchorPlace, type LineRange, afterEdit, isSame, locate, makeAnchor } from '../../core/anchor.ts';
import type { Disposable } from '../../core/disposable.ts';
import type { CodeThread, Threads } from '../../core/threads.ts';
import { linesOfDocument } from './documents.ts';

/** Milliseconds after the last edit: looking for code on every key would be felt in a long file. */
const SETTLE_MS = 300;

export class ThreadPlaces implements Disposable {
  readonly #threads: Threads;
  readonly #moved: (threadId: string) => void;
  /** By thread id, for open documents: where edits have put the range; undefined when they removed it. */
  readonly #tracked = new Map<string, LineRange | undefined>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #owned: readonly vscode.Disposable[];

  /** `moved` is told of each thread whose place was looked up. */
  constructor(threads: Threads, moved: (threadId: string) => void) {
    this.#threads = threads;
    this.#moved = moved;
    this.#owned = [
      vscode.workspace.onDidOpenTextDocument((document) => this.look(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)),
      vscode.workspace.onDidChangeTextDocument((event) => this.#edited(event)),
      vscode.workspace.onDidRenameFiles(({ files }) => this.#renamed(files)),
    ];
  }

  /** Finds the threads of a document. */
  look(document: vscode.TextDocument): void {
    for (const thread of this.#threads.at(document.uri.toString())) this.#settle(thread, document);
  }

  /** A new thread whose place is known. */
  track(threadId: string, range: LineRange): void {
    this.#tracked.set(threadId, range);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const owned of this.#owned) owned.dispose();
  }

  #edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const threads = this.#threads.at(document.uri.toString());
    if (threads.length === 0 || contentChanges.length === 0) return;
    for (const { id, place } of threads) {
      let range: LineRange | undefined = this.#tracked.has(id) ? this.#tracked.get(id) : place;
      for (const change of contentChanges)
        range &&= afterEdit(range, { start: change.range.start, end: change.range.end, text: change.text });
      this.#tracked.set(id, range);
    }
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        if (!document.isClosed) this.look(document);
      }, SETTLE_MS),
    );
  }

  #settle(thread: CodeThread, document: vscode.TextDocument): void {
    const source = linesOfDocument(document);
    const place = this.#placeOf(thread, document);
    const isLost = place.confidence === 'lost';
    if (isLost) this.#tracked.delete(thread.id);
    else this.#tracked.set(thread.id, place);
    this.#threads.update(thread.id, {
      place,
      anchor: isLost ? thread.anchor : makeAnchor(thread.anchor.uri, source, place),
    });
    this.#moved(thread.id);
  }

  /** The code as it was asked about counts first; then where edits have put it; then as it was last seen. */
  #placeOf({ id, asked, anchor, place }: CodeThread, document: vscode.TextDocument): AnchorPlace {
    const source = linesOfDocument(document);
    const tracked = this.#tracked.get(id);
    const same = (range: LineRange): AnchorPlace => ({
      first: range.first,
      last: range.last,
      confidence: range.first === asked.first ? 'exact' : 'moved',
    });
    if (tracked !== undefined && isSame(source, asked, tracked)) return same(tracked);
    const found = locate(source, asked, tracked?.first ?? place.first);
    const isSure = found.confidence === 'exact' || found.confidence === 'moved';
    if (isSure && (tracked === undefined || overlaps(found, tracked))) return same(found);
    if (tracked !== undefined) {
      const last = Math.min(tracked.last, document.lineCount);
      return { first: Math.min(tracked.first, last), last, confidence: 'likely' };
    }
    if (isSure || found.confidence === 'likely') return found;
    const later = locate(source, anchor, place.first);
    return later.confidence === 'lost' ? later : { ...later, confidence: 'likely' };
  }

  /** What was typed and not saved is gone with the document: it is looked up again when it opens. */
  #forget(uri: vscode.Uri): void {
    for (const { id } of this.#threads.at(uri.toString())) this.#tracked.delete(id);
  }

  #renamed(files: readonly { readonly oldUri: vscode.Uri; readonly newUri: vscode.Uri }[]): void {
    for (const { oldUri, newUri } of files)
      for (const thread of this.#threads.at(oldUri.toString())) {
        const uri = newUri.toString();
        this.#threads.update(thread.id, { asked: { ...thread.asked, uri }, anchor: { ...thread.anchor, uri } });
        this.#moved(thread.id);
      }
  }
}

function overlaps(a: LineRange, b: LineRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}
