/** The place of a structured content in an article: drawn as soon as the renderers are loaded, its source one press away. */

import type { RenderAs } from '../../core/model.ts';
import { codeBlock } from '../markdown/code-block.ts';
import { button, el } from '../dom.ts';
import { highlightBelow } from '../highlight.ts';
import { prettyJson } from '../words.ts';
import type * as Renderers from './renderers.ts';

type Library = typeof Renderers;
let library: Promise<Library> | undefined;

/** True for what the renderers may draw; everything else is text, Markdown or source. */
export function isStructured(render: RenderAs): render is Renderers.Structured {
  return render === 'json' || render === 'table' || render === 'graph' || render === 'timeline' || render === 'html';
}

/** `title` is the service's, and text. */
export function structuredBlock(render: Renderers.Structured, content: string): HTMLElement {
  const place = el('div', { class: 'block-place' }, el('p', { class: 'word' }, 'Drawing…'));
  const block = el('div', { class: `block block-${render}` }, place);
  library ??= import('./renderers.ts');
  library
    .then(async (loaded) => {
      await idle();
      // Scrolled away meanwhile: the article is made anew when it comes back.
      return block.isConnected ? loaded.draw(render, content) : [];
    })
    .then(
      (parts) => {
        if (parts === undefined) place.replaceChildren(source(render, content));
        else {
          place.replaceChildren(...parts);
          block.append(sourceSwitch(place, parts, () => source(render, content)));
        }
      },
      () => {
        // The chunk did not load: the source is there all the same, the next block tries again.
        library = undefined;
        place.replaceChildren(source(render, content));
      },
    );
  return block;
}

function sourceSwitch(place: HTMLElement, parts: readonly HTMLElement[], make: () => HTMLElement): HTMLElement {
  const pressed = button('Source', 'transcript', 'show-source', 'Source');
  pressed.setAttribute('aria-pressed', 'false');
  pressed.addEventListener('click', () => {
    const showing = pressed.getAttribute('aria-pressed') === 'true';
    pressed.setAttribute('aria-pressed', (!showing).toString());
    place.replaceChildren(...(showing ? parts : [make()]));
  });
  return el('div', { class: 'block-tools' }, pressed);
}

function source(render: Renderers.Structured, content: string): HTMLElement {
  const block = codeBlock(render === 'html' ? content : prettyJson(content), render === 'html' ? 'xml' : 'json');
  highlightBelow([block.element]);
  return block.element;
}

/** A layout takes longer than a frame: while the reader scrolls, nothing is drawn. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    requestIdleCallback(() => resolve(), { timeout: 300 });
  });
}
