/** The ledger as a file that a person hands on: JSON for machines, Markdown for people. Pure. Names are untrusted: nothing in them hides or acts. */

import type { LedgerEntry } from './ledger.ts';
import { hasHiddenCharacters, visibleText } from './visible-text.ts';

export interface LedgerExportOptions {
  /** What the export covers, e.g. the session's name; undefined = everything. */
  readonly scope?: string | undefined;
  /** Milliseconds since the epoch: when it is made. */
  readonly now: number;
}

/** Pretty-printed JSON. Hidden characters are written as \uXXXX escapes: visible to the eye, unchanged for a program that reads it. */
export function ledgerToJson(entries: readonly LedgerEntry[], { scope, now }: LedgerExportOptions): string {
  const document = {
    title: 'What left this machine to Sec-Gemini',
    scope: scope ?? 'all sessions',
    exportedAt: new Date(now).toISOString(),
    totals: totalsOf(entries),
    entries: entries.map((entry) => ({ ...entry, time: new Date(entry.at).toISOString() })),
  };
  return `${escapeHidden(JSON.stringify(document, undefined, 2))}\n`;
}

/** A Markdown table, oldest first, times in UTC. Everything that came from outside stands in code spans, where nothing is interpreted. */
export function ledgerToMarkdown(entries: readonly LedgerEntry[], { scope, now }: LedgerExportOptions): string {
  const rows = entries.map((entry) =>
    [
      new Date(entry.at).toISOString(),
      entry.kind,
      code(entry.name),
      code(entry.sessionName === '' ? entry.sessionId : entry.sessionName),
      code(entry.destination),
      String(entry.bytes),
      code(entry.sha256),
      code(entry.rule),
      outcomeWords(entry.outcome),
    ].join(' | '),
  );
  return [
    ...head(entries, scope, `Exported ${new Date(now).toISOString()}.`),
    '| Time (UTC) | Kind | Name | Session | Destination | Bytes | SHA-256 | By | Outcome |',
    '|---|---|---|---|---|---:|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

/** The same for reading in an editor: an entry of a few short lines each, the newest first. */
export function ledgerToList(entries: readonly LedgerEntry[], { scope }: Pick<LedgerExportOptions, 'scope'>): string {
  const blocks = entries.toReversed().map((entry) => {
    const session = code(entry.sessionName === '' ? entry.sessionId : entry.sessionName);
    return [
      `## ${new Date(entry.at).toISOString().slice(0, 19).replace('T', ' ')} UTC: ${entry.kind}, ${outcomeWords(entry.outcome)}`,
      '',
      ...[code(entry.name), code(entry.rule)].filter((line) => line !== '').map((line) => `- ${line}`),
      `- ${count(entry.bytes, 'byte')} to ${code(entry.destination)}`,
      `- session ${session}`,
      ...(entry.sha256 === '' ? [] : [`- SHA-256 ${code(entry.sha256)}`]),
      '',
    ].join('\n');
  });
  return [...head(entries, scope, 'Times in UTC, the newest first.'), ...blocks].join('\n');
}

function head(entries: readonly LedgerEntry[], scope: string | undefined, last: string): readonly string[] {
  const { files, prompts, others, bytes } = totalsOf(entries);
  const kinds = [count(files, 'file'), count(prompts, 'prompt'), ...(others === 0 ? [] : [count(others, 'other')])];
  return [
    '# What left this machine to Sec-Gemini',
    '',
    `Scope: ${scope === undefined ? 'all sessions' : code(scope)}. ${last}`,
    `${kinds.join(', ')}; ${count(bytes, 'byte')} left or may have left.`,
    '',
  ];
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

interface Totals {
  readonly files: number;
  readonly prompts: number;
  readonly others: number;
  /** Of all entries, failed and cancelled ones included: a part of them may have left. */
  readonly bytes: number;
}

function totalsOf(entries: readonly LedgerEntry[]): Totals {
  const files = entries.filter(({ kind }) => kind === 'file').length;
  const prompts = entries.filter(({ kind }) => kind === 'prompt').length;
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return { files, prompts, others: entries.length - files - prompts, bytes };
}

function outcomeWords(outcome: LedgerEntry['outcome']): string {
  switch (outcome) {
    case 'sent':
      return 'sent';
    case 'started':
      return 'started, end not known';
    case 'failed':
      return 'failed, a part may have left';
    case 'cancelled':
      return 'cancelled, a part may have left';
  }
}

/** A code span for a table's cell: one line, no pipe, a fence longer than any run of backticks within. */
function code(text: string): string {
  const line = visibleText(text.replace(/[\r\n\t]+/g, ' ')).replaceAll('|', '⟦U+007C⟧');
  if (line.trim() === '') return '';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

/** In JSON's own escapes. Line breaks between the values are no hidden characters. */
function escapeHidden(json: string): string {
  if (!hasHiddenCharacters(json)) return json;
  let escaped = '';
  for (const character of json) {
    if (visibleText(character) === character) escaped += character;
    else
      for (let at = 0; at < character.length; at += 1)
        escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
