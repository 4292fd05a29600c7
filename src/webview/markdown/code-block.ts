/** A block of code: head with language and buttons, the text verbatim below. */

import { button, el } from '../dom.ts';
import { markedText } from './hidden.ts';
import { hasHiddenCharacters } from '../../core/visible-text.ts';

export interface CodeBlock {
  readonly element: HTMLElement;
  readonly code: HTMLElement;
}

/** `textContent` of `code` is the source, byte for byte; marks of hidden characters are drawn, not written. */
export function codeBlock(source: string, language: string): CodeBlock {
  const code = el('code', language === '' ? {} : { class: `language-${language}` });
  appendCode(code, source);
  const element = el(
    'div',
    { class: 'code', role: 'group', 'aria-label': language === '' ? 'Code' : `Code, ${language}` },
    el(
      'div',
      { class: 'code-head' },
      el('span', { class: 'code-language' }, language),
      button('Copy code', 'copy', 'copy-code'),
      button('Insert at cursor', 'insert', 'insert-code'),
      button('Compare with the code asked about', 'compare', 'compare-code'),
      button('Open in new editor', 'open', 'open-code'),
    ),
    el('pre', { tabindex: '0' }, code),
  );
  return { element, code };
}

/** Adds text to a code element that is still being written. */
export function appendCode(code: HTMLElement, text: string): void {
  if (hasHiddenCharacters(text)) {
    code.append(markedText(text));
    return;
  }
  const last = code.lastChild;
  if (last instanceof Text) last.appendData(text);
  else if (text !== '') code.append(text);
}
