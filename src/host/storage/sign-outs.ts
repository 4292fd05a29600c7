/**
 * Tells the other windows of this profile that the key of an origin was deleted (trust.md S22), or that there is one now. VS Code says so itself
 * between windows of the desktop; in a browser each window keeps a copy of the secrets and hears of no change. A file of the profile, without any
 * key in it, is what both have.
 */

import { randomUUID } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as z from 'zod/mini';
import type { Disposable } from '../../core/disposable.ts';
import type { Log } from '../../core/log.ts';

/** An older one was for windows that were there then; milliseconds. */
const FRESH_MS = 30_000;

/** What became of the key. */
export type KeyNews = 'forgotten' | 'set';

const schema = z.strictObject({
  id: z.string(),
  origin: z.string(),
  at: z.number(),
  /** Absent: it was forgotten. */
  what: z.optional(z.literal('set')),
});

interface SignOutsOptions {
  /** The file; its folder is made. */
  readonly path: string;
  /** Another window deleted or set the key of this origin. */
  readonly heard: (origin: string, what: KeyNews) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Log;
}

export class SignOuts implements Disposable {
  readonly #options: SignOutsOptions;
  readonly #handled = new Set<string>();
  #watcher: FSWatcher | undefined;
  #disposed = false;

  constructor(options: SignOutsOptions) {
    this.#options = options;
  }

  /** Listens from now on. Where that is not possible the window hears what VS Code tells it, as before. */
  async start(): Promise<void> {
    const { path, log } = this.#options;
    try {
      await mkdir(dirname(path), { recursive: true });
      if (this.#disposed) return;
      this.#watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
        if (name === basename(path)) void this.#look();
      });
      this.#watcher.on('error', (error) => log.error('Other windows cannot be listened to', error));
    } catch (error) {
      log.error('Other windows cannot be listened to', error);
    }
  }

  /** Never rejects: what was done in this window is done whatever the others hear. */
  async tell(origin: string, what: KeyNews = 'forgotten'): Promise<void> {
    const { path, now, log } = this.#options;
    const id = randomUUID();
    this.#handled.add(id);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, JSON.stringify({ id, origin, at: now(), ...(what === 'set' ? { what } : {}) }), {
        mode: 0o600,
      });
    } catch (error) {
      log.error('Other windows could not be told of the key', error);
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#watcher?.close();
  }

  async #look(): Promise<void> {
    const { path, heard, now } = this.#options;
    // Half written: its end is a change, too.
    const text = await readFile(path, 'utf8').catch(() => '');
    const told = schema.safeParse(text === '' ? undefined : parsed(text)).data;
    if (told === undefined || this.#disposed || this.#handled.has(told.id)) return;
    this.#handled.add(told.id);
    if (Math.abs(now() - told.at) <= FRESH_MS) heard(told.origin, told.what ?? 'forgotten');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
