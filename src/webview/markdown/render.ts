/** One render of a text, from source to nodes: Markdown, then the sanitiser, then our own parts. */

import { Blocks } from './blocks.ts';
import { createMarkdown, environment } from './engine.ts';
import { enhance } from './enhance.ts';
import { sanitise } from './sanitise.ts';
import type { Engine, Env, Token } from './types.ts';

let shared: Engine | undefined;

/** The page's Markdown, made at its first use. */
export function engine(): Engine {
  shared ??= createMarkdown();
  return shared;
}

/** Renders a whole text at once: what history shows, and what the incremental way must equal. */
export function renderMarkdown(source: string): DocumentFragment {
  const whole = document.createDocumentFragment();
  new Blocks(whole).append(toNodes(source.replace(/\r\n?/g, '\n'), environment()));
  return whole;
}

/** Renders a part. What it defines (links, headings) is in `env` afterwards. */
export function toNodes(source: string, env: Env): DocumentFragment {
  return fragmentOf(engine().parse(source, env), env);
}

/** Tokens to nodes, without the blanks between the blocks. */
export function fragmentOf(tokens: Token[], env: Env): DocumentFragment {
  const { renderer, options } = engine();
  const fragment = enhance(sanitise(renderer.render(tokens, options, env)));
  for (const child of [...fragment.childNodes])
    if (child.nodeType === Node.TEXT_NODE && (child.nodeValue ?? '').trim() === '') child.remove();
  return fragment;
}

/** Offset of line `line` (from 0) in the text; its length when there are fewer. */
export function lineOffset(text: string, line: number): number {
  let offset = 0;
  for (let left = line; left > 0; left -= 1) {
    const end = text.indexOf('\n', offset);
    if (end < 0) return text.length;
    offset = end + 1;
  }
  return offset;
}
