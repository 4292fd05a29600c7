/**
 * A long list that is still being written: items that are complete stay, only the last one is rendered again. When the list closes it is
 * rendered once as a whole, so what is decided late (a link definition) is right in the end.
 */

import { environment } from './engine.ts';
import { engine, fragmentOf, lineOffset } from './render.ts';
import type { Env, Token } from './types.ts';

/** A list of this many characters is extended instead of being rendered again. */
const LIST_CHARS = 1_500;

export class OpenList {
  readonly type = 'list';
  readonly #element: Element;
  readonly #name: string;
  readonly #mark: string;
  readonly #loose: boolean;
  /** Offset into the source of the first item that is rendered again, and how many items stand before it. */
  #from: number;
  #fixed = 0;

  private constructor(element: Element, first: Token, loose: boolean, start: number) {
    this.#element = element;
    this.#name = first.type;
    this.#mark = first.markup;
    this.#loose = loose;
    this.#from = start;
  }

  /** Takes over the tail `source.slice(start)` when it is one long list and nothing else; `show` puts its nodes into the page. */
  static open(
    source: string,
    start: number,
    env: Env,
    show: (fragment: DocumentFragment) => void,
  ): OpenList | undefined {
    const tail = source.slice(start);
    if (tail.length < LIST_CHARS || !/^\s{0,20}(?:[-+*]|\d{1,9}[.)])\s/.test(tail)) return undefined;
    const tokens = engine().parse(tail, env);
    const [first] = tokens;
    if (first === undefined || !isOneList(tokens, first.type, first.markup)) return undefined;
    const fragment = fragmentOf(tokens, env);
    const element = fragment.firstElementChild;
    if (element === null || fragment.childNodes.length !== 1) return undefined;
    show(fragment);
    const list = new OpenList(element, first, isLoose(tokens), start);
    list.#advance(tokens, tail);
    return list;
  }

  /** Draws what was added. True when the list ended, or turned out to be another one: then the tail is rendered the ordinary way. */
  extend(source: string, references: Env['references']): boolean {
    const rest = source.slice(this.#from);
    const env = environment(references);
    const tokens = engine().parse(rest, env);
    if (!isOneList(tokens, this.#name, this.#mark)) return true;
    const loose = isLoose(tokens);
    // One blank line between two items makes paragraphs of all.
    if (loose && !this.#loose) return true;
    if (this.#loose && !loose)
      for (const token of tokens) if (token.level === 2 && token.type.startsWith('paragraph')) token.hidden = false;
    const [list] = fragmentOf(tokens, env).children;
    if (list === undefined) return true;
    for (const item of [...this.#element.children].slice(this.#fixed)) item.remove();
    this.#element.append(...list.children);
    this.#advance(tokens, rest);
    return false;
  }

  /** Everything before the last item is settled, once that item's own first line is complete. */
  #advance(tokens: readonly Token[], text: string): void {
    const items = tokens.filter(({ level, type }) => level === 1 && type === 'list_item_open');
    const start = items.at(-1)?.map?.[0] ?? 0;
    // Without a paragraph nobody knows yet whether the list is a loose one.
    if (items.length < 2 || !tokens.some(isParagraph)) return;
    const offset = lineOffset(text, start);
    if (!text.includes('\n', offset)) return;
    this.#from += offset;
    this.#fixed += items.length - 1;
  }
}

function isOneList(tokens: readonly Token[], name: string, mark: string): boolean {
  const [first] = tokens;
  return (
    first?.markup === mark &&
    first.type === name &&
    name.endsWith('_list_open') &&
    tokens.filter(({ level }) => level === 0).length === 2
  );
}

function isParagraph({ level, type }: Token): boolean {
  return level === 2 && type === 'paragraph_open';
}

function isLoose(tokens: readonly Token[]): boolean {
  return tokens.some((token) => isParagraph(token) && !token.hidden);
}
