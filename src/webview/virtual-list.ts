/**
 * A virtual list of rows of unknown height. Rows stand absolutely in a canvas as tall as all of them; those near the view are in the DOM, and
 * those that hold the focus or the selection stay there. What the reader looks at does not move when heights above it become known.
 */

import type { Disposable } from '../core/disposable.ts';
import { Heights } from './heights.ts';
import { blocksBelow } from './markdown/blocks.ts';

export interface VirtualListOptions {
  /** Scrolls; holds nothing but the canvas. */
  readonly scroller: HTMLElement;
  readonly canvas: HTMLElement;
  /** Makes the row's element. It is taken out with `unmount`. */
  readonly mount: (index: number) => HTMLElement;
  readonly unmount: (element: HTMLElement) => void;
  /** Rows that are in the DOM now, for loading what is missing. */
  readonly onRange: (first: number, last: number) => void;
  /** What is in view must stay where it is, even at the end: words of it are selected. */
  readonly isHeld: () => boolean;
  /** The reader came to the end, or left it. */
  readonly onFollow: (following: boolean) => void;
}

/** Pixels beyond the view that are kept in the DOM. */
const OVERSCAN = 400;
const FIRST_GUESS = 96;
/** At the end means within this many pixels of it. */
const END_SLACK = 24;

/** What a reader looks at, for another page of the same list. */
export interface Place {
  readonly index: number;
  /** Pixels of the row's top below the top of the view; negative when the row begins above. */
  readonly top: number;
}

interface Anchor {
  readonly element: Element;
  /** Pixels below the top of the view. */
  readonly top: number;
}

export class VirtualList implements Disposable {
  readonly #options: VirtualListOptions;
  readonly #heights = new Heights();
  /** Index to element, and back. */
  readonly #mounted = new Map<number, HTMLElement>();
  readonly #indexOf = new Map<Element, number>();
  readonly #observer: ResizeObserver;
  readonly #abort = new AbortController();
  #following = true;
  #measuredSum = 0;
  #measuredCount = 0;
  readonly #measured = new Set<number>();
  #lastTop = 0;
  /** Pixels as they were written last: of the canvas its height, of a row its top. */
  readonly #placed = new WeakMap<HTMLElement, number>();
  /** Where things stood before sizes changed by themselves: by then the old place is gone. */
  #remembered: Anchor | undefined;

  constructor(options: VirtualListOptions) {
    this.#options = options;
    this.#observer = new ResizeObserver((entries) => this.#onResize(entries));
    this.#observer.observe(options.scroller);
    options.scroller.addEventListener('scroll', () => this.#onScroll(), { passive: true, signal: this.#abort.signal });
  }

  get length(): number {
    return this.#heights.length;
  }

  get following(): boolean {
    return this.#following;
  }

  /** Index of the topmost row that is at least partly seen. */
  get firstVisible(): number {
    return this.#heights.find(this.#options.scroller.scrollTop);
  }

  element(index: number): HTMLElement | undefined {
    return this.#mounted.get(index);
  }

  /** Whether a part of the row is in view. */
  isSeen(index: number): boolean {
    const row = this.#mounted.get(index)?.getBoundingClientRect();
    const view = this.#options.scroller.getBoundingClientRect();
    return row !== undefined && row.bottom > view.top && row.top < view.bottom;
  }

  /** Where the reader is; undefined at the end, which is followed. */
  get place(): Place | undefined {
    if (this.#following) return undefined;
    const index = this.firstVisible;
    return { index, top: Math.round(this.#heights.offset(index) - this.#options.scroller.scrollTop) };
  }

  /** Goes to a place again. Heights on the way may be guesses: again when its row has come. */
  goTo({ index, top }: Place): void {
    this.#setFollowing(false);
    const { scroller } = this.#options;
    for (let pass = 0; pass < 3; pass += 1) {
      scroller.scrollTop = this.#heights.offset(index) - top;
      this.#layout();
    }
    this.#lastTop = scroller.scrollTop;
    this.#remembered = this.#anchor();
  }

  /** Starts over with `count` rows; the end is shown. */
  reset(count: number): void {
    for (const index of [...this.#mounted.keys()]) this.#unmount(index);
    this.#measured.clear();
    this.#heights.splice(0, this.#heights.length, Array.from<number>({ length: count }).fill(this.#guess()));
    this.#following = true;
    this.#layout();
    this.#toEnd();
  }

  /** Rows were removed and added at `index`. */
  splice(index: number, remove: number, add: number): void {
    const anchor = this.#anchor();
    if (index === this.#heights.length && remove === 0) {
      this.#heights.splice(index, 0, Array.from<number>({ length: add }).fill(this.#guess()));
    } else {
      for (const at of [...this.#mounted.keys()]) if (at >= index) this.#unmount(at);
      for (const at of [...this.#measured]) if (at >= index) this.#measured.delete(at);
      this.#heights.splice(index, remove, Array.from<number>({ length: add }).fill(this.#guess()));
    }
    this.#layout();
    this.#keep(anchor);
  }

  /** Replaces the element of a row, where it is in the DOM. */
  refresh(index: number): void {
    if (!this.#mounted.has(index)) return;
    const anchor = this.#anchor();
    this.#unmount(index);
    this.#layout();
    this.#keep(anchor);
  }

  /** After contents changed: measures at once, so that the frame that is painted is already right. */
  settle(): void {
    const anchor = this.#anchor();
    this.#layout();
    this.#keep(anchor);
  }

  toEnd(): void {
    this.#setFollowing(true);
    this.#layout();
    this.#toEnd();
  }

  /** Brings a row into view: at the top, or where it is when it is seen already. */
  reveal(index: number, block: 'start' | 'nearest' = 'start'): void {
    const { scroller } = this.#options;
    const seen = this.#mounted.get(index);
    if (block === 'nearest' && seen !== undefined) {
      const { top, bottom } = seen.getBoundingClientRect();
      const view = scroller.getBoundingClientRect();
      if (top >= view.top && top < view.bottom && (bottom <= view.bottom || bottom - top > view.height)) return;
    }
    this.#setFollowing(false);
    // Heights on the way are guesses: the second look lands where the first one meant to.
    for (let pass = 0; pass < 3; pass += 1) {
      scroller.scrollTop = this.#heights.offset(index) - 8;
      this.#layout();
    }
    this.#onScroll();
  }

  dispose(): void {
    this.#abort.abort();
    this.#observer.disconnect();
    for (const index of [...this.#mounted.keys()]) this.#unmount(index);
  }

  #guess(): number {
    return this.#measuredCount === 0 ? FIRST_GUESS : this.#measuredSum / this.#measuredCount;
  }

  #onScroll(): void {
    const { scroller } = this.#options;
    const top = scroller.scrollTop;
    // The echo of our own following: nothing has moved since.
    if (this.#following && top === this.#lastTop) return;
    const atEnd = top + scroller.clientHeight >= scroller.scrollHeight - END_SLACK;
    // Only the reader moves up; growing contents do not end the following.
    if (atEnd) this.#setFollowing(true);
    else if (top < this.#lastTop - 1) this.#setFollowing(false);
    this.#lastTop = top;
    this.settle();
  }

  #setFollowing(following: boolean): void {
    if (following === this.#following) return;
    this.#following = following;
    this.#options.onFollow(following);
  }

  /** What stands at the end is in the DOM already: while following, the layout looks there and not at the scroller. */
  #toEnd(): void {
    const { scroller } = this.#options;
    scroller.scrollTop = scroller.scrollHeight;
    this.#lastTop = scroller.scrollTop;
  }

  /** What the reader looks at: the innermost block at the top of the view, with its place. */
  #anchor(): Anchor | undefined {
    if (this.#following) return undefined;
    const viewTop = this.#viewTop();
    let best: HTMLElement | undefined;
    let bestIndex = Infinity;
    for (const [index, element] of this.#mounted) {
      // What is about to be replaced is no hold.
      if (index >= bestIndex || element.classList.contains('placeholder')) continue;
      if (element.getBoundingClientRect().bottom > viewTop + 1) {
        best = element;
        bestIndex = index;
      }
    }
    if (best === undefined) return undefined;
    let anchor: Element = best;
    const isAbove = (part: Element): boolean => part.getBoundingClientRect().bottom <= viewTop + 1;
    for (const block of blocksBelow(best, isAbove)) {
      if (!isAbove(block)) {
        anchor = block;
        break;
      }
    }
    return { element: anchor, top: anchor.getBoundingClientRect().top - viewTop };
  }

  /** Puts the anchor back where it was (or the end in view), and remembers what stands there now. */
  #keep(anchor: Anchor | undefined): void {
    if (this.#following && this.#holds()) {
      this.#setFollowing(false);
      this.#lastTop = this.#options.scroller.scrollTop;
      this.#layout();
    }
    if (this.#following) {
      this.#toEnd();
      return;
    }
    // Scrolling back may bring in rows whose heights were guesses, which moves the anchor again.
    for (let pass = 0; pass < 5 && anchor?.element.isConnected === true; pass += 1) {
      const moved = anchor.element.getBoundingClientRect().top - this.#viewTop() - anchor.top;
      if (Math.abs(moved) < 0.5) break;
      this.#options.scroller.scrollTop += moved;
      this.#lastTop = this.#options.scroller.scrollTop;
      this.#layout();
    }
    this.#remembered = this.#anchor();
  }

  /** Somebody works with what is in view, and something has come below: it does not move under the hand. */
  #holds(): boolean {
    const { scroller, isHeld } = this.#options;
    return isHeld() && scroller.scrollTop + scroller.clientHeight < scroller.scrollHeight - END_SLACK;
  }

  #viewTop(): number {
    return this.#options.scroller.getBoundingClientRect().top;
  }

  /** Puts the rows near the view into the DOM, measures the new ones, and places all; again while measuring changed what is near. */
  #layout(): void {
    const { scroller, canvas } = this.#options;
    const count = this.#heights.length;
    for (let pass = 0; pass < 5; pass += 1) {
      const view = scroller.clientHeight;
      const top = this.#following ? Math.max(0, this.#heights.total - view) : scroller.scrollTop;
      const first = count === 0 ? 0 : this.#heights.find(Math.max(0, top - OVERSCAN));
      const last = count === 0 ? -1 : this.#heights.find(top + view + OVERSCAN);
      const pinned = this.#pinned();
      for (const index of [...this.#mounted.keys()])
        if ((index < first || index > last) && !pinned.has(index)) this.#unmount(index);
      const added: number[] = [];
      for (let index = first; index <= last; index += 1) if (this.#mount(index)) added.push(index);
      let changed = false;
      // Measuring makes the browser lay out. Where a row stands does not change its height: later passes ask the new ones only.
      for (const index of pass === 0 ? this.#mounted.keys() : added) changed = this.#measure(index) || changed;
      this.#place(canvas, 'height', this.#heights.total);
      for (const [index, element] of this.#mounted) this.#place(element, 'top', this.#heights.offset(index));
      if (!changed) {
        if (last >= first) this.#options.onRange(first, last);
        return;
      }
    }
  }

  /** Writes only what differs: a style that is set is laid out again, even to the same value. */
  #place(element: HTMLElement, property: 'height' | 'top', pixels: number): void {
    if (this.#placed.get(element) === pixels) return;
    this.#placed.set(element, pixels);
    element.style.setProperty(property, `${pixels.toString()}px`);
  }

  #pinned(): Set<number> {
    const pinned = new Set<number>();
    const selection = document.getSelection();
    const nodes = [
      document.activeElement,
      ...(selection?.isCollapsed === false ? [selection.anchorNode, selection.focusNode] : []),
    ];
    for (const node of nodes) {
      if (node === null || !this.#options.canvas.contains(node)) continue;
      let row: Node | null = node;
      while (row !== null && row.parentNode !== this.#options.canvas) row = row.parentNode;
      const index = row instanceof Element ? this.#indexOf.get(row) : undefined;
      if (index !== undefined) pinned.add(index);
    }
    return pinned;
  }

  #mount(index: number): boolean {
    if (this.#mounted.has(index)) return false;
    const element = this.#options.mount(index);
    let after: HTMLElement | undefined;
    let afterIndex = Infinity;
    for (const [other, candidate] of this.#mounted)
      if (other > index && other < afterIndex) {
        after = candidate;
        afterIndex = other;
      }
    // DOM order is reading order, for assistive technology and for selecting across rows.
    this.#options.canvas.insertBefore(element, after ?? null);
    this.#mounted.set(index, element);
    this.#indexOf.set(element, index);
    this.#observer.observe(element);
    return true;
  }

  #unmount(index: number): void {
    const element = this.#mounted.get(index);
    if (element === undefined) return;
    this.#mounted.delete(index);
    this.#indexOf.delete(element);
    this.#observer.unobserve(element);
    element.remove();
    this.#options.unmount(element);
  }

  #measure(index: number): boolean {
    const element = this.#mounted.get(index);
    if (element === undefined) return false;
    const height = element.getBoundingClientRect().height;
    if (!this.#measured.has(index)) {
      this.#measured.add(index);
      this.#measuredSum += height;
      this.#measuredCount += 1;
    }
    if (Math.abs(this.#heights.get(index) - height) < 0.5) return false;
    this.#heights.set(index, height);
    return true;
  }

  #onResize(entries: readonly ResizeObserverEntry[]): void {
    const known = entries.some(({ target }) => {
      if (target === this.#options.scroller) return true;
      const index = this.#indexOf.get(target);
      return index !== undefined && Math.abs(this.#heights.get(index) - target.getBoundingClientRect().height) >= 0.5;
    });
    if (!known) return;
    this.#layout();
    this.#keep(this.#remembered);
  }
}
