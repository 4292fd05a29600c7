// What a hostile query gets: a refusal, an error, or an end. Nothing is written, attached or loaded, and nothing else on the disk is read.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkQuery } from '../../../src/core/logs/query-guard.ts';
import { EVIL_SCENARIOS } from '../../../src/sandbox/engine/demo-evil.ts';
import { openForQueries, queryLog } from '../../../src/host/logs/log-database.ts';
import { type LogWorld, fixturePath, logWorld } from './support.ts';

const LIMITS = { rows: 100, characters: 100_000, cell: 1_000 };

describe('a query over a local log', function () {
  this.timeout(60_000);
  let l: LogWorld;
  let database: string;
  let hash: string;
  const hashOf = (): string => createHash('sha256').update(readFileSync(database)).digest('hex');
  before(async () => {
    l = await logWorld({ queryMs: 30_000 });
    database = (await l.logs.add(l.w.sessionId, fixturePath('auth.log'))).identity.realPath;
    hash = hashOf();
    const other = new DatabaseSync(join(l.folder, 'other.sqlite'));
    other.exec("CREATE TABLE secrets AS SELECT 'CANARY-other' AS x");
    other.close();
  });
  after(() => l.dispose());
  afterEach(() => {
    assert.equal(hashOf(), hash, 'the database is as it was');
    assert.ok(!existsSync(join(l.folder, 'made.sqlite')), 'nothing was written');
  });

  const writes = [
    'INSERT INTO log (line, raw) VALUES (1, 2)',
    "WITH x AS (SELECT 1) UPDATE log SET raw = 'x'",
    'WITH x AS (SELECT 1) DELETE FROM log',
    'DELETE FROM log',
    'DROP TABLE log',
    'CREATE TEMP TABLE t AS SELECT * FROM log',
    'REINDEX',
    'VACUUM',
    "INSERT INTO log_text(log_text) VALUES ('rebuild')",
    'BEGIN',
    'PRAGMA query_only = 0',
  ];
  const reaches = (): readonly string[] => [
    `ATTACH '${join(l.folder, 'other.sqlite')}' AS o`,
    `ATTACH '${join(l.folder, 'made.sqlite')}' AS o`,
    `VACUUM INTO '${join(l.folder, 'made.sqlite')}'`,
    `SELECT * FROM log; ATTACH '${join(l.folder, 'other.sqlite')}' AS o`,
    "SELECT load_extension('/tmp/x.so')",
    `SELECT "load_extension"('x')`,
    "SELECT [load_extension]('x')",
    '/* SELECT */ PRAGMA database_list',
    'SELECT * FROM pragma_database_list',
    'SELECT * FROM `pragma_database_list`',
    'SELECT * FROM pragma_compile_options',
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('x', 'y')",
    'EXPLAIN SELECT 1',
    '',
    '; ;',
    "SELECT 'open",
    'SELECT /* open',
    'SELECT 1\0; ATTACH x',
    'x'.repeat(9_000),
  ];

  it('is one SELECT, or it is refused before anything runs', async () => {
    for (const sql of [...writes.filter((each) => !each.startsWith('WITH')), ...reaches()]) {
      assert.throws(() => checkQuery(sql), /^ToolInputError: sql: /, sql);
      const { text, isError } = await l.query(sql);
      assert.equal(isError, true, sql);
      assert.ok(!text.includes('CANARY') && !text.includes(l.folder), text);
    }
  });

  it('lets ordinary questions through', async () => {
    for (const sql of [
      'select 1;',
      "-- a comment\nSELECT ';', 'it''s; fine', \"raw\" FROM log -- more; of it",
      'WITH n(x) AS (VALUES (1), (2)) SELECT sum(x) FROM n;',
      "SELECT replace(raw, 'a', 'b') FROM log WHERE raw LIKE '%UPDATE log%' OR raw LIKE '%insert%'",
      "VALUES ('x')",
      "SELECT json_extract('{\"a\":1}', '$.a'), strftime('%H', time), count(*) FROM log GROUP BY 2",
    ])
      assert.equal((await l.query(sql)).isError, false, sql);
  });

  it('cannot write although it begins like a question: the database itself is read-only', async () => {
    for (const sql of writes.filter((each) => each.startsWith('WITH'))) {
      const { text, isError } = await l.query(sql);
      assert.equal(isError, true, sql);
      assert.match(text, /does not run|not authorized|readonly/);
    }
  });

  it('meets a second wall where the first would have a hole', () => {
    const db = openForQueries(database);
    try {
      for (const sql of [...writes, ...reaches()].filter((each) =>
        /^(?:INSERT|WITH|UPDATE|DELETE|DROP|CREATE|ATTACH|VACUUM INTO|SELECT ["[]?load)/.test(each),
      ))
        assert.throws(() => queryLog(db, sql, LIMITS), sql);
      assert.throws(() => db.enableLoadExtension(true), /extension/);
    } finally {
      db.close();
    }
  });

  it('is killed when it never ends, and the next one is answered', async () => {
    const hurried = await logWorld({ queryMs: 2_000 });
    try {
      await hurried.logs.add(hurried.w.sessionId, fixturePath('auth.log'));
      for (const sql of [
        'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n',
        'SELECT count(*) FROM log a, log b, log c, log d, log e, log f, log g, log h, log i WHERE a.raw || b.raw < h.raw || i.raw',
      ]) {
        const { text, isError } = await hurried.query(sql);
        assert.equal(isError, true);
        assert.match(text, /was stopped after 2 seconds/);
        assert.match((await hurried.query('SELECT count(*) FROM log')).text, /\n12$/);
      }
    } finally {
      await hurried.dispose();
    }
  });

  it('is killed when it takes too much memory', async () => {
    const hungry = await logWorld({ queryMs: 60_000 });
    try {
      await hungry.logs.add(hungry.w.sessionId, fixturePath('auth.log'));
      const sql =
        'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 4000) SELECT length(group_concat(hex(zeroblob(200000)))) FROM n';
      const { text, isError } = await hungry.query(sql);
      assert.equal(isError, true);
      assert.match(text, /more than 700 MiB of memory/);
      assert.match((await hungry.query('SELECT count(*) FROM log')).text, /\n12$/);
    } finally {
      await hungry.dispose();
    }
  });

  it('gives at most so many rows and bytes, and says that there is more', async () => {
    const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n';
    const few = await l.query(endless, { limit: 3 });
    assert.match(few.text, /^3 rows.*\n1\n2\n3\n\[more: /s);
    const wide = await l.query(endless.replace('SELECT x FROM n', 'SELECT x, hex(zeroblob(900)) FROM n'), {
      limit: 500,
    });
    assert.ok(wide.text.length < 110_000 && wide.text.length > 80_000, String(wide.text.length));
    const long = await l.query('SELECT hex(zeroblob(1000000))');
    assert.match(long.text, /\[cut: 2000000 characters\]/);
    const big = await l.query("SELECT 9223372036854775807, x'00ff', NULL, 1.5, line AS a, line AS a FROM log LIMIT 1");
    assert.match(big.text, /\n9223372036854775807\t\[2 bytes\]\tNULL\t1\.5\t1\t1$/);
    assert.equal((await l.query('SELECT 1', { limit: 10_000 })).isError, true);
  });

  it('gives nothing to an agent that turned against its user', async () => {
    for (const { what, calls } of EVIL_SCENARIOS)
      for (const { name, args } of calls.filter((each) => each.name === 'query_logs')) {
        const { text, isError } = await l.w.call(name, args);
        assert.equal(isError, true, `${what}: ${JSON.stringify(args)}`);
        assert.ok(!text.includes(l.folder), text);
      }
  });

  it('ends with its turn', async () => {
    const other = await logWorld();
    await other.logs.add(other.w.sessionId, fixturePath('auth.log'));
    const stop = new AbortController();
    const call = other.w.call(
      'query_logs',
      { sql: 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n' },
      { signal: stop.signal },
    );
    setImmediate(() => stop.abort());
    assert.match((await call).text, /cut off/);
    await other.dispose();
  });
});
