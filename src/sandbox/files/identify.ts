/** What a file is: by its first bytes where they tell, else by its name where it is text. Labels as the service spells them (png, python). */
import { fileTypeFromBuffer } from 'file-type';
import { own } from '../../core/own.ts';

export interface FileKind {
  readonly mimeType: string;
  readonly label: string;
}

/** Extensions of text files: label and MIME type. */
const TEXT_KINDS: Readonly<Record<string, readonly [label: string, mimeType: string]>> = {
  bat: ['batch', 'text/x-msdos-batch'],
  c: ['c', 'text/x-c'],
  cc: ['cpp', 'text/x-c++'],
  cfg: ['ini', 'text/plain'],
  cmd: ['batch', 'text/x-msdos-batch'],
  conf: ['ini', 'text/plain'],
  cpp: ['cpp', 'text/x-c++'],
  cs: ['cs', 'text/x-csharp'],
  css: ['css', 'text/css'],
  csv: ['csv', 'text/csv'],
  diff: ['diff', 'text/x-diff'],
  eml: ['eml', 'message/rfc822'],
  env: ['ini', 'text/plain'],
  go: ['go', 'text/x-golang'],
  h: ['c', 'text/x-c'],
  htm: ['html', 'text/html'],
  html: ['html', 'text/html'],
  ini: ['ini', 'text/plain'],
  java: ['java', 'text/x-java'],
  js: ['javascript', 'text/javascript'],
  json: ['json', 'application/json'],
  jsonl: ['jsonl', 'application/jsonl'],
  jsx: ['javascript', 'text/javascript'],
  kt: ['kotlin', 'text/x-kotlin'],
  lua: ['lua', 'text/x-lua'],
  md: ['markdown', 'text/markdown'],
  mjs: ['javascript', 'text/javascript'],
  pem: ['pem', 'application/x-pem-file'],
  php: ['php', 'text/x-php'],
  pl: ['perl', 'text/x-perl'],
  ps1: ['powershell', 'text/x-powershell'],
  py: ['python', 'text/x-python'],
  rb: ['ruby', 'text/x-ruby'],
  rs: ['rust', 'text/x-rust'],
  sh: ['shell', 'text/x-shellscript'],
  sql: ['sql', 'text/x-sql'],
  svg: ['svg', 'image/svg+xml'],
  swift: ['swift', 'text/x-swift'],
  tf: ['hcl', 'text/x-hcl'],
  toml: ['toml', 'text/toml'],
  ts: ['typescript', 'text/typescript'],
  tsv: ['tsv', 'text/tab-separated-values'],
  tsx: ['typescript', 'text/typescript'],
  vbs: ['vba', 'text/vbscript'],
  xml: ['xml', 'text/xml'],
  yaml: ['yaml', 'text/yaml'],
  yml: ['yaml', 'text/yaml'],
};

const NAMED_KINDS: Readonly<Record<string, readonly [label: string, mimeType: string]>> = {
  dockerfile: ['dockerfile', 'text/x-dockerfile'],
  makefile: ['makefile', 'text/x-makefile'],
  '.env': ['ini', 'text/plain'],
};

/** Where the detector's extension is not the service's label. */
const BINARY_LABELS: Readonly<Record<string, string>> = {
  jpg: 'jpeg',
  exe: 'pebin',
  gz: 'gzip',
  tif: 'tiff',
  '7z': 'sevenzip',
  macho: 'macho',
};

const SHEBANGS: readonly (readonly [RegExp, readonly [label: string, mimeType: string]])[] = [
  [/^#!.*\bpython/, ['python', 'text/x-python']],
  [/^#!.*\b(?:ba|z|da|k)?sh\b/, ['shell', 'text/x-shellscript']],
  [/^#!.*\bnode\b/, ['javascript', 'text/javascript']],
  [/^#!.*\bperl\b/, ['perl', 'text/x-perl']],
  [/^#!.*\bruby\b/, ['ruby', 'text/x-ruby']],
];

/** `given`, the client's own guess, counts where neither bytes nor name tell; what is no type is no guess. */
export async function identify(name: string, bytes: Uint8Array, given?: string): Promise<FileKind> {
  const hint = given !== undefined && /^[\w.+-]+\/[\w.+-]+$/.test(given) ? given : undefined;
  if (bytes.length === 0) return { mimeType: 'inode/x-empty', label: 'empty' };
  const known = await detect(bytes);
  // XML is text: its name tells more (svg, html).
  if (known !== undefined && known.mime !== 'application/xml')
    return { mimeType: known.mime, label: BINARY_LABELS[known.ext] ?? known.ext };
  if (!isText(bytes)) return { mimeType: hint ?? 'application/octet-stream', label: 'unknown' };
  const base = name.toLowerCase().split(/[\\/]/).at(-1) ?? '';
  const extension = base.includes('.') ? (base.split('.').at(-1) ?? '') : '';
  const firstLine = Buffer.from(bytes.subarray(0, 200)).toString('latin1').split('\n', 1)[0] ?? '';
  const kind =
    own(NAMED_KINDS, base) ?? own(TEXT_KINDS, extension) ?? SHEBANGS.find(([pattern]) => pattern.test(firstLine))?.[1];
  if (kind !== undefined) return { label: kind[0], mimeType: kind[1] };
  if (known !== undefined) return { label: 'xml', mimeType: 'text/xml' };
  return { label: 'txt', mimeType: hint?.startsWith('text/') === true ? hint : 'text/plain' };
}

async function detect(bytes: Uint8Array): Promise<{ readonly ext: string; readonly mime: string } | undefined> {
  try {
    return await fileTypeFromBuffer(bytes);
  } catch {
    // A file that begins like a known kind and then breaks off is none the detector knows.
    return undefined;
  }
}

/** UTF-8 without NUL; the first part decides. */
function isText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 65_536);
  if (head.includes(0)) return false;
  try {
    // `stream`: a character cut at the end of the part is no fault.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
