/** Colours for finished code blocks. The library comes as a chunk of its own at the first block; big blocks are coloured in idle slices. */

import type * as Languages from './highlight-languages.ts';
import { keepSelection } from './keep-selection.ts';
import { markHidden } from './markdown/hidden.ts';
import { sanitise } from './markdown/sanitise.ts';

/** One slice of work: about 10 ms on a slow machine. */
const SLICE_CHARS = 20_000;
const MAX_CHARS = 400_000;

type Library = typeof Languages;
let library: Promise<Library> | undefined;
const queue: HTMLElement[] = [];
let running = false;

/** Colours the code blocks below the nodes, when there is time. Blocks in a language we do not know stay plain. */
export function highlightBelow(nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (!(node instanceof Element)) continue;
    for (const code of node.querySelectorAll<HTMLElement>('.code code[class^="language-"]:not(.lit)')) queue.push(code);
  }
  if (queue.length > 0 && !running) {
    running = true;
    void work();
  }
}

async function work(): Promise<void> {
  library ??= import('./highlight-languages.ts');
  try {
    const { highlight } = await library;
    for (let code = queue.shift(); code !== undefined; code = queue.shift()) {
      await idle();
      await colour(code, highlight);
    }
  } catch {
    // The chunk did not load: code stays plain, the next block tries again.
    library = undefined;
    queue.length = 0;
  } finally {
    running = false;
  }
}

async function colour(code: HTMLElement, highlight: Library['highlight']): Promise<void> {
  const source = code.textContent;
  const language = /language-(\S+)/.exec(code.className)?.[1] ?? '';
  code.classList.add('lit');
  if (source.length > MAX_CHARS || !code.isConnected) return;
  const coloured = document.createDocumentFragment();
  for (const slice of slices(source)) {
    if (coloured.hasChildNodes()) await idle();
    const html = highlight(slice, language);
    if (html === undefined) return;
    const fragment = sanitise(html);
    // A security tool shows code verbatim or not at all.
    if (fragment.textContent !== slice) return;
    coloured.append(fragment);
  }
  markHidden(coloured);
  const row = code.closest('article')?.parentElement ?? code;
  if (coloured.textContent === code.textContent) keepSelection(row, () => code.replaceChildren(coloured));
}

/** Cuts at line ends. */
function slices(source: string): string[] {
  const parts: string[] = [];
  let start = 0;
  while (source.length - start > SLICE_CHARS) {
    const end = source.indexOf('\n', start + SLICE_CHARS) + 1;
    if (end === 0) break;
    parts.push(source.slice(start, end));
    start = end;
  }
  parts.push(source.slice(start));
  return parts;
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    requestIdleCallback(() => resolve(), { timeout: 500 });
  });
}
