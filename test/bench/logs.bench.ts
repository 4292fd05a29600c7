// A log of 100 MB that stays here (issue 11): how long it takes to read it into its database, how long questions take, and how much memory the
// process apart and this one need for it.
import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogProcess } from '../../src/host/logs/log-process.ts';

const MIB = 1024 * 1024;
const SIZE = 100_000_000;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sg-bench-logs-')));

function print(name: string, values: readonly number[], unit: string): void {
  const sorted = values.map((value) => Math.round(value * 100) / 100).toSorted((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length / 2)];
  console.log(JSON.stringify({ name, value, unit, n: sorted.length, min: sorted[0], max: sorted.at(-1) }));
}

/** Most bytes that a process ever held; Linux tells. */
function peakOf(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** An auth.log of many days with one guess that worked. */
function writeLog(path: string): number {
  const file = openSync(path, 'w');
  let written = 0;
  let lines = 0;
  const start = Date.parse('2026-01-01T00:00:00Z');
  while (written < SIZE) {
    const piece: string[] = [];
    for (let n = 0; n < 5_000; n += 1, lines += 1) {
      const time = new Date(start + lines * 7_000).toUTCString();
      const stamp = `${time.slice(8, 11)} ${time.slice(5, 7).replace(/^0/, ' ')} ${time.slice(17, 25)}`;
      const ip = `203.0.${(lines * 7) % 113}.${(lines * 31) % 251}`;
      const user = ['root', 'admin', 'deploy', 'oracle', 'git'][lines % 5] ?? '';
      piece.push(
        lines === 400_001
          ? `${stamp} web1 sshd[${lines % 30_000}]: Accepted password for root from ${ip} port ${lines % 60_000} ssh2`
          : lines % 9 === 0
            ? `${stamp} web1 CRON[${lines % 30_000}]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)`
            : `${stamp} web1 sshd[${lines % 30_000}]: Failed password for ${user} from ${ip} port ${lines % 60_000} ssh2`,
      );
    }
    written += writeSync(file, `${piece.join('\n')}\n`);
  }
  closeSync(file);
  return lines;
}

const QUERIES: readonly (readonly [string, string])[] = [
  ['count by address', "SELECT ip, count(*) AS n FROM log WHERE event = 'failed' GROUP BY ip ORDER BY n DESC LIMIT 10"],
  ['who got in, cited', "SELECT line, time, user, ip FROM log WHERE event = 'accepted' ORDER BY line LIMIT 20"],
  [
    'words, by the full-text index',
    `SELECT log.line, log.raw FROM log_text JOIN log ON log.id = log_text.rowid WHERE log_text MATCH '"accepted password"' LIMIT 20`,
  ],
  [
    'one hour, by the index of times',
    "SELECT event, count(*) FROM log WHERE time >= '2026-01-20T10:00:00' AND time < '2026-01-20T11:00:00' GROUP BY event",
  ],
];

const path = join(folder, 'auth.log');
const lines = writeLog(path);
const { dev, ino, size, mtimeMs } = statSync(path);
const database = join(folder, 'log.sqlite');
const worker = new LogProcess({
  script: join(import.meta.dirname, '..', '..', 'src', 'host', 'logs', 'log-worker.ts'),
});
const ownBefore = process.memoryUsage().rss;
try {
  const from = performance.now();
  const reply = await worker.request({
    kind: 'import',
    source: { path, name: 'auth.log', dev, ino, size, modifiedMs: mtimeMs },
    database,
  });
  if (reply.kind !== 'summary' || reply.summary.rows !== lines) throw new Error(JSON.stringify(reply).slice(0, 500));
  print('logs: 100 MB read into a database', [(performance.now() - from) / 1000], 's');
  print('logs: rows', [reply.summary.rows], 'rows');
  print('logs: size of the database', [statSync(database).size / MIB], 'MiB');
  print('logs: most memory of the process apart, reading', [peakOf(worker.pid) / MIB], 'MiB');
  const limits = { rows: 100, characters: 100_000, cell: 4_000 };
  for (const [name, sql] of QUERIES) {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const began = performance.now();
      const answer = await worker.request({ kind: 'query', database, sql, limits });
      if (answer.kind !== 'answer' || answer.answer.rows.length === 0)
        throw new Error(`${name}: ${JSON.stringify(answer)}`);
      times.push(performance.now() - began);
    }
    print(`logs: query: ${name}`, times, 'ms');
  }
  print('logs: most memory of the process apart, after the queries', [peakOf(worker.pid) / MIB], 'MiB');
  print('logs: growth of this process', [(process.memoryUsage().rss - ownBefore) / MIB], 'MiB');
} finally {
  worker.close();
  rmSync(folder, { recursive: true, force: true });
}
