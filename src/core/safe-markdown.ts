/**
 * Markdown of an untrusted answer, written anew so that a renderer of the editor can neither fetch nor run anything: no images, no HTML, no
 * links (their address stands beside their text), no automatic links. Pure. What could mean something in the text is escaped, code stands behind
 * fences longer than any run in it: what another parser makes of the result does not depend on where it sees code or links begin.
 */

import MarkdownIt, { type MarkdownIt as Parser } from 'markdown-it';
import { visibleText } from './visible-text.ts';

type Token = ReturnType<Parser['parse']>[number];

declare const SAFE: unique symbol;
/** Only `safeMarkdown` makes it: a comment made of anything else does not compile. */
export type SafeMarkdown = string & { readonly [SAFE]: true };

/** Longest text that is drawn (trust.md S11); the panel has the whole. */
const MAX_UNITS = 65_536;

let parser: Parser | undefined;

/** `markdown` is untrusted. The result holds the same words and code; a text that is cut says so at its end. */
export function safeMarkdown(markdown: string): SafeMarkdown {
  parser ??= new MarkdownIt('default', { html: false, linkify: false, typographer: false });
  // Any address may be parsed as a link here: it becomes text anyway.
  parser.validateLink = () => true;
  const isCut = markdown.length > MAX_UNITS;
  const tokens = parser.parse(isCut ? markdown.slice(0, MAX_UNITS) : markdown, {});
  const text = new Writer().write(tokens);
  return (isCut ? `${text}\n\n_Cut here; the panel has the whole._` : text) as SafeMarkdown;
}

/**
 * Text as it is, for Markdown: on its own it means nothing but itself. Screen readers read a comment's source, so only what could mean something
 * is escaped, and addresses become code.
 */
export function markdownText(text: string): string {
  return guarded(plain(text));
}

/** For the middle of a line. */
function plain(text: string): string {
  let out = '';
  for (const part of visibleText(text).split(ADDRESS))
    out = /^(?:[a-z][a-z0-9+.-]*:\/\/|www\.)/i.test(part) ? withCode(out, part) : out + escaped(part);
  return out.replace(/\n[ \t]+/g, '\n');
}

const ADDRESS = /((?:\b[a-z][a-z0-9+.-]{0,30}:\/\/|\bwww\.)[^\s<>`]+)/i;

/** Emphasis, code, links, images, HTML, tables, entities, mail addresses. */
function escaped(text: string): string {
  return text
    .replace(/[\\`*[\]<>|~@]|&(?=[#\w])|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\$&`)
    .replace(/\b(mailto|xmpp|javascript|command|vscode|file|data):/gi, String.raw`$1\:`)
    .replace(/:(?=\/\/)/g, String.raw`\:`);
}

/** What only means something at the start of a line: headings, lists, rules. */
function guarded(text: string): string {
  return text.replace(/^([ \t]*)(?=[#+=-])/gm, '$1\\').replace(/^([ \t]*\d{1,9})(?=[.)])/gm, '$1\\');
}

/** Inline code of any text, on one line. */
export function markdownCode(text: string): string {
  const flat = visibleText(text.replace(/\s+/g, ' '));
  if (flat.trim() === '') return '` `';
  const longest = Math.max(0, ...(flat.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${flat}${pad}${fence}`;
}

interface List {
  readonly isOrdered: boolean;
  number: number;
}

class Writer {
  readonly #out: string[] = [];
  /** What begins every line of the open blocks. */
  #prefix = '';
  /** What stands before the first line of a list item instead of the end of the prefix. */
  #mark: string | undefined;
  readonly #prefixes: string[] = [];
  readonly #lists: List[] = [];
  #row: string[] = [];
  #isHead = false;
  #isCell = false;
  /** The paragraph is an item of a list without gaps. */
  #isTight = false;
  #isAfterList = false;
  #heading = '';

  write(tokens: readonly Token[]): string {
    for (const token of tokens) this.#block(token);
    return this.#out.join('\n').trim();
  }

  #block(token: Token): void {
    switch (token.type) {
      case 'fence':
      case 'code_block': {
        const longest = Math.max(2, ...[...token.content.matchAll(/`+/g)].map(([run]) => run.length));
        const language = /^[A-Za-z0-9+#_-]{1,32}(?=\s|$)/.exec(token.info.trim())?.[0] ?? '';
        const fence = '`'.repeat(longest + 1);
        this.#lines([fence + language, ...visibleText(token.content).replace(/\n$/, '').split('\n'), fence]);
        return;
      }
      case 'blockquote_open':
        return this.#open('> ');
      case 'bullet_list_open':
        this.#lists.push({ isOrdered: false, number: 0 });
        return;
      case 'ordered_list_open':
        this.#lists.push({ isOrdered: true, number: Number(token.attrGet('start') ?? 1) });
        return;
      case 'bullet_list_close':
      case 'ordered_list_close':
        this.#lists.pop();
        this.#isAfterList = true;
        return;
      case 'paragraph_open':
        this.#isTight = token.hidden;
        return;
      case 'list_item_open':
        return this.#openItem();
      case 'blockquote_close':
      case 'list_item_close':
        this.#flushMark();
        this.#prefix = this.#prefixes.pop() ?? '';
        return;
      case 'hr':
        return this.#lines(['---']);
      case 'heading_open':
        this.#heading = `${'#'.repeat(Number(token.tag.slice(1)) || 3)} `;
        return;
      case 'thead_open':
        this.#isHead = true;
        return;
      case 'tr_open':
        this.#row = [];
        return;
      case 'tr_close':
        return this.#endRow();
      case 'table_close':
        this.#out.push(this.#prefix.trimEnd());
        return;
      case 'inline':
        return this.#inline(token);
      case 'th_open':
      case 'td_open':
        this.#isCell = true;
        return;
      default:
    }
  }

  #inline(token: Token): void {
    const text = inlineText(token.children ?? []);
    if (this.#isCell) {
      this.#isCell = false;
      this.#row.push(text.replace(/\s*\n\s*/g, ' '));
      return;
    }
    const heading = this.#heading;
    this.#heading = '';
    const lines = (heading + (heading === '' ? text : text.replace(/\s*\n\s*/g, ' '))).split('\n');
    const isTight = this.#isTight;
    this.#isTight = false;
    if (isTight) for (const line of lines) this.#put(line);
    else this.#lines(lines);
  }

  #endRow(): void {
    const line = `| ${this.#row.join(' | ')} |`;
    this.#put(line);
    if (this.#isHead) this.#put(`|${' --- |'.repeat(this.#row.length)}`);
    this.#isHead = false;
  }

  #open(prefix: string): void {
    this.#flushMark();
    this.#prefixes.push(this.#prefix);
    this.#prefix += prefix;
  }

  #openItem(): void {
    this.#flushMark();
    const list = this.#lists.at(-1);
    const mark = list?.isOrdered === true ? `${list.number}. ` : '- ';
    if (list !== undefined) list.number += 1;
    this.#prefixes.push(this.#prefix);
    this.#mark = this.#prefix + mark;
    this.#prefix += ' '.repeat(mark.length);
  }

  /** An empty item is still an item. */
  #flushMark(): void {
    if (this.#mark !== undefined) this.#lines(['']);
  }

  /** A block of lines, with an empty line behind it. */
  #lines(lines: readonly string[]): void {
    for (const line of lines) this.#put(line);
    this.#out.push(this.#prefix.trimEnd());
  }

  #put(line: string): void {
    // Without a gap the next paragraph would go on the last item; another item needs none.
    if (this.#isAfterList && this.#mark === undefined) this.#out.push(this.#prefix.trimEnd());
    this.#isAfterList = false;
    this.#out.push(((this.#mark ?? this.#prefix) + line).trimEnd());
    this.#mark = undefined;
  }
}

function inlineText(tokens: readonly Token[]): string {
  let text = '';
  const links: { readonly href: string; readonly from: number }[] = [];
  for (const token of tokens) {
    switch (token.type) {
      case 'text':
      case 'text_special':
        text = joined(text, plain(token.content));
        break;
      case 'code_inline':
        text = withCode(text, token.content);
        break;
      case 'softbreak':
        text += '\n';
        break;
      case 'hardbreak':
        text += '\\\n';
        break;
      case 'strong_open':
      case 'strong_close':
        text += '**';
        break;
      case 'em_open':
      case 'em_close':
        text += '_';
        break;
      case 's_open':
      case 's_close':
        text += '~~';
        break;
      case 'link_open':
        links.push({ href: String(token.attrGet('href') ?? ''), from: text.length });
        break;
      case 'link_close': {
        const link = links.pop();
        if (link !== undefined && text.slice(link.from) !== plain(link.href))
          text = `${withCode(`${text} (`, link.href)})`;
        else if (link !== undefined) text = withCode(text.slice(0, link.from), link.href);
        break;
      }
      case 'image': {
        const alt = token.content.trim();
        const host = hostOf(String(token.attrGet('src') ?? ''));
        text += plain(`Image not loaded: ${alt === '' ? 'no description' : alt} (${host})`);
        break;
      }
      default:
        text = joined(text, plain(token.content));
    }
  }
  return guarded(text);
}

/** Two pieces of code side by side would make one of other fences. */
function withCode(text: string, code: string): string {
  return joined(text, markdownCode(code));
}

function joined(text: string, more: string): string {
  return text.endsWith('`') && more.startsWith('`') ? `${text} ${more}` : text + more;
}

function hostOf(source: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#\s]{1,200})/i.exec(source)?.[1] ?? 'no address';
}
