/** The shapes of a table that services send, as columns and rows of words. Pure. */

import { type JsonNode, brief, member } from './json-nodes.ts';

export interface TableModel {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What was left out, beyond the limits. */
  readonly moreRows: number;
  readonly moreColumns: number;
}

export const TABLE_LIMITS = { rows: 500, columns: 40, cellChars: 2_000 } as const;

/** An array of objects (v3's published shape), of arrays, of values; or `{columns, rows}`. Undefined for anything else. */
export function toTable(root: JsonNode): TableModel | undefined {
  if (root.kind === 'array') return root.children.length === 0 ? undefined : fromRows(root.children, undefined);
  const rows = member(root, 'rows', 'data', 'items', 'records');
  if (rows?.kind !== 'array') return undefined;
  const heads = member(root, 'columns', 'headers', 'header', 'fields');
  return fromRows(rows.children, heads?.kind === 'array' ? heads.children.map(headOf) : undefined);
}

function headOf(node: JsonNode): string {
  return brief(member(node, 'label', 'title', 'name', 'key', 'field') ?? node, 200);
}

function fromRows(found: readonly JsonNode[], heads: readonly string[] | undefined): TableModel | undefined {
  const shown = found.slice(0, TABLE_LIMITS.rows);
  const columns = heads ?? headsOf(shown);
  if (columns.length === 0) return undefined;
  const kept = columns.slice(0, TABLE_LIMITS.columns);
  return {
    columns: kept,
    rows: shown.map((row) => cellsOf(row, kept)),
    moreRows: found.length - shown.length,
    moreColumns: columns.length - kept.length,
  };
}

function headsOf(rows: readonly JsonNode[]): string[] {
  if (rows.every((row) => row.kind === 'array')) {
    const width = rows.reduce((most, row) => Math.max(most, row.children.length), 0);
    return Array.from({ length: width }, (_, index) => `Column ${(index + 1).toString()}`);
  }
  const names = new Set<string>();
  for (const row of rows) if (row.kind === 'object') for (const child of row.children) names.add(String(child.key));
  return names.size > 0 ? [...names] : ['Value'];
}

function cellsOf(row: JsonNode, columns: readonly string[]): string[] {
  if (row.kind === 'array') return columns.map((_, index) => cell(row.children[index]));
  if (row.kind === 'object') return columns.map((name) => cell(row.children.findLast((child) => child.key === name)));
  return columns.map((_, index) => (index === 0 ? cell(row) : ''));
}

function cell(node: JsonNode | undefined): string {
  if (node === undefined || (node.kind === 'word' && node.text === 'null')) return '';
  return brief(node, TABLE_LIMITS.cellChars);
}
