import assert from 'node:assert/strict';
import { csvCells, logFormatOf, readLog } from '../../../../src/sandbox/engine/logs.ts';
import type { LogReport } from '../../../../src/sandbox/engine/logs.ts';
import { TextLines } from '../../../../src/scan/text.ts';
import { ask, fileOf } from './support.ts';

const read = async (name: string, text: string): Promise<LogReport> => {
  const lines = new TextLines(text);
  const format = logFormatOf(name, lines);
  assert.ok(format !== undefined, `${name} is no log`);
  return await readLog(fileOf(name, text), lines, format, new AbortController().signal);
};
const top = (counts: LogReport['addresses']): string[] => counts.map(({ value, count }) => `${value} ${count}`);

const sshd = (second: number, message: string): string =>
  `Jan  9 03:00:${String(second).padStart(2, '0')} web sshd[7]: ${message}`;

describe('logs', () => {
  it('counts failed log-ins of an auth.log and sees the success after them', async () => {
    const text = [
      sshd(1, 'Accepted publickey for deploy from 192.0.2.10 port 1 ssh2'),
      sshd(2, 'Invalid user oracle from 203.0.113.77 port 2'),
      ...[3, 4, 5, 6, 7].map((second) =>
        sshd(second, 'Failed password for invalid user oracle from 203.0.113.77 port 2 ssh2'),
      ),
      sshd(8, 'Failed password for kim from 192.0.2.44 port 3 ssh2'),
      sshd(9, 'Accepted password for kim from 203.0.113.77 port 4 ssh2'),
      'Jan  9 03:01:00 web CRON[9]: (root) CMD (run-parts)',
      '',
    ].join('\n');
    const log = await read('auth.log', text);
    assert.equal(log.format, 'syslog');
    assert.equal(log.entries, 10);
    assert.equal(log.failed, 6);
    assert.deepEqual(top(log.failedByAddress), ['203.0.113.77 5', '192.0.2.44 1']);
    assert.deepEqual(top(log.failedByUser), ['oracle 5', 'kim 1']);
    assert.deepEqual(top(log.kinds), ['sshd 9', 'CRON 1']);
    assert.deepEqual([log.first, log.last], ['Jan  9 03:00:01', 'Jan  9 03:01:00']);
    assert.deepEqual(
      log.findings.map(({ ruleId, line }) => `${ruleId}:${line}`),
      ['log/brute-force:3', 'log/success-after-failures:9'],
    );
  });

  it('reads access logs of nginx and Apache', async () => {
    const line = (ip: string, request: string, status: number, agent = 'Mozilla/5.0'): string =>
      `${ip} - - [09/Jan/2024:08:14:07 +0000] "${request}" ${status} 512 "-" "${agent}"`;
    const log = await read(
      'access.log',
      [
        line('192.0.2.1', 'GET /a?x=1 HTTP/1.1', 200),
        line('192.0.2.1', 'GET /a HTTP/1.1', 200),
        line('198.51.100.9', 'GET /../../etc/passwd HTTP/1.1', 404),
        line('198.51.100.9', 'POST /login HTTP/1.1', 401, 'sqlmap/1.7'),
      ].join('\n'),
    );
    assert.equal(log.format, 'web');
    assert.deepEqual(top(log.addresses), ['192.0.2.1 2', '198.51.100.9 2']);
    assert.deepEqual(top(log.kinds), ['200 2', '404 1', '401 1']);
    assert.deepEqual(top(log.paths), ['/a 2', '/../../etc/passwd 1', '/login 1']);
    assert.equal(log.failed, 1);
    assert.deepEqual(
      log.findings.map(({ ruleId, line: at }) => `${ruleId}:${at}`),
      ['log/probing:3'],
    );
  });

  it('reads JSON lines', async () => {
    const entry = (event: string, result: string, ip: string): string =>
      JSON.stringify({ ts: '2024-01-09T08:00:00Z', event, result, src_ip: ip, user: 'kim' });
    const log = await read(
      'events.jsonl',
      [
        ...Array.from({ length: 5 }, () => entry('login', 'failure', '203.0.113.5')),
        entry('login', 'success', '203.0.113.5'),
        entry('view', 'success', '192.0.2.1'),
      ].join('\n'),
    );
    assert.equal(log.format, 'jsonl');
    assert.equal(log.failed, 5);
    assert.deepEqual(log.columns, ['ts', 'event', 'result', 'src_ip', 'user']);
    assert.deepEqual(
      log.findings.map(({ ruleId, line }) => `${ruleId}:${line}`),
      ['log/brute-force:1', 'log/success-after-failures:6'],
    );
  });

  it('reads CSV with quotes', async () => {
    assert.deepEqual(csvCells('a,"b, ""c""",d'), ['a', 'b, "c"', 'd']);
    const log = await read(
      'events.csv',
      'time,ip,action,status\n1,192.0.2.1,login,failed\n2,192.0.2.1,"view, all",ok\n',
    );
    assert.equal(log.entries, 2);
    assert.equal(log.failed, 1);
    assert.deepEqual(log.columns, ['time', 'ip', 'action', 'status']);
    assert.deepEqual([log.first, log.last], ['1', '2']);
  });

  it('reads RFC 5424-like times and takes prose for no log', async () => {
    const log = await read(
      'sys.log',
      '2024-01-09T08:00:00.1+00:00 host app[1]: started\n2024-01-09T08:00:09.1+00:00 host app[1]: done\n',
    );
    assert.equal(log.last, '2024-01-09T08:00:09.1+00:00');
    assert.equal(logFormatOf('a.txt', new TextLines('Some words.\nAnd more of them.\n')), undefined);
    assert.equal(logFormatOf('a.json', new TextLines('{\n "a": 1\n}\n')), undefined);
  });

  it('sums up in the answer and explains with the address as code', async () => {
    const text = Array.from({ length: 6 }, (_unused, index) =>
      sshd(index, 'Failed password for root from 203.0.113.77 port 2 ssh2'),
    ).join('\n');
    const files = [fileOf('auth.log', text)];
    const inspected = await ask('inspect', { files });
    assert.match(inspected, /\*\*Log\*\* \(syslog\)/);
    assert.match(inspected, /Failed log-ins: 6/);
    assert.match(inspected, /From `Jan {2}9 03:00:00` to `Jan {2}9 03:00:05`/);
    assert.match(await ask('explain finding 1', { files }), /`203\.0\.113\.77` failed 6 times/);
  });
});
