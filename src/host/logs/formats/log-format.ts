/** What a parser of logs is: text in, rows out. Nothing here knows the database or the editor. */

/** Forms of logs that are told apart; `text` is any other text, line by line. */
export type LogFormat =
  'json-lines' | 'csv' | 'tsv' | 'syslog' | 'auth' | 'web-access' | 'web-error' | 'windows-events' | 'text';

export type LogValue = string | number | null;

export interface LogColumn {
  /** `[a-z_][a-z0-9_]*`, unique in its log. */
  readonly name: string;
  /** SQLite's affinity: NUMERIC where text that is a number counts as one. */
  readonly type: 'TEXT' | 'INTEGER' | 'NUMERIC';
  /** What it holds, where the name does not tell. */
  readonly about?: string | undefined;
}

export interface LogRow {
  /** Of its beginning in the file, from 1. */
  readonly line: number;
  /** As it stands in the file; of an event in XML its values as text. */
  readonly raw: string;
  /** In the order of the columns; undefined for what does not have the form of the log. */
  readonly values: readonly LogValue[] | undefined;
}

export interface LogParser {
  readonly format: LogFormat;
  /** The first is `time` where the log has times: ISO 8601, so that text order is time order. */
  readonly columns: readonly LogColumn[];
  /** Rows of the whole file, in its order. `chunks` are pieces of its text, cut anywhere. */
  rows(chunks: AsyncIterable<string>): AsyncIterable<LogRow>;
}

export interface SampleOptions {
  /** Without folders. */
  readonly name: string;
  /** Of the file: dates without a year are of this year, or of the one before. Milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** A line longer than this is cut, with a mark: one line without an end must not fill the memory. In UTF-16 units. */
export const MAX_LINE = 64 * 1024;

/** The lines of a text that comes in pieces, with their numbers. A line end at the end begins no line. */
export async function* linesOf(
  chunks: AsyncIterable<string>,
): AsyncGenerator<readonly { readonly text: string; readonly line: number }[]> {
  let line = 0;
  let rest = '';
  /** Of the present line, beyond what is kept. */
  let cut = false;
  const take = (text: string): { text: string; line: number } => {
    line += 1;
    const plain = text.endsWith('\r') ? text.slice(0, -1) : text;
    const isLong = cut || plain.length > MAX_LINE;
    cut = false;
    return { text: isLong ? `${plain.slice(0, MAX_LINE)} [line cut]` : plain, line };
  };
  for await (const chunk of chunks) {
    const pieces = chunk.split('\n');
    pieces[0] = rest + (pieces[0] ?? '');
    rest = pieces.pop() ?? '';
    if (rest.length > MAX_LINE) {
      rest = rest.slice(0, MAX_LINE);
      cut = true;
    }
    if (pieces.length > 0) yield pieces.map(take);
  }
  if (rest !== '') yield [take(rest)];
}

/** A parser for logs of one record a line. `valuesOf` gives undefined for a line of another form. */
export function lineParser(
  format: LogFormat,
  columns: readonly LogColumn[],
  valuesOf: (line: string) => readonly LogValue[] | undefined,
): LogParser {
  return {
    format,
    columns,
    rows: async function* rows(chunks) {
      for await (const lines of linesOf(chunks))
        for (const { text, line } of lines) if (text !== '') yield { line, raw: text, values: valuesOf(text) };
    },
  };
}

/** Names for columns from whatever a file calls them: lower case, unique, none of our own. */
export function columnNames(given: readonly string[]): readonly string[] {
  const taken = new Set(['id', 'line', 'raw', 'rowid', 'oid', '_rowid_']);
  return given.map((name, index) => {
    const plain = name
      .trim()
      // userName and sourceIPAddress become user_name and source_ip_address.
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 50);
    const base = plain === '' ? `column_${index + 1}` : /^\d/.test(plain) ? `c_${plain}` : plain;
    let unique = base;
    for (let n = 2; taken.has(unique); n += 1) unique = `${base}_${n}`;
    taken.add(unique);
    return unique;
  });
}
