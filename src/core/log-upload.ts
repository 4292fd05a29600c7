/** A log on its way to the service's own log store (v1): what is asked for beside the file, and the gate's record of what became of it. */

import type { LogsOptions, LogsResult, SecGeminiClient } from './client.ts';
import type { ClearedUpload } from './egress.ts';
import { SecGeminiError } from './errors.ts';
import { labelText } from './visible-text.ts';

/** Logs go in chunks, so that they may be larger than an attachment. */
export const MAX_LOG_BYTES = 2_000_000_000;

/** Throws `invalidArgument` where the connected service has no log store. */
export function requireLogs(client: SecGeminiClient): NonNullable<SecGeminiClient['attachLogs']> {
  if (client.attachLogs !== undefined) return client.attachLogs.bind(client);
  throw new SecGeminiError('invalidArgument', `Attach Logs is not on this protocol yet (${client.protocol}).`, {
    action:
      'Attach the file itself, or let the agent ask it by queries on this machine (Attach Log as Local Database).',
  });
}

/** Sends a cleared log and completes its record. Rejects with what the service says, and with `cancelled`. */
export async function sendLogs(
  client: SecGeminiClient,
  sessionId: string,
  upload: ClearedUpload,
  options: LogsOptions,
): Promise<LogsResult> {
  try {
    const result = await requireLogs(client)(sessionId, upload, options);
    await upload.settle('sent');
    return result;
  } catch (error) {
    await upload.settle(options.signal?.aborted === true ? 'cancelled' : 'failed');
    throw error;
  }
}

/** `timestamp=ts, message=msg`: the service's field first. Empty = the log uses the service's names. Throws `invalidArgument`. */
export function parseFieldsMapping(text: string): Readonly<Record<string, string>> | undefined {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  const pairs = parts.map((part): [string, string] => {
    const [destination = '', source = '', ...more] = part.split('=').map((side) => side.trim());
    if (destination !== '' && source !== '' && more.length === 0) return [destination, source];
    throw new SecGeminiError('invalidArgument', `"${labelText(part, 60)}" names no field.`, {
      action: 'Write SERVICE_FIELD=FIELD_OF_THE_LOG, with commas between.',
    });
  });
  return Object.fromEntries(pairs);
}

/** What the start of a log has to be: lines of JSON objects. Throws `invalidArgument` that names the line. */
export function requireJsonLines(name: string, head: string, isWhole: boolean): void {
  const lines = head.split(/\r?\n/);
  // The last line of a part may be cut.
  const whole = isWhole ? lines : lines.slice(0, -1);
  for (const [index, line] of whole.entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) continue;
    throw new SecGeminiError(
      'invalidArgument',
      `${labelText(name, 80)} is no log of JSON lines: line ${(index + 1).toString()} is no JSON object.`,
      { action: 'Convert it to one JSON object a line, or attach it as a file. Nothing was sent.' },
    );
  }
}

/** One line for the conversation. */
export function logsWords(name: string, { hash, insertedLines, alreadyThere }: LogsResult): string {
  const what = alreadyThere
    ? 'the service held it already, so nothing was sent'
    : `${insertedLines.toLocaleString('en')} ${insertedLines === 1 ? 'line' : 'lines'} sent to the logs service`;
  return `Log ${labelText(name, 120)} is attached to this session: ${what} (${hash.slice(0, 16)}…).`;
}
