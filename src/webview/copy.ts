/** What is selected goes to the clipboard as the Markdown it was written in: also what of it is not in the page, because it is out of view. */

import { SecGeminiError } from '../core/errors.ts';
import { LIMITS, type Row } from '../panel/protocol.ts';
import { toMarkdown } from './markdown/to-markdown.ts';
import { folds } from './row-view.ts';
import type { Transcript } from './transcript.ts';

export interface SelectionCopyOptions {
  readonly transcript: Transcript;
  /** Puts text on the clipboard that was not at hand when the key was pressed; tells how it went. */
  readonly copy: (text: Promise<string>) => void;
}

/** Listens for copying, and for Select All, in the conversation. */
export function copySelections({ transcript, copy }: SelectionCopyOptions): void {
  const { log } = transcript;
  /** All of the conversation was selected, not only what of it is in the page. */
  let all = false;
  log.addEventListener('keydown', (event) => {
    if (!isSelectAll(event)) return;
    event.preventDefault();
    // The browser would select the head of the panel and the composer, too.
    document.getSelection()?.selectAllChildren(log.firstElementChild ?? log);
    all = true;
  });
  document.addEventListener('selectionchange', () => {
    if (all) all = document.getSelection()?.anchorNode === log.firstElementChild;
  });
  log.addEventListener('copy', (event) => {
    const selection = document.getSelection();
    if (selection === null || selection.isCollapsed || event.clipboardData === null) return;
    const range = selection.getRangeAt(0);
    const [first, last] = [rowOf(range.startContainer), rowOf(range.endContainer)];
    if (all) copy(stretch(transcript, '', 0, transcript.store.length - 1, ''));
    else if (first !== undefined && last !== undefined && isCut(first, last)) {
      const head = range.cloneRange();
      head.setEndAfter(first.element);
      const foot = range.cloneRange();
      foot.setStartBefore(last.element);
      copy(stretch(transcript, markdownOf(head), first.index + 1, last.index - 1, markdownOf(foot)));
    } else {
      const text = markdownOf(range);
      if (text === '') return;
      event.clipboardData.setData('text/plain', text);
    }
    event.preventDefault();
  });
}

function isSelectAll(event: KeyboardEvent): boolean {
  const isTyped = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
  const isKey = event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey);
  return isKey && !isTyped && !event.altKey && !event.shiftKey;
}

/** Whole rows from `from` to `to` between what is selected of the rows around them. What is folded is not part of what was selected. */
async function stretch(transcript: Transcript, head: string, from: number, to: number, foot: string): Promise<string> {
  const rows = await transcript.rows(from, to);
  const open = rows.filter((row) => !folds(row) || !transcript.isFolded(row)).map(sourceOf);
  const text = [head, ...open, foot].filter((part) => part !== '').join('\n\n');
  if (text.length > LIMITS.textChars)
    throw new SecGeminiError('tooLarge', 'This is too much for one copy.', {
      action: 'Use "Open as plain text" above the conversation.',
    });
  return text;
}

interface Place {
  readonly element: Element;
  readonly index: number;
}

function rowOf(node: Node): Place | undefined {
  const element = (node instanceof Element ? node : node.parentElement)?.closest('article') ?? undefined;
  return element === undefined ? undefined : { element, index: Number(element.getAttribute('aria-posinset')) - 1 };
}

/** Rows between the two are not in the page. */
function isCut(first: Place, last: Place): boolean {
  const rows = [...(first.element.parentElement?.children ?? [])].filter((row) => row.localName === 'article');
  return last.index - first.index !== rows.indexOf(last.element) - rows.indexOf(first.element);
}

function sourceOf(row: Row): string {
  const content = row.render === 'image' ? '' : (row.error?.message ?? row.content);
  return [content, row.result?.content ?? ''].filter((part) => part !== '').join('\n\n');
}

function markdownOf(range: Range): string {
  const around = range.commonAncestorContainer;
  const element = around instanceof Element ? around : around.parentElement;
  // Inside one block of code, one text of the user, or one word: what is seen is the source.
  if (element?.closest('pre, .text, :not(pre) > code') != null) return range.toString();
  return toMarkdown(range.cloneContents());
}
