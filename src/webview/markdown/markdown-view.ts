/**
 * Markdown that is still being written. Closed blocks are rendered once and frozen; only the open tail is rendered again. An open fence appends
 * text, an open table appends rows. After `finish` the nodes equal those of one render of the whole (proven by tests at every cut).
 */

import { Blocks } from './blocks.ts';
import { appendCode, codeBlock } from './code-block.ts';
import { environment } from './engine.ts';
import { OpenList } from './open-list.ts';
import { engine, lineOffset, toNodes } from './render.ts';
import type { Env } from './types.ts';

interface Chunk {
  readonly source: string;
  /** Headings that its own stand below. */
  readonly outline: Env['outline'];
  nodes: ChildNode[];
}

interface OpenFence {
  readonly type: 'fence';
  readonly close: RegExp;
  readonly indent: number;
  readonly code: HTMLElement;
  /** Offsets into the source: where the next line starts, and up to where text is shown. */
  line: number;
  shown: number;
}

interface OpenTable {
  readonly type: 'table';
  readonly head: string;
  readonly body: Element;
  line: number;
}

const FENCE = /^(?:[ \t]*\n)*( {0,3})(`{3,})([^`\n]*)\n|^(?:[ \t]*\n)*( {0,3})(~{3,})([^\n]*)\n/;
/** A table of this many characters gets rows appended instead of being rendered again. */
const TABLE_CHARS = 1_500;

export class MarkdownView {
  readonly #blocks: Blocks;
  readonly #onFrozen: (nodes: readonly ChildNode[]) => void;
  readonly #chunks: Chunk[] = [];
  #source = '';
  #carry = '';
  #frozenTo = 0;
  /** Up to where complete lines were looked at for closed blocks. */
  #scannedTo = 0;
  #references: Env['references'] = {};
  #outline: Env['outline'] = [];
  #tail: ChildNode[] = [];
  #open: OpenFence | OpenTable | OpenList | undefined;
  #dirty = false;
  #lastCost = 0;
  #lastEnd = 0;

  /** `onFrozen` hears of nodes that stay: the place to colour code. */
  constructor(element: HTMLElement, onFrozen: (nodes: readonly ChildNode[]) => void = () => undefined) {
    this.#blocks = new Blocks(element);
    this.#onFrozen = onFrozen;
  }

  /** Takes more text; nothing is drawn before `render`. */
  append(text: string): void {
    let next = this.#carry + text;
    this.#carry = '';
    if (next.endsWith('\r')) {
      this.#carry = '\r';
      next = next.slice(0, -1);
    }
    this.#source += next.includes('\r') ? next.replace(/\r\n?/g, '\n') : next;
    this.#dirty = true;
  }

  /**
   * Draws what came. A tail that is dear to render (a long quote) is drawn less often, so that it takes at most a third of the time: then
   * false comes back and the caller tries again with the next frame.
   */
  render(now: number): boolean {
    if (!this.#dirty) return true;
    if (this.#lastCost > 6 && now - this.#lastEnd < this.#lastCost * 2) return false;
    const start = performance.now();
    this.#dirty = false;
    if (this.#open === undefined || !this.#extend()) this.#renderTail();
    this.#lastEnd = performance.now();
    this.#lastCost = this.#lastEnd - start;
    return true;
  }

  /** Closes every block: nothing comes any more. */
  finish(): void {
    if (this.#carry !== '') {
      this.#source += '\n';
      this.#carry = '';
    }
    this.#dirty = false;
    this.#open = undefined;
    this.#freezeClosed();
    this.#freeze(this.#source.length);
  }

  #renderTail(): void {
    this.#freezeClosed();
    const tail = this.#source.slice(this.#frozenTo);
    if (this.#openFence(tail) || this.#openTable(tail)) return;
    this.#open = OpenList.open(this.#source, this.#frozenTo, this.#environment(), (nodes) => this.#showTail(nodes));
    if (this.#open === undefined) this.#showTail(toNodes(tail, this.#environment()));
  }

  #environment(): Env {
    return environment(this.#references, this.#outline);
  }

  #showTail(fragment: DocumentFragment): void {
    this.#blocks.remove(this.#tail);
    this.#tail = this.#blocks.append(fragment);
  }

  /** Freezes every block that complete lines have closed: all but the last, because only the last can still change. */
  #freezeClosed(): void {
    const end = this.#source.lastIndexOf('\n') + 1;
    if (end <= this.#frozenTo || end <= this.#scannedTo) return;
    this.#scannedTo = end;
    const lines = this.#source.slice(this.#frozenTo, end);
    let last = -1;
    let beforeLast = -1;
    for (const token of engine().parse(lines, environment(this.#references))) {
      if (token.level !== 0 || token.map === null || token.nesting < 0 || token.type === 'inline') continue;
      beforeLast = last;
      last = token.map[1];
    }
    if (beforeLast > 0) this.#freeze(this.#frozenTo + lineOffset(lines, beforeLast));
  }

  /** Renders the source up to `end` for good. A link definition in it may change what was frozen before. */
  #freeze(end: number): void {
    const source = this.#source.slice(this.#frozenTo, end);
    const env = this.#environment();
    const fragment = toNodes(source, env);
    this.#blocks.remove(this.#tail);
    this.#tail = [];
    const chunk: Chunk = { source, outline: this.#outline, nodes: this.#blocks.append(fragment) };
    const added = Object.keys(env.references).filter((label) => !Object.hasOwn(this.#references, label));
    this.#frozenTo = end;
    this.#references = env.references;
    this.#outline = env.outline;
    if (added.length > 0) for (const earlier of this.#chunks) this.#relink(earlier, added);
    this.#chunks.push(chunk);
    this.#onFrozen(chunk.nodes);
  }

  #relink(chunk: Chunk, labels: readonly string[]): void {
    if (!chunk.source.includes('[')) return;
    const letters = onlyLetters(chunk.source);
    if (!labels.some((label) => letters.includes(onlyLetters(label)))) return;
    const nodes = [...toNodes(chunk.source, environment(this.#references, chunk.outline)).childNodes];
    // A definition changes what stands in blocks, never how many there are: each takes its forerunner's place, in whatever group that is.
    for (const [at, node] of chunk.nodes.entries()) node.replaceWith(...nodes.slice(at, at + 1));
    chunk.nodes = nodes;
    this.#onFrozen(nodes);
  }

  #openFence(tail: string): boolean {
    const match = FENCE.exec(tail);
    if (match === null) return false;
    const marker = match[2] ?? match[5] ?? '```';
    const info = (match[3] ?? match[6] ?? '').trim();
    const language = /^[A-Za-z0-9+#_-]{1,32}(?!\S)/.exec(info)?.[0] ?? '';
    const block = codeBlock('', language);
    const fragment = document.createDocumentFragment();
    fragment.append(block.element);
    this.#showTail(fragment);
    const start = this.#frozenTo + match[0].length;
    this.#open = {
      type: 'fence',
      close: new RegExp(`^ {0,3}${marker.charAt(0)}{${marker.length.toString()},}[ \\t]*$`),
      indent: (match[1] ?? match[4] ?? '').length,
      code: block.code,
      line: start,
      shown: start,
    };
    if (!this.#extend()) this.#renderTail();
    return true;
  }

  #openTable(tail: string): boolean {
    if (tail.length < TABLE_CHARS || !tail.includes('|')) return false;
    const table = engine().parse(tail, environment(this.#references));
    const first = table[0];
    if (first?.type !== 'table_open' || table.some((token) => token.level === 0 && !token.type.startsWith('table')))
      return false;
    const start = first.map?.[0] ?? 0;
    const headStart = lineOffset(tail, start);
    const headEnd = lineOffset(tail, start + 2);
    const complete = tail.lastIndexOf('\n') + 1;
    this.#showTail(toNodes(tail.slice(0, complete), this.#environment()));
    const body = this.#tail[0] instanceof Element ? this.#tail[0].querySelector('tbody') : null;
    if (body === null) return false;
    this.#open = { type: 'table', head: tail.slice(headStart, headEnd), body, line: this.#frozenTo + complete };
    return true;
  }

  /** Adds to the open fence or table. False when it ended: then the tail is rendered the ordinary way. */
  #extend(): boolean {
    const open = this.#open;
    if (open === undefined) return false;
    const ended =
      open.type === 'fence'
        ? this.#extendFence(open)
        : open.type === 'table'
          ? this.#extendTable(open)
          : open.extend(this.#source, this.#references);
    if (!ended) return true;
    this.#open = undefined;
    this.#scannedTo = this.#frozenTo;
    if (open.type === 'fence') this.#freeze(open.line);
    return false;
  }

  #extendFence(open: OpenFence): boolean {
    const source = this.#source;
    let text = '';
    for (let end = source.indexOf('\n', open.line); end >= 0; end = source.indexOf('\n', open.line)) {
      const line = source.slice(open.line, end);
      if (open.close.test(line)) {
        open.line = end + 1;
        return true;
      }
      const from = open.shown > open.line ? open.shown : open.line + leadingSpaces(line, open.indent);
      text += source.slice(from, end + 1);
      open.line = end + 1;
      open.shown = end + 1;
    }
    // A line that is still coming is shown unless it may turn out to be the closing fence or needs its indent cut.
    const rest = source.slice(open.line);
    if (open.shown > open.line || (rest !== '' && open.indent === 0 && !/^ {0,3}(?:[`~]|$)/.test(rest))) {
      text += source.slice(open.shown);
      open.shown = source.length;
    }
    appendCode(open.code, text);
    return false;
  }

  #extendTable(open: OpenTable): boolean {
    const source = this.#source;
    for (let end = source.indexOf('\n', open.line); end >= 0; end = source.indexOf('\n', open.line)) {
      const line = source.slice(open.line, end + 1);
      const env = environment(this.#references);
      const fragment = toNodes(open.head + line, env);
      const rows = fragment.querySelectorAll('tbody > tr');
      const alone = [...fragment.children].length === 1 && rows.length === 1;
      if (!alone || line.trim() === '') return true;
      open.body.append(...rows);
      open.line = end + 1;
    }
    return false;
  }
}

function leadingSpaces(line: string, most: number): number {
  let count = 0;
  while (count < most && line.charAt(count) === ' ') count += 1;
  return count;
}

function onlyLetters(text: string): string {
  return text
    .toLowerCase()
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}
