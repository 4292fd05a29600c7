/** The renderers beyond text and Markdown, in a chunk of their own: the page's first script stays small. */

import { drawHtml } from './html.ts';
import { parseJsonNodes } from './json-nodes.ts';
import { jsonTree } from './json-tree.ts';
import type * as Graphs from './graph.ts';
import { toGraph } from './graph-model.ts';
import { toTable } from './table-model.ts';
import { drawTable } from './table.ts';
import { toTimeline } from './timeline-model.ts';
import { drawTimeline } from './timeline.ts';

export type Structured = 'json' | 'table' | 'graph' | 'timeline' | 'html';

/** With the layout library, for those who get a graph. */
let graphs: Promise<typeof Graphs> | undefined;

/** The content drawn; undefined when it is not what it says, then its source is shown. */
export async function draw(render: Structured, content: string): Promise<readonly HTMLElement[] | undefined> {
  if (render === 'html') return drawHtml(content);
  const root = parseJsonNodes(content);
  if (root === undefined) return undefined;
  switch (render) {
    case 'json':
      return root.children.length === 0 ? undefined : [jsonTree(root)];
    case 'table': {
      const table = toTable(root);
      return table === undefined ? undefined : drawTable(table);
    }
    case 'timeline': {
      const timeline = toTimeline(root);
      return timeline === undefined ? undefined : drawTimeline(timeline);
    }
    case 'graph': {
      const graph = toGraph(root);
      if (graph === undefined) return undefined;
      graphs ??= import('./graph.ts');
      return (await graphs).drawGraph(graph);
    }
  }
}
