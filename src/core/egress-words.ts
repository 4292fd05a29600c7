/** What the confirmation says, word by word. Pure: the host shows it natively. Names and paths are untrusted and shown with nothing hidden (S10). */

import { formatBytes } from './format.ts';
import { MAX_SCANNED_BYTES } from './egress-inspect.ts';
import type { EgressChoice, EgressItem, EgressRequest, RefusedFile } from './egress-model.ts';
import type { PromptRequest } from './egress-prompt.ts';
import { labelText } from './visible-text.ts';

/** More lines than these would push the buttons off a small screen; "Review…" shows all. */
const LISTED_FILES = 20;
const LISTED_SECRETS = 3;
const LISTED_REFUSED = 10;

/** `Send 2 files to Sec-Gemini?` */
export function questionOf({ items }: EgressRequest): string {
  const leaving = items.filter(({ choice }) => choice !== 'skip').length;
  const count = leaving === 0 ? items.length : leaving;
  return `Send ${count} ${count === 1 ? 'file' : 'files'} to Sec-Gemini?`;
}

/** True when there is something that "Redact and Send" would replace. */
export function canRedact({ items }: EgressRequest): boolean {
  return items.some(({ choice, choices }) => choice === 'send' && choices.includes('redact'));
}

/** The detail of the question: every file with size, origin and what was found, what stays here, destination and logging. */
export function detailOf(request: EgressRequest): string {
  const { items, refused } = request;
  // What the user must see comes first.
  const ordered = items.toSorted((a, b) => weight(b) - weight(a));
  const lines = ordered.slice(0, LISTED_FILES).flatMap(itemLines);
  if (items.length > LISTED_FILES) lines.push(`… and ${items.length - LISTED_FILES} more (Review… shows all)`);
  const flagged = items.reduce((count, { secrets }) => count + secrets.length, 0);
  const parts = [lines.join('\n')];
  if (flagged > 0)
    parts.push(
      `${flagged} ${flagged === 1 ? 'secret was' : 'secrets were'} found. "Send" sends ${flagged === 1 ? 'it' : 'them'} as ${flagged === 1 ? 'it is' : 'they are'}.`,
    );
  if (refused.length > 0) parts.push(refusedLines(refused).join('\n'));
  parts.push(summary(request));
  return parts.join('\n\n');
}

function weight({ secrets, notes, sample }: EgressItem): number {
  return (secrets.length > 0 ? 4 : 0) + (notes.length > 0 ? 2 : 0) + (sample === undefined ? 0 : 1);
}

function itemLines(item: EgressItem): string[] {
  const { file, secrets, notes, scanned } = item;
  const from = file.origin === file.name ? '' : ` (${labelText(file.origin, 120)})`;
  const how = item.choice === 'send' ? '' : ` – ${choiceWords(item.choice)}`;
  const kind = item.sample === undefined ? '' : `, ${item.sample}`;
  const lines = [`${labelText(file.name, 120)} – ${formatBytes(file.size)}${kind}${from}${how}`];
  for (const note of notes) lines.push(`    ${labelText(note, 160)}`);
  for (const { line, title } of secrets.slice(0, LISTED_SECRETS))
    lines.push(`    line ${line}: ${labelText(title, 80)}`);
  if (secrets.length > LISTED_SECRETS) lines.push(`    … and ${secrets.length - LISTED_SECRETS} more secrets`);
  if (scanned === 'part' && item.choice === 'send')
    lines.push(`    only its first ${formatBytes(MAX_SCANNED_BYTES)} were searched for secrets`);
  return lines;
}

function refusedLines(refused: readonly RefusedFile[]): string[] {
  const lines = [refused.length === 1 ? 'Not sent:' : `Not sent (${refused.length} files):`];
  for (const { file, rule } of refused.slice(0, LISTED_REFUSED))
    lines.push(`${labelText(file.name, 120)} – rule ${labelText(rule, 160)}`);
  if (refused.length > LISTED_REFUSED) lines.push(`… and ${refused.length - LISTED_REFUSED} more`);
  return lines;
}

function summary({ totalBytes, destination, sessionName, logging }: EgressRequest): string {
  const logs = logging === undefined ? '' : `\nThe service ${logging ? 'logs' : 'does not log'} this session.`;
  return `${formatBytes(totalBytes)} in all, to ${labelText(destination, 200)}, session "${labelText(sessionName, 80)}".${logs}`;
}

/** The choice as the user reads it. */
export function choiceWords(choice: EgressChoice): string {
  switch (choice) {
    case 'send':
      return 'Send';
    case 'redact':
      return 'Redact and send';
    case 'hashes':
      return 'Send only name, size and hashes';
    case 'skip':
      return 'Do not send';
  }
}

/** What a choice means for this file. */
export function choiceDetail(choice: EgressChoice, { secrets, file }: EgressItem): string {
  switch (choice) {
    case 'send':
      return secrets.length === 0 ? `All ${formatBytes(file.size)}, as they are` : 'As it is, with its secrets';
    case 'redact':
      return `${secrets.length === 1 ? 'The secret is' : `The ${secrets.length} secrets are`} replaced by placeholders; which is which stays on this machine`;
    case 'hashes':
      return 'The content stays on this machine';
    case 'skip':
      return 'Nothing of it leaves';
  }
}

/** One line about a file for the review: where it is from and what was found. */
export function reviewDetail({ file, secrets, notes, sample, scanned }: EgressItem): string {
  const found = secrets.slice(0, LISTED_SECRETS).map(({ line, title }) => `line ${line}: ${title}`);
  if (secrets.length > LISTED_SECRETS) found.push(`${secrets.length - LISTED_SECRETS} more secrets`);
  const kind = sample === undefined ? [] : [sample];
  const part = scanned === 'part' ? [`only the first ${formatBytes(MAX_SCANNED_BYTES)} were searched`] : [];
  return labelText([file.origin, ...kind, ...notes, ...found, ...part].join(' · '), 300);
}

/** `Your message contains 2 secrets.` */
export function promptQuestionOf({ secrets, waited }: PromptRequest): string {
  return `${waited === true ? 'A message that waited in the queue' : 'Your message'} contains ${secrets.length === 1 ? 'a secret' : `${secrets.length} secrets`}.`;
}

/** What was found in the message by line and kind, and what each button does. */
export function promptDetailOf({ secrets, canRedact, destination, sessionName }: PromptRequest): string {
  const found = secrets.slice(0, LISTED_FILES).map(({ line, title }) => `line ${line}: ${labelText(title, 80)}`);
  if (secrets.length > LISTED_FILES) found.push(`… and ${secrets.length - LISTED_FILES} more`);
  const how = canRedact
    ? '"Redact and Send" puts placeholders in their place; which is which stays on this machine.'
    : 'There are more secrets than could be listed; they cannot be replaced.';
  return `${found.join('\n')}\n\n${how}\n\nTo ${labelText(destination, 200)}, session "${labelText(sessionName, 80)}". Nothing was sent yet.`;
}
