/** The shapes of a graph that services send, as nodes and edges. No shape is published: what fits is drawn, all else is source. Pure. */

import { type JsonNode, brief, member } from './json-nodes.ts';

export interface GraphNode {
  readonly id: string;
  readonly label: string;
  /** What kind of thing it is, when it was told; part of its words, never a class or a colour. */
  readonly kind: string;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Larger graphs are a table. `asked`: a layout takes a moment, so it is made when the reader wants it. */
export const GRAPH_LIMITS = { nodes: 200, edges: 400, askedNodes: 50, askedEdges: 80 } as const;

const LABEL_CHARS = 200;

/** Undefined when the JSON is no graph. Nodes that only edges name are there too. */
export function toGraph(root: JsonNode): Graph | undefined {
  const holder = member(root, 'graph') ?? root;
  const nodeList = member(holder, 'nodes', 'vertices', 'entities');
  const edgeList = holder.kind === 'array' ? holder : member(holder, 'edges', 'links', 'relationships', 'relations');
  if (nodeList === undefined && edgeList === undefined) return undefined;
  const nodes = new Map<string, GraphNode>();
  for (const node of nodeList?.children ?? []) {
    const made = nodeOf(node);
    if (made !== undefined && !nodes.has(made.id)) nodes.set(made.id, made);
  }
  const edges: GraphEdge[] = [];
  for (const edge of edgeList?.children ?? []) {
    const made = edgeOf(edge);
    if (made === undefined) {
      if (holder.kind === 'array') return undefined;
      continue;
    }
    edges.push(made);
    for (const id of [made.from, made.to]) if (!nodes.has(id)) nodes.set(id, { id, label: id, kind: '' });
  }
  return nodes.size === 0 ? undefined : { nodes: [...nodes.values()], edges };
}

function words(node: JsonNode | undefined): string {
  return node === undefined ? '' : brief(node, LABEL_CHARS);
}

function nodeOf(node: JsonNode): GraphNode | undefined {
  if (node.kind !== 'object') {
    const id = words(node);
    return id === '' ? undefined : { id, label: id, kind: '' };
  }
  // `{"nodes": {"a": {…}}}`: the name in the map is the id.
  const own = typeof node.key === 'string' ? node.key : '';
  const id = words(member(node, 'id', 'key', 'name', 'label')) || own;
  if (id === '') return undefined;
  const label = words(member(node, 'label', 'name', 'title', 'text', 'value'));
  return { id, label: label === '' ? id : label, kind: words(member(node, 'type', 'kind', 'category', 'group')) };
}

function edgeOf(edge: JsonNode): GraphEdge | undefined {
  if (edge.kind === 'array') {
    const [from, to, label] = edge.children;
    return from === undefined || to === undefined
      ? undefined
      : { from: words(from), to: words(to), label: words(label) };
  }
  const from = member(edge, 'from', 'source', 'src', 'start', 'head');
  const to = member(edge, 'to', 'target', 'dst', 'end', 'tail');
  if (from === undefined || to === undefined) return undefined;
  const label = words(member(edge, 'label', 'name', 'title', 'relation', 'relationship', 'type', 'kind'));
  return { from: endOf(from), to: endOf(to), label };
}

/** An end may be the node itself instead of its id. */
function endOf(node: JsonNode): string {
  return words(member(node, 'id', 'key', 'name') ?? node);
}
