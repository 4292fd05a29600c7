/**
 * Between the sessions in memory and the cache on disk: many changes become one write. At most one write per session is under way; a long
 * session is written less often, so that writing takes at most a tenth of the time. What other windows kept meanwhile is merged by id.
 */

import type { Disposable } from '../../core/disposable.ts';
import { type SecGeminiError, toSecGeminiError } from '../../core/errors.ts';
import { mergeCachedSession } from '../../core/session-cache-merge.ts';
import type { CachedSession, SessionCache } from '../../core/session-cache.ts';

export interface CacheWriterOptions {
  /** The disk refuses: told once until a write succeeds again. Memory goes on; the write is tried again by itself. */
  readonly onProblem?: ((error: SecGeminiError) => void) | undefined;
  /** After a problem, when everything is on disk again. */
  readonly onRecovered?: (() => void) | undefined;
  /** Milliseconds to gather changes before a write; default 400. */
  readonly quietMs?: number | undefined;
  /** Milliseconds between two tries at most; default 30,000. */
  readonly longestMs?: number | undefined;
  /** Calls `run` once after the time; the returned function takes it back. */
  readonly after?: ((ms: number, run: () => void) => () => void) | undefined;
  /** Monotonic milliseconds. */
  readonly monotonic?: (() => number) | undefined;
}

interface Entry {
  /** To be written next; undefined when all is on disk. */
  wanted: CachedSession | undefined;
  /** Of this window, as it was saved or read last: what changed since then is this window's change. */
  base: CachedSession | undefined;
  writing: Promise<void> | undefined;
  cancelTimer: (() => void) | undefined;
  /** Milliseconds until the next write. */
  pause: number;
  failures: number;
  lastError: SecGeminiError | undefined;
}

/** A write may take this part of the time: 1/10. */
const SHARE = 9;

function afterTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

export class CacheWriter implements Disposable {
  readonly #cache: SessionCache;
  readonly #options: CacheWriterOptions;
  readonly #entries = new Map<string, Entry>();
  /** Deleted here or elsewhere: a late save must not bring it back. */
  readonly #gone = new Set<string>();
  #closed = false;
  /** A problem that nobody has heard the end of. */
  #told = false;

  constructor(cache: SessionCache, options: CacheWriterOptions = {}) {
    this.#cache = cache;
    this.#options = options;
  }

  /** What this window read from the cache and shows now: the next save is seen as a change of it. */
  remember(session: CachedSession): void {
    this.#entry(session.info.id).base = session;
  }

  /** The session as it is now; written soon. Cheap: to be called on every change with an immutable snapshot. */
  save(session: CachedSession): void {
    if (this.#closed || this.#gone.has(session.info.id)) return;
    const entry = this.#entry(session.info.id);
    entry.wanted = session;
    this.#schedule(session.info.id, entry);
  }

  /** True when everything saved is on disk. */
  get isClean(): boolean {
    return [...this.#entries.values()].every((entry) => entry.wanted === undefined && entry.writing === undefined);
  }

  /** Writes now. Resolves when all that was saved before is on disk; rejects with the first refusal, after having tried everything. */
  async flush(): Promise<void> {
    await Promise.all([...this.#entries].map(([id, entry]) => this.#flush(id, entry)));
    for (const { lastError, wanted } of this.#entries.values())
      if (lastError !== undefined && wanted !== undefined) throw lastError;
  }

  /** Deletes the session from the cache; what is saved later under this id is dropped. Rejects when the disk refuses. */
  async remove(sessionId: string): Promise<void> {
    this.#gone.add(sessionId);
    await this.#drop(sessionId);
    await this.#cache.remove(sessionId);
  }

  /** Sign-out: forgets what waits and ends. Resolves when no write is under way; nothing is written afterwards. */
  async discard(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#entries.keys()].map((id) => this.#drop(id)));
  }

  /** Ends without waiting; call `flush` before for what shall be kept. */
  dispose(): void {
    void this.discard();
  }

  #entry(id: string): Entry {
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = {
        wanted: undefined,
        base: undefined,
        writing: undefined,
        cancelTimer: undefined,
        pause: this.#quietMs,
        failures: 0,
        lastError: undefined,
      };
      this.#entries.set(id, entry);
    }
    return entry;
  }

  get #quietMs(): number {
    return this.#options.quietMs ?? 400;
  }

  #schedule(id: string, entry: Entry): void {
    if (entry.writing !== undefined || entry.cancelTimer !== undefined || this.#closed) return;
    entry.cancelTimer = (this.#options.after ?? afterTimer)(entry.pause, () => {
      entry.cancelTimer = undefined;
      void this.#write(id, entry);
    });
  }

  async #flush(id: string, entry: Entry): Promise<void> {
    await entry.writing;
    if (entry.wanted !== undefined) await this.#write(id, entry);
  }

  async #drop(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    entry.wanted = undefined;
    entry.cancelTimer?.();
    entry.cancelTimer = undefined;
    await entry.writing;
  }

  /** Never rejects: a refusal is kept in the entry and tried again. */
  #write(id: string, entry: Entry): Promise<void> {
    entry.cancelTimer?.();
    entry.cancelTimer = undefined;
    entry.writing ??= this.#writeOnce(id, entry).finally(() => {
      entry.writing = undefined;
      if (entry.wanted !== undefined && this.#entries.get(id) === entry) this.#schedule(id, entry);
    });
    return entry.writing;
  }

  async #writeOnce(id: string, entry: Entry): Promise<void> {
    const { wanted } = entry;
    if (wanted === undefined) return;
    entry.wanted = undefined;
    const monotonic = this.#options.monotonic ?? (() => performance.now());
    const longest = this.#options.longestMs ?? 30_000;
    const started = monotonic();
    try {
      const kept = await this.#cache.update(id, (current, gap) =>
        // It was kept and is no more: another window deleted it, and it stays deleted.
        gap === 'absent' && entry.base !== undefined ? undefined : mergeCachedSession(entry.base, wanted, current),
      );
      if (kept === undefined) {
        this.#gone.add(id);
        this.#entries.delete(id);
        entry.wanted = undefined;
      }
      entry.base = wanted;
      entry.pause = Math.min(longest, Math.max(this.#quietMs, (monotonic() - started) * SHARE));
      this.#succeeded(entry);
    } catch (error) {
      entry.wanted ??= this.#entries.get(id) === entry ? wanted : undefined;
      entry.failures += 1;
      entry.pause = Math.min(longest, this.#quietMs * 2 ** Math.min(entry.failures, 20));
      this.#failed(entry, toSecGeminiError(error));
    }
  }

  #succeeded(entry: Entry): void {
    if (entry.lastError === undefined) return;
    entry.failures = 0;
    entry.lastError = undefined;
    if (!this.#told || this.#inTrouble()) return;
    this.#told = false;
    this.#options.onRecovered?.();
  }

  #failed(entry: Entry, error: SecGeminiError): void {
    entry.lastError = error;
    // On a busy machine it waited for too long: the next try, in a moment, mostly gets through, and a warning would only frighten.
    if (this.#told || (error.code === 'timeout' && entry.failures === 1)) return;
    this.#told = true;
    this.#options.onProblem?.(error);
  }

  #inTrouble(): boolean {
    return [...this.#entries.values()].some(({ lastError }) => lastError !== undefined);
  }
}
