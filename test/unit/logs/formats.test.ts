// Every form of log that is read: which it is, its rows with the lines they stand on, and its times.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parserFor } from '../../../src/host/logs/formats/detect.ts';
import { type LogRow, MAX_LINE, columnNames } from '../../../src/host/logs/formats/log-format.ts';
import { isoTime, syslogTime, webTime } from '../../../src/host/logs/formats/times.ts';

const MODIFIED = Date.parse('2026-03-02T00:00:00');

interface Read {
  readonly format: string;
  readonly columns: readonly string[];
  readonly rows: readonly LogRow[];
  /** A row's value by its column. */
  value(row: number, column: string): unknown;
}

/** Reads a text cut into pieces of `size` characters. */
async function read(name: string, text: string, size = 7): Promise<Read> {
  const parser = await parserFor(text.slice(0, 100_000), { name, modifiedMs: MODIFIED });
  const rows: LogRow[] = [];
  const chunks = (async function* chunks() {
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
  })();
  for await (const row of parser.rows(chunks)) rows.push(row);
  const columns = parser.columns.map(({ name: column }) => column);
  return {
    format: parser.format,
    columns,
    rows,
    value: (row, column) => {
      const index = columns.indexOf(column);
      assert.ok(index >= 0, `${column} in ${columns.join(', ')}`);
      return rows[row]?.values?.[index];
    },
  };
}

const fixture = (name: string, size?: number): Promise<Read> =>
  read(name, readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8'), size);

describe('logs as rows', () => {
  for (const size of [1, 7, 100_000])
    it(`reads the same however the file is cut (pieces of ${size})`, async () => {
      for (const name of [
        'auth.log',
        'app.jsonl',
        'table.csv',
        'conn.tsv',
        'syslog.txt',
        'access.log',
        'error.log',
        'events.xml',
      ])
        assert.deepEqual((await fixture(name, size)).rows, (await fixture(name, 64)).rows, name);
    });

  it('reads auth.log: events, users, addresses, ports, what sudo ran', async () => {
    const log = await fixture('auth.log');
    assert.equal(log.format, 'auth');
    assert.deepEqual(
      log.rows.map((_, row) => log.value(row, 'event')),
      [
        'session_opened',
        'invalid_user',
        'failed',
        'failed',
        'failed',
        'failed',
        'accepted',
        'session_opened',
        'sudo',
        undefined,
        'disconnected',
        'accepted',
      ],
    );
    assert.equal(log.value(2, 'user'), 'admin');
    assert.equal(log.value(2, 'ip'), '203.0.113.7');
    assert.equal(log.value(2, 'port'), 50122);
    assert.equal(log.value(5, 'ip'), '2001:db8::17');
    assert.equal(log.value(6, 'method'), 'publickey');
    assert.equal(log.value(8, 'command'), '/usr/bin/apt update');
    assert.equal(log.value(3, 'time'), '2026-03-01T06:25:09');
    assert.equal(log.rows[9]?.values, undefined);
    assert.equal(log.rows[9]?.raw, '  a line that goes on without the form');
    assert.equal(log.rows[11]?.line, 12);
  });

  it('reads JSON lines: keys of inner objects, numbers as numbers, times in UTC', async () => {
    const log = await fixture('app.jsonl');
    assert.equal(log.format, 'json-lines');
    assert.deepEqual(
      log.rows.map(({ line }) => line),
      [1, 2, 3, 5, 6],
    );
    assert.equal(log.value(1, 'time'), '2026-03-01T09:00:01Z');
    assert.equal(log.value(3, 'time'), '2026-03-01T09:00:02.250Z');
    assert.equal(log.value(1, 'http_status'), 500);
    assert.equal(log.value(1, 'duration_ms'), 1.5);
    assert.equal(log.value(1, 'id_2'), '007');
    assert.equal(log.value(3, 'tags'), '["a","b"]');
    assert.equal(log.rows[2]?.values, undefined);
  });

  it('reads tables: quotes over lines, empty lines, names made fit, the line where a row begins', async () => {
    const log = await fixture('table.csv');
    assert.equal(log.format, 'csv');
    assert.deepEqual(log.columns, ['time', 'user_name', 'ip', 'status', 'note']);
    assert.deepEqual(
      log.rows.map(({ line }) => line),
      [2, 5, 6],
    );
    assert.equal(log.value(0, 'note'), 'two\nlines, and a comma');
    assert.equal(log.value(1, 'user_name'), 'b"ob');
    assert.equal(log.value(2, 'user_name'), null);
    const tabs = await fixture('conn.tsv');
    assert.equal(tabs.format, 'tsv');
    assert.equal(tabs.value(1, 'time'), '2026-03-01T10:00:01.500Z');
  });

  it('reads syslog of both kinds', async () => {
    const log = await fixture('syslog.txt');
    assert.equal(log.format, 'syslog');
    assert.equal(log.value(0, 'severity'), 'critical');
    assert.equal(log.value(0, 'process'), 'su');
    assert.equal(log.value(1, 'message'), 'BOMAn event');
    assert.equal(log.value(1, 'time'), '2026-03-01T04:25:02Z');
    assert.equal(log.value(2, 'message'), '[12.5] eth0: link up');
    assert.equal(log.value(3, 'severity'), null);
  });

  it('reads what web servers write of requests and of errors', async () => {
    const log = await fixture('access.log');
    assert.equal(log.format, 'web-access');
    assert.equal(log.value(0, 'time'), '2026-03-01T05:25:01Z');
    assert.equal(log.value(0, 'path'), '/index.html');
    assert.equal(log.value(0, 'query'), 'q=1');
    assert.equal(log.value(1, 'user'), 'anna');
    assert.equal(log.value(1, 'bytes'), null);
    assert.equal(log.value(2, 'method'), null);
    assert.equal(log.value(2, 'request'), '\\x16\\x03\\x01');
    assert.equal(log.value(3, 'host'), 'example.org:443');
    assert.equal(log.value(3, 'status'), 404);
    const errors = await fixture('error.log');
    assert.equal(errors.format, 'web-error');
    assert.deepEqual(
      [0, 1, 2, 3].map((row) => errors.value(row, 'level')),
      ['error', 'warn', 'error', 'notice'],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((row) => errors.value(row, 'client')),
      ['203.0.113.9', null, '198.51.100.7', null],
    );
    assert.equal(errors.value(3, 'time'), '2026-03-01T06:25:04');
  });

  it('reads events of Windows, the broken one too, whatever stands on one line', async () => {
    const log = await fixture('events.xml');
    assert.equal(log.format, 'windows-events');
    assert.deepEqual(
      [0, 1, 2, 3].map((row) => log.value(row, 'event_id')),
      [4625, 7036, 1, 4688],
    );
    assert.deepEqual(
      log.rows.map(({ line }) => line),
      [3, 8, 8, 9],
    );
    assert.equal(log.value(0, 'time'), '2026-03-01T06:25:01.123Z');
    assert.equal(log.value(0, 'target_user'), 'administrator');
    assert.equal(log.value(0, 'workstation'), null);
    assert.deepEqual(JSON.parse(String(log.value(0, 'data')))['Data_2'], 'two');
    assert.equal(log.value(3, 'command_line'), 'cmd /c "whoami"');
    assert.match(log.rows[0]?.raw ?? '', /^4625 .*TargetUserName=administrator/);
    const bare =
      '<Event><System><EventID>1</EventID></System></Event>\n<Event><System><EventID>2</EventID></System></Event>\n';
    assert.equal((await read('x.xml', bare)).rows.length, 2);
  });

  it('takes any other text line by line, and cuts a line that has no end', async () => {
    const log = await read('notes.txt', `one\n\ntwo\n${'x'.repeat(MAX_LINE * 2)}\nlast`, 1000);
    assert.equal(log.format, 'text');
    assert.deepEqual(
      log.rows.map(({ line }) => line),
      [1, 3, 4, 5],
    );
    assert.ok((log.rows[2]?.raw.length ?? 0) < MAX_LINE + 20);
    assert.match(log.rows[2]?.raw ?? '', /\[line cut\]$/);
  });

  it('knows times, and what is none', () => {
    assert.equal(isoTime('2026-03-01T12:00:00+0130'), '2026-03-01T10:30:00Z');
    assert.equal(isoTime('2026-03-01 12:00:00,123'), '2026-03-01T12:00:00.123');
    assert.equal(isoTime(1772359200), '2026-03-01T10:00:00Z');
    for (const wrong of ['', 'yesterday', '12', '2026-13-01T00:00:00Z', '99999999999999'])
      assert.equal(isoTime(wrong), null, wrong);
    assert.equal(webTime('01/Foo/2026:06:25:01 +0100'), null);
    // December of a log that was written to in March is of the year before.
    assert.equal(syslogTime('Dec 31 23:59:59', MODIFIED), '2025-12-31T23:59:59');
  });

  it('makes names that SQL takes, none twice and none of its own', () => {
    assert.deepEqual(columnNames(['ID', 'line', 'sourceIPAddress', '', '1st', 'a b', 'a-b', '"); DROP TABLE log']), [
      'id_2',
      'line_2',
      'source_ip_address',
      'column_4',
      'c_1st',
      'a_b',
      'a_b_2',
      'drop_table_log',
    ]);
  });
});
