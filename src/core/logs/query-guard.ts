/**
 * Which SQL of an agent may run over a local log: one SELECT, nothing that reaches beyond the log's own database. The first of several walls:
 * behind it the database is opened read-only, without extensions, in a process that is killed when it takes too long or too much. Pure.
 */

import { ToolInputError } from '../tools/tool.ts';

export const MAX_SQL = 8_000;

type Token =
  | { readonly kind: 'word'; readonly text: string }
  /** In quotes of any kind: a string or a name. */
  | { readonly kind: 'quoted'; readonly text: string }
  | { readonly kind: 'other'; readonly text: string };

/** Functions and tables that reach beyond the rows, whatever the build of SQLite; `pragma_…` is one family of them. */
const KEPT = new Set([
  'load_extension',
  'fts3_tokenizer',
  'readfile',
  'writefile',
  'edit',
  'sqlite_dbpage',
  'dbstat',
  'sqlite_stmt',
  'sqlite_memory',
]);

/** Throws ToolInputError with a sentence for the agent. */
export function checkQuery(sql: string): void {
  if (sql.length > MAX_SQL) throw new ToolInputError(`sql: at most ${MAX_SQL} characters.`);
  if (sql.includes('\0')) throw new ToolInputError('sql: a NUL character is no SQL.');
  const tokens = tokensOf(sql);
  while (tokens.at(-1)?.text === ';') tokens.pop();
  const [first] = tokens;
  if (first === undefined) throw new ToolInputError('sql: it is empty.');
  if (first.kind !== 'word' || !/^(?:select|with|values)$/i.test(first.text))
    throw new ToolInputError(
      `sql: only SELECT (also WITH … SELECT) runs here, the log is read-only; this begins with ${JSON.stringify(first.text.slice(0, 40))}.`,
    );
  if (tokens.some(({ kind, text }) => kind === 'other' && text === ';'))
    throw new ToolInputError('sql: one statement at a time.');
  for (const { kind, text } of tokens) {
    if (kind === 'other') continue;
    const name = text.toLowerCase();
    // A string that says so is harmless, but what is in quotes may be a name; who looks for such a text uses LIKE with a part of it.
    if (KEPT.has(name) || /^pragma_\w/.test(name))
      throw new ToolInputError(`sql: ${JSON.stringify(text.slice(0, 40))} is not available here.`);
  }
}

/** Throws ToolInputError for quotes or comments without an end. */
function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const character = sql[at] ?? '';
    const next = sql[at + 1];
    if (/\s/.test(character)) at += 1;
    else if (character === '-' && next === '-') {
      const end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length : end + 1;
    } else if (character === '/' && next === '*') {
      const end = sql.indexOf('*/', at + 2);
      if (end < 0) throw new ToolInputError('sql: a comment has no end.');
      at = end + 2;
    } else if (character === "'" || character === '"' || character === '`' || character === '[') {
      const close = character === '[' ? ']' : character;
      let end = sql.indexOf(close, at + 1);
      // A doubled quote stands for itself.
      while (end >= 0 && close !== ']' && sql[end + 1] === close) end = sql.indexOf(close, end + 2);
      if (end < 0) throw new ToolInputError(`sql: the ${character} has no end.`);
      tokens.push({ kind: 'quoted', text: sql.slice(at + 1, end) });
      at = end + 1;
    } else {
      const word = /^[\p{L}_][\p{L}\p{N}_$]*/u.exec(sql.slice(at, at + 300))?.[0];
      tokens.push(word === undefined ? { kind: 'other', text: character } : { kind: 'word', text: word });
      at += word?.length ?? 1;
    }
  }
  return tokens;
}
