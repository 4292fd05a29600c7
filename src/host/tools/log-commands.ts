/** Attaching a log as a local database, and what is done with one; loaded with the first of these commands. */

import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { formatBytes } from '../../core/format.ts';
import { toolMessage } from '../../core/tools/words.ts';
import { labelText } from '../../core/visible-text.ts';
import type { LocalLog } from '../logs/local-logs.ts';
import { openAt } from '../logs/log-places.ts';
import { isLogRow } from '../logs/log-rows.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';

/** Milliseconds of reading after which it is told beside the view, with a way to stop it. */
const LONG_MS = 700;

/** `offer`: makes the tools of the logs known, once there is one. */
export function logCommands(
  services: Services,
  offer: () => Promise<void>,
): FeatureOf<'attachLog' | 'removeLog' | 'openLog'>['commands'] {
  const { sessions, logs, tools, run } = services;

  const attach = async (sessionId: string, uri: vscode.Uri): Promise<LocalLog> => {
    const path = await judged(services, uri);
    const stop = new AbortController();
    const adding = logs.add(sessionId, path, { signal: stop.signal });
    await told(adding, labelText(uri.path.split('/').at(-1) ?? '', 60), stop);
    const log = await adding;
    sessions.note(sessionId, {
      type: 'message',
      message: toolMessage(`local:log:${log.id}`, sessionId, Date.now(), {
        kind: 'notice',
        title: 'Local log',
        content: `${log.name} is a local database now: ${describeSummary(log)}. Nothing of it left this machine. Ask about it: each answer of the log is shown to you before it leaves.`,
      }),
    });
    return log;
  };

  return {
    attachLog: async (first, all) => {
      if (!vscode.workspace.isTrusted)
        throw new SecGeminiError('permissionDenied', 'Local logs are off in Restricted Mode.', {
          action: 'Trust the workspace first, or attach the file.',
        });
      const given = [...(Array.isArray(all) ? (all as unknown[]) : []), first].filter(
        (each): each is vscode.Uri => each instanceof vscode.Uri,
      );
      const uris =
        given.length > 0
          ? [...new Map(given.map((uri) => [uri.toString(), uri])).values()]
          : await vscode.window.showOpenDialog({
              title: 'Attach Logs as Local Databases',
              openLabel: 'Attach as Local Database',
              canSelectMany: true,
            });
      if (uris === undefined || uris.length === 0) return;
      const sessionId =
        sessionArgument(sessions, first) ??
        (await pickSession(sessions, 'Attach to which session?', { withNew: true }));
      if (sessionId === undefined) return;
      await run('openSession', sessionId);
      for (const uri of uris) await attach(sessionId, uri);
      await offer();
      // Without tools nobody can ask the log: the question about them comes now.
      if (!tools.consent.isOn(sessionId)) await run('useLocalTools', sessionId);
      else await vscode.commands.executeCommand('secGemini.localTools.focus', { preserveFocus: true });
    },
    removeLog: async (row) => {
      if (isLogRow(row)) await logs.remove(row.id);
    },
    openLog: async (row, line) => {
      const log = isLogRow(row) ? logs.find(row.id) : undefined;
      if (log !== undefined) await openAt(log, typeof line === 'number' ? line : 1);
    },
  };
}

/** `auth log, 1204 rows, 98 kB, read in 0.1 s` */
function describeSummary({ summary, source, readMs }: LocalLog): string {
  return `${summary.format}, ${summary.rows} rows, ${formatBytes(source.size)}, read in ${(readMs / 1000).toFixed(1)} s`;
}

/** The real path of a file that the rules do not keep here. Rejects with `permissionDenied` naming the rule. */
async function judged({ files }: Services, uri: vscode.Uri): Promise<string> {
  if (uri.scheme !== 'file')
    throw new SecGeminiError('invalidArgument', 'Only a log on this machine can be a local database.', {
      action: 'Save it as a file first, or attach it.',
    });
  const shown = labelText(vscode.workspace.asRelativePath(uri), 120);
  const real = await realpath(uri.fsPath).catch(() => undefined);
  if (real === undefined)
    throw new SecGeminiError('notFound', `"${shown}" is not there.`, { action: 'Choose a log file.' });
  const paths = real === uri.fsPath ? [real] : [uri.fsPath, real];
  const rule = await files.ruleOfChosen(paths);
  if (rule !== undefined)
    throw new SecGeminiError(
      'permissionDenied',
      `"${shown}" is kept on this machine by the rule ${labelText(rule, 80)}.`,
      {
        action: 'Change the rule if an agent may ask about this file.',
      },
    );
  return real;
}

/** Shows that it goes on, once it takes long. Never rejects. */
async function told(work: Promise<unknown>, name: string, stop: AbortController): Promise<void> {
  const done = work.then(
    () => true,
    () => true,
  );
  let timer: NodeJS.Timeout | undefined;
  const long = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), LONG_MS)));
  const isDone = await Promise.race([done, long]);
  clearTimeout(timer);
  if (isDone) return;
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: `Reading ${name} into a local database`,
      cancellable: true,
    },
    async (_progress, token) => {
      token.onCancellationRequested(() => stop.abort());
      await done;
    },
  );
}
