import assert from 'node:assert/strict';
import { quotaWords } from '../../../src/core/job-quota.ts';
import type { ListSessionsOptions, SessionPage } from '../../../src/core/client.ts';
import type { JobCounts } from '../../../src/core/model-agent.ts';
import type { SessionInfo } from '../../../src/core/model.ts';
import { SessionListing } from '../../../src/core/session-listing.ts';
import { FakeClient, sessionInfo } from '../../fakes/fake-client.ts';

/** A service with an archive that counts how it was asked. */
class Archiving extends FakeClient {
  readonly asked: boolean[] = [];
  jobs: JobCounts | undefined;
  readonly archive = { setArchived: async (): Promise<void> => undefined };
  override async listSessions(options: ListSessionsOptions = {}): Promise<SessionPage> {
    this.asked.push(options.includeArchived === true);
    const all = [...this.sessions.values()].filter(({ archived }) => options.includeArchived === true || !archived);
    const at = Number(options.pageToken ?? 0);
    const more = at + 1 < all.length ? String(at + 1) : undefined;
    return { sessions: all.slice(at, at + 1), nextPageToken: more, jobs: this.jobs };
  }
}

const service = (...infos: readonly SessionInfo[]): Archiving => {
  const client = new Archiving();
  for (const info of infos) client.sessions.set(info.id, info);
  return client;
};
const open = sessionInfo('open');
const put = sessionInfo('put', { archived: true });

describe('listing of sessions', () => {
  it('asks for archived ones only when somebody wants them', async () => {
    const client = service(open, put);
    const listing = new SessionListing();
    assert.deepEqual([...(await listing.load(client, [])).keys()], ['open']);
    assert.deepEqual(client.asked, [false]);
    assert.ok(!listing.isWhole);
    listing.includeArchived();
    assert.deepEqual([...(await listing.load(client, [])).keys()].toSorted(), ['open', 'put']);
  });

  it('does not take a session for gone that was archived elsewhere', async () => {
    const listing = new SessionListing();
    const found = await listing.load(service(open, put), [open, sessionInfo('put')]);
    assert.equal(found.get('put')?.archived, true);
  });

  it('looks into the archive where there is nothing else, and not for what is known to be gone', async () => {
    const listing = new SessionListing();
    assert.deepEqual([...(await listing.load(service(put), [])).keys()], ['put']);
    const client = service(open);
    await new SessionListing().load(client, [open, sessionInfo('old', { status: 'deleted' })]);
    assert.deepEqual(client.asked, [false]);
  });

  it('does not follow a list that leads round in a circle, and takes nothing for gone then', async () => {
    const client = service(open);
    let asked = 0;
    client.listSessions = async () => {
      asked += 1;
      return { sessions: [open], nextPageToken: asked % 2 === 0 ? 'a' : 'b' };
    };
    const listing = new SessionListing();
    assert.deepEqual([...(await listing.load(client, [put])).keys()], ['open']);
    assert.equal(asked, 3);
    assert.ok(listing.hasMore);
  });

  it('knows how many jobs run, and says when that changed', async () => {
    const client = service(open);
    client.jobs = { running: 1, limit: 2 };
    const listing = new SessionListing();
    await listing.load(client, []);
    assert.equal(await listing.refreshJobs(client), false);
    client.jobs = { running: 2, limit: 2 };
    assert.equal(await listing.refreshJobs(client), true);
    assert.match(quotaWords(listing.jobs)?.long ?? '', /2 of your 2 jobs run/);
  });

  it('speaks of a limit only while it binds', () => {
    assert.equal(quotaWords(undefined), undefined);
    assert.equal(quotaWords({ running: 1, limit: 2 }), undefined);
    assert.equal(quotaWords({ running: 5, limit: 0 }), undefined);
    assert.equal(quotaWords({ running: 1, limit: 9, teamRunning: 20, teamLimit: 20 })?.short, '20/20 team jobs');
  });

  it('stops where enough sessions are, and takes nothing beyond for gone', async () => {
    const client = service(...Array.from({ length: 1500 }, (_, index) => sessionInfo(`s${String(index)}`)));
    const listing = new SessionListing();
    assert.equal((await listing.load(client, [sessionInfo('s1400')])).size, 1000);
    assert.ok(listing.hasMore);
    assert.ok(!listing.isWhole);
    listing.wantMore();
    assert.equal((await listing.load(client, [])).size, 1500);
    assert.ok(!listing.hasMore);
  });
});
