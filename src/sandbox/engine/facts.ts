/** The Markdown that says what a file is: type, size, hash, and what its kind adds. Text of files stands in code only. */
import type { FileReport } from './inspect.ts';
import type { Count, LogReport } from './logs.ts';
import { cell, code, plural, shorten, size, table } from './markdown.ts';
import type { MailReport } from './mail.ts';
import { shownHeaders } from './mail.ts';

const MAX_ENTRIES_SHOWN = 20;

/** The list that opens the section of a file. */
export const identity = (report: FileReport): string => {
  const { file, lines, binary } = report;
  const type = [
    `${code(file.label)} (${code(file.mimeType)})`,
    size(file.bytes.length),
    ...(lines === undefined ? [] : [plural(lines.count, 'line')]),
    ...(report.language === undefined ? [] : [`checked as ${report.language}`]),
  ];
  const list = [`- Type: ${type.join(', ')}`, `- SHA-256: ${code(file.sha256)}`];
  if (binary !== undefined) {
    const part = binary.scannedBytes < file.bytes.length ? ` (of the first ${size(binary.scannedBytes)})` : '';
    if (binary.format !== undefined) list.push(`- The first bytes say: ${binary.format}`);
    if (binary.width !== undefined && binary.height !== undefined)
      list.push(`- Picture: ${binary.width} × ${binary.height} pixels`);
    list.push(
      `- Entropy: ${binary.entropy.toFixed(2)} bits per byte, ${plural(binary.strings, 'printable string')}${part}`,
    );
  }
  if (lines?.truncated === true)
    list.push(
      `- Only the first ${lines.scannedUnits.toLocaleString('en')} of ${lines.text.length.toLocaleString('en')} characters were searched.`,
    );
  return list.join('\n');
};

/** What an archive, a mail or a log adds; empty for other files. */
export const extraFacts = (report: FileReport): string[] => [
  ...archiveFacts(report),
  ...(report.mail === undefined ? [] : mailFacts(report.mail)),
  ...(report.log === undefined ? [] : logFacts(report.log)),
];

const archiveFacts = ({ archive }: FileReport): string[] => {
  if (archive === undefined) return [];
  const parts = [
    `**Archive** (${archive.format}), ${plural(archive.total, 'entry', 'entries')}, listed without unpacking to disk:`,
  ];
  const shown = archive.entries.slice(0, MAX_ENTRIES_SHOWN);
  if (shown.length > 0)
    parts.push(
      table(
        ['Entry', 'Size'],
        shown.map((entry) => [cell(shorten(entry.name, 120)), size(entry.size)]),
      ),
    );
  if (archive.entries.length > shown.length) parts.push(`… and ${archive.entries.length - shown.length} more.`);
  if (archive.incomplete !== undefined) parts.push(`The list is not complete: ${archive.incomplete}.`);
  return parts;
};

const mailFacts = (mail: MailReport): string[] => {
  const headers = shownHeaders(mail).slice(0, 12);
  const parts = ['**Mail headers**'];
  parts.push(
    table(
      ['Header', 'Value', 'Line'],
      headers.map((header) => [cell(header.name), cell(shorten(header.value, 160)), String(header.line)]),
    ),
  );
  const checks = mail.checks.map(({ check, result, line }) => `${check.toUpperCase()} ${code(result)} (line ${line})`);
  parts.push(
    checks.length === 0
      ? 'No result of SPF, DKIM or DMARC is in the headers.'
      : `Checks by the receiving server: ${checks.join(', ')}.`,
  );
  return parts;
};

const FORMATS = { syslog: 'syslog', web: 'web server', jsonl: 'JSON lines', csv: 'CSV' } as const;
const KINDS = { syslog: 'Programs', web: 'Status codes', jsonl: 'Kinds', csv: 'Kinds' } as const;

const logFacts = (log: LogReport): string[] => {
  const list = [
    `- ${plural(log.entries, 'entry', 'entries')}${log.other === 0 ? '' : `, ${plural(log.other, 'other line')}`}`,
  ];
  if (log.first !== undefined && log.last !== undefined)
    list.push(`- From ${code(log.first)} to ${code(log.last)}, as written`);
  if (log.columns.length > 0) list.push(`- Fields: ${log.columns.map((name) => code(shorten(name, 60))).join(', ')}`);
  const counts = (title: string, values: readonly Count[]): void => {
    if (values.length > 0)
      list.push(
        `- ${title}: ${values
          .slice(0, 5)
          .map(({ value, count }) => `${code(shorten(value, 80))} ${count}`)
          .join(', ')}`,
      );
  };
  counts('Top addresses', log.addresses);
  counts(KINDS[log.format], log.kinds);
  counts('Top paths', log.paths);
  list.push(`- Failed log-ins${log.format === 'web' ? ' or refused requests' : ''}: ${log.failed}`);
  counts('Failed by address', log.failedByAddress);
  counts('Failed by account', log.failedByUser);
  return [`**Log** (${FORMATS[log.format]})`, list.join('\n')];
};
