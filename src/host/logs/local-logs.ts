/** The logs of this window that are databases here: who has which, and the one way to ask them. No `vscode`. */

import { randomBytes, randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Disposable, DisposableStore, toDisposable } from '../../core/disposable.ts';
import { Emitter, type Event } from '../../core/emitter.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { formatBytes } from '../../core/format.ts';
import { type Log, silentLog } from '../../core/log.ts';
import type { FileIdentity } from '../../core/tools/tool.ts';
import { labelText } from '../../core/visible-text.ts';
import type { LogSource, LogSummary, QueryAnswer, QueryLimits } from './log-messages.ts';
import { LogProcess } from './log-process.ts';

/** Bytes of one file. */
export const MAX_LOG_BYTES = 1024 ** 3;
export const QUERY_MS = 15_000;

export interface LocalLog {
  readonly id: string;
  readonly sessionId: string;
  /** By which the agent and answers name it: the file's name, after its folder's where two have one name. Unique in its session. */
  readonly name: string;
  /** Links resolved. */
  readonly path: string;
  readonly source: LogSource;
  /** Of the database: what is shown of the log is bound to it. */
  readonly identity: FileIdentity;
  readonly summary: LogSummary;
  /** Milliseconds that reading it took. */
  readonly readMs: number;
}

export interface LocalLogsOptions {
  /** Of log-worker.ts. */
  readonly script: string;
  /** Databases go into a folder of this window below it. */
  readonly directory: string;
  readonly log?: Log | undefined;
  readonly queryMs?: number | undefined;
}

interface Entry {
  readonly log: LocalLog;
  readonly database: string;
  readonly process: LogProcess;
}

/** A log that is being read. */
export interface ReadingLog {
  readonly id: string;
  readonly sessionId: string;
  readonly name: string;
  readonly size: number;
  bytes: number;
}

export class LocalLogs implements Disposable {
  readonly #options: LocalLogsOptions;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new Emitter<void>());
  readonly #entries = new Map<string, Entry>();
  readonly #reading = new Map<string, ReadingLog>();
  readonly #log: Log;
  #folder: Promise<string> | undefined;

  constructor(options: LocalLogsOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#owned.add(
      toDisposable(() => {
        for (const { process: each } of this.#entries.values()) each.close();
        this.#entries.clear();
        void this.#folder
          ?.then((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
          .catch(() => undefined);
      }),
    );
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** In the order in which they were added. */
  list(sessionId?: string): readonly LocalLog[] {
    const all = [...this.#entries.values()].map(({ log }) => log);
    return sessionId === undefined ? all : all.filter((log) => log.sessionId === sessionId);
  }

  get reading(): readonly ReadingLog[] {
    return [...this.#reading.values()];
  }

  find(id: string): LocalLog | undefined {
    return this.#entries.get(id)?.log;
  }

  /**
   * Reads a file, links resolved, into a database of its own; nothing leaves. Whoever calls has judged the path. Rejects with `notFound`,
   * `tooLarge`, `invalidArgument`, or the signal's reason; nothing is left behind then.
   */
  async add(
    sessionId: string,
    path: string,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (bytes: number) => void } = {},
  ): Promise<LocalLog> {
    const { signal, onProgress } = options;
    const about = await lstat(path).catch(() => undefined);
    const shown = labelText(basename(path), 120);
    if (about === undefined || !about.isFile())
      throw new SecGeminiError('notFound', `"${shown}" is no file that can be read.`, { action: 'Choose a log file.' });
    if (about.size === 0)
      throw new SecGeminiError('invalidArgument', `"${shown}" is empty.`, { action: 'Choose another file.' });
    if (about.size > MAX_LOG_BYTES)
      throw new SecGeminiError(
        'tooLarge',
        `"${shown}" has ${formatBytes(about.size)}; a local log may have ${formatBytes(MAX_LOG_BYTES)}.`,
        { action: 'Cut it to the time that matters.' },
      );
    const id = randomUUID();
    const name = this.#nameFor(sessionId, path);
    const source: LogSource = {
      path,
      name: basename(path),
      dev: about.dev,
      ino: about.ino,
      size: about.size,
      modifiedMs: about.mtimeMs,
    };
    const database = join(await this.#ownFolder(), `${id}.sqlite`);
    const worker = new LogProcess({ script: this.#options.script });
    const reading: ReadingLog = { id, sessionId, name, size: about.size, bytes: 0 };
    this.#reading.set(id, reading);
    this.#changed.fire();
    const from = performance.now();
    try {
      const reply = await worker.request(
        { kind: 'import', source, database },
        {
          signal,
          onProgress: (bytes) => {
            reading.bytes = bytes;
            onProgress?.(bytes);
            this.#changed.fire();
          },
        },
      );
      if (reply.kind !== 'summary')
        throw new SecGeminiError(
          'invalidArgument',
          `"${shown}" cannot be read as a log. ${reply.kind === 'failed' ? reply.says : ''}`,
          {
            action: 'Choose another file.',
          },
        );
      const [realPath, kept] = await Promise.all([realpath(database), stat(database)]);
      const log: LocalLog = {
        id,
        sessionId,
        name,
        path,
        source,
        identity: { path: name, realPath, dev: kept.dev, ino: kept.ino, size: kept.size, mtimeMs: kept.mtimeMs },
        summary: reply.summary,
        readMs: performance.now() - from,
      };
      this.#entries.set(id, { log, database, process: worker });
      return log;
    } catch (error) {
      worker.close();
      await rm(database, { force: true }).catch(() => undefined);
      throw error;
    } finally {
      this.#reading.delete(id);
      this.#changed.fire();
    }
  }

  /** Takes the database away; the file stays as it is. */
  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    entry.process.close();
    this.#changed.fire();
    await rm(entry.database, { force: true, maxRetries: 3 }).catch((error: unknown) =>
      this.#log.warn(`The database of a removed log is still there: ${error instanceof Error ? error.message : ''}`),
    );
  }

  /** Removes the logs of sessions that are gone. */
  keepOnly(sessionIds: ReadonlySet<string>): void {
    for (const { id, sessionId } of this.list()) if (!sessionIds.has(sessionId)) void this.remove(id);
  }

  /**
   * Runs one statement that `checkQuery` let through. Rejects with `invalidArgument` and SQLite's words, with `timeout`, or with `unavailable`
   * when it took too much memory.
   */
  async query(id: string, sql: string, limits: QueryLimits, signal?: AbortSignal): Promise<QueryAnswer> {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new SecGeminiError('notFound', 'This log is not here any more.');
    const { queryMs = QUERY_MS } = this.#options;
    const reply = await entry.process.request(
      { kind: 'query', database: entry.database, sql, limits },
      { timeoutMs: queryMs, ...(signal === undefined ? {} : { signal }) },
    );
    if (reply.kind === 'answer') return reply.answer;
    const says = reply.kind === 'failed' ? reply.says : 'It did not answer the question.';
    throw reply.kind === 'failed' && reply.reason === 'memory'
      ? new SecGeminiError('tooLarge', `The query was stopped. ${says}`, { action: 'Ask for less.' })
      : new SecGeminiError('invalidArgument', `The query does not run: ${says}`, {
          action: 'Call describe_logs for the names of columns.',
        });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #nameFor(sessionId: string, path: string): string {
    const taken = new Set(
      [...this.list(sessionId), ...this.reading.filter((each) => each.sessionId === sessionId)].map(({ name }) => name),
    );
    const plain = labelText(basename(path), 120);
    const inFolder = `${labelText(basename(dirname(path)), 60)}/${plain}`;
    for (const name of [plain, inFolder]) if (!taken.has(name)) return name;
    for (let n = 2; ; n += 1) if (!taken.has(`${n}/${inFolder}`)) return `${n}/${inFolder}`;
  }

  /** This window's folder, after what dead windows left was taken away. */
  #ownFolder(): Promise<string> {
    this.#folder ??= (async () => {
      const { directory } = this.#options;
      await mkdir(directory, { recursive: true, mode: 0o700 });
      for (const name of await readdir(directory)) {
        const pid = /^(\d{1,10})-[0-9a-f]{8}$/.exec(name)?.[1];
        if (pid !== undefined && !isAlive(Number(pid)))
          await rm(join(directory, name), { recursive: true, force: true }).catch(() => undefined);
      }
      const own = join(directory, `${process.pid}-${randomBytes(4).toString('hex')}`);
      await mkdir(own, { mode: 0o700 });
      return own;
    })();
    this.#folder.catch(() => (this.#folder = undefined));
    return this.#folder;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive as well.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
