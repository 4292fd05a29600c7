/** The conversation: rows in a virtual list, loaded by ranges, drawn once per frame, with keys to move between them. */

import type { Disposable } from '../core/disposable.ts';
import type { Change, PanelStatus, Row, Snapshot } from '../panel/protocol.ts';
import { tickApprovals } from './approval-card.ts';
import { button, el, setText, show } from './dom.ts';
import { focusWhenHere } from './focus.ts';
import { ALL_FOLDED, type Folds, isOpen, withOpen } from './folds.ts';
import { type RowContext, RowView, folds } from './row-view.ts';
import { History, type LoadRows } from './history.ts';
import { keepFocus } from './keep-focus.ts';
import { hasSelection, keepSelection } from './keep-selection.ts';
import { approvalOf, asksAgain, newsOf } from './news.ts';
import { Store } from './store.ts';
import { type Place, VirtualList } from './virtual-list.ts';

export interface TranscriptOptions {
  readonly load: LoadRows;
  readonly onStatus: (status: PanelStatus) => void;
  /** A block of the conversation is finished and worth saying. */
  readonly onFinished: (row: Row) => void;
  readonly onSeen: () => void;
  /** What was folded when the page was left. */
  readonly folds?: Folds | undefined;
  readonly onFolds: (folds: Folds) => void;
  /** Rows of long ago came: what is in view may stand elsewhere in its row. */
  readonly onLoaded: () => void;
  /** Where the reader was in the page before this one. */
  readonly place?: Place | undefined;
}

export class Transcript implements Disposable {
  readonly element: HTMLElement;
  readonly log: HTMLElement;
  readonly store: Store;
  readonly #options: TranscriptOptions;
  readonly #canvas: HTMLElement;
  readonly #list: VirtualList;
  readonly #jump: HTMLButtonElement;
  readonly #views = new Map<Element, RowView>();
  #folds: Folds;
  readonly #history: History;
  readonly #toRender = new Set<RowView>();
  #frame = 0;
  #clock = 0;
  #newBelow = 0;
  /** Row with tabindex 0: one stop in the tab order for the whole log. */
  #current = -1;
  #applying = false;
  #held = false;
  /** Rows that are still to come: the one that gets the focus, and those that open at once. */
  #focusWhenLoaded = -1;
  /** Where the page before this one stood, until its row is here. */
  #place: Place | undefined;
  readonly #unfoldWhenLoaded = new Set<number>();
  #onLoaded: () => void = () => undefined;

  constructor(options: TranscriptOptions) {
    this.#options = options;
    this.#folds = options.folds ?? ALL_FOLDED;
    this.#place = options.place;
    this.#canvas = el('div', { class: 'canvas', role: 'presentation' });
    this.log = el(
      'div',
      { class: 'log', role: 'log', 'aria-live': 'off', 'aria-label': 'Conversation', tabindex: '0' },
      this.#canvas,
    );
    this.#jump = button('Jump to latest', 'down', 'jump', 'Jump to latest');
    this.#jump.classList.add('jump');
    this.#jump.hidden = true;
    this.element = el('main', { class: 'transcript' }, this.log, this.#jump);
    this.#list = new VirtualList({
      scroller: this.log,
      canvas: this.#canvas,
      mount: (index) => this.#mount(index),
      unmount: (element) => this.#views.delete(element),
      onRange: (first, last) => this.#history.want(first, last),
      isHeld: () => this.#held || hasSelection(this.#canvas),
      onFollow: (following) => this.#onFollow(following),
    });
    this.store = new Store({
      onReset: () => this.#onReset(),
      onSplice: (index, removed, add) => this.#onSplice(index, removed, add),
      onRow: (index, row, old) => this.#onRow(index, row, old),
      onText: (index, row, text) => this.#onText(index, row, text),
      onStatus: (status) => this.#onStatus(status),
    });
    this.#history = new History(this.store, options.load, () => {
      this.#goToPlace();
      this.#onLoaded();
      options.onLoaded();
    });
    for (const hand of ['wheel', 'pointerdown', 'keydown'])
      this.log.addEventListener(hand, () => (this.#place = undefined), { passive: true });
    this.log.addEventListener('keydown', (event) => this.#onKey(event));
    this.log.addEventListener('focusin', (event) => this.#onFocus(event));
  }

  get list(): VirtualList {
    return this.#list;
  }

  reset(snapshot: Snapshot): void {
    this.#keepReader(() => this.store.reset(snapshot));
  }

  /** Applies changes and draws them in this task: the host already sends once per frame. False when they do not fit. */
  apply(changes: readonly Change[]): boolean {
    let fits = false;
    this.#applying = true;
    this.#keepReader(() => {
      try {
        fits = this.store.apply(changes);
      } finally {
        this.#applying = false;
        this.#render();
      }
    });
    return fits;
  }

  /** Makes a change that leaves the keyboard and the selection where they are. */
  #keepReader(change: () => void): void {
    // While rows are drawn anew the selection falls apart for a moment.
    this.#held = hasSelection(this.#canvas);
    try {
      keepFocus(this.#canvas, this.log, () => keepSelection(this.#canvas, change));
    } finally {
      this.#held = false;
    }
  }

  toEnd(): void {
    this.#place = undefined;
    this.#newBelow = 0;
    this.#list.toEnd();
    this.#options.onSeen();
  }

  toggleFold(rowElement: Element): void {
    const view = this.#views.get(rowElement);
    if (view === undefined) return;
    this.setFolded(view.row, !this.isFolded(view.row));
    view.refresh();
    this.#list.settle();
  }

  setAllFolded(folded: boolean): void {
    this.#folds = { all: !folded, except: [] };
    this.#options.onFolds(this.#folds);
    for (const view of this.#views.values()) if (folds(view.row)) view.refresh();
    this.#list.settle();
  }

  view(element: Element): RowView | undefined {
    return this.#views.get(element);
  }

  isFolded(row: Row): boolean {
    return !isOpen(this.#folds, row.id);
  }

  setFolded(row: Row, folded: boolean): void {
    this.#folds = withOpen(this.#folds, row.id, !folded);
    this.#options.onFolds(this.#folds);
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    clearInterval(this.#clock);
    this.#list.dispose();
  }

  #context(): RowContext {
    return {
      isFolded: (row) => this.isFolded(row),
      setFolded: (row, folded) => this.setFolded(row, folded),
      delivery: (row) => {
        const how = row.kind === 'you' ? this.store.status?.delivery[row.id] : undefined;
        return how === 'sending' || how === 'unknown' || how === 'failed' ? how : undefined;
      },
      placeholders: () => this.store.status?.placeholders,
      approval: (row) => approvalOf(this.store, row),
      asksAgain: (row) => asksAgain(this.store, row),
      namesAgents: () => this.store.status?.severalAgents === true,
    };
  }

  #mount(index: number): HTMLElement {
    const row = this.store.row(index);
    if (row === undefined)
      return el(
        'div',
        { class: 'row placeholder', 'aria-hidden': 'true' },
        el('div', { class: 'bone' }),
        el('div', { class: 'bone' }),
      );
    const view = new RowView(row, this.#context());
    view.setPosition(index, this.store.length);
    view.element.tabIndex = index === this.#current ? 0 : -1;
    this.#markUnread(view.element, index);
    this.#views.set(view.element, view);
    return view.element;
  }

  /** The line above what came while the reader was away. */
  #markUnread(element: Element, index: number): void {
    element.classList.toggle('unread-start', this.store.status?.unreadFrom === index);
  }

  #viewAt(index: number): RowView | undefined {
    const element = this.#list.element(index);
    return element === undefined ? undefined : this.#views.get(element);
  }

  #onReset(): void {
    // A snapshot brings the end only: what the reader looks at is asked for again, and stands where it stood once it is here.
    this.#place ??= this.#list.place;
    this.#current = -1;
    this.#list.reset(this.store.length);
    const unread = this.store.status?.unreadFrom;
    if (this.#place !== undefined && unread !== undefined) this.#newBelow = this.store.length - unread;
    this.#goToPlace();
  }

  /** A page that was hidden is made anew: the reader is where they were. */
  #goToPlace(): void {
    const place = this.#place;
    if (place === undefined || this.store.length === 0) return;
    if (this.store.row(place.index) !== undefined || place.index >= this.store.length) this.#place = undefined;
    if (place.index < this.store.length) this.#list.goTo(place);
  }

  #onSplice(index: number, removed: readonly (Row | undefined)[], add: number): void {
    const atEnd = index + add === this.store.length && removed.length === 0;
    if (!atEnd) this.#current = -1;
    this.#list.splice(index, removed.length, add);
    for (const element of this.#views.keys()) element.setAttribute('aria-setsize', this.store.length.toString());
    for (let at = index; at < index + add; at += 1) {
      if (this.store.row(at) !== undefined && !this.#list.following && atEnd) this.#newBelow += 1;
    }
    for (const row of newsOf(this.store, index, removed, add)) this.#options.onFinished(row);
    this.#onFollow(this.#list.following);
  }

  #onRow(index: number, row: Row, old: Row | undefined): void {
    const view = this.#viewAt(index);
    // The reader's hand outlasts the id of the text that was still growing.
    if (old !== undefined && old.id !== row.id && folds(row) && this.isFolded(row) !== this.isFolded(old))
      this.setFolded(row, this.isFolded(old));
    // Whether it is in view or not.
    if (this.#applying && old?.status === 'streaming' && row.status !== 'streaming') this.#options.onFinished(row);
    if (view === undefined) {
      if (this.#unfoldWhenLoaded.delete(index)) this.setFolded(row, false);
      this.#list.refresh(index);
      if (index === this.#focusWhenLoaded) {
        const element = this.#list.element(index);
        if (element !== undefined) focusWhenHere(element);
      }
      return;
    }
    view.update(row);
    if (this.#applying) this.#toRender.add(view);
    else this.#list.settle();
  }

  #onText(index: number, row: Row, text: string): void {
    const view = this.#viewAt(index);
    if (view === undefined) return;
    view.append(row, text);
    this.#toRender.add(view);
  }

  #onStatus(status: PanelStatus): void {
    for (const [element, view] of this.#views) {
      if (view.row.kind === 'you') view.refreshDelivery();
      else view.refreshState();
      view.restoreSecrets();
      this.#markUnread(element, Number(element.getAttribute('aria-posinset')) - 1);
    }
    this.#tick(status.approval !== undefined);
    this.#options.onStatus(status);
  }

  /** The time that is left on a waiting card goes on by the second, without redrawing it. */
  #tick(waits: boolean): void {
    if (waits === (this.#clock !== 0)) return;
    clearInterval(this.#clock);
    this.#clock = waits ? window.setInterval(() => tickApprovals(this.#canvas), 1000) : 0;
  }

  /** Draws what changed, once, then measures. What is too dear for one frame goes on in the next. */
  #render(): void {
    if (this.#toRender.size === 0) return;
    const now = performance.now();
    for (const view of this.#toRender) if (view.render(now)) this.#toRender.delete(view);
    this.#list.settle();
    if (this.#toRender.size > 0 && this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#keepReader(() => this.#render());
      });
    }
  }

  /** Rows of a stretch, those that the page does not have asked of the host. Rejects when the host does not answer. */
  rows(first: number, last: number): Promise<readonly Row[]> {
    return this.#history.rows(first, last);
  }

  #onFollow(following: boolean): void {
    if (following) {
      this.#newBelow = 0;
      this.#options.onSeen();
    }
    const label = this.#newBelow === 0 ? 'Jump to latest' : `Jump to latest (${this.#newBelow.toString()} new)`;
    const words = this.#jump.lastElementChild;
    if (words !== null) setText(words, label);
    this.#jump.title = label;
    show(this.#jump, !following && this.store.length > 0);
  }

  #onFocus(event: FocusEvent): void {
    const row = event.target instanceof Element ? event.target.closest('article') : null;
    const index = row === null ? -1 : Number(row.getAttribute('aria-posinset')) - 1;
    if (index >= 0 && index !== this.#current) this.#makeCurrent(index);
  }

  #makeCurrent(index: number): void {
    const old = this.#list.element(this.#current);
    if (old !== undefined) old.tabIndex = -1;
    this.#current = index;
    const now = this.#list.element(index);
    if (now !== undefined) now.tabIndex = 0;
  }

  /** Arrow keys walk the articles, Home and End go to both ends; inside an article the keys belong to its parts. */
  #onKey(event: KeyboardEvent): void {
    const target = event.target instanceof Element ? event.target : this.log;
    if (target !== this.log && !target.matches('article')) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // Who scrolled away from the row that was current goes on where they look.
    const goesOn = this.#current >= 0 && (target !== this.log || this.#list.isSeen(this.#current));
    const from = goesOn ? this.#current : this.#list.firstVisible;
    const to =
      event.key === 'ArrowDown'
        ? from + (target === this.log ? 0 : 1)
        : event.key === 'ArrowUp'
          ? from - (target === this.log ? 0 : 1)
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? this.store.length - 1
              : undefined;
    if (to === undefined || to < 0 || to >= this.store.length) return;
    event.preventDefault();
    this.focusRow(to);
  }

  /** Scrolls to a row and puts the focus on it. */
  focusRow(index: number): void {
    this.#list.reveal(index, 'nearest');
    this.#makeCurrent(index);
    this.#focusWhenLoaded = this.store.row(index) === undefined ? index : -1;
    this.#list.element(index)?.focus({ preventScroll: true });
  }

  /** Puts the focus on a row where it stands; on the conversation when the row is not in view. Nothing moves. */
  focusSeen(index: number | undefined): void {
    const seen = index !== undefined && this.#list.isSeen(index);
    if (seen) this.#makeCurrent(index);
    focusWhenHere((seen ? this.#list.element(index) : undefined) ?? this.log);
  }

  /** Opens a row, now or as soon as it is loaded. */
  unfold(index: number): void {
    const row = this.store.row(index);
    if (row === undefined) {
      this.#unfoldWhenLoaded.add(index);
      return;
    }
    if (!folds(row) || !this.isFolded(row)) return;
    this.setFolded(row, false);
    this.#viewAt(index)?.refresh();
    this.#list.settle();
  }

  /** One listener for rows that came from the host by range. */
  listenLoaded(listener: () => void): void {
    this.#onLoaded = listener;
  }
}
