/** Makes the cache of one account at one endpoint, with the writer in front of it. */

import type { SecretMapStore } from '../../core/egress-model.ts';
import { late } from '../../core/late.ts';
import type { Log } from '../../core/log.ts';
import type { KeptSessions } from '../../core/session-keeper.ts';
import { CacheWriter } from './cache-writer.ts';
import { type KeyStore, SecretMaps } from './secret-maps.ts';
import { SessionFiles } from './session-files.ts';

export interface KeptSessionsOptions {
  /** Absolute folder for the caches of all accounts. */
  readonly root: string;
  readonly origin: string;
  readonly userId: string;
  readonly log: Log;
  /** The editor's SecretStorage. */
  readonly keys: KeyStore;
  /** The disk refuses; told once. */
  readonly onProblem: (error: Error) => void;
}

export interface OpenedSessions extends KeptSessions {
  /** What the placeholders of this account's sessions stand for. */
  readonly secretMaps: SecretMapStore;
}

export function openKeptSessions({ root, origin, userId, log, keys, onProblem }: KeptSessionsOptions): OpenedSessions {
  const cache = new SessionFiles({ root, origin, userId, log });
  return {
    cache,
    recorder: new CacheWriter(cache, { onProblem }),
    secretMaps: late(() => new SecretMaps({ files: cache, keys, root, log })),
  };
}
