/** Makes the cache of one account at one endpoint, with the writer in front of it. */

import type { Log } from '../../core/log.ts';
import type { KeptSessions } from '../../core/session-keeper.ts';
import { CacheWriter } from './cache-writer.ts';
import { SessionFiles } from './session-files.ts';

export interface KeptSessionsOptions {
  /** Absolute folder for the caches of all accounts. */
  readonly root: string;
  readonly origin: string;
  readonly userId: string;
  readonly log: Log;
  /** The disk refuses; told once. */
  readonly onProblem: (error: Error) => void;
}

export function openKeptSessions({ root, origin, userId, log, onProblem }: KeptSessionsOptions): KeptSessions {
  const cache = new SessionFiles({ root, origin, userId, log });
  return { cache, recorder: new CacheWriter(cache, { onProblem }) };
}
