/** What a piece of content is, as a hint for the service and for a name's ending. By its first bytes, else by its first lines. Pure. */

export interface ContentType {
  readonly id: string;
  /** As the user chooses it. */
  readonly label: string;
  readonly mimeType: string;
  /** With its dot. */
  readonly extension: string;
}

const TEXT: ContentType = { id: 'text', label: 'Plain text', mimeType: 'text/plain', extension: '.txt' };
const BINARY: ContentType = {
  id: 'binary',
  label: 'Bytes of any kind',
  mimeType: 'application/octet-stream',
  extension: '.bin',
};

/** What can be chosen, the common ones first. */
export const CONTENT_TYPES: readonly ContentType[] = [
  TEXT,
  { id: 'log', label: 'Log', mimeType: 'text/plain', extension: '.log' },
  { id: 'json', label: 'JSON', mimeType: 'application/json', extension: '.json' },
  { id: 'jsonl', label: 'JSON lines', mimeType: 'application/jsonl', extension: '.jsonl' },
  { id: 'csv', label: 'CSV', mimeType: 'text/csv', extension: '.csv' },
  { id: 'diff', label: 'Unified diff', mimeType: 'text/x-diff', extension: '.diff' },
  { id: 'markdown', label: 'Markdown', mimeType: 'text/markdown', extension: '.md' },
  { id: 'html', label: 'HTML', mimeType: 'text/html', extension: '.html' },
  { id: 'xml', label: 'XML', mimeType: 'text/xml', extension: '.xml' },
  { id: 'email', label: 'Email', mimeType: 'message/rfc822', extension: '.eml' },
  { id: 'shell', label: 'Shell script', mimeType: 'text/x-shellscript', extension: '.sh' },
  { id: 'powershell', label: 'PowerShell', mimeType: 'text/x-powershell', extension: '.ps1' },
  { id: 'python', label: 'Python', mimeType: 'text/x-python', extension: '.py' },
  { id: 'javascript', label: 'JavaScript', mimeType: 'text/javascript', extension: '.js' },
  { id: 'png', label: 'PNG image', mimeType: 'image/png', extension: '.png' },
  { id: 'jpeg', label: 'JPEG image', mimeType: 'image/jpeg', extension: '.jpg' },
  { id: 'gif', label: 'GIF image', mimeType: 'image/gif', extension: '.gif' },
  { id: 'pdf', label: 'PDF', mimeType: 'application/pdf', extension: '.pdf' },
  { id: 'zip', label: 'ZIP archive', mimeType: 'application/zip', extension: '.zip' },
  { id: 'gzip', label: 'gzip', mimeType: 'application/gzip', extension: '.gz' },
  { id: 'elf', label: 'ELF executable', mimeType: 'application/x-elf', extension: '.elf' },
  { id: 'exe', label: 'Windows executable', mimeType: 'application/x-msdownload', extension: '.exe' },
  { id: 'pcap', label: 'Packet capture', mimeType: 'application/vnd.tcpdump.pcap', extension: '.pcap' },
  BINARY,
];

const MAGIC: readonly (readonly [id: string, bytes: readonly number[]])[] = [
  ['png', [0x89, 0x50, 0x4e, 0x47]],
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['gif', [0x47, 0x49, 0x46, 0x38]],
  ['pdf', [0x25, 0x50, 0x44, 0x46]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['gzip', [0x1f, 0x8b]],
  ['elf', [0x7f, 0x45, 0x4c, 0x46]],
  ['exe', [0x4d, 0x5a]],
  ['pcap', [0xd4, 0xc3, 0xb2, 0xa1]],
  ['pcap', [0xa1, 0xb2, 0xc3, 0xd4]],
  ['pcap', [0x0a, 0x0d, 0x0d, 0x0a]],
];

/** In the order of how sure they make us. */
const LOOKS: readonly (readonly [id: string, pattern: RegExp])[] = [
  ['diff', /^(?:diff --git |Index: |--- \S.*\n\+\+\+ \S)/m],
  [
    'email',
    /^(?:Received|Return-Path|Delivered-To|From|Message-ID):.*\n(?:[\w-]+:.*\n|[ \t].*\n)*(?:Subject|To|Date):/i,
  ],
  ['shell', /^#!.*\b(?:ba|z|da|k)?sh\b/],
  ['python', /^#!.*\bpython|^(?:from [\w.]+ import |import [\w.]+$|def \w+\(.*\):)/m],
  ['html', /^\s*<(?:!doctype html|html|head|body)\b/i],
  ['xml', /^\s*<(?:\?xml|[a-z][\w:.-]*[\s>/])/i],
  [
    'log',
    /^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{1,3}(?:\.\d{1,3}){3} \S+ \S+ \[)/,
  ],
  ['powershell', /^(?:param\s*\(|function [A-Z]\w*-\w+|\$\w+ = (?:Get|New|Invoke)-\w+)/m],
  ['javascript', /^(?:(?:const|let|var) \w+ ?=|(?:export |async )*function\b|import .* from ['"])/m],
  ['markdown', /^(?:#{1,6} \S|```)/m],
];

export function contentType(id: string): ContentType {
  return CONTENT_TYPES.find((type) => type.id === id) ?? TEXT;
}

/** A guess by the content's beginning (some kilobytes are enough). An empty content is text. */
export function guessContentType(head: Uint8Array): ContentType {
  const magic = MAGIC.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte));
  if (magic !== undefined) return contentType(magic[0]);
  if (head.includes(0)) return BINARY;
  return guessTextType(new TextDecoder().decode(head));
}

/** The same for text that is already there. */
export function guessTextType(text: string): ContentType {
  const head = text.slice(0, 8192).replace(/^\ufeff/, '');
  const json = jsonType(text, head);
  if (json !== undefined) return json;
  const look = LOOKS.find(([, pattern]) => pattern.test(head));
  if (look !== undefined) return contentType(look[0]);
  return isCsv(head) ? contentType('csv') : TEXT;
}

function jsonType(text: string, head: string): ContentType | undefined {
  if (!/^\s*[[{]/.test(head)) return undefined;
  if (text.length <= 1_000_000 && parses(text)) return contentType('json');
  const lines = head.split(/\r?\n/).filter((line) => line.trim() !== '');
  const whole = lines.length > 1 && text.length > head.length ? lines.slice(0, -1) : lines;
  return whole.length > 1 && whole.every((line) => /^\s*\{/.test(line) && parses(line))
    ? contentType('jsonl')
    : undefined;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isCsv(head: string): boolean {
  const lines = head.split(/\r?\n/).slice(0, 6);
  const commas = (line: string): number => line.split(',').length - 1;
  const first = commas(lines[0] ?? '');
  return first >= 2 && lines.length >= 3 && lines.slice(1, 3).every((line) => commas(line) === first);
}
