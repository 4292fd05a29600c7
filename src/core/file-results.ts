/** Answers about many files as one table: CSV with everything, Markdown to read. What stands in it is untrusted. Pure. */

import type { FileAnswer } from './file-queue.ts';
import { labelText, visibleText } from './visible-text.ts';

const HEAD = ['File', 'SHA-256', 'Status', 'Tokens', 'Answer'] as const;
const SHORT = 300;

function cells({ name, sha256 = '', statusCode, statusMessage, tokens, text }: FileAnswer): readonly string[] {
  return [name, sha256, `${statusCode} ${statusMessage}`.trim(), tokens === undefined ? '' : String(tokens), text];
}

/** RFC 4180. A cell that a spreadsheet would run as a formula gets an apostrophe before it. */
export function resultsCsv(answers: readonly FileAnswer[]): string {
  const row = (values: readonly string[]): string => `${values.map(csvCell).join(',')}\r\n`;
  return [row(HEAD), ...answers.map((answer) => row(cells(answer).map(visibleText)))].join('');
}

function csvCell(text: string): string {
  const inert = /^[\s]*[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** The question, then a table with the beginning of each answer. */
export function resultsMarkdown(question: string, answers: readonly FileAnswer[]): string {
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
  return [
    `Question about each file: ${mdCell(question, 2000)}`,
    '',
    line(HEAD),
    line(HEAD.map(() => '---')),
    ...answers.map((answer) => line(cells(answer).map((cell) => mdCell(cell, SHORT)))),
    '',
  ].join('\n');
}

/** Plain words in a cell: nothing in it becomes a link, a picture, HTML or another cell. */
function mdCell(text: string, most: number): string {
  return labelText(text.replaceAll(/\s+/g, ' ').trim(), most).replaceAll(/[\\`*_{}[\]<>#|!~&]/g, (mark) => `\\${mark}`);
}
