/** Access and error logs of nginx and Apache: common and combined form, with a host in front or times behind. */

import { type LogColumn, type LogParser, type LogValue, lineParser } from './log-format.ts';
import { apacheErrorTime, isoTime, webTime } from './times.ts';

const QUOTED = String.raw`"((?:[^"\\]|\\.){0,8000})"`;
const ACCESS = new RegExp(
  String.raw`^(?:([\w.-]{1,255}(?::\d{1,5})?) )?([0-9A-Fa-f:.]{2,45}|[\w.-]{1,255}) (\S{1,80}) (\S{1,200}) \[([^\]]{10,40})\] ${QUOTED} (\d{3}) (\d{1,15}|-)(?: ${QUOTED} ${QUOTED})?(.{0,2000})$`,
  's',
);

const ACCESS_COLUMNS: readonly LogColumn[] = [
  { name: 'time', type: 'TEXT' },
  { name: 'ip', type: 'TEXT' },
  { name: 'user', type: 'TEXT' },
  { name: 'method', type: 'TEXT' },
  { name: 'path', type: 'TEXT', about: 'without its query' },
  { name: 'query', type: 'TEXT' },
  { name: 'status', type: 'INTEGER' },
  { name: 'bytes', type: 'INTEGER' },
  { name: 'referer', type: 'TEXT' },
  { name: 'agent', type: 'TEXT' },
  { name: 'protocol', type: 'TEXT' },
  { name: 'host', type: 'TEXT', about: 'where the line begins with one' },
  { name: 'request', type: 'TEXT', about: 'as it came' },
];

/** In the order of the columns; undefined for a line of another form. */
export function accessValues(line: string): readonly LogValue[] | undefined {
  const match = ACCESS.exec(line);
  if (match === null) return undefined;
  const [, host, ip = '', , user = '', time = '', request = '', status = '', bytes = '', referer, agent] = match;
  const parts = /^([A-Za-z_-]{1,20}) (\S{1,8000}?)(?: (HTTP\/[\d.]{1,5}))?$/.exec(request);
  const target = parts?.[2] ?? '';
  const mark = target.indexOf('?');
  return [
    webTime(time),
    ip,
    dashed(user),
    parts?.[1] ?? null,
    parts === null ? null : mark < 0 ? target : target.slice(0, mark),
    mark < 0 ? null : target.slice(mark + 1),
    Number(status),
    bytes === '-' ? null : Number(bytes),
    dashed(referer),
    dashed(agent),
    parts?.[3] ?? null,
    host ?? null,
    request,
  ];
}

function dashed(value: string | undefined): string | null {
  return value === undefined || value === '-' || value === '' ? null : value;
}

export function accessParser(): LogParser {
  return lineParser('web-access', ACCESS_COLUMNS, accessValues);
}

const ERROR_COLUMNS: readonly LogColumn[] = [
  { name: 'time', type: 'TEXT' },
  { name: 'level', type: 'TEXT' },
  { name: 'module', type: 'TEXT', about: "Apache's" },
  { name: 'pid', type: 'INTEGER' },
  { name: 'client', type: 'TEXT' },
  { name: 'message', type: 'TEXT' },
];
const NGINX = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[(\w{1,10})\] (\d{1,10})#\d{1,10}: (.*)$/s;
const APACHE =
  /^\[(\w{3} \w{3} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4})\] \[(?:([\w-]{0,40}):)?(\w{1,10})\](?: \[pid (\d{1,10})(?::tid \d{1,20})?\])?(?: \[(?:client|remote) ([^\]]{1,80})\])? ?(.*)$/s;

/** In the order of the columns; undefined for a line of another form. */
export function errorValues(line: string): readonly LogValue[] | undefined {
  const nginx = NGINX.exec(line);
  if (nginx !== null) {
    const [, time = '', level = '', pid = '', message = ''] = nginx;
    return [isoTime(time), level, null, Number(pid), /, client: ([^,\s]{1,80})/.exec(message)?.[1] ?? null, message];
  }
  const apache = APACHE.exec(line);
  if (apache === null) return undefined;
  const [, time = '', module, level = '', pid, client, message = ''] = apache;
  return [
    apacheErrorTime(time.replace(/ {2}/g, ' ')),
    level,
    dashed(module),
    pid === undefined ? null : Number(pid),
    // Without its port.
    client?.replace(/:\d{1,5}$/, '') ?? null,
    message,
  ];
}

export function errorParser(): LogParser {
  return lineParser('web-error', ERROR_COLUMNS, errorValues);
}
