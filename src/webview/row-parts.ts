/** What stands inside an article, by its kind. Every string of the service becomes text here, or goes through a renderer that sanitises. */

import { formatBytes } from '../core/format.ts';
import type { RenderAs } from '../core/model.ts';
import { labelText, visibleText } from '../core/visible-text.ts';
import type { Row, ToolResult } from '../panel/protocol.ts';
import { button, el, setText } from './dom.ts';
import { highlightBelow } from './highlight.ts';
import { codeBlock } from './markdown/code-block.ts';
import { markFiles } from './markdown/enhance.ts';
import { markedText } from './markdown/hidden.ts';
import { renderMarkdown } from './markdown/render.ts';
import { isStructured, structuredBlock } from './render/block.ts';
import { duration, prettyJson } from './words.ts';

export function toolParts(row: Row): Node[] {
  const parts: Node[] = [partName('Arguments'), codePart(prettyJson(row.content), 'json')];
  if (row.result === undefined) {
    parts.push(
      el('p', { class: 'word' }, row.status === 'interrupted' ? 'No result arrived.' : 'Waiting for the result…'),
    );
    return parts;
  }
  const took = duration(row.result.createdAt - row.createdAt);
  const name = row.result.failed ? 'Failed' : 'Result';
  const head = partName(took === '' ? name : `${name} after ${took}`);
  head.classList.toggle('warning', row.result.failed);
  parts.push(head, resultPart(row.result));
  return parts;
}

function resultPart(result: ToolResult): Node {
  if (result.render === 'image') return imagePart('', result.content.length);
  if (result.render === 'markdown') {
    const holder = el('div', { class: 'markdown' });
    holder.append(renderMarkdown(result.content));
    highlightBelow([holder]);
    return holder;
  }
  if (isStructured(result.render)) return structuredBlock(result.render, result.content);
  const pretty = prettyJson(result.content);
  return codePart(pretty, pretty === result.content ? '' : 'json');
}

export function errorParts(row: Row): Node[] {
  const what = row.error?.message ?? (row.content === '' ? 'The service gave no reason.' : row.content);
  const parts: Node[] = [textPart(what, 'error')];
  if (row.error !== undefined) {
    parts.push(el('p', { class: 'word' }, visibleText(row.error.action)));
    if (row.content !== '' && row.content !== row.error.message) parts.push(textPart(row.content, 'notice'));
    if (row.error.code === 'unauthenticated') parts.push(button('Set API key', 'approval', 'set-key', 'Set API key'));
  }
  return parts;
}

/** Content that is neither text nor Markdown: drawn where we can, else its source (trust.md S08). */
export function contentParts(row: Row): Node[] {
  if (row.render === 'image') return [imagePart(row.mimeType, row.wholeChars ?? 0)];
  const named = row.kind === 'agent' && row.title !== '' ? [partName(labelText(row.title, 120))] : [];
  if (isStructured(row.render) && row.wholeChars === undefined)
    return [...named, structuredBlock(row.render, row.content)];
  return [...named, sourcePart(row.content, row.render, row.mimeType)];
}

export function textPart(text: string, kind: Row['kind']): HTMLElement {
  const part = el('div', { class: `text text-${kind}` });
  part.append(markedText(text));
  // A question at lines of code names its place.
  if (kind === 'you') markFiles(part);
  return part;
}

function partName(text: string): HTMLElement {
  return el('p', { class: 'part-name' }, text);
}

function codePart(text: string, language: string): HTMLElement {
  const block = codeBlock(text, language);
  highlightBelow([block.element]);
  return block.element;
}

function sourcePart(text: string, render: RenderAs, mimeType: string): HTMLElement {
  if (render === 'unknown') return textPart(text, 'notice');
  if (render === 'html' || render === 'canvas') return codePart(text, 'xml');
  if (render === 'code')
    return codePart(text, /^(?:text|application)\/(?:x-)?([a-z0-9+#]{1,32})$/i.exec(mimeType)?.[1] ?? '');
  return codePart(prettyJson(text), 'json');
}

function imagePart(mimeType: string, chars: number): HTMLElement {
  const part = el('p', { class: 'word' });
  const type = mimeType === '' ? 'unknown type' : labelText(mimeType, 60);
  setText(part, `Image not shown (${type}, about ${formatBytes(Math.round((chars * 3) / 4))}).`);
  return part;
}
