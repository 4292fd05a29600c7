// Logs that stay here: read into a database in a process apart, described and queried by the agent under the same consent, and nothing else.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LogWorld, fixturePath, logWorld } from './support.ts';

describe('local logs', function () {
  this.timeout(60_000);
  let l: LogWorld;
  beforeEach(async () => {
    l = await logWorld();
  });
  afterEach(() => l.dispose());

  it('answer with counts and with rows that name their line, after the user saw what leaves', async () => {
    const log = await l.logs.add(l.w.sessionId, fixturePath('auth.log'));
    assert.equal(log.summary.rows, 12);
    assert.equal(log.summary.unread, 1);
    const described = await l.w.call('describe_logs', {});
    assert.match(described.text, /^auth\.log: auth, 12 rows of 12 lines, /m);
    assert.match(described.text, /^times from 2026-03-01T06:25:01 to 2026-03-01T06:30:00 /m);
    assert.match(described.text, /^- event TEXT .*failed 4, session_opened 2, accepted 2/m);
    const counted = await l.query(
      "SELECT ip, count(*) AS n FROM log WHERE event = 'failed' GROUP BY ip ORDER BY n DESC",
    );
    assert.equal(counted.text, '2 rows of auth.log; columns: ip\tn\n203.0.113.7\t3\n2001:db8::17\t1');
    const cited = await l.query("SELECT time, line, user FROM log WHERE event = 'accepted' ORDER BY line");
    assert.equal(
      cited.text,
      '2 rows of auth.log; columns: line\ttime\tuser\nauth.log:7: 2026-03-01T06:27:40\tdeploy\nauth.log:12: 2026-03-01T06:30:00\troot',
    );
    const words = await l.query(
      `SELECT log.line, log.raw FROM log_text JOIN log ON log.id = log_text.rowid WHERE log_text MATCH '"failed password" AND deploy'`,
    );
    assert.match(words.text, /^auth\.log:6: Mar {2}1 06:26:00 web1 sshd/m);
    // The question showed exactly that, and the log by its name alone.
    const question = l.w.asked.at(-1);
    assert.equal(question?.output?.text, words.text);
    assert.deepEqual(
      question?.output?.files.map(({ path }) => path),
      ['auth.log'],
    );
    assert.equal(l.w.ledger.filter(({ kind, outcome }) => kind === 'tool' && outcome === 'sent').length, 4);
  });

  it('are read in every form, and searched', async () => {
    for (const [name, format] of [
      ['app.jsonl', 'json-lines'],
      ['table.csv', 'csv'],
      ['conn.tsv', 'tsv'],
      ['syslog.txt', 'syslog'],
      ['access.log', 'web-access'],
      ['error.log', 'web-error'],
      ['events.xml', 'windows-events'],
    ] as const) {
      const { id, summary } = await l.logs.add(l.w.sessionId, fixturePath(name));
      assert.equal(summary.format, format);
      const { text } = await l.query('SELECT count(*) FROM log', { log: name });
      assert.match(text, new RegExp(`\n${summary.rows}$`));
      await l.logs.remove(id);
    }
    await l.logs.add(l.w.sessionId, fixturePath('access.log'));
    assert.match(
      (await l.query('SELECT line, path FROM log WHERE status >= 400 AND status < 402')).text,
      /access\.log:2: \/login/,
    );
    await l.logs.add(l.w.sessionId, fixturePath('events.xml'));
    assert.match(
      (await l.query('SELECT line, target_user, ip FROM log WHERE event_id = 4625', { log: 'events.xml' })).text,
      /events\.xml:3: administrator\t203\.0\.113\.7/,
    );
    assert.match((await l.query('SELECT 1')).text, /choose one of "access\.log", "events\.xml"/);
  });

  it('are told apart by their folder, and belong to their session', async () => {
    const other = (await l.w.sessions.create()).id;
    await l.logs.add(l.w.sessionId, fixturePath('auth.log'));
    const second = await l.logs.add(
      l.w.sessionId,
      l.write('auth.log', 'Mar  1 06:25:01 web2 sshd[1]: Invalid user x from 192.0.2.1 port 1\n'),
    );
    assert.match(second.name, /^sg-logs-\w+\/auth\.log$/);
    await l.logs.add(other, fixturePath('app.jsonl'));
    assert.ok(!(await l.w.call('describe_logs', {})).text.includes('app.jsonl'));
    assert.equal((await l.query('SELECT 1', { log: 'app.jsonl' })).isError, true);
    l.logs.keepOnly(new Set([other]));
    assert.deepEqual(
      l.logs.list().map(({ name }) => name),
      ['app.jsonl'],
    );
  });

  it('leave no database behind, and none that others could read', async () => {
    const databases = join(l.folder, 'databases');
    const log = await l.logs.add(l.w.sessionId, fixturePath('auth.log'));
    const { realPath } = log.identity;
    if (process.platform !== 'win32') {
      assert.equal(statSync(realPath).mode & 0o077, 0);
      assert.equal(statSync(join(realPath, '..')).mode & 0o077, 0);
    }
    await l.logs.remove(log.id);
    assert.ok(!existsSync(realPath));
    const [own = ''] = readdirSync(databases);
    assert.deepEqual(readdirSync(join(databases, own)), []);
    assert.match((await l.query('SELECT 1')).text, /attached no log/);
  });

  it('refuse what is no log, is empty, is not there, or changes while it is opened', async () => {
    const refused = (path: string, words: RegExp): Promise<void> =>
      assert.rejects(l.logs.add(l.w.sessionId, path), (error: Error) => words.test(error.message));
    await refused(l.write('empty.log', ''), /is empty/);
    await refused(join(l.folder, 'gone.log'), /no file that can be read/);
    await refused(l.folder, /no file that can be read/);
    await refused(l.write('x.log.gz', '\u001f\u0000\u0000\u0001\u0002binary\u0000\u0000'), /is no text.*unpacked/);
    const path = l.write('swap.log', 'a line\n');
    const adding = l.logs.add(l.w.sessionId, path);
    const stopped = assert.rejects(adding, /Another file took its place/);
    // The process takes longer to start than this takes.
    await new Promise((resolve) => {
      const listener = l.logs.onDidChange(() => {
        listener.dispose();
        writeFileSync(`${path}.new`, 'CANARY\n');
        renameSync(`${path}.new`, path);
        resolve(undefined);
      });
    });
    await stopped;
    assert.deepEqual(l.logs.list(), []);
    assert.deepEqual(l.logs.reading, []);
  });

  it('say that their file has grown since', async () => {
    const path = l.write('auth.log', 'Mar  1 06:25:01 web2 sshd[1]: Invalid user x from 192.0.2.1 port 1\n');
    await l.logs.add(l.w.sessionId, path);
    assert.ok(!(await l.w.call('describe_logs', {})).text.includes('changed since'));
    appendFileSync(path, 'Mar  1 06:25:02 web2 sshd[1]: Invalid user y from 192.0.2.1 port 1\n');
    assert.match((await l.w.call('describe_logs', {})).text, /^the file changed since it was read/m);
    assert.match((await l.query('SELECT count(*) FROM log')).text, /\n1$/);
  });

  it('stop being read when the user says so', async () => {
    const stop = new AbortController();
    const path = l.write(
      'long.log',
      'Mar  1 06:25:01 web2 sshd[1]: Invalid user x from 192.0.2.1 port 1\n'.repeat(200_000),
    );
    await assert.rejects(
      l.logs.add(l.w.sessionId, path, { signal: stop.signal, onProgress: () => stop.abort() }),
      /was stopped/,
    );
    assert.deepEqual(l.logs.list(), []);
  });

  it('send nothing that the database did not hold when it was shown (S17)', async () => {
    const log = await l.logs.add(l.w.sessionId, fixturePath('auth.log'));
    l.w.person = () => undefined;
    const before = l.w.asked.length;
    const done = l.query('SELECT count(*) FROM log');
    while (l.w.asked.length === before) await new Promise(setImmediate);
    await l.logs.remove(log.id);
    const request = l.w.asked.at(-1);
    assert.ok(request !== undefined);
    l.w.tools.desk.answer(request, { kind: 'allow', forSession: false });
    assert.match((await done).text, /changed after the user saw/);
  });
});
