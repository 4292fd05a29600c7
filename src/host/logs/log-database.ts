/**
 * A log as a database of its own: table `log`, full text in `log_text`. Runs in a process apart; see log-process.ts.
 *
 * Every editor of `engines.vscode` (1.103 and later) has node:sqlite with FTS5, so there is no second build of SQLite: 1.103 runs Electron 37.2.3
 * with Node 22.17.0. node:sqlite needs no flag since Node 22.13 (nodejs/node#55890), FTS5 is in both of Node's builds by one commit
 * (nodejs/node#57621), and Electron 37.2.3 is the first of its line that has the module again (electron/electron#47706).
 */

import { constants as fsConstants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { looksLikeText } from '../../scan/text.ts';
import { parserFor } from './formats/detect.ts';
import type { LogColumn, LogParser, LogValue } from './formats/log-format.ts';
import type { ColumnSummary, LogReply, LogSource, LogSummary, QueryAnswer, QueryLimits } from './log-messages.ts';

const SAMPLE_BYTES = 512 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const HASH_BYTES = 16 * 1024 * 1024;
/** Different values of a column that are counted; with more it is not told which there are. */
const MOST_DISTINCT = 40;
const VALUES_TOLD = 8;

export class LogFailure extends Error {
  readonly reason: Extract<LogReply, { kind: 'failed' }>['reason'];
  constructor(reason: LogFailure['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Reads the file that `source` describes, and no other, into a new database. Throws LogFailure. */
export async function importLog(
  source: LogSource,
  database: string,
  onProgress: (bytes: number) => void,
): Promise<LogSummary> {
  const noFollow = (fsConstants.O_NOFOLLOW as number | undefined) ?? 0;
  const noWait = (fsConstants.O_NONBLOCK as number | undefined) ?? 0;
  const file = await open(source.path, fsConstants.O_RDONLY | noFollow | noWait);
  try {
    const stat = await file.stat();
    // It may have grown since it was chosen; another file in its place is another file.
    const isSame = stat.isFile() && stat.dev === source.dev && stat.ino === source.ino;
    // Nor did a link take the place of a folder above it.
    if (!isSame || (await realpath(source.path)) !== source.path)
      throw new LogFailure('changed', 'Another file took its place while it was opened.');
    const head = Buffer.alloc(Math.min(SAMPLE_BYTES, source.size));
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const beginning = head.subarray(0, bytesRead);
    const encoding = encodingOf(beginning);
    if (encoding === 'utf-8' && !looksLikeText(beginning.subarray(0, 64 * 1024)))
      throw new LogFailure('notText', 'It is no text. A compressed log has to be unpacked first.');
    const parser = await parserFor(new TextDecoder(encoding).decode(beginning), source);
    let lines = 0;
    let bytes = 0;
    const chunks = async function* chunks(): AsyncGenerator<string> {
      const decoder = new TextDecoder(encoding);
      const buffer = Buffer.alloc(CHUNK_BYTES);
      let last = '';
      // What is appended while it is read is not part of it.
      while (bytes < source.size) {
        const { bytesRead: count } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, source.size - bytes), bytes);
        if (count === 0) break;
        bytes += count;
        const text = decoder.decode(buffer.subarray(0, count), { stream: true });
        for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
        if (text !== '') last = text;
        onProgress(bytes);
        yield text;
      }
      if (last !== '' && !last.endsWith('\n')) lines += 1;
    };
    const tally = await fill(database, parser, chunks());
    return { format: parser.format, lines, bytes, ...tally };
  } finally {
    await file.close();
  }
}

function encodingOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

async function fill(
  path: string,
  parser: LogParser,
  chunks: AsyncIterable<string>,
): Promise<Pick<LogSummary, 'rows' | 'unread' | 'firstTime' | 'lastTime' | 'columns'>> {
  const db = new DatabaseSync(path);
  try {
    // It is made from a file that stays: what a crash leaves is thrown away.
    db.exec(
      'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000; PRAGMA temp_store = FILE;',
    );
    const { columns } = parser;
    const all = ['line', 'raw', ...columns.map(({ name }) => name)];
    db.exec(
      `CREATE TABLE log (id INTEGER PRIMARY KEY, line INTEGER NOT NULL, raw TEXT NOT NULL${columns.map(({ name, type }) => `, ${quoted(name)} ${type}`).join('')})`,
    );
    const insert = db.prepare(
      `INSERT INTO log (${all.map(quoted).join(', ')}) VALUES (${all.map(() => '?').join(', ')})`,
    );
    const tallies = columns.map(() => new Tally());
    const nothing = columns.map(() => null);
    const timeAt = columns.findIndex(({ name }) => name === 'time');
    let rows = 0;
    let unread = 0;
    let firstTime: string | null = null;
    let lastTime: string | null = null;
    db.exec('BEGIN');
    for await (const { line, raw, values } of parser.rows(chunks)) {
      rows += 1;
      if (values === undefined) unread += 1;
      insert.run(line, raw, ...(values ?? nothing));
      for (const [index, value] of (values ?? []).entries()) tallies[index]?.add(value);
      const time = values?.[timeAt];
      if (typeof time === 'string' && /^\d{4}-/.test(time)) {
        if (firstTime === null || time < firstTime) firstTime = time;
        if (lastTime === null || time > lastTime) lastTime = time;
      }
    }
    db.exec(`CREATE VIRTUAL TABLE log_text USING fts5(raw, content='log', content_rowid='id', detail='full')`);
    // More at a time in memory (1 MiB is SQLite's own choice): fewer pieces to merge, half the work of indexing.
    db.exec(`INSERT INTO log_text(log_text, rank) VALUES ('hashsize', ${HASH_BYTES})`);
    db.exec(`INSERT INTO log_text(log_text) VALUES ('rebuild')`);
    if (timeAt >= 0) db.exec('CREATE INDEX log_time ON log(time)');
    db.exec('COMMIT');
    return {
      rows,
      unread,
      firstTime,
      lastTime,
      columns: columns.map((column, index) => columnSummary(column, tallies[index] ?? new Tally())),
    };
  } finally {
    db.close();
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Counts a column's values while they are few. */
class Tally {
  filled = 0;
  counts: Map<LogValue, number> | undefined = new Map();

  add(value: LogValue): void {
    if (value === null) return;
    this.filled += 1;
    if (this.counts === undefined) return;
    this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
    if (this.counts.size > MOST_DISTINCT) this.counts = undefined;
  }
}

function columnSummary({ name, type, about }: LogColumn, { filled, counts }: Tally): ColumnSummary {
  const values = [...(counts ?? [])]
    .map(([value, count]) => ({ value: typeof value === 'string' ? value.slice(0, 80) : value, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, VALUES_TOLD);
  return { name, type, ...(about === undefined ? {} : { about }), filled, values, distinct: counts?.size };
}

/** For a query: nothing can be written, attached or loaded, and what is sorted stays in memory, which is watched. */
export function openForQueries(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, allowExtension: false, enableForeignKeyConstraints: false });
  db.exec('PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;');
  authorise(db);
  return db;
}

// SQLite's own numbers (sqlite3.h); node:sqlite has names for them only where it has the authoriser.
const READ_ACTIONS = new Set([20 /* READ */, 21 /* SELECT */, 33 /* RECURSIVE */]);
const FUNCTION = 31;
const PRAGMA = 19;

/** Where Node has SQLite's authoriser, SQLite itself asks it about every part of a statement. */
function authorise(db: DatabaseSync): void {
  type Authoriser = (action: number, first: string | null, second: string | null) => number;
  const { setAuthorizer } = db as { setAuthorizer?: (authoriser: Authoriser) => void };
  setAuthorizer?.call(db, (action, first, second) => {
    if (READ_ACTIONS.has(action)) return 0;
    if (action === FUNCTION) return /^(?:load_extension|fts3_tokenizer)$/i.test(second ?? '') ? 1 : 0;
    // The full-text index looks whether the file has changed.
    if (action === PRAGMA) return first === 'data_version' ? 0 : 1;
    return 1;
  });
}

/** Throws LogFailure with SQLite's words. */
export function queryLog(db: DatabaseSync, sql: string, limits: QueryLimits): QueryAnswer {
  let statement: StatementSync;
  try {
    statement = db.prepare(sql);
    // Numbers beyond what JavaScript counts exactly must not end the query.
    statement.setReadBigInts(true);
    // As arrays: two columns of one name are two columns.
    (statement as { setReturnArrays?: (on: boolean) => void }).setReturnArrays?.(true);
  } catch (error) {
    throw new LogFailure('sql', wordsOf(error));
  }
  const columns = statement.columns().map(({ name }) => name);
  const rows: LogValue[][] = [];
  let room = limits.characters;
  try {
    for (const row of statement.iterate() as Iterable<unknown>) {
      if (rows.length >= limits.rows) return { columns, rows, whole: false };
      const cells = Array.isArray(row)
        ? (row as unknown[])
        : columns.map((name) => (row as Record<string, unknown>)[name]);
      const shown = cells.map((cell) => shownCell(cell, limits.cell));
      room -= shown.reduce<number>((sum, cell) => sum + String(cell).length + 1, 0);
      if (room < 0) return { columns, rows, whole: false };
      rows.push(shown);
    }
  } catch (error) {
    throw new LogFailure('sql', wordsOf(error));
  }
  return { columns, rows, whole: true };
}

function shownCell(cell: unknown, most: number): LogValue {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'bigint')
    return cell >= Number.MIN_SAFE_INTEGER && cell <= Number.MAX_SAFE_INTEGER ? Number(cell) : cell.toString();
  if (typeof cell === 'string')
    return cell.length <= most ? cell : `${cell.slice(0, most)} [cut: ${cell.length} characters]`;
  return cell instanceof Uint8Array ? `[${cell.byteLength} bytes]` : '[not shown]';
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 500) : 'It failed.';
}
