/** One JSON object a line; objects in it are flattened one level. */

import { type LogColumn, type LogParser, type LogValue, columnNames, lineParser } from './log-format.ts';
import { isoTime } from './times.ts';

/** What is beyond them is reached by SQLite's `json_extract(raw, '$.key')`. */
const MOST_COLUMNS = 60;
const TIME_KEYS = ['timestamp', '@timestamp', 'time', 'ts', 'datetime', 'date', 'eventtime', 'created_at', 'asctime'];

/** The object on a line, flattened: `{"a":{"b":1}}` is `a.b`. Undefined for a line of another form. */
export function objectOf(line: string): ReadonlyMap<string, LogValue> | undefined {
  if (!/^\s*\{/.test(line)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const flat = new Map<string, LogValue>();
  for (const [key, inner] of Object.entries(value as object).slice(0, 300)) {
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      for (const [name, leaf] of Object.entries(inner as object).slice(0, 100))
        flat.set(`${key}.${name}`, leafOf(leaf));
    else flat.set(key, leafOf(inner));
  }
  return flat;
}

function leafOf(value: unknown): LogValue {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    default:
      return value === null || value === undefined ? null : JSON.stringify(value);
  }
}

/** Its columns are the keys that its first lines have most often. */
export function jsonLinesParser(sample: readonly string[]): LogParser {
  const sampled = sample.map((line) => objectOf(line)).filter((record) => record !== undefined);
  const counts = new Map<string, number>();
  for (const record of sampled) for (const key of record.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
  const keys = [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, MOST_COLUMNS)
    .map(([key]) => key);
  const timeKey = TIME_KEYS.map((name) => keys.find((key) => key.toLowerCase() === name)).find(
    (key) => key !== undefined,
  );
  const others = keys.filter((key) => key !== timeKey);
  const names = columnNames(['time', ...others]);
  const columns: LogColumn[] = names.map((name, index) => ({
    name,
    type: index === 0 ? 'TEXT' : typeOf(others[index - 1] ?? '', sampled),
    ...(index > 0 && others[index - 1] !== name ? { about: `the key ${others[index - 1] ?? ''}` } : {}),
  }));
  return lineParser('json-lines', columns, (line) => {
    const record = objectOf(line);
    if (record === undefined) return undefined;
    const time = timeKey === undefined ? null : (record.get(timeKey) ?? null);
    return [time === null ? null : (isoTime(time) ?? String(time)), ...others.map((key) => record.get(key) ?? null)];
  });
}

/** Numbers stay numbers; a text of digits stays a text. */
function typeOf(key: string, sampled: readonly ReadonlyMap<string, LogValue>[]): LogColumn['type'] {
  const values = sampled.map((record) => record.get(key) ?? null).filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === 'number') ? 'NUMERIC' : 'TEXT';
}
