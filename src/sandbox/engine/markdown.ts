/** Text of files inside Markdown: always in code, never able to leave it, so that a hostile file cannot write our answer. */

/** Control and bidirectional characters as visible escapes; they would hide what a line really says. */
export const visible = (text: string): string =>
  text.replace(
    // oxlint-disable-next-line no-control-regex -- these are the characters to be shown
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** At most `units` of a text, with an ellipsis; a surrogate pair is not split. */
export const shorten = (text: string, units: number): string => {
  if (text.length <= units) return text;
  const end = /[\ud800-\udbff]/.test(text[units - 1] ?? '') ? units - 1 : units;
  return `${text.slice(0, end)}…`;
};

/** Inline code of any text: one line, fenced by more backticks than it holds. */
export const code = (text: string): string => {
  const flat = visible(text.replace(/[\r\n\t]+/g, ' '));
  if (flat.trim().length === 0) return '` `';
  const runs = flat.match(/`+/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 0) + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') || (flat.startsWith(' ') && flat.endsWith(' ')) ? ' ' : '';
  return `${fence}${pad}${flat}${pad}${fence}`;
};

/** The same inside a table: a bar would end the cell. */
export const cell = (text: string): string => code(text).replaceAll('|', '\\|');

/** A fenced block. */
export const block = (text: string, language = ''): string => {
  const runs = text.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 2) + 1);
  return `${fence}${language}\n${visible(text)}\n${fence}`;
};

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  );

/** `1 file`, `2 files`. */
export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? noun : many}`;

/** Bytes as people read them; exact below 10,000. */
export const size = (bytes: number): string => {
  if (bytes < 10_000) return plural(bytes, 'byte');
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
};
