/** What becomes public with a session, in words for the one question before it does. Pure: secrets come from the caller's search. */

import type { Message } from './model.ts';
import type { SessionState } from './session-state.ts';
import { labelText } from './visible-text.ts';

/** A secret that was found. `masked` is safe to quote. */
export interface FoundSecret {
  readonly title: string;
  readonly masked: string;
  /** Where, e.g. `your question 3`. */
  readonly where: string;
}

/** A text of the session with the words for its place. */
export interface PublicText {
  readonly where: string;
  readonly text: string;
}

/** Everything of the transcript that others would read, oldest first. Notes of this machine stay here. */
export function publicTexts({ messages }: SessionState): readonly PublicText[] {
  const counts = new Map<string, number>();
  const texts: PublicText[] = [];
  for (const message of messages) {
    if (message.id.startsWith('local:') || message.content === '' || message.render === 'image') continue;
    const words = placeOf(message);
    const count = (counts.get(words) ?? 0) + 1;
    counts.set(words, count);
    texts.push({ where: `${words} ${count}`, text: message.content });
  }
  return texts;
}

function placeOf({ kind }: Message): string {
  switch (kind) {
    case 'prompt':
      return 'your question';
    case 'toolCall':
      return 'tool call';
    case 'toolResult':
      return 'tool result';
    case 'thinking':
      return 'thinking';
    default:
      return 'message';
  }
}

const POSIX =
  /(?<![\w:/.])\/(?:home|Users|root|etc|var|opt|srv|mnt|tmp|usr|private|workspaces?|data)\/[^\s"'`<>()[\]{}|;,*]+/g;
const WINDOWS = /\b[A-Za-z]:\\[^\s"'`<>()[\]{}|;,*]+|\\\\[\w.-]+\\[^\s"'`<>()[\]{}|;,*]+/g;

/** Absolute paths in the texts: they name people, machines and customers. Each once, in order of place. */
export function absolutePaths(texts: readonly PublicText[]): readonly string[] {
  const found = new Set<string>();
  for (const { text } of texts)
    for (const pattern of [POSIX, WINDOWS])
      for (const [path] of text.matchAll(pattern)) found.add(path.replace(/[.:]+$/, ''));
  return [...found];
}

const LISTED = 5;

/** The detail of the question. */
export function publishDetail(
  state: SessionState,
  secrets: readonly FoundSecret[],
  paths: readonly string[],
  files: readonly string[],
): string {
  const count = publicTexts(state).length;
  const parts = [
    `Anyone with the link will be able to read it without signing in: all ${count} messages (questions, answers, thinking, tool calls and their results) and the names of its files. What is written later may become public, too.`,
    secrets.length === 0
      ? 'No secret was found in the messages. The search knows kinds of keys and tokens, not what is confidential to you.'
      : listed(`${secrets.length} possible ${secrets.length === 1 ? 'secret' : 'secrets'}:`, secrets, secretWords),
    ...(paths.length === 0
      ? []
      : [
          listed(`${paths.length} absolute ${paths.length === 1 ? 'path' : 'paths'}:`, paths, (path) =>
            labelText(path, 120),
          ),
        ]),
    ...(files.length === 0
      ? []
      : [
          listed(`${files.length} ${files.length === 1 ? 'file' : 'files'} by name:`, files, (name) =>
            labelText(name, 120),
          ),
        ]),
    'The link ends with the session, or when you run "Unpublish Session".',
  ];
  return parts.join('\n\n');
}

const secretWords = ({ title, masked, where }: FoundSecret): string =>
  `${labelText(title, 80)} in ${where}: ${labelText(masked, 60)}`;

function listed<T>(heading: string, items: readonly T[], words: (item: T) => string): string {
  const lines = items.slice(0, LISTED).map((item) => `    ${words(item)}`);
  const more = items.length > LISTED ? [`    … and ${items.length - LISTED} more`] : [];
  return [heading, ...lines, ...more].join('\n');
}
