/** The first render of all is ten times as dear as the second: code is read, patterns are built. It is done while nobody waits. */

import { MarkdownView } from './markdown-view.ts';

const SAMPLE =
  '# A\n\n**b** *c* `d.py:1` [e](https://example.com) &amp;\n\n- f\n- [x] g\n\n1. h\n\n> i\n\n| j | k |\n|---|--:|\n| l | 1 |\n\n```js\nm\n```\n\nn';

/** Renders a small text into nowhere, when the browser has time for it. */
export function warmUp(): void {
  requestIdleCallback(() => {
    const view = new MarkdownView(document.createElement('div'));
    for (const piece of SAMPLE.match(/[^]{1,40}/g) ?? []) {
      view.append(piece);
      view.render(Number.MAX_SAFE_INTEGER);
    }
    view.finish();
  });
}
