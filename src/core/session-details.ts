/** All that is known of a session as one plain text. Pure. */

import type { Attachment, Message } from './model.ts';
import { formatBytes } from './format.ts';
import type { Fact } from './session-facts.ts';
import type { FeedbackNote, SessionLink } from './session-local.ts';
import type { SessionState } from './session-state.ts';
import { labelText } from './visible-text.ts';

/** `facts` as the tree's tooltip has them. */
export function sessionDetails(state: SessionState, facts: readonly Fact[]): string {
  const { info, attachments, messages, local, queue, draft, history } = state;
  const { forkedFrom, forks = [], rewoundTo, feedback = [] } = local ?? {};
  const files = attachments.length === 1 ? '1 file' : `${attachments.length} files`;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Session', facts.map(([label, value]) => `${label}: ${value}`)],
    ['Times', [`Created: ${time(info.createdAt)}`, `Last used: ${time(info.updatedAt)}`]],
    [`Files (${files})`, attachments.map(fileLine)],
    [
      `Messages (${history === 'loaded' ? messages.length.toLocaleString('en') : `${messages.length.toLocaleString('en')} loaded so far`})`,
      kindCounts(messages),
    ],
    [
      'Not sent yet',
      [...(draft === '' ? [] : ['A draft']), ...(queue.length === 0 ? [] : [`${queue.length} in the queue`])],
    ],
    [
      'Linked sessions',
      [
        ...(forkedFrom === undefined ? [] : [linkLine('Forked from', forkedFrom)]),
        ...forks.map((link) => linkLine('Fork', link)),
        ...(rewoundTo === undefined ? [] : [linkLine('Rewound to', rewoundTo)]),
      ],
    ],
    ['Your feedback', feedback.map(noteLine)],
  ];
  const written = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`);
  return [`${labelText(info.name === '' ? 'Untitled session' : info.name, 200)}\n`, ...written].join('\n');
}

const time = (at: number): string => (at > 0 && at <= 8.64e15 ? new Date(at).toISOString() : 'not told by the service');

function fileLine({ name, size, sha256, mimeType, contentLabel }: Attachment): string {
  const parts = [
    labelText(name, 200),
    size === undefined ? '' : formatBytes(size),
    mimeType === undefined ? '' : labelText(mimeType),
    contentLabel === undefined ? '' : labelText(contentLabel),
    sha256 === undefined ? '' : `SHA-256 ${labelText(sha256)}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function kindCounts(messages: readonly Message[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { kind } of messages) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${kind}: ${count.toLocaleString('en')}`);
}

const linkLine = (words: string, { name, sessionId }: SessionLink): string =>
  `${words}: ${labelText(name, 80)} (${labelText(sessionId)})`;

function noteLine({ kind, score = 0, text, at, sent, messageId }: FeedbackNote): string {
  const what = kind === 'bug' ? 'Bug report' : score > 0 ? 'Good answer' : 'Bad answer';
  const where = messageId === undefined ? '' : `, answer ${labelText(messageId)}`;
  const words = text === '' ? '' : `: ${labelText(text, 500)}`;
  return `${time(at)} ${what}${where}, ${sent === true ? 'sent' : 'kept on this machine'}${words}`;
}
