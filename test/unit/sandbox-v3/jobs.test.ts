import assert from 'node:assert/strict';
import { JobStatus } from '../../../src/client/v3/gen/api_hub_pb.js';
import { cleanUp, start } from '../sandbox/support.ts';
import { type Asking, closeAll, Peer } from './support.ts';

/** Whether the service agreed to what was asked of the session's job. */
const ask = async (peer: Peer, id: string, what: 'pause' | 'resume' | 'cancel'): Promise<boolean> => {
  const asking = { case: `${what}SessionRequest`, value: {} } as Asking;
  return (await peer.ask(asking, `${what}SessionResponse`, id)).success;
};

describe('sandbox, v3 jobs', function () {
  this.timeout(30_000);
  afterEach(closeAll);
  afterEach(cleanUp);

  it('pauses, and cancels, at the end of a step that cannot be cut', async () => {
    for (const then of ['pause', 'cancel', 'both'] as const) {
      const peer = await Peer.of(await start());
      const id = await peer.create();
      const stream = peer.follow(id);
      await peer.prompt(id, '/demo stubborn 1');
      await peer.status(id, JobStatus.RUNNING);
      if (then !== 'cancel') assert.equal(await ask(peer, id, 'pause'), true);
      if (then !== 'pause') assert.equal(await ask(peer, id, 'cancel'), true);
      await peer.ask({ case: 'getWhatsNewRequest', value: {} }, 'getWhatsNewResponse');
      const between = { pause: ['=PAUSING'], cancel: ['=CANCELING'], both: ['=PAUSING', '=CANCELING'] }[then];
      const states = () => peer.seen(stream).filter((seen) => seen.startsWith('='));
      assert.deepEqual(states().slice(-between.length), between);
      if (then === 'pause') {
        await peer.status(id, JobStatus.PAUSED);
        assert.ok(!peer.seen(stream).includes('PROGRESS'));
        assert.equal(await ask(peer, id, 'resume'), true);
        await peer.status(id, JobStatus.COMPLETED);
        assert.ok(peer.seen(stream).includes('PROGRESS'));
      } else {
        await peer.status(id, JobStatus.CANCELED);
        assert.deepEqual(states().slice(-between.length - 1), [...between, '=CANCELED']);
        assert.ok(!peer.seen(stream).includes('PROGRESS'));
      }
    }
  });

  it('has no place for another job while one takes them all, and says so in its counts', async () => {
    const peer = await Peer.of(await start());
    const [greedy, other] = [await peer.create(), await peer.create()];
    const stream = peer.follow(greedy);
    await peer.prompt(greedy, '/demo busy');
    await peer.status(greedy, JobStatus.RUNNING);
    while (!peer.seen(stream).includes('THOUGHT')) await peer.news();
    const counts = async () => {
      const list = await peer.ask({ case: 'listSessionsRequest', value: { limit: 1 } }, 'listSessionsResponse');
      return (list.maxConcurrentJobs ?? 0) - (list.runningJobsCount ?? 0);
    };
    assert.equal(await counts(), 0);
    assert.equal(await peer.prompt(other, 'hello'), false);
    assert.deepEqual(await peer.history(other), []);
    await ask(peer, greedy, 'cancel');
    await peer.status(greedy, JobStatus.CANCELED);
    assert.ok((await counts()) > 0);
    assert.equal(await peer.prompt(other, 'hello'), true);
  });
});
