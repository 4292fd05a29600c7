/** Syslog (RFC 3164 and 5424, with or without priority) and what sshd, sudo, su and PAM write with it. */

import { type LogColumn, type LogParser, type LogValue, type SampleOptions, lineParser } from './log-format.ts';
import { syslogTime } from './times.ts';

const TIME = String.raw`((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ ]{0,20})`;
const PLAIN = new RegExp(
  String.raw`^(?:<(\d{1,3})>)?${TIME} ([^ ]{1,255}) ([^:[ ]{1,80})(?:\[(\d{1,10})\])?: ?(.*)$`,
  's',
);
const MODERN =
  /^<(\d{1,3})>\d{1,2} (-|[^ ]{10,40}) ([^ ]{1,255}) ([^ ]{1,80}) (-|[^ ]{1,128}) ([^ ]{1,64}) (?:-|(?:\[(?:[^\]"\\]|"(?:[^"\\]|\\.){0,4000}"){0,200}\])+)(?: (.*))?$/s;

const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'];

const COLUMNS: readonly LogColumn[] = [
  { name: 'time', type: 'TEXT' },
  { name: 'host', type: 'TEXT' },
  { name: 'process', type: 'TEXT' },
  { name: 'pid', type: 'INTEGER' },
  { name: 'severity', type: 'TEXT', about: 'where the line has a priority' },
  { name: 'facility', type: 'INTEGER' },
  { name: 'message', type: 'TEXT' },
];

/** time, host, process, pid, severity, facility, message */
export function syslogValues(line: string, modifiedMs: number): readonly LogValue[] | undefined {
  const modern = MODERN.exec(line);
  if (modern !== null) {
    const [, priority, time = '', host = '', app = '', pid = '', , message = ''] = modern;
    return [
      time === '-' ? null : syslogTime(time, modifiedMs),
      dashed(host),
      dashed(app),
      /^\d{1,10}$/.test(pid) ? Number(pid) : null,
      ...priorityOf(priority),
      message.replace(/^\ufeff/, ''),
    ];
  }
  const match = PLAIN.exec(line);
  if (match === null) return undefined;
  const [, priority, time = '', host = '', process = '', pid, message = ''] = match;
  return [
    syslogTime(time, modifiedMs),
    host,
    process,
    pid === undefined ? null : Number(pid),
    ...priorityOf(priority),
    message,
  ];
}

function dashed(value: string): string | null {
  return value === '-' ? null : value;
}

/** Severity in words and the facility's number. */
function priorityOf(priority: string | undefined): readonly [string | null, number | null] {
  if (priority === undefined) return [null, null];
  const value = Number(priority);
  return [SEVERITIES[value & 7] ?? null, value >> 3];
}

export function syslogParser({ modifiedMs }: SampleOptions): LogParser {
  return lineParser('syslog', COLUMNS, (line) => syslogValues(line, modifiedMs));
}

const AUTH_COLUMNS: readonly LogColumn[] = [
  ...COLUMNS,
  {
    name: 'event',
    type: 'TEXT',
    about:
      'failed, accepted, invalid_user, disconnected, session_opened, session_closed, sudo, su, account_changed; NULL for others',
  },
  { name: 'method', type: 'TEXT', about: 'password, publickey, …' },
  { name: 'user', type: 'TEXT' },
  { name: 'ip', type: 'TEXT' },
  { name: 'port', type: 'INTEGER' },
  { name: 'command', type: 'TEXT', about: 'what sudo ran' },
];

const ADDRESS =
  /\b(?:from|rhost=|\[preauth\] )\s?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})\b/;

/** Each: what the message looks like, and the event. Named groups: method, user, command. The first that fits counts. */
const EVENTS: readonly (readonly [RegExp, string])[] = [
  [/^Failed (?<method>\S{1,40}) for (?:invalid user )?(?<user>\S{0,64}) from /, 'failed'],
  [/^Accepted (?<method>\S{1,40}) for (?<user>\S{1,64}) from /, 'accepted'],
  [/^(?:Invalid|Illegal) user (?<user>\S{0,64}) from /, 'invalid_user'],
  [/^(?:message repeated|error: maximum authentication attempts)/, 'failed'],
  [/authentication failure;.{0,300}?(?:\buser=(?<user>\S{1,64}))?$/, 'failed'],
  [/^FAILED LOGIN .{0,100}?FOR '?(?<user>[^',\s]{1,64})/, 'failed'],
  [/^FAILED SU \(to (?<user>\S{1,64})\)/, 'failed'],
  [/session opened for user (?<user>[^\s(]{1,64})/, 'session_opened'],
  [/session closed for user (?<user>[^\s(]{1,64})/, 'session_closed'],
  [/^\s*(?<user>\S{1,64}) : .{0,200}?COMMAND=(?<command>.{0,2000})$/s, 'sudo'],
  [/^\(to (?<user>\S{1,64})\)/, 'su'],
  [
    /^(?:new (?:user|group)|delete (?:user|group)|add '(?<user>[^']{1,64})' to|password changed for)/,
    'account_changed',
  ],
  [/^(?:Disconnected|Received disconnect|Connection (?:closed|reset)) /, 'disconnected'],
];

/** The columns of syslog, then event, method, user, ip, port, command. */
export function authValues(line: string, modifiedMs: number): readonly LogValue[] | undefined {
  const plain = syslogValues(line, modifiedMs);
  if (plain === undefined) return undefined;
  const message = String(plain[6] ?? '').slice(0, 4000);
  const ip = ADDRESS.exec(message)?.[1] ?? null;
  const port = / port (\d{1,5})\b/.exec(message)?.[1];
  let event: string | null = null;
  let groups: Record<string, string | undefined> = {};
  for (const [pattern, name] of EVENTS) {
    const match = pattern.exec(message);
    if (match === null) continue;
    event = name;
    groups = match.groups ?? {};
    break;
  }
  const of = (name: string): string | null => groups[name] ?? null;
  return [...plain, event, of('method'), of('user'), ip, port === undefined ? null : Number(port), of('command')];
}

export function authParser({ modifiedMs }: SampleOptions): LogParser {
  return lineParser('auth', AUTH_COLUMNS, (line) => authValues(line, modifiedMs));
}

/** Programs that write about log-ins. */
const AUTH_PROCESS =
  /^(?:sshd|sudo|su|login|systemd-logind|pam_\w+|cron|useradd|usermod|passwd|groupadd|polkitd|gdm.*)/i;

/** True for a line of syslog by a program that writes about log-ins. */
export function isAuthLine(line: string): boolean {
  const values = syslogValues(line, 0);
  return values !== undefined && AUTH_PROCESS.test(String(values[2] ?? ''));
}
