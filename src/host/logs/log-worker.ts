/**
 * The process that holds a log. SQLite cannot be interrupted from within: so its thread does the work, this process's main thread watches the
 * memory and ends the process, and the window kills the process when a query takes too long. It ends with its window.
 */

import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import type { DatabaseSync } from 'node:sqlite';
import { LogFailure, importLog, openForQueries, queryLog } from './log-database.ts';
import type { LogReply, LogRequest } from './log-messages.ts';

/** Bytes of this whole process. An import stays far below. */
const MOST_MEMORY = 700 * 1024 * 1024;
const WATCH_MS = 25;
/** Bytes between two words about the progress. */
const PROGRESS_STEP = 4 * 1024 * 1024;

if (isMainThread) watch();
else work();

function watch(): void {
  // What it writes is for nobody else on this machine.
  process.umask(0o077);
  const thread = new Worker(fileURLToPath(import.meta.url));
  const end = (): void => void process.kill(process.pid, 'SIGKILL');
  const reply = (message: LogReply, then: () => void = () => undefined): void => void process.send?.(message, then);
  process.on('disconnect', end);
  process.on('message', (message) => thread.postMessage(message));
  thread.on('message', (message: LogReply) => reply(message));
  thread.on('error', (error) => reply({ kind: 'failed', reason: 'other', says: error.message }, end));
  setInterval(() => {
    if (process.memoryUsage.rss() > MOST_MEMORY)
      reply(
        { kind: 'failed', reason: 'memory', says: `It took more than ${MOST_MEMORY / 1024 ** 2} MiB of memory.` },
        end,
      );
  }, WATCH_MS);
}

function work(): void {
  let open: { readonly path: string; readonly db: DatabaseSync } | undefined;
  const say = (message: LogReply): void => parentPort?.postMessage(message);
  const run = async (request: LogRequest): Promise<void> => {
    if (request.kind === 'import') {
      let told = 0;
      const summary = await importLog(request.source, request.database, (bytes) => {
        if (bytes - told < PROGRESS_STEP) return;
        told = bytes;
        say({ kind: 'progress', bytes });
      });
      say({ kind: 'summary', summary });
      return;
    }
    if (open?.path !== request.database) {
      open?.db.close();
      open = { path: request.database, db: openForQueries(request.database) };
    }
    say({ kind: 'answer', answer: queryLog(open.db, request.sql, request.limits), rss: process.memoryUsage.rss() });
  };
  say({ kind: 'ready' });
  parentPort?.on('message', (request: LogRequest) => {
    run(request).catch((error: unknown) =>
      say({
        kind: 'failed',
        reason: error instanceof LogFailure ? error.reason : 'other',
        says: error instanceof Error ? error.message : 'It failed.',
      }),
    );
  });
}
