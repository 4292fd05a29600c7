/** Gives tests in the browser the page's own Markdown: the same modules as the page, by the global `probe`. */
import { findFirstDifference } from './differences.ts';
import { MarkdownView } from '../../../../src/webview/markdown/markdown-view.ts';
import { decodeHTMLStrict } from '../../../../src/webview/markdown/entities.ts';
import { renderMarkdown } from '../../../../src/webview/markdown/render.ts';
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
  /** What is on the page after every piece, blanks between the blocks left out. */
  states: (pieces: readonly string[]): string[] => {
    const element = document.createElement('div');
    const view = new MarkdownView(element);
    return pieces.map((piece) => {
      view.append(piece);
      view.render(Number.MAX_SAFE_INTEGER);
      return element.innerHTML.replace(/>\n+</g, '><');
    });
  },
  /** How many items of a list that is written line by line are still the nodes that they were when the next one came. */
  keptItems: (lines: readonly string[]): number => {
    const element = document.createElement('div');
    const view = new MarkdownView(element);
    let kept = 0;
    let before: Element[] = [];
    for (const line of lines) {
      view.append(line);
      view.render(Number.MAX_SAFE_INTEGER);
      const items = [...element.querySelectorAll(':scope > ul > li')];
      if (before.length > 1 && items[0] === before[0] && items[before.length - 2] === before.at(-2)) kept += 1;
      before = items;
    }
    return kept;
  },
  decodeHTMLStrict,
  sanitise,
  markedText,
  findFirstDifference,
};

export type Probe = typeof probe;
(window as unknown as { probe: Probe }).probe = probe;
