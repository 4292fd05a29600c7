/** From a sanitised fragment to live parts: inert links that ask the host, code blocks with a head, tables that scroll. Builds nodes, never HTML. */

import { labelText } from '../../core/visible-text.ts';
import { el } from '../dom.ts';
import { codeBlock } from './code-block.ts';
import { markHidden } from './hidden.ts';
import { tableBlock } from './table.ts';

/** `src/app.ts:12:3`, `app.ts:12`, `C:\x\y.cs:3`: a file with a line. Bounded, so that it stays linear. */
const FILE_WITH_LINE =
  /(?<![\w/\\.@:-])(?:[\w.@~-]{1,80}[/\\]){0,20}[\w.@-]{1,120}\.[A-Za-z]\w{0,9}:\d{1,7}(?:-\d{1,7}|:\d{1,5})?(?![\w/-])/g;
const CODE_IS_FILE =
  /^(?:[\w.@~-]{1,80}[/\\]){0,20}[\w.@-]{1,120}\.[A-Za-z]\w{0,9}(?::\d{1,7}(?:-\d{1,7}|:\d{1,5})?)?$/;

/** `load()`, `Session.open()`, `std::sort()`: code that names something to jump to. A bare word may be anything. */
const CODE_IS_CALL = /^[\p{L}_$][\p{L}\p{N}_$]{0,80}(?:(?:\.|::|#)[\p{L}_$][\p{L}\p{N}_$]{0,80}){0,5}\(\)$/u;

/** Changes the fragment in place and returns it. */
export function enhance(fragment: DocumentFragment): DocumentFragment {
  for (const link of fragment.querySelectorAll('a')) link.replaceWith(...inertLink(link));
  for (const code of fragment.querySelectorAll('code')) {
    if (code.parentElement?.localName === 'pre') continue;
    if (code.closest('.link, .file') !== null) continue;
    const text = code.textContent;
    const line = /:\d+(?:-\d+)?$/.test(text) ? undefined : lineBeside(code);
    if (CODE_IS_FILE.test(text) && (line !== undefined || /[/\\:]/.test(text)))
      code.replaceChildren(fileReference(line === undefined ? text : `${text}:${line}`, text));
    else if (CODE_IS_CALL.test(text)) code.replaceChildren(symbolReference(text));
  }
  for (const task of fragment.querySelectorAll('.task-open, .task-done')) {
    task.setAttribute('role', 'img');
    task.setAttribute('aria-label', task.classList.contains('task-done') ? 'Done' : 'To do');
  }
  for (const table of fragment.querySelectorAll('table')) {
    dropBlankText(table);
  }
  markFiles(fragment);
  for (const table of fragment.querySelectorAll('table')) {
    const place = document.createTextNode('');
    table.replaceWith(place);
    place.replaceWith(tableBlock(table));
  }
  for (const pre of fragment.querySelectorAll('pre')) {
    const code = pre.firstElementChild;
    const language = /(?:^| )language-(\S+)/.exec(code?.className ?? '')?.[1] ?? '';
    pre.replaceWith(codeBlock(pre.textContent, language).element);
  }
  markHidden(fragment);
  return fragment;
}

/** Blank text between rows and cells is nothing to read and many nodes. */
function dropBlankText(table: Element): void {
  for (const parent of [table, ...table.querySelectorAll('thead, tbody, tr')])
    for (const child of [...parent.childNodes]) if (child.nodeType === Node.TEXT_NODE) child.remove();
}

/** A link without an address of its own: the page asks the host, which shows where it leads. */
function inertLink(link: HTMLAnchorElement): Node[] {
  const href = link.getAttribute('href') ?? '';
  const children = [...link.childNodes];
  if (/^(?:https?|mailto):/i.test(href)) {
    const inert = el('span', { class: 'link', role: 'link', tabindex: '0', title: shownAddress(href) });
    inert.dataset['href'] = href;
    inert.append(...children);
    return [inert];
  }
  const path = decoded(href);
  if (!isFilePath(path) || link.textContent.trim() === '') return children;
  const file = fileReference(path.replace(/#L(\d+)(?:-L?\d+)?$/, ':$1'), '');
  file.append(...children);
  return [file];
}

/** The line that the sentence gives: `line 23 of` before the file's name, or `, line 23` and `(line 23` behind it. */
function lineBeside(code: Element): string | undefined {
  const before = code.previousSibling instanceof Text ? code.previousSibling.data.slice(-40) : '';
  const behind = code.nextSibling instanceof Text ? code.nextSibling.data.slice(0, 40) : '';
  const found =
    /\blines? (\d{1,7})(?:(?:-|–| to )(\d{1,7}))? (?:of|in) $/i.exec(before) ??
    /^(?:,| \(|:)? ?lines? (\d{1,7})(?:(?:-|–| to )(\d{1,7}))?(?!\d)/i.exec(behind);
  if (found === null) return undefined;
  return found[2] === undefined ? found[1] : `${found[1] ?? ''}-${found[2]}`;
}

function symbolReference(call: string): HTMLElement {
  const name = call.slice(0, -2);
  const symbol = el('span', { class: 'symbol', role: 'link', tabindex: '0', title: `Find ${labelText(name)}` }, call);
  symbol.dataset['symbol'] = name;
  return symbol;
}

function fileReference(reference: string, text: string): HTMLElement {
  const file = el('span', { class: 'file', role: 'link', tabindex: '0', title: `Open ${labelText(reference)}` }, text);
  file.dataset['file'] = reference;
  return file;
}

/** Host in punycode, so that look-alike letters show. */
function shownAddress(href: string): string {
  return URL.parse(href)?.href ?? href;
}

/** Decoding may have brought back a scheme, another host or a control character: such a path names no file of the workspace. */
function isFilePath(path: string): boolean {
  return path !== '' && !/^(?:#|[a-z][a-z0-9+.-]+:(?!\d)|[/\\]{2})|[\u0000-\u001f\u007f]/i.test(path);
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}

/** Makes references such as `src/app.ts:12-14` in text something to open. */
export function markFiles(fragment: Node): void {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node as Text;
    // Most texts name no line: the cheap look first.
    if (!text.data.includes(':')) continue;
    if (text.parentElement?.closest('pre, .link, .file, .symbol, .image') != null) continue;
    FILE_WITH_LINE.lastIndex = 0;
    if (FILE_WITH_LINE.test(text.data)) found.push(text);
  }
  for (const text of found) {
    const parts: (string | Node)[] = [];
    let end = 0;
    // matchAll begins where the last test ended.
    FILE_WITH_LINE.lastIndex = 0;
    for (const match of text.data.matchAll(FILE_WITH_LINE)) {
      parts.push(text.data.slice(end, match.index), fileReference(match[0], match[0]));
      end = match.index + match[0].length;
    }
    parts.push(text.data.slice(end));
    text.replaceWith(...parts.filter((part) => part !== ''));
  }
}
