/** The service's list of sessions, page by page, and what it says beside it. Archived ones are asked for only when somebody wants them. */

import type { SecGeminiClient } from './client.ts';
import type { JobCounts } from './model-agent.ts';
import type { Protocol, SessionInfo, SessionStatus } from './model.ts';
import { isImportedId } from './session-local.ts';
import { isForeign } from './session-protocol.ts';
import type { SessionStore } from './session-store.ts';

/** So many sessions are asked for at first, and so many more each time the user wants more. A page is as long as the service makes it. */
const STEP = 1000;

export class SessionListing {
  #withArchived = false;
  #wanted = STEP;
  #hasMore = false;
  #jobs: JobCounts | undefined;

  /** True when the archived sessions were asked for, too: the list is whole. */
  get isWhole(): boolean {
    return this.#withArchived;
  }

  /** As of the last answer; undefined where the service does not tell. */
  get jobs(): JobCounts | undefined {
    return this.#jobs;
  }

  /** True when the service has sessions beyond those that were asked for. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** The next load goes on further down the service's list. */
  wantMore(): void {
    this.#wanted += STEP;
  }

  /** From now on archived sessions are listed, too. */
  includeArchived(): void {
    this.#withArchived = true;
  }

  /**
   * All sessions by id. One that is known here and not in the short list may be archived elsewhere rather than gone, and where the short
   * list is empty the archive is all there is: then the whole list is asked for. Rejects with what the service says.
   */
  async load(client: SecGeminiClient, known: readonly SessionInfo[]): Promise<ReadonlyMap<string, SessionInfo>> {
    const found = await this.#pages(client);
    // What is further down is not missing.
    if (this.#hasMore) return found;
    const isMissing = known.some(
      (info) =>
        !found.has(info.id) && !isForeign(info, client.protocol) && !isImportedId(info.id) && !isGone(info.status),
    );
    if (this.#withArchived || client.archive === undefined || !(isMissing || found.size === 0)) return found;
    this.#withArchived = true;
    return await this.#pages(client);
  }

  /** Asks only for the counts of jobs; true when they are others than before. A service that does not answer leaves them as they were. */
  async refreshJobs(client: SecGeminiClient): Promise<boolean> {
    if (this.#jobs === undefined) return false;
    const before = JSON.stringify(this.#jobs);
    try {
      this.#jobs = (await client.listSessions({ limit: 1 })).jobs;
    } catch {
      return false;
    }
    return JSON.stringify(this.#jobs) !== before;
  }

  async #pages(client: SecGeminiClient): Promise<Map<string, SessionInfo>> {
    const found = new Map<string, SessionInfo>();
    const asked = new Set<string | undefined>();
    let pageToken: string | undefined;
    do {
      asked.add(pageToken);
      const page = await client.listSessions({ pageToken, ...(this.#withArchived ? { includeArchived: true } : {}) });
      for (const info of page.sessions) found.set(info.id, info);
      this.#jobs = page.jobs;
      pageToken = page.nextPageToken;
      // A page that was there before leads round in a circle: what else there is stays unknown.
    } while (pageToken !== undefined && found.size < this.#wanted && !asked.has(pageToken));
    this.#hasMore = pageToken !== undefined;
    return found;
  }
}

const isGone = (status: SessionStatus): boolean => status === 'deleted' || status === 'expired';

interface MissingFacts {
  /** What this machine keeps stays readable. */
  readonly kept: boolean;
  readonly spoken: Protocol;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the service no longer lists. What is kept of it stays readable until the user deletes it; nothing kept, nothing shown. */
export function markMissing(
  store: SessionStore,
  found: ReadonlyMap<string, SessionInfo>,
  canMiss: (sessionId: string) => boolean,
  facts: MissingFacts,
): void {
  for (const { id, ...info } of store.infos()) {
    if (found.has(id) || isImportedId(id) || !canMiss(id)) continue;
    if (!facts.kept) {
      store.forget(id);
      continue;
    }
    const expired = info.expiresAt !== undefined && info.expiresAt <= facts.now;
    // Of the other protocol, it was not to be listed: it is where it was.
    if (expired || info.protocol === facts.spoken) store.markGone(id, expired ? 'expired' : 'notFound');
  }
}
