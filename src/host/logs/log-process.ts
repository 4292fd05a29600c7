/** The window's end of the process that holds a log: one request at a time, and an end for whatever does not answer. No `vscode`. */

import { type ChildProcess, spawn } from 'node:child_process';
import { SecGeminiError } from '../../core/errors.ts';
import type { LogReply, LogRequest } from './log-messages.ts';

type Reply = Exclude<LogReply, { kind: 'progress' | 'ready' }>;

interface Waiting {
  readonly settle: (reply: Reply | Error) => void;
  readonly onProgress: ((bytes: number) => void) | undefined;
}

export interface LogProcessOptions {
  /** Of log-worker.ts, bundled or as it is. */
  readonly script: string;
  /** Milliseconds without work until the process ends; the next request starts another. */
  readonly idleMs?: number | undefined;
}

const IDLE_MS = 60_000;

export class LogProcess {
  readonly #script: string;
  readonly #idleMs: number;
  #child: ChildProcess | undefined;
  #ready = Promise.withResolvers<void>();
  #waiting: Waiting | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ script, idleMs = IDLE_MS }: LogProcessOptions) {
    this.#script = script;
    this.#idleMs = idleMs;
  }

  /** The number of the running process, for tests. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Rejects with `timeout` after the time and with `cancelled` when the signal is aborted; the process is killed then, whatever it does. Rejects
   * with `unavailable` when it ends by itself.
   */
  async request(
    request: LogRequest,
    options: {
      readonly timeoutMs?: number | undefined;
      readonly signal?: AbortSignal | undefined;
      readonly onProgress?: ((bytes: number) => void) | undefined;
    } = {},
  ): Promise<Reply> {
    const turn = this.#queue.then(() => this.#run(request, options));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  close(): void {
    this.#closed = true;
    this.#end(new SecGeminiError('cancelled', 'The log was removed.'));
  }

  async #run(request: LogRequest, options: Parameters<LogProcess['request']>[1] & {}): Promise<Reply> {
    const { timeoutMs, signal, onProgress } = options;
    if (signal?.aborted === true) throw new SecGeminiError('cancelled', 'It was stopped.');
    if (this.#closed) throw new SecGeminiError('cancelled', 'The log was removed.');
    clearTimeout(this.#idle);
    const child = (this.#child ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#waiting = {
      onProgress,
      settle: (reply) => (reply instanceof Error ? reject(reply) : resolve(reply)),
    };
    const abort = (): void => this.#end(new SecGeminiError('cancelled', 'It was stopped.'));
    signal?.addEventListener('abort', abort, { once: true });
    const late = (): void =>
      this.#end(
        new SecGeminiError('timeout', `The query was stopped after ${(timeoutMs ?? 0) / 1000} seconds.`, {
          action: 'Ask for less: narrow it by time, count instead of listing, or use the full-text index.',
        }),
      );
    let timer: NodeJS.Timeout | undefined;
    try {
      // That a busy machine starts processes slowly is not the query's fault.
      await Promise.race([this.#ready.promise, promise]);
      if (timeoutMs !== undefined) timer = setTimeout(late, timeoutMs);
      if (child.connected) child.send(request);
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#waiting = undefined;
      if (this.#child !== undefined) {
        this.#idle = setTimeout(() => this.#end(undefined), this.#idleMs);
        this.#idle.unref();
      }
    }
  }

  /** Kills the process, which cannot be asked while SQLite works, and tells who waits. */
  #end(why: Error | undefined): void {
    clearTimeout(this.#idle);
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    if (why !== undefined) this.#waiting?.settle(why);
  }

  #start(): ChildProcess {
    const { SEC_GEMINI_API_KEY: _key, NODE_OPTIONS: _options, ...rest } = process.env;
    // Until Node 24 it says that SQLite is an experiment: for nobody to read.
    const child = spawn(process.execPath, ['--no-warnings', this.#script], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
      // Electron has to behave as Node; the process needs no key of ours.
      env: { ...rest, ELECTRON_RUN_AS_NODE: '1' },
    });
    this.#ready = Promise.withResolvers();
    let words = '';
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => (words = (words + text).slice(-2000)));
    child.on('message', (message) => {
      if (child !== this.#child) return;
      const reply = message as LogReply;
      if (reply.kind === 'ready') {
        this.#ready.resolve();
        return;
      }
      if (reply.kind === 'progress') {
        this.#waiting?.onProgress?.(reply.bytes);
        return;
      }
      this.#waiting?.settle(reply);
      // It ends itself, or is in a state that nobody knows: the next request gets another.
      if (reply.kind === 'failed' && (reply.reason === 'memory' || reply.reason === 'other')) this.#end(undefined);
    });
    const lost = (why: string): void => {
      if (child !== this.#child) return;
      this.#child = undefined;
      this.#waiting?.settle(
        new SecGeminiError('unavailable', `The process that holds the log ended. ${why}`.trim(), {
          action: 'Try again; the log (command "Sec-Gemini: Show Log") has more.',
          cause: new Error(words),
        }),
      );
    };
    child.once('error', (error) => lost(error.message));
    child.once('exit', () => lost(''));
    return child;
  }
}
