/** What people read about a tool call: the line in the transcript, the card that asks, the row of the view. Pure. */

import { formatBytes } from '../format.ts';
import type { Message } from '../model.ts';
import { labelText } from '../visible-text.ts';
import { type Budget, MAX_BYTES_PER_TURN, MAX_CALLS_PER_TURN } from './consent.ts';
import type { ToolRequest } from './desk.ts';
import type { ToolArgs } from './tool.ts';

/** `read_file {"path":"src/app.ts"}`, in one line. */
export function callLabel(tool: string, args: unknown, max = 200): string {
  const json = JSON.stringify(args) ?? '';
  return labelText(json === '{}' || json === '' ? tool : `${tool} ${json}`, max);
}

/** `call 3 of 50, 12.4 kB of 2 MiB this turn`. */
export function budgetWords({ calls, bytes }: Budget): string {
  return `call ${calls} of ${MAX_CALLS_PER_TURN}, ${formatBytes(bytes)} of ${MAX_BYTES_PER_TURN / 1024 ** 2} MiB this turn`;
}

/** Host and port, for a sentence. */
export function placeOf(destination: string): string {
  return destination.replace(/^https?:\/\//, '');
}

/** The card in the conversation: every argument and what would leave, as JSON. The page can only point here and deny. */
export function cardText({ args, askedArgs, output, destination, notes, place }: ToolRequest): string {
  const flags = output?.flags ?? [];
  return JSON.stringify({
    arguments: args,
    ...(askedArgs === undefined ? {} : { 'arguments as asked': askedArgs }),
    ...(place === undefined ? {} : { 'arguments go to': labelText(place, 300) }),
    ...(output === undefined
      ? { 'would leave': 'known after it has run; you are asked again when something is found in it' }
      : { 'would leave': `${formatBytes(output.bytes)} to ${placeOf(destination)}` }),
    ...(output === undefined || output.files.length === 0
      ? {}
      : { files: filesWords(output.files.map(({ path }) => path)) }),
    ...(flags.length === 0 ? {} : { 'looks like a secret': flags.slice(0, 20).map(flagWords) }),
    ...(notes.length === 0 ? {} : { note: notes }),
  });
}

export function flagWords({ title, line }: { readonly title: string; readonly line: number }): string {
  return `line ${line} of the output: ${labelText(title, 60)}`;
}

function filesWords(paths: readonly string[]): readonly string[] {
  const unique = [...new Set(paths)];
  return unique.length <= 20 ? unique : [...unique.slice(0, 20), `and ${unique.length - 20} more`];
}

/** A message that only this machine writes; the same id takes the place of the card. */
export function toolMessage(
  id: string,
  sessionId: string,
  now: number,
  body: { readonly kind: 'confirmationRequest' | 'notice'; readonly title: string; readonly content: string },
): Message {
  return {
    id,
    sessionId,
    kind: body.kind,
    sender: 'system',
    author: 'This editor',
    title: body.title,
    content: body.content,
    render: body.kind === 'notice' ? 'text' : 'json',
    mimeType: body.kind === 'notice' ? 'text/plain' : 'application/json',
    status: 'complete',
    createdAt: now,
  };
}

/** What the agent reads of a call whose arguments the user changed. */
export function editedMark(args: ToolArgs): string {
  return `[the user changed the arguments to ${JSON.stringify(args)}]\n`;
}
