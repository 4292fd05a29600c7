/** Keeps threads and findings at their code: moved by the edits of open documents, found again by content when a document opens, followed when it is renamed. */

import * as vscode from 'vscode';
import {
  type AnchorPlace,
  type ContentAnchor,
  type LineRange,
  afterEdit,
  isSame,
  locate,
  makeAnchor,
} from '../core/anchor.ts';
import type { Disposable } from '../core/disposable.ts';
import { linesOfDocument } from './code-documents.ts';

/** Milliseconds after the last edit: looking for code on every key would be felt in a long file. */
const SETTLE_MS = 300;

/** What stands at code. */
export interface Placed {
  readonly id: string;
  /** The code as it was asked about. */
  readonly asked: ContentAnchor;
  /** The same place as it was last seen. */
  readonly anchor: ContentAnchor;
  readonly place: AnchorPlace;
}

export interface PlacedStore {
  at(uri: string): readonly Placed[];
  update(id: string, patch: Partial<Pick<Placed, 'asked' | 'anchor' | 'place'>>): void;
}

export class CodePlaces implements Disposable {
  readonly #store: PlacedStore;
  readonly #moved: (id: string) => void;
  /** By id, for open documents: where edits have put the range; undefined when they removed it. */
  readonly #tracked = new Map<string, LineRange | undefined>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #owned: readonly vscode.Disposable[];

  /** `moved` is told of each whose place was looked up. */
  constructor(store: PlacedStore, moved: (id: string) => void) {
    this.#store = store;
    this.#moved = moved;
    this.#owned = [
      vscode.workspace.onDidOpenTextDocument((document) => this.look(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)),
      vscode.workspace.onDidChangeTextDocument((event) => this.#edited(event)),
      vscode.workspace.onDidRenameFiles(({ files }) => this.#renamed(files)),
    ];
  }

  /** Finds what stands in a document. */
  look(document: vscode.TextDocument): void {
    for (const each of this.#store.at(document.uri.toString())) this.#settle(each, document);
  }

  /** A new one whose place is known. */
  track(id: string, range: LineRange): void {
    this.#tracked.set(id, range);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const owned of this.#owned) owned.dispose();
  }

  #edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const placed = this.#store.at(document.uri.toString());
    if (placed.length === 0 || contentChanges.length === 0) return;
    for (const { id, place } of placed) {
      // What was lost is nowhere: an undo that brings it back must find it by its content, not push its last place away.
      const known = place.confidence === 'lost' ? undefined : place;
      let range: LineRange | undefined = this.#tracked.has(id) ? this.#tracked.get(id) : known;
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

  #settle(one: Placed, document: vscode.TextDocument): void {
    const source = linesOfDocument(document);
    const place = this.#placeOf(one, document);
    const isLost = place.confidence === 'lost';
    if (isLost) this.#tracked.delete(one.id);
    else this.#tracked.set(one.id, place);
    this.#store.update(one.id, { place, anchor: isLost ? one.anchor : makeAnchor(one.anchor.uri, source, place) });
    this.#moved(one.id);
  }

  /** The code as it was asked about counts first; then where edits have put it; then as it was last seen. */
  #placeOf({ id, asked, anchor, place }: Placed, document: vscode.TextDocument): AnchorPlace {
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
    for (const { id } of this.#store.at(uri.toString())) this.#tracked.delete(id);
  }

  #renamed(files: readonly { readonly oldUri: vscode.Uri; readonly newUri: vscode.Uri }[]): void {
    for (const { oldUri, newUri } of files)
      for (const { id, asked, anchor } of this.#store.at(oldUri.toString())) {
        const uri = newUri.toString();
        this.#store.update(id, { asked: { ...asked, uri }, anchor: { ...anchor, uri } });
        this.#moved(id);
      }
  }
}

function overlaps(a: LineRange, b: LineRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}
