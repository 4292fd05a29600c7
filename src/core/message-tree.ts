/** The messages of a session as a tree of plain text: who answered whom, what, when and for how many tokens. Pure. */

import type { Message } from './model.ts';
import { labelText } from './visible-text.ts';

/** Deeper ones stand at this depth with their depth as a number: a chain of thousands would run out of the page. */
const MAX_DEPTH = 24;
const WORDS = 100;

/** Every message once, children under their parent in the order of arrival; one whose parent is not here is a root. */
export function messageTree(name: string, messages: readonly Message[]): string {
  const known = new Set(messages.map(({ id }) => id));
  const children = new Map<string, Message[]>();
  const roots: Message[] = [];
  for (const message of messages) {
    const { parentId } = message;
    const siblings = parentId === undefined ? undefined : children.get(parentId);
    if (parentId === undefined || parentId === message.id || !known.has(parentId)) roots.push(message);
    else if (siblings === undefined) children.set(parentId, [message]);
    else siblings.push(message);
  }
  const lines: string[] = [];
  const shown = new Set<string>();
  const draw = (from: readonly Message[]): void => {
    // By hand and not by recursion: a long conversation is a deep tree.
    const open = from.map((message) => ({ message, depth: 0 })).toReversed();
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { message, depth } = next;
      if (shown.has(message.id)) continue;
      shown.add(message.id);
      lines.push(lineOf(message, depth));
      const below = children.get(message.id) ?? [];
      for (const child of below.toReversed()) open.push({ message: child, depth: depth + 1 });
    }
  };
  draw(roots);
  // What hangs together in a ring hangs on no root.
  for (const message of messages) if (!shown.has(message.id)) draw([message]);
  const count = messages.length === 1 ? '1 message' : `${messages.length.toLocaleString('en')} messages`;
  return `Messages of: ${labelText(name, 200)} (${count})\n\n${lines.join('\n')}${lines.length === 0 ? '' : '\n'}`;
}

function lineOf(message: Message, depth: number): string {
  const { id, kind, sender, author, title, content, status, createdAt, usage, render } = message;
  const words = render === 'image' ? 'image' : content.trim().replaceAll(/\s+/g, ' ');
  const indent = '  '.repeat(Math.min(depth, MAX_DEPTH));
  const parts = [
    `${depth > MAX_DEPTH ? `(level ${depth}) ` : ''}${kind}`,
    labelText(author === '' ? sender : author, 60),
    title === '' ? '' : labelText(title, 80),
    createdAt > 0 && createdAt <= 8.64e15 ? new Date(createdAt).toISOString() : '',
    usage === undefined || usage.totalTokens === 0 ? '' : `${usage.totalTokens.toLocaleString('en')} tokens`,
    status === 'complete' ? '' : status,
    words === '' ? '' : `"${labelText(words, WORDS)}"`,
    labelText(id, 80),
  ];
  return `${indent}- ${parts.filter((part) => part !== '').join(' · ')}`;
}
