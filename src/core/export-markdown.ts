/** An exported session as one Markdown document. What was written as Markdown stays so; everything else stands in fences that it cannot leave. Pure. */

import { isConversation, isoTime, messageName, sessionFacts, usageWords } from './export-words.ts';
import { formatBytes } from './format.ts';
import type { Message } from './model.ts';
import type { SessionExport } from './session-export.ts';
import { labelText, visibleText } from './visible-text.ts';

export interface MarkdownOptions {
  /** False: the conversation only (questions, answers, errors). True: every message, times, authors, tokens, files. */
  readonly metadata: boolean;
  /** Without metadata: tool calls and their results too. */
  readonly tools?: boolean | undefined;
}

export function exportMarkdown(document: SessionExport, { metadata, tools = false }: MarkdownOptions): string {
  const { session, attachments, messages } = document;
  const parts = [`# ${plain(session.name === '' ? 'Untitled session' : session.name)}`];
  if (metadata) {
    parts.push(
      sessionFacts(session, document.exportedAt)
        .map(([name, value]) => `- ${name}: ${plain(value)}`)
        .join('\n'),
    );
    if (document.maskedSecrets !== undefined)
      parts.push(`Secrets replaced by placeholders: ${document.maskedSecrets}.`);
    if (document.chosen === true) parts.push('Only chosen messages are in this document.');
    if (attachments.length > 0)
      parts.push(
        `## Attached files\n\n${attachments
          .map(({ name, size, sha256, mimeType }) =>
            [
              `- ${plain(name)}`,
              size === undefined ? '' : formatBytes(size),
              mimeType === undefined ? '' : plain(mimeType),
              sha256 === undefined ? '' : `SHA-256 ${plain(sha256)}`,
            ]
              .filter((part) => part !== '')
              .join(', '),
          )
          .join('\n')}`,
      );
  }
  for (const message of messages) {
    const shown = metadata || isConversation(message) || (tools && isTool(message));
    if (shown && (metadata || message.content !== '')) parts.push(section(message, metadata));
  }
  return `${parts.join('\n\n')}\n`;
}

function isTool({ kind }: Message): boolean {
  return kind === 'toolCall' || kind === 'toolResult';
}

function section(message: Message, metadata: boolean): string {
  const facts = metadata
    ? [
        isoTime(message.createdAt),
        plain(message.author),
        message.status === 'complete' ? '' : message.status,
        message.usage === undefined ? '' : usageWords(message.usage),
        `id ${plain(message.id)}`,
      ].filter((fact) => fact !== '')
    : [];
  return [
    `## ${plain(messageName(message))}`,
    ...(facts.length === 0 ? [] : [`_${facts.join(' · ')}_`]),
    ...(message.content === '' ? [] : [body(message)]),
    ...(message.error === undefined ? [] : [plain(`${message.error.message} ${message.error.action}`)]),
    ...(message.status === 'interrupted' ? ['Interrupted: the rest did not arrive.'] : []),
  ].join('\n\n');
}

function body({ kind, render, mimeType, content }: Message): string {
  if (render === 'image' || /^image\//i.test(mimeType)) return 'Image not shown.';
  if (render === 'markdown' && kind !== 'prompt') return content;
  return fenced(content, render === 'json' || isJson(content) ? 'json' : '');
}

function isJson(content: string): boolean {
  return /^\s*[[{]/.test(content) && /[\]}]\s*$/.test(content);
}

/** A fence longer than any that the text holds. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A line of untrusted text without Markdown of its own. */
function plain(text: string): string {
  return visibleText(labelText(text, 500)).replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&');
}
