/**
 * What the logs service keeps: JSON lines under the BLAKE2s hash of their file. The hash also tells whether a log is whole: it is taken
 * over the lines as they arrive, so that an upload cut short starts again and a whole one is not sent twice.
 */
import { blake2s } from '@noble/hashes/blake2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import * as z from 'zod/mini';
import type { JournalRecord } from './journal.ts';
import { Refusal } from './model.ts';
import type { StateRecord } from './records.ts';

/** The logs of one account may take this much. */
const MOST_BYTES = 256 * 1024 * 1024;
const HASH_KEY = new TextEncoder().encode('secgemini');

interface Batch {
  readonly lines: readonly string[];
  /** {destination: source} */
  readonly mapping: Readonly<Record<string, string>>;
}

interface Table {
  readonly user: string;
  readonly hash: string;
  readonly canLog: boolean;
  batches: Batch[];
  bytes: number;
  lines: number;
  /** Over the lines as they came, and over the lines with a line feed where they came without. */
  asSent: ReturnType<typeof blake2s.create>;
  withFeeds: ReturnType<typeof blake2s.create>;
}

const emptyTable = (user: string, hash: string, canLog: boolean): Table => ({
  user,
  hash,
  canLog,
  batches: [],
  bytes: 0,
  lines: 0,
  asSent: blake2s.create({ key: HASH_KEY }),
  withFeeds: blake2s.create({ key: HASH_KEY }),
});

export class LogTables {
  readonly #tables = new Map<string, Table>();
  readonly #write: (record: JournalRecord) => void;

  constructor(write: (record: JournalRecord) => void) {
    this.#write = write;
  }

  /** True when the lines have to be sent: the log is new, or an earlier upload of it was cut short (which this empties). */
  create(user: string, hash: string, canLog: boolean): boolean {
    const known = this.#tables.get(`${user}\n${hash}`);
    if (known !== undefined && isWhole(known)) return false;
    this.#tables.set(`${user}\n${hash}`, emptyTable(user, hash, canLog));
    this.#write({ json: { t: 'table', user, hash, canLog } });
    return true;
  }

  /**
   * Returns the number of lines taken. `mapping` names fields anew, {destination: source}, for whoever looks into the log later.
   * Throws Refusal 404 for a table that was not created, 413 when the account's logs are too large.
   */
  append(user: string, hash: string, lines: readonly string[], mapping: Readonly<Record<string, string>> = {}): number {
    const table = this.#tables.get(`${user}\n${hash}`);
    if (table === undefined) throw new Refusal(404, 'Logs table not found: create it first');
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    let held = bytes;
    for (const other of this.#tables.values()) if (other.user === user) held += other.bytes;
    if (held > MOST_BYTES) throw new Refusal(413, `The logs are too large: at most ${MOST_BYTES} bytes per account`);
    this.#write({ json: { t: 'lines', user, hash, mapping }, blob: Buffer.from(JSON.stringify(lines)) });
    take(table, { lines, mapping }, bytes);
    return lines.length;
  }

  has(user: string, hash: string): boolean {
    return this.#tables.has(`${user}\n${hash}`);
  }

  /** The log as one text; undefined when the account has none of this hash. */
  text(user: string, hash: string): string | undefined {
    const table = this.#tables.get(`${user}\n${hash}`);
    return table?.batches
      .flatMap(({ lines, mapping }) => lines.map((line) => withFeed(renamed(line, mapping))))
      .join('');
  }

  *snapshot(): Generator<JournalRecord> {
    for (const { user, hash, canLog, batches } of this.#tables.values()) {
      yield { json: { t: 'table', user, hash, canLog } };
      for (const { lines, mapping } of batches)
        yield { json: { t: 'lines', user, hash, mapping }, blob: Buffer.from(JSON.stringify(lines)) };
    }
  }

  /** Takes back what `snapshot` or a change wrote. */
  replay(record: Extract<StateRecord, { t: 'table' | 'lines' }>, blob: Uint8Array | undefined): void {
    const key = `${record.user}\n${record.hash}`;
    if (record.t === 'table') {
      this.#tables.set(key, emptyTable(record.user, record.hash, record.canLog));
      return;
    }
    const table = this.#tables.get(key);
    if (table === undefined || blob === undefined) return;
    const lines = z.array(z.string()).safeParse(JSON.parse(Buffer.from(blob).toString('utf8')));
    if (!lines.success) return;
    take(
      table,
      { lines: lines.data, mapping: record.mapping },
      lines.data.reduce((sum, line) => sum + Buffer.byteLength(line), 0),
    );
  }
}

const withFeed = (line: string): string => (line.endsWith('\n') ? line : `${line}\n`);

/** The line with its fields named as the upload asked; as it is where it has none of them. */
function renamed(line: string, mapping: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(mapping);
  if (pairs.length === 0 || line.trim() === '') return line;
  const fields = new Map(Object.entries(JSON.parse(line) as Record<string, unknown>));
  for (const [destination, source] of pairs) {
    if (!fields.has(source)) continue;
    fields.set(destination, fields.get(source));
    fields.delete(source);
  }
  return JSON.stringify(Object.fromEntries(fields));
}

function take(table: Table, batch: Batch, bytes: number): void {
  const { lines } = batch;
  table.batches.push(batch);
  table.bytes += bytes;
  table.lines += lines.length;
  table.asSent.update(Buffer.from(lines.join('')));
  table.withFeeds.update(Buffer.from(lines.map(withFeed).join('')));
}

function isWhole(table: Table): boolean {
  return [table.asSent, table.withFeeds].some((hash) => bytesToHex(hash.clone().digest()) === table.hash);
}
