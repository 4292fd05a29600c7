/** A graph as a drawing of ours, with a table that says the same. The layout library comes with this chunk alone. */

import { Graph as LayoutGraph, layout } from '@dagrejs/dagre';
import { labelText } from '../../core/visible-text.ts';
import { button, el } from '../dom.ts';
import { GRAPH_LIMITS, type Graph, type GraphNode } from './graph-model.ts';
import { counted } from './json-tree.ts';
import { svg } from './svg.ts';
import { wordTable } from './table.ts';

const CHAR_PX = 7.2;
const LINE_PX = 30;
const LABEL_CHARS = 28;
const TABLE_ROWS = 500;

export function drawGraph(graph: Graph): HTMLElement[] {
  const { nodes, edges } = graph;
  const size = `${counted(nodes.length, 'node')} and ${counted(edges.length, 'edge')}`;
  const table = twin(graph);
  if (nodes.length > GRAPH_LIMITS.nodes || edges.length > GRAPH_LIMITS.edges)
    return [el('p', { class: 'word' }, `${size} are too many to draw; the table has them.`), ...table];
  const details = el('details', { class: 'twin' }, el('summary', {}, `As a table: ${size}`), ...table);
  if (nodes.length <= GRAPH_LIMITS.askedNodes && edges.length <= GRAPH_LIMITS.askedEdges)
    return [drawing(graph, size), details];
  const draw = button(`Draw ${size}`, 'expand', 'draw-graph', `Draw ${size}`);
  const place = el('div', { class: 'draw-place' }, draw);
  draw.addEventListener('click', () => {
    const made = drawing(graph, size);
    place.replaceWith(made);
    made.focus({ preventScroll: true });
  });
  details.open = true;
  return [place, details];
}

interface Placed extends GraphNode {
  readonly words: string;
}

function drawing({ nodes, edges }: Graph, size: string): HTMLElement {
  const graph = new LayoutGraph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 56, edgesep: 12, marginx: 16, marginy: 16 });
  // Ids of the service are no keys of the library: it joins them with characters of its own.
  const places = new Map<string, string>();
  const shown = new Map<string, Placed>();
  for (const [index, node] of nodes.entries()) {
    const words = labelText(node.label, LABEL_CHARS);
    places.set(node.id, index.toString());
    shown.set(index.toString(), { ...node, words });
    graph.setNode(index.toString(), { width: Math.max(48, words.length * CHAR_PX + 20), height: LINE_PX });
  }
  const loops: { readonly at: string; readonly words: string }[] = [];
  for (const [index, edge] of edges.entries()) {
    const [from, to] = [places.get(edge.from), places.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    if (from === to) {
      loops.push({ at: from, words: labelText(edge.label, LABEL_CHARS) });
      continue;
    }
    const words = labelText(edge.label, LABEL_CHARS);
    const label = { words, width: words.length * (CHAR_PX - 1), height: words === '' ? 0 : 16, labelpos: 'c' as const };
    graph.setEdge(from, to, label, index.toString());
  }
  layout(graph);
  const { width = 100, height = 60 } = graph.graph() as { width?: number; height?: number };
  const picture = svg('svg', {
    viewBox: `0 0 ${Math.ceil(width).toString()} ${Math.ceil(height).toString()}`,
    width,
    height,
    role: 'img',
    class: 'graph',
    'aria-label': `Graph, ${size}. The table below says the same in words.`,
  });
  for (const key of graph.edges()) picture.append(...edgeParts(graph.edge(key)));
  for (const loop of loops) picture.append(...loopParts(graph.node(loop.at), loop.words));
  for (const key of graph.nodes()) picture.append(nodePart(graph.node(key), shown.get(key)));
  const scroller = el('div', { class: 'drawing', role: 'group', 'aria-label': `Graph, ${size}`, tabindex: '0' });
  scroller.append(picture);
  return scroller;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

interface DrawnEdge extends Partial<Point> {
  readonly points?: readonly Point[];
  readonly words: string;
}

function nodePart({ x, y, width, height }: Box, node: Placed | undefined): SVGElement {
  const part = svg('g', { class: 'graph-node' });
  const whole = [node?.label ?? '', node?.kind ?? ''].filter((text) => text !== '').join(', ');
  part.append(
    svg('title', {}, labelText(whole, 300)),
    svg('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 4 }),
    svg('text', { x, y: y + 4 }, node?.words ?? ''),
  );
  return part;
}

function edgeParts({ points = [], x, y, words }: DrawnEdge): SVGElement[] {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (end === undefined || before === undefined) return [];
  const line = points.map((point, index) => `${index === 0 ? 'M' : 'L'}${at(point)}`).join('');
  const parts = [
    svg('path', { class: 'graph-edge', d: line }),
    svg('path', { class: 'graph-arrow', d: arrow(before, end) }),
  ];
  if (words !== '' && x !== undefined && y !== undefined)
    parts.push(svg('text', { class: 'graph-edge-label', x, y: y + 4 }, words));
  return parts;
}

/** An edge to itself: an arc over the node's corner. */
function loopParts({ x, y, width, height }: Box, words: string): SVGElement[] {
  const [right, top] = [x + width / 2, y - height / 2];
  const end = { x: right, y: y - 4 };
  const line = `M${at({ x: right - 14, y: top })}C${at({ x: right - 12, y: top - 16 })} ${at({ x: right + 18, y: top - 4 })} ${at(end)}`;
  const parts = [
    svg('path', { class: 'graph-edge', d: line }),
    svg('path', { class: 'graph-arrow', d: arrow({ x: right + 10, y: top + 2 }, end) }),
  ];
  if (words !== '') parts.push(svg('text', { class: 'graph-edge-label', x: right, y: top - 8 }, words));
  return parts;
}

function at({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

function arrow(before: Point, end: Point): string {
  const angle = Math.atan2(end.y - before.y, end.x - before.x);
  const corner = (turn: number): Point => ({
    x: end.x - 8 * Math.cos(angle + turn),
    y: end.y - 8 * Math.sin(angle + turn),
  });
  return `M${at(end)}L${at(corner(0.42))}L${at(corner(-0.42))}Z`;
}

/** The same in words: what is connected with what, then what stands alone. */
function twin({ nodes, edges }: Graph): HTMLElement[] {
  const labels = new Map(nodes.map((node) => [node.id, node.label]));
  const label = (id: string): string => labels.get(id) ?? id;
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const rows = [
    ...edges.map(({ from, to, label: words }) => [label(from), words, label(to)]),
    ...nodes.filter(({ id }) => !connected.has(id)).map((node) => [node.label, '', '']),
  ];
  const parts = [wordTable(['From', 'Relation', 'To'], rows.slice(0, TABLE_ROWS), 'Connections')];
  if (rows.length > TABLE_ROWS)
    parts.push(
      el('p', { class: 'word' }, `Not shown: ${counted(rows.length - TABLE_ROWS, 'more row')}. The source has all.`),
    );
  return parts;
}
