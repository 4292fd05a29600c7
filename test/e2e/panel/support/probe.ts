/** Gives tests in the browser the page's own Markdown: the same modules as the page, by the global `probe`. */
import { findFirstDifference } from './differences.ts';
import { MarkdownView, renderMarkdown } from '../../../../src/webview/markdown/markdown-view.ts';
import { sanitise } from '../../../../src/webview/markdown/sanitise.ts';
import { markedText } from '../../../../src/webview/markdown/hidden.ts';

function html(build: (element: HTMLElement) => void): string {
  const element = document.createElement('div');
  build(element);
  return element.innerHTML;
}

const probe = {
  oneShot: (source: string): string => html((element) => element.append(renderMarkdown(source))),
  /** Drawn after every piece, as the page does. */
  pieces: (pieces: readonly string[]): string =>
    html((element) => {
      const view = new MarkdownView(element);
      for (const piece of pieces) {
        view.append(piece);
        view.render(Number.MAX_SAFE_INTEGER);
      }
      view.finish();
    }),
  sanitise,
  markedText,
  findFirstDifference,
};

export type Probe = typeof probe;
(window as unknown as { probe: Probe }).probe = probe;
