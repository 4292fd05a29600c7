/** Tables as text: commas, semicolons or tabs, quotes that may hold line ends, a line of names first. */

import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { type LogColumn, type LogParser, type LogValue, MAX_LINE, columnNames } from './log-format.ts';
import { isoTime } from './times.ts';

const MOST_COLUMNS = 100;
/** Bytes of one record: a quote that is never closed must not take the rest of the file. */
const MOST_RECORD = 1024 * 1024;

const TIME_NAME = /^(?:timestamp|time|datetime|date_time|date|ts|event_?time|@timestamp|time_?created|created_?at)$/i;

/** The character between the cells of a first line, or undefined when it is no line of names. */
export function delimiterOf(first: string): ',' | ';' | '\t' | undefined {
  for (const delimiter of ['\t', ',', ';'] as const) {
    const cells = first.split(delimiter);
    // Names are short and not numbers; a sentence with commas has spaces behind them.
    const areNames = cells.every((cell) => /^\s?"?[\p{L}_@#][^\t\n]{0,60}$/u.test(cell) && !/[.:]\s/.test(cell));
    if (cells.length >= 2 && areNames) return delimiter;
  }
  return undefined;
}

interface Entry {
  readonly info: { readonly lines: number };
  readonly raw: string;
  readonly record: readonly string[];
}

function parserOf(delimiter: string): ReturnType<typeof parse> {
  return parse({
    delimiter,
    info: true,
    raw: true,
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MOST_RECORD,
    record_delimiter: ['\r\n', '\n', '\r'],
  });
}

/** `sample` is the beginning of the file. */
export async function delimitedParser(sample: string, delimiter: ',' | ';' | '\t'): Promise<LogParser> {
  const first: (readonly string[])[] = [];
  // The last record of a sample may be cut.
  const whole = sample.slice(0, sample.lastIndexOf('\n') + 1) || sample;
  for await (const entry of Readable.from([whole]).pipe(parserOf(delimiter))) {
    first.push((entry as Entry).record);
    if (first.length > 500) break;
  }
  const header = (first[0] ?? []).slice(0, MOST_COLUMNS);
  const body = first.slice(1);
  const timeAt = header.findIndex(
    (name, index) => TIME_NAME.test(name.trim()) && body.some((cells) => isoTime((cells[index] ?? '').trim()) !== null),
  );
  const order = header.map((_, index) => index).filter((index) => index !== timeAt);
  const names = columnNames([...(timeAt < 0 ? [] : ['time']), ...order.map((index) => header[index] ?? '')]);
  const columns = names.map((name, at): LogColumn => {
    const index = timeAt < 0 ? order[at] : at === 0 ? timeAt : order[at - 1];
    const values = body.map((cells) => cells[index ?? -1] ?? '').filter((cell) => cell !== '');
    const areNumbers = values.length > 0 && values.every((cell) => /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/.test(cell));
    const given = header[index ?? -1]?.trim() ?? '';
    return {
      name,
      type: areNumbers && index !== timeAt ? 'NUMERIC' : 'TEXT',
      ...(given.toLowerCase() === name ? {} : { about: `"${given.slice(0, 60)}" in the file` }),
    };
  });
  return {
    format: delimiter === '\t' ? 'tsv' : 'csv',
    columns,
    rows: async function* rows(chunks) {
      let line = 1;
      let isHeader = true;
      for await (const entry of Readable.from(chunks).pipe(parserOf(delimiter))) {
        const { info, raw, record } = entry as Entry;
        // Empty lines before a record are part of its `raw`, and are not where it begins.
        const blank = /^(?:\r\n|\n|\r)*/.exec(raw)?.[0].replaceAll('\r\n', '\n').length ?? 0;
        const begins = line + blank;
        line = Math.max(info.lines + 1, begins + 1);
        if (isHeader) {
          isHeader = false;
          continue;
        }
        const values = order.map((index): LogValue => cellOf(record[index]));
        if (timeAt >= 0) {
          const time = (record[timeAt] ?? '').trim();
          values.unshift(isoTime(time) ?? cellOf(time));
        }
        yield { line: begins, raw: raw.trim().slice(0, MAX_LINE), values };
      }
    },
  };
}

function cellOf(cell: string | undefined): LogValue {
  return cell === undefined || cell === '' ? null : cell.slice(0, MAX_LINE);
}
