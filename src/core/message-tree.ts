/** The messages of a session by parent: who answered whom, what, when and for how many tokens; as rows of a tree view and as plain text. Pure. */

import { messageName } from './export-words.ts';
import type { Message } from './model.ts';
import { labelText, visibleText } from './visible-text.ts';

/** Deeper ones stand at this depth with their depth as a number: a chain of thousands would run out of the page. */
const MAX_DEPTH = 24;
const WORDS = 100;
const TOOLTIP_WORDS = 600;

export interface MessageNode {
  readonly message: Message;
  /** In the order of arrival. */
  readonly children: readonly MessageNode[];
}

/**
 * Every message once, children under their parent in the order of arrival; one whose parent is not here is a root. Where the wire names no
 * parents (v3) what follows a prompt hangs on it, a result on the call before it.
 */
export function messageNodes(messages: readonly Message[]): readonly MessageNode[] {
  interface Growing extends MessageNode {
    readonly children: Growing[];
  }
  const nodes = new Map<string, Growing>();
  const turnOf = new Map<string, string>();
  let prompt: string | undefined;
  let call: Message | undefined;
  for (const message of messages) {
    const { id, kind, parentId, title } = message;
    nodes.set(id, { message, children: [] });
    if (parentId !== undefined) continue;
    if (kind === 'prompt') [prompt, call] = [id, undefined];
    else if (kind === 'toolResult' && call?.title === title) turnOf.set(id, call.id);
    else if (prompt !== undefined) turnOf.set(id, prompt);
    if (kind === 'toolCall') call = message;
  }
  const roots: Growing[] = [];
  const parentOf = ({ message: { id, parentId } }: Growing): Growing | undefined => {
    const named = parentId ?? turnOf.get(id);
    return named === undefined || named === id ? undefined : nodes.get(named);
  };
  // What hangs together in a ring hangs on no root: the first of it becomes one.
  const rooted = new Set<Growing>();
  const isRoot = (node: Growing): boolean => {
    const path = new Set<Growing>();
    for (let at: Growing | undefined = node; at !== undefined && !rooted.has(at); at = parentOf(at)) {
      if (path.has(at)) return at === node;
      path.add(at);
    }
    for (const each of path) rooted.add(each);
    return parentOf(node) === undefined;
  };
  for (const node of nodes.values()) {
    const parent = parentOf(node);
    if (parent === undefined || isRoot(node)) {
      rooted.add(node);
      roots.push(node);
    } else parent.children.push(node);
  }
  return roots;
}

/** What a row says of a message. All of it is safe to show. */
export interface MessageRow {
  readonly id: string;
  /** The type, with the tool's name or a heading. */
  readonly label: string;
  /** Agent, time, tokens, and the first words. */
  readonly description: string;
  readonly kind: string;
  readonly tooltip: string;
  readonly accessibleLabel: string;
}

/** `time`: how a time in milliseconds since the epoch is written. */
export function messageRow(message: Message, time: (at: number) => string): MessageRow {
  const { id, content, kind, render } = message;
  const { who, when, tokens, state } = partsOf(message, time);
  const words = render === 'image' ? 'image' : labelText(content.trim().replaceAll(/\s+/g, ' '), WORDS);
  const label = messageName(message);
  const facts = [who === label ? '' : who, when, tokens, state].filter((part) => part !== '');
  const description = [...facts, ...(words === '' ? [] : [words])].join(' · ');
  const rest = content.length > TOOLTIP_WORDS ? '…' : '';
  return {
    id,
    label,
    description,
    kind,
    tooltip: visibleText(
      [`${label} · ${facts.join(' · ')}`, '', `${content.slice(0, TOOLTIP_WORDS)}${rest}`].join('\n'),
    ).trim(),
    accessibleLabel: `Message ${label}, ${description}`,
  };
}

/** The whole tree as text, indented by depth. */
export function messageTree(name: string, messages: readonly Message[]): string {
  const lines: string[] = [];
  // By hand and not by recursion: a long conversation is a deep tree.
  const open = messageNodes(messages)
    .map((node) => ({ node, depth: 0 }))
    .toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    lines.push(lineOf(node.message, depth));
    for (const child of node.children.toReversed()) open.push({ node: child, depth: depth + 1 });
  }
  const count = messages.length === 1 ? '1 message' : `${messages.length.toLocaleString('en')} messages`;
  return `Messages of: ${labelText(name, 200)} (${count})\n\n${lines.join('\n')}${lines.length === 0 ? '' : '\n'}`;
}

/** One message, or it and everything below it, as text to copy. */
export function branchText(node: MessageNode): string {
  const below: Message[] = [];
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    below.push(next.message);
    open.push(...next.children.toReversed());
  }
  return below
    .map((message) => {
      const { who, title, when, tokens, state } = partsOf(message, iso);
      const head = [message.kind, title, who, when, tokens, state].filter((part) => part !== '').join(' · ');
      return `${head}\n${visibleText(message.render === 'image' ? '(image)' : message.content).trim()}\n`;
    })
    .join('\n');
}

function partsOf(
  { author, sender, title, createdAt, usage, status }: Message,
  time: (at: number) => string,
): { readonly who: string; readonly title: string; readonly when: string; readonly tokens: string; state: string } {
  return {
    who: labelText(author === '' ? sender : author, 60),
    title: title === '' ? '' : labelText(title, 80),
    when: createdAt > 0 && createdAt <= 8.64e15 ? time(createdAt) : '',
    tokens: usage === undefined || usage.totalTokens === 0 ? '' : `${usage.totalTokens.toLocaleString('en')} tokens`,
    state: status === 'complete' ? '' : status,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function lineOf(message: Message, depth: number): string {
  const { id, kind, content, render } = message;
  const { who, title, when, tokens, state } = partsOf(message, iso);
  const words = render === 'image' ? 'image' : content.trim().replaceAll(/\s+/g, ' ');
  const indent = '  '.repeat(Math.min(depth, MAX_DEPTH));
  const parts = [
    `${depth > MAX_DEPTH ? `(level ${depth}) ` : ''}${kind}`,
    who,
    title,
    when,
    tokens,
    state,
    words === '' ? '' : `"${labelText(words, WORDS)}"`,
    labelText(id, 80),
  ];
  return `${indent}- ${parts.filter((part) => part !== '').join(' · ')}`;
}
