/** Logs in numbers: how many lines, from when to when, who shows up most, which log-ins failed. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Finding } from './finding.ts';
import { LogTally } from './log-tally.ts';
import type { TextLines } from '../../scan/text.ts';
import { breathe } from '../../scan/text.ts';
import type { EngineFile } from './types.ts';

export type LogFormat = 'syslog' | 'web' | 'jsonl' | 'csv';

export interface Count {
  readonly value: string;
  readonly count: number;
  readonly firstLine: number;
}

export interface LogReport {
  readonly format: LogFormat;
  /** Lines that have the form of the log, and those that do not. */
  readonly entries: number;
  readonly other: number;
  /** As written in the first and last entry. */
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  /** Names of the columns (CSV) or of the most frequent keys (JSON lines). */
  readonly columns: readonly string[];
  /** Each list: the most frequent first, at most 10; ties in order of their first line. */
  readonly addresses: readonly Count[];
  readonly kinds: readonly Count[];
  readonly paths: readonly Count[];
  readonly failedByAddress: readonly Count[];
  readonly failedByUser: readonly Count[];
  readonly failed: number;
  readonly findings: readonly Finding[];
}

const SYSLOG =
  /^(?:<\d{1,3}>\d? ?)?((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^ ]{0,20}) [^ ]{1,255} ([^:[ ]{1,80})(?:\[\d{1,10}\])?: ?(.*)$/;
const WEB =
  /^([0-9A-Fa-f:.]{2,45}|[\w.-]{1,255}) [^ ]{1,80} [^ ]{1,80} \[([^\]]{10,40})\] "([^"]{0,4000})" (\d{3}) (\d+|-)(?: "[^"]{0,2000}" "([^"]{0,2000})")?/;
const SAMPLE = 50;
/** Failed log-ins of one address from which on we speak of guessing. */
const BRUTE_FORCE = 5;

/** The form of a log, or undefined for other text. */
export const logFormatOf = (name: string, lines: TextLines): LogFormat | undefined => {
  const votes = { syslog: 0, web: 0, jsonl: 0 };
  let seen = 0;
  for (let number = 1; number <= Math.min(lines.count, SAMPLE); number += 1) {
    const line = (lines.line(number) ?? '').slice(0, 8000);
    if (line.trim() === '') continue;
    seen += 1;
    if (SYSLOG.test(line)) votes.syslog += 1;
    else if (WEB.test(line)) votes.web += 1;
    else if (/^\s*\{.*\}\s*$/.test(line) && objectOf(line) !== undefined) votes.jsonl += 1;
  }
  for (const format of ['syslog', 'web', 'jsonl'] as const)
    if (votes[format] >= 2 ? votes[format] >= seen * 0.6 : votes[format] === 1 && seen === 1 && format !== 'jsonl')
      return format;
  if (/\.csv$/i.test(name) && (lines.line(1) ?? '').includes(',')) return 'csv';
  return undefined;
};

const objectOf = (line: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

/** Counts the scanned part of a log. Yields between pieces. */
export const readLog = async (
  file: EngineFile,
  lines: TextLines,
  format: LogFormat,
  signal: AbortSignal,
): Promise<LogReport> => {
  const tally = new LogTally();
  const header = format === 'csv' ? csvCells(lines.line(1) ?? '') : [];
  for (let number = format === 'csv' ? 2 : 1; number <= lines.scannedLines; number += 1) {
    if (number % 2000 === 0) await breathe(signal);
    const line = (lines.line(number) ?? '').slice(0, 8000);
    if (line.trim() === '') continue;
    const known =
      format === 'syslog'
        ? readSyslog(line, number, tally)
        : format === 'web'
          ? readWeb(line, number, tally)
          : format === 'jsonl'
            ? readObject(objectOf(line), number, tally)
            : readObject(recordOf(header, csvCells(line)), number, tally);
    if (known) tally.entries += 1;
    else tally.other += 1;
  }
  return {
    format,
    entries: tally.entries,
    other: tally.other,
    first: tally.first,
    last: tally.last,
    columns: format === 'csv' ? header.slice(0, 30) : tally.keys.top(30).map((key) => key.value),
    addresses: tally.addresses.top(),
    kinds: tally.kinds.top(),
    paths: tally.paths.top(),
    failedByAddress: tally.failedByAddress.top(),
    failedByUser: tally.failedByUser.top(),
    failed: tally.failed,
    findings: logFindings(file, tally),
  };
};

const FAILED =
  /\b(?:failed (?:password|publickey|keyboard-interactive\/pam|login|log-in|logon)|authentication failure|invalid user|login failed|login incorrect|access denied for user|failed_login|login_failed|incorrect password)\b/i;
const ACCEPTED =
  /\b(?:accepted (?:password|publickey|keyboard-interactive\/pam)|login succeeded|login_success|logged in successfully)\b/i;

const readSyslog = (line: string, number: number, tally: LogTally): boolean => {
  const match = SYSLOG.exec(line);
  if (match === null) return false;
  const message = match[3] ?? '';
  tally.time(match[1] ?? '');
  tally.kinds.add(match[2] ?? '', number);
  const address = addressIn(message);
  if (address !== undefined) tally.addresses.add(address, number);
  // "Invalid user" comes before "Failed password for invalid user": counted once, by the second.
  if (FAILED.test(message) && !/^invalid user\b|^Disconnect|^Connection closed|^Received disconnect/i.test(message)) {
    const user = /\bfor (?:invalid user )?([^ ]{1,64}) from\b|\buser=([^ ]{1,64})/i.exec(message);
    tally.fail(address, user?.[1] ?? user?.[2], number);
  } else if (ACCEPTED.test(message)) tally.accept(address, number);
  return true;
};

const addressIn = (text: string): string | undefined => {
  for (const match of text.matchAll(
    /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\w:])/g,
  ))
    if (isIPv4(match[0]) || (isIPv6(match[0]) && match[0].length > 4)) return match[0];
  return undefined;
};

const PROBE =
  /\.\.\/|%2e%2e|\/etc\/passwd|union(?:\s|\+|%20)+(?:all(?:\s|\+|%20)+)?select|'(?:\s|\+|%20)*or(?:\s|\+|%20)+'?1|<script|%3cscript|\/wp-login\.php|\/\.env\b|\/\.git\/|\/phpmyadmin|\$\{jndi:|cmd=|\/cgi-bin\//i;

const readWeb = (line: string, number: number, tally: LogTally): boolean => {
  const match = WEB.exec(line);
  if (match === null) return false;
  const [, address = '', time = '', request = '', status = ''] = match;
  tally.time(time);
  tally.kinds.add(status, number);
  tally.addresses.add(address, number);
  const path = /^[A-Z]{3,10} ([^ ]{1,2000})/.exec(request)?.[1];
  if (path !== undefined) tally.paths.add(path.split('?')[0] ?? path, number);
  if (status === '401' || status === '403') tally.fail(address, undefined, number);
  else if (status.startsWith('2')) tally.accept(address, number);
  if (PROBE.test(request) || /sqlmap|nikto|nmap|masscan|dirbuster|gobuster|nuclei/i.test(match[6] ?? ''))
    tally.probe(address, number);
  return true;
};

const TIME_KEYS = ['timestamp', '@timestamp', 'time', 'ts', 'date', 'datetime', 'eventtime', 'created_at'];
const ADDRESS_KEYS = [
  'ip',
  'src_ip',
  'source_ip',
  'sourceipaddress',
  'client_ip',
  'remote_addr',
  'remoteaddr',
  'clientip',
  'src',
  'source',
  'host',
  'remote_ip',
];
const KIND_KEYS = ['level', 'severity', 'status', 'event', 'eventname', 'action', 'type', 'method'];
const USER_KEYS = ['user', 'username', 'user_name', 'account', 'login', 'email'];

const readObject = (record: Record<string, unknown> | undefined, number: number, tally: LogTally): boolean => {
  if (record === undefined) return false;
  const byName = new Map<string, string>();
  for (const [key, value] of Object.entries(record).slice(0, 100)) {
    tally.keys.add(key, number);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      byName.set(key.toLowerCase(), String(value));
  }
  const pick = (keys: readonly string[]): string | undefined =>
    keys.map((key) => byName.get(key)).find((value) => value !== undefined && value !== '');
  const time = pick(TIME_KEYS);
  if (time !== undefined) tally.time(time);
  const address = ADDRESS_KEYS.map((key) => byName.get(key)).find(
    (value) => value !== undefined && (isIPv4(value) || isIPv6(value)),
  );
  if (address !== undefined) tally.addresses.add(address, number);
  const kind = pick(KIND_KEYS);
  if (kind !== undefined) tally.kinds.add(kind.slice(0, 80), number);
  const words = [...byName.values()].join(' ').slice(0, 4000);
  const action = `${byName.get('event') ?? ''} ${byName.get('action') ?? ''} ${byName.get('eventname') ?? ''} ${byName.get('type') ?? ''}`;
  const outcome = pick(['outcome', 'result', 'success', 'status']) ?? '';
  const isLogin = /log-?_?in|logon|sign-?in|auth/i.test(action);
  if (FAILED.test(words) || (isLogin && /^(?:fail(?:ed|ure)?|false|denied|error|401|403)$/i.test(outcome)))
    tally.fail(address, pick(USER_KEYS), number);
  else if (ACCEPTED.test(words) || (isLogin && /^(?:success(?:ful)?|succeeded|true|ok|200)$/i.test(outcome)))
    tally.accept(address, number);
  return true;
};

const recordOf = (header: readonly string[], cells: readonly string[]): Record<string, unknown> | undefined =>
  cells.length === 0
    ? undefined
    : Object.fromEntries(cells.map((value, index) => [header[index] ?? `column ${index + 1}`, value]));

/** The cells of one CSV line; quotes may hold commas, a cell over several lines is not joined. */
export const csvCells = (line: string): string[] => {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (quoted && character === '"' && line[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += character;
  }
  cells.push(cell.trim());
  return cells;
};

const logFindings = (file: EngineFile, tally: LogTally): Finding[] => {
  const findings: Finding[] = [];
  for (const { value, count, firstLine } of tally.failedByAddress.top(20)) {
    if (count < BRUTE_FORCE) continue;
    const success = tally.successAfterFailures.get(value);
    findings.push({
      ruleId: 'log/brute-force',
      severity: 'high',
      file: file.name,
      line: firstLine,
      snippet: `${count} failed log-ins from ${value}`,
      title: 'Log-ins are being guessed',
      explanation: `${value} failed ${count} times; the first is on this line.`,
      remediation: 'Block the address, allow keys or a second factor only, and limit the attempts.',
    });
    if (success !== undefined)
      findings.push({
        ruleId: 'log/success-after-failures',
        severity: 'critical',
        file: file.name,
        line: success,
        snippet: `log-in from ${value} after ${BRUTE_FORCE} or more failures`,
        title: 'A guess may have succeeded',
        explanation: `After its failures ${value} got in on this line.`,
        remediation:
          'Treat the account as taken over: end its sessions, change its password, look at what it did afterwards.',
      });
  }
  for (const { value, count, firstLine } of tally.probes.top(20))
    findings.push({
      ruleId: 'log/probing',
      severity: 'medium',
      file: file.name,
      line: firstLine,
      snippet: `${count} requests from ${value}`,
      title: 'Requests that look for weaknesses',
      explanation: `${value} asked ${count} times for paths or with patterns that attackers try; the first is on this line.`,
      remediation: 'See whether one of them was answered with 200, and block the address.',
    });
  return findings;
};
