/** How the kinds of messages are called where a person reads them outside the panel: exports, the transcript for a fork, pick lists. Pure. */

import type { Message, MessageKind, SessionInfo, Usage } from './model.ts';
import { labelText } from './visible-text.ts';

const NAMES: Readonly<Record<MessageKind, string>> = {
  prompt: 'You',
  response: 'Sec-Gemini',
  agentResponse: 'Sec-Gemini',
  thinking: 'Thinking',
  toolCall: 'Tool call',
  toolResult: 'Tool result',
  info: 'Information',
  progress: 'Progress',
  source: 'Source',
  error: 'Error',
  failure: 'Failure',
  warning: 'Warning',
  notice: 'Notice',
  log: 'Log',
  debug: 'Debug',
  confirmationRequest: 'Approval asked',
  confirmationResponse: 'Approval answered',
  clarificationRequest: 'Question',
  clarificationResponse: 'You',
  taskList: 'Tasks',
  memory: 'Memory',
  skillLoaded: 'Skill loaded',
  sessionName: 'Session renamed',
  end: 'End of turn',
  unknown: 'Message',
};

/** `Tool call read_file`: the kind and, where it has one of its own, its title. */
export function messageName({ kind, title }: Message): string {
  const name = NAMES[kind];
  const own = labelText(title, 80);
  return own === '' || kind === 'prompt' || kind === 'response' ? name : `${name} ${own}`;
}

/** ISO 8601 to the second, or nothing for a time that is not known. */
export function isoTime(milliseconds: number): string {
  return milliseconds > 0 && milliseconds <= 8.64e15
    ? new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z')
    : '';
}

export function usageWords(usage: Usage): string {
  const cost = usage.costUsd === undefined || usage.costUsd === 0 ? '' : `, about $${usage.costUsd.toFixed(4)}`;
  return `${usage.totalTokens} tokens (${usage.promptTokens} in, ${usage.generatedTokens} out, ${usage.thinkingTokens} thinking)${cost}`;
}

/** Name and value of what is known of a session, for the head of an export. */
export function sessionFacts(info: SessionInfo, exportedAt: string): readonly (readonly [string, string])[] {
  return (
    [
      ['Session id', info.id],
      ['Description', info.description],
      ['Protocol', info.protocol],
      ['Model', info.model ?? ''],
      ['State', info.status],
      ['Created', isoTime(info.createdAt)],
      ['Updated', isoTime(info.updatedAt)],
      ['Kept by the service until', info.expiresAt === undefined ? '' : isoTime(info.expiresAt)],
      ['Logged by the service', info.logging === undefined ? '' : info.logging ? 'yes' : 'no'],
      ['Tokens', info.usage === undefined ? '' : usageWords(info.usage)],
      ['Exported', exportedAt],
    ] as const
  )
    .map(([name, value]) => [name, labelText(value, 500)] as const)
    .filter(([, value]) => value !== '');
}

/** The conversation itself; everything else is about how it came about. */
export function isConversation({ kind }: Message): boolean {
  switch (kind) {
    case 'prompt':
    case 'response':
    case 'agentResponse':
    case 'error':
    case 'failure':
    case 'clarificationRequest':
    case 'clarificationResponse':
      return true;
    default:
      return false;
  }
}
