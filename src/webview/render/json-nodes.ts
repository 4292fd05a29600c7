/** JSON as nodes, from its text and not from parsed values: numbers, double keys and escapes stay as they were written. Pure. */

/** trust.md S41: deeper or larger documents are shown as source. */
export const JSON_LIMITS = { depth: 64, nodes: 100_000 } as const;

export interface JsonNode {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'word';
  /** The member's name, or the place in a list; undefined for the root. */
  readonly key?: string | number | undefined;
  /** Of a string the characters it stands for; of a number or a word what was written. */
  readonly text: string;
  readonly children: readonly JsonNode[];
}

interface Open extends JsonNode {
  readonly children: JsonNode[];
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Undefined for what is no JSON, or passes the limits. */
export function parseJsonNodes(source: string): JsonNode | undefined {
  try {
    JSON.parse(source);
  } catch {
    return undefined;
  }
  // It is valid: the tokens alone tell the structure.
  const open: Open[] = [];
  let root: JsonNode | undefined;
  let name: string | undefined;
  let count = 0;
  for (const [token] of source.matchAll(TOKENS)) {
    if (token === ',' || token === ':') continue;
    if (token === '}' || token === ']') {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    if (parent?.kind === 'object' && name === undefined) {
      name = stringOf(token);
      continue;
    }
    count += 1;
    if (count > JSON_LIMITS.nodes || open.length >= JSON_LIMITS.depth) return undefined;
    const node = nodeOf(token, parent?.kind === 'array' ? parent.children.length : name);
    name = undefined;
    if (parent === undefined) root = node;
    else parent.children.push(node);
    if (token === '{' || token === '[') open.push(node);
  }
  return root;
}

function nodeOf(token: string, key: string | number | undefined): Open {
  if (token === '{') return { kind: 'object', key, text: '', children: [] };
  if (token === '[') return { kind: 'array', key, text: '', children: [] };
  if (token.startsWith('"')) return { kind: 'string', key, text: stringOf(token), children: [] };
  return { kind: /^[-\d]/.test(token) ? 'number' : 'word', key, text: token, children: [] };
}

function stringOf(token: string): string {
  const value: unknown = JSON.parse(token);
  return typeof value === 'string' ? value : token;
}

/** The value on one line, for a cell or a label; `max` characters at most. */
export function brief(node: JsonNode, max: number): string {
  const parts: string[] = [];
  let left = max;
  const add = (text: string): void => {
    parts.push(text);
    left -= text.length;
  };
  const walk = (inner: JsonNode, top: boolean): void => {
    if (left <= 0) return;
    if (inner.kind === 'string') add(top ? inner.text : JSON.stringify(inner.text));
    else if (inner.kind === 'object' || inner.kind === 'array') {
      add(inner.kind === 'object' ? '{' : '[');
      for (const [index, child] of inner.children.entries()) {
        if (left <= 0) break;
        if (index > 0) add(', ');
        if (inner.kind === 'object') add(`${String(child.key)}: `);
        walk(child, false);
      }
      add(inner.kind === 'object' ? '}' : ']');
    } else add(inner.text);
  };
  walk(node, true);
  const text = parts.join('');
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** The first of these members that is there. */
export function member(node: JsonNode, ...names: readonly string[]): JsonNode | undefined {
  if (node.kind !== 'object') return undefined;
  for (const name of names) {
    const found = node.children.find((child) => child.key === name);
    if (found !== undefined) return found;
  }
  return undefined;
}
