/** From what the page shows back to Markdown, for copying: a selection, or a table as it is sorted. What is only the page's own is left out. */

interface Way {
  /** Inside a table cell: one line, bars escaped. */
  readonly cell: boolean;
}

/** Parts of the page that are no part of the text. */
const CHROME = '.code-head, .table-tools, .row-head, .row-foot, .row-tools, button:not(.sort), [aria-hidden="true"]';
const BLOCKS = new Set(
  'article aside blockquote div dl footer h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table ul'.split(' '),
);

/** Markdown of a fragment or an element, without a line end at its end. */
export function toMarkdown(root: Node): string {
  const text = root instanceof Element ? block(root) : blocks(root);
  return text.replace(/^\n+|\s+$/g, '');
}

function blocks(parent: Node): string {
  const parts: string[] = [];
  let line = '';
  const flush = (): void => {
    if (line.trim() !== '') parts.push(lineStart(line.trim()));
    line = '';
  };
  for (const child of parent.childNodes) {
    if (child instanceof Element && isBlock(child)) {
      flush();
      const text = block(child);
      if (text !== '') parts.push(text);
    } else line += inline(child, { cell: false });
  }
  flush();
  return parts.join('\n\n');
}

function isBlock(element: Element): boolean {
  return BLOCKS.has(element.localName);
}

function block(element: Element): string {
  if (element.matches(CHROME)) return '';
  switch (element.localName) {
    case 'p':
      return lineStart(inlines(element, { cell: false }).trim());
    case 'h1':
    case 'h2':
    case 'h3':
    case 'h4':
    case 'h5':
    case 'h6': {
      const level = Number(/\bh([1-6])\b/.exec(element.className)?.[1] ?? 3);
      return `${'#'.repeat(level)} ${inlines(element, { cell: false }).trim().replace(/\n/g, ' ')}`;
    }
    case 'hr':
      return '---';
    case 'pre':
      return fence(element);
    case 'blockquote':
      return blocks(element).replace(/^/gm, '> ').replace(/^> $/gm, '>');
    case 'ul':
    case 'ol':
      return list(element);
    case 'li':
      return blocks(element);
    case 'table':
      return table(element);
    default:
      // A text of the user or of a tool is its own source.
      return element.classList.contains('text') ? element.textContent : blocks(element);
  }
}

function inlines(parent: Node, way: Way): string {
  return [...parent.childNodes].map((child) => inline(child, way)).join('');
}

function inline(node: Node, way: Way): string {
  if (node.nodeType === Node.TEXT_NODE) return escaped(node.nodeValue ?? '', way);
  if (!(node instanceof Element) || node.matches(CHROME)) return '';
  switch (node.localName) {
    case 'br':
      return way.cell ? ' ' : '\\\n';
    case 'code':
      return codeSpan(node.textContent, way);
    case 'em':
      return wrapped('*', inlines(node, way));
    case 'strong':
      return wrapped('**', inlines(node, way));
    case 's':
      return wrapped('~~', inlines(node, way));
    default:
      break;
  }
  if (node.classList.contains('task-done')) return '[x] ';
  if (node.classList.contains('task-open')) return '[ ] ';
  const { href } = (node as HTMLElement).dataset;
  if (href !== undefined) return `[${inlines(node, way)}](${target(href)})`;
  // A place in a file: where the words differ from it, it was a link.
  const { file } = (node as HTMLElement).dataset;
  if (file !== undefined && node.textContent !== file) return `[${inlines(node, way)}](${target(file)})`;
  return isBlock(node) ? blocks(node) : inlines(node, way);
}

/** A mark around nothing would be text; blanks stand outside of it. */
function wrapped(mark: string, text: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? [];
  return inner === '' ? text : `${before}${mark}${inner}${mark}${after}`;
}

function target(address: string): string {
  return /[\s()<>]/.test(address) ? `<${address.replace(/[<>]/g, encodeURIComponent)}>` : address;
}

function codeSpan(text: string, way: Way): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = '`'.repeat(longest + 1);
  const space = /^`|`$|^ .* $/s.test(text) ? ' ' : '';
  const span = text === '' ? '' : `${mark}${space}${text}${space}${mark}`;
  return way.cell ? span.replaceAll('|', '\\|') : span;
}

function fence(pre: Element): string {
  const code = pre.querySelector('code') ?? pre;
  const text = code.textContent.replace(/\n$/, '');
  const longest = Math.max(2, ...[...text.matchAll(/^ {0,3}(`{3,})/gm)].map(([, run = '']) => run.length));
  const mark = '`'.repeat(longest + 1);
  return `${mark}${/language-(\S+)/.exec(code.className)?.[1] ?? ''}\n${text}\n${mark}`;
}

function list(element: Element): string {
  const ordered = element.localName === 'ol';
  const first = Number(element.getAttribute('start') ?? 1);
  const loose = element.querySelector(':scope > li > p') !== null;
  const items = [...element.children].map((item, at) => {
    const mark = ordered ? `${(first + at).toString()}. ` : '- ';
    const text = loose ? blocks(item) : tight(item);
    return mark + text.replace(/\n(?=[^\n])/g, `\n${' '.repeat(mark.length)}`);
  });
  return items.join(loose ? '\n\n' : '\n');
}

/** An item without paragraphs: its lists follow without a blank line. */
function tight(item: Element): string {
  return blocks(item).replace(/\n\n(?=(?:[-+*]|\d+\.) )/g, '\n');
}

function table(element: Element): string {
  const rows = [...element.querySelectorAll('tr')].map((row) => [...row.children]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const texts = rows.map((cells) => cells.map((cell) => cellMarkdown(cell)));
  const [head = []] = texts;
  const rule = (rows[0] ?? []).map((cell) => {
    const align = /align-(left|right|center)/.exec(cell.className)?.[1];
    return align === 'left' ? ':---' : align === 'right' ? '---:' : align === 'center' ? ':---:' : '---';
  });
  return [line(head), line(rule), ...texts.slice(1).map(line)].join('\n');
}

function cellMarkdown(cell: Element): string {
  const sort = cell.querySelector(':scope > button.sort');
  return inlines(sort ?? cell, { cell: true })
    .trim()
    .replace(/\s*\n\s*/g, ' ');
}

/** Only what would be read as a mark is escaped: copied words must stay readable. */
function escaped(text: string, way: Way): string {
  const marks = text
    .replace(/\\(?=[!-/:-@[-`{-~])/g, '\\\\')
    .replace(/[*`]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/~(?=~)|(?<=~)~/g, '\\~')
    .replace(/\[(?=[^\]]*\](?:[([:]|$))/g, '\\[')
    .replace(/<(?=[a-z/!?])/gi, '\\<')
    .replace(/&(?=#?\w+;)/g, '\\&');
  return way.cell ? marks.replaceAll('|', '\\|') : marks;
}

/** What would open a block at the start of a line. */
function lineStart(text: string): string {
  return text
    .replace(/^(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|(?:=+|-+)\s*$)/gm, '\\$1')
    .replace(/^(\d{1,9})([.)])(?=\s|$)/gm, '$1\\$2');
}
