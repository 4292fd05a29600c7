/** The one way of a log to the service's log store: looked at, asked about, sent with progress, told in the conversation. */

import * as vscode from 'vscode';
import type { AttachCandidate } from '../../core/attach-source.ts';
import type { LogsResult } from '../../core/client.ts';
import { DEFAULT_ENDPOINT } from '../../core/connection.ts';
import { parseEndpoint } from '../../core/endpoint.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { MAX_LOG_BYTES, logsWords, requireJsonLines, requireLogs, sendLogs } from '../../core/log-upload.ts';
import { requireGoing } from '../../core/session-local.ts';
import { labelText } from '../../core/visible-text.ts';
import { requireClient } from '../requirements.ts';
import type { LogFile, Services } from '../services.ts';
import { readSetting } from '../settings.ts';

/** So much of a log is looked at before anybody is asked. */
const HEAD_BYTES = 64 * 1024;

/** Undefined when the user said no or cancelled. */
export async function attachLogs(
  services: Pick<Services, 'sessions' | 'connection' | 'attacher'>,
  sessionId: string,
  { file: given, fieldsMapping, by }: LogFile,
): Promise<LogsResult | undefined> {
  const { sessions, connection, attacher } = services;
  const client = requireClient(sessions);
  requireLogs(client);
  const state = sessions.state(sessionId);
  if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
  requireGoing(sessionId, state.local);
  const service = logsService(client.origin, connection.isSandbox);
  const { origin } = parseEndpoint(service);
  // The key goes along: a stranger is asked about first.
  if (origin !== client.origin && !(await connection.mayUse(origin, true))) return undefined;
  const file = given instanceof vscode.Uri ? await attacher.candidate(given) : given;
  await lookAtHead(file);
  const [cleared] = await attacher.cleared(sessionId, [file], {
    chosen: 'named',
    by,
    destination: origin,
    maxBytes: MAX_LOG_BYTES,
  });
  if (cleared === undefined) return undefined;
  const result = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
      title: `Attaching log ${labelText(file.name, 60)} to "${labelText(state.info.name, 60)}"`,
    },
    async (progress, token) => {
      const abort = new AbortController();
      const listener = token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      let run = '';
      try {
        return await sendLogs(client, sessionId, cleared, {
          service,
          signal: abort.signal,
          ...(fieldsMapping === undefined ? {} : { fieldsMapping }),
          onRestart: (attempt) => {
            run = `cut, try ${attempt.toString()}: `;
          },
          onProgress: (sent) => {
            const percent = cleared.size === 0 ? 100 : Math.floor((sent / cleared.size) * 100);
            progress.report({ increment: percent - shown, message: `${run}${percent.toString()} %` });
            shown = percent;
          },
        });
      } catch (error) {
        if (abort.signal.aborted) return undefined;
        throw error;
      } finally {
        listener.dispose();
      }
    },
  );
  if (result !== undefined) sessions.note(sessionId, { type: 'notice', text: logsWords(file.name, result) });
  return result;
}

/** The setting, else the sandbox's own port, else what the environment says of the default endpoint's. */
function logsService(origin: string, isSandbox: boolean): string {
  const setting = readSetting('secGemini.logsService')?.trim() ?? '';
  if (setting !== '') return setting;
  if (isSandbox) return origin;
  const known = process.env['SEC_GEMINI_LOGS_PROCESSOR_API_URL']?.trim() ?? '';
  if (origin === DEFAULT_ENDPOINT && known !== '') return known;
  throw new SecGeminiError('invalidArgument', 'No logs service is known for this endpoint.', {
    action: 'Set secGemini.logsService to its address.',
  });
}

async function lookAtHead(file: AttachCandidate): Promise<void> {
  const decoder = new TextDecoder();
  let head = '';
  let bytes = 0;
  for await (const piece of file.open()) {
    bytes += piece.byteLength;
    head += decoder.decode(piece, { stream: true });
    if (bytes >= HEAD_BYTES) break;
  }
  requireJsonLines(file.name, head, bytes >= file.size);
}
