/**
 * The one Markdown dialect of the page: CommonMark, tables, strikethrough and task lists; no HTML, no automatic links, no media.
 *
 * No footnotes either: neither CommonMark nor the GFM specification has them, and a note that comes last would give its number to blocks that
 * are frozen long since. `[^1]` and its note stay readable as they were written; nothing of them is lost.
 */

import MarkdownIt from 'markdown-it';
import type { Engine, Env, Token } from './types.ts';

/** Languages become a class name, so only harmless characters pass (trust.md S09). */
const LANGUAGE = /^[A-Za-z0-9+#_-]{1,32}$/;

/** Schemes that a link may have; an address without a scheme is a reference to a file. */
const ALLOWED_TARGET = /^(?:https?:|mailto:|(?![a-z][a-z0-9+.-]*:)(?![/\\]{2})(?!#)[^\s])/i;

export function createMarkdown(): Engine {
  const markdown = new MarkdownIt('default', { html: false, linkify: false, typographer: false });
  // Autolinks to e-mail addresses come as mailto:.
  markdown.validateLink = (url) => ALLOWED_TARGET.test(url.trim());
  const { rules } = markdown.renderer;
  const { escapeHtml } = markdown.utils;

  rules['image'] = (tokens, index, options, env, self) => {
    const token = tokens[index];
    const alt = self.renderInlineAsText(token?.children ?? [], options, env).trim();
    const host = hostOf(attribute(token, 'src'));
    return `<span class="image">${escapeHtml(`Image not loaded: ${alt === '' ? 'no description' : alt} (${host})`)}</span>`;
  };
  rules['fence'] = (tokens, index) => {
    const token = tokens[index];
    const language = /^\S*/.exec((token?.info ?? '').trim())?.[0] ?? '';
    return codeHtml(escapeHtml(token?.content ?? ''), LANGUAGE.test(language) ? language : '');
  };
  rules['code_block'] = (tokens, index) => codeHtml(escapeHtml(tokens[index]?.content ?? ''), '');
  // The article's own heading is h2, so an answer's begin with h3. One that starts with h4 or skips levels must not break the outline that
  // screen readers walk: a heading stands one level below the last shallower one. The class keeps the look.
  rules['heading_open'] = (tokens, index, _options, env) => {
    const { outline } = env as Env;
    const tag = tokens[index]?.tag ?? 'h1';
    const level = Number(tag.slice(1));
    while ((outline.at(-1) ?? 0) >= level) outline.pop();
    outline.push(level);
    return `<h${headingLevel(outline)} class="${tag}">`;
  };
  rules['heading_close'] = (_tokens, _index, _options, env) => `</h${headingLevel((env as Env).outline)}>\n`;
  rules['th_open'] = (tokens, index) => cellHtml('th', tokens[index]);
  rules['td_open'] = (tokens, index) => cellHtml('td', tokens[index]);
  markdown.core.ruler.after('inline', 'tasks', (state) => markTasks(state.tokens));
  rules['task'] = (tokens, index) =>
    `<span class="${tokens[index]?.content === 'x' ? 'task-done' : 'task-open'}"></span>`;
  return markdown;
}

/** A fresh parse environment that already knows the link definitions and the headings found before. */
export function environment(references: Env['references'] = {}, outline: Env['outline'] = []): Env {
  return { references: { ...references }, outline: [...outline] };
}

function headingLevel(outline: Env['outline']): string {
  return Math.min(6, 2 + outline.length).toString();
}

function codeHtml(escaped: string, language: string): string {
  return `<pre><code${language === '' ? '' : ` class="language-${language}"`}>${escaped}</code></pre>\n`;
}

/** markdown-it aligns by a style attribute, which the policy of the page forbids. */
function cellHtml(tag: string, token: Token | undefined): string {
  const align = /text-align:(left|right|center)/.exec(attribute(token, 'style'))?.[1];
  return align === undefined ? `<${tag}>` : `<${tag} class="align-${align}">`;
}

/** `[ ]` and `[x]` at the start of a list item. */
function markTasks(tokens: Token[]): void {
  for (let index = 2; index < tokens.length; index += 1) {
    const inline = tokens[index];
    const first = inline?.children?.[0];
    if (inline?.type !== 'inline' || first?.type !== 'text') continue;
    if (tokens[index - 1]?.type !== 'paragraph_open' || tokens[index - 2]?.type !== 'list_item_open') continue;
    const mark = /^\[([ xX])\][ \u00a0]/.exec(first.content);
    if (mark === null) continue;
    const task = new (first.constructor as new (type: string, tag: string, nesting: 0) => Token)('task', 'span', 0);
    task.content = mark[1] === ' ' ? '' : 'x';
    first.content = first.content.slice(mark[0].length);
    inline.children?.unshift(task);
  }
}

function attribute(token: Token | undefined, name: string): string {
  return String(token?.attrGet(name) ?? '');
}

function hostOf(source: string): string {
  const url = URL.parse(source);
  if (url === null) return 'no address';
  return url.host === '' ? url.protocol : url.host;
}
