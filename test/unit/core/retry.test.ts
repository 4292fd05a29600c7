import assert from 'node:assert/strict';
import { type ErrorCode, SecGeminiError, errorInfo } from '../../../src/core/errors.ts';
import type { SessionEvent } from '../../../src/core/events.ts';
import {
  DEFAULT_RETRY,
  type Retry,
  RetryDesk,
  type RetryPolicy,
  delayBefore,
  retryWords,
} from '../../../src/core/retry.ts';
import { withRetries } from '../../../src/core/retrying-client.ts';
import { FakeClient, message, sessionInfo } from '../../fakes/fake-client.ts';

const fails = (code: ErrorCode, retryAfterMs?: number): SecGeminiError =>
  new SecGeminiError(code, `It was ${code}.`, retryAfterMs === undefined ? {} : { retryAfterMs });

/** A desk whose waits are over at once and are written down. */
function started(policy: RetryPolicy = DEFAULT_RETRY) {
  const waits: number[] = [];
  const shown: (Retry | undefined)[] = [];
  const desk = new RetryDesk({
    policy: () => policy,
    after: (milliseconds, run) => {
      waits.push(milliseconds);
      queueMicrotask(run);
      return () => undefined;
    },
  });
  desk.onDidChange((sessionId) => shown.push(desk.of(sessionId)));
  const client = new FakeClient();
  client.sessions.set('s', sessionInfo('s'));
  return { desk, client, retrying: withRetries(client, desk), waits, shown };
}

/** The named call fails so often, each time with the next error. */
function failing(client: FakeClient, name: string, errors: readonly SecGeminiError[]): void {
  const left = [...errors];
  const { calls } = client;
  calls.push = (...names: string[]): number => {
    if (names.includes(name)) {
      const error = left.shift();
      if (error !== undefined) client.failNext.set(name, error);
    }
    return Array.prototype.push.apply(calls, names);
  };
}

async function all(events: AsyncIterable<SessionEvent>): Promise<SessionEvent[]> {
  const list: SessionEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

describe('trying again', () => {
  it('waits twice as long each time, always the same, or not at all', async () => {
    const errors = (): SecGeminiError[] => [fails('unavailable'), fails('timeout'), fails('rateLimited')];
    for (const [strategy, expected] of [
      ['exponential', [1000, 2000, 4000]],
      ['fixed', [1000, 1000, 1000]],
    ] as const) {
      const { client, retrying, waits } = started({ ...DEFAULT_RETRY, strategy });
      failing(client, 'getSession', errors());
      assert.equal((await retrying.getSession('s')).id, 's');
      assert.deepEqual(waits, expected);
    }
    const { client, retrying, waits } = started({ ...DEFAULT_RETRY, strategy: 'none' });
    failing(client, 'getSession', errors());
    await assert.rejects(retrying.getSession('s'), { code: 'unavailable' });
    assert.deepEqual(waits, []);
  });

  it('never waits longer than 30 s by itself, and as long as the service asks for', () => {
    assert.equal(delayBefore(DEFAULT_RETRY, 9), 30_000);
    assert.equal(delayBefore(DEFAULT_RETRY, 1, 90_000), 90_000);
    assert.equal(delayBefore({ ...DEFAULT_RETRY, delayMs: 5000 }, 1, 1000), 5000);
  });

  it('gives the last error when it was tried often enough', async () => {
    const { client, retrying } = started({ ...DEFAULT_RETRY, times: 2 });
    failing(client, 'history', [fails('unavailable'), fails('timeout'), fails('rateLimited')]);
    await assert.rejects(retrying.history('s'), { code: 'rateLimited' });
    assert.equal(client.calls.filter((name) => name === 'history').length, 3);
  });

  it('is told while it waits, in words, and no longer', async () => {
    const { client, retrying, shown } = started();
    failing(client, 'listSessions', [fails('unavailable')]);
    await retrying.listSessions();
    assert.deepEqual(
      shown.map((retry) => retry && [retry.attempt, retry.of, retry.inMs, retry.error.code]),
      [[1, 3, 1000, 'unavailable'], undefined],
    );
    assert.equal(retryWords({ attempt: 1, of: 3, inMs: 2000 }), 'Trying again in 2 s (1 of 3).');
  });

  for (const code of [
    'invalidArgument',
    'unauthenticated',
    'permissionDenied',
    'notFound',
    'expired',
    'tooLarge',
    'protocol',
  ] as const)
    it(`not for ${code}: it would be the same again`, async () => {
      const { client, retrying, waits } = started();
      failing(client, 'getSession', [fails(code)]);
      await assert.rejects(retrying.getSession('s'), { code });
      assert.deepEqual(waits, []);
    });

  it('not for what may be done only once: creating, attaching, detaching', async () => {
    const { client, retrying, waits } = started();
    for (const name of ['createSession', 'attach', 'detach', 'account'])
      client.failNext.set(name, fails('unavailable'));
    const upload = { name: 'a', size: 0, async *open() {} };
    for (const call of [
      () => retrying.createSession({}),
      () => retrying.attach('s', upload),
      () => retrying.detach('s', 'a'),
      () => retrying.account(),
    ])
      await assert.rejects(call, { code: 'unavailable' });
    assert.deepEqual(waits, []);
  });

  it('a call of its own policy keeps to it, and the others to theirs', async () => {
    const { client, retrying, desk, waits } = started({ ...DEFAULT_RETRY, strategy: 'none' });
    client.sessions.set('other', sessionInfo('other'));
    failing(client, 'getSession', [fails('unavailable'), fails('unavailable')]);
    await desk.within('s', { strategy: 'fixed', times: 2, delayMs: 70 }, () => retrying.getSession('s'));
    failing(client, 'getSession', [fails('unavailable')]);
    await assert.rejects(retrying.getSession('s'), { code: 'unavailable' });
    assert.deepEqual(waits, [70, 70]);
  });

  it('ends its wait when the call is given up or the client is closed', async () => {
    const desk = new RetryDesk({ policy: () => DEFAULT_RETRY, after: () => () => undefined });
    const client = new FakeClient();
    const retrying = withRetries(client, desk);
    client.failNext.set('listSessions', fails('unavailable'));
    const abort = new AbortController();
    const given = assert.rejects(retrying.listSessions({ signal: abort.signal }), { code: 'unavailable' });
    await new Promise(setImmediate);
    assert.equal(desk.of(undefined)?.attempt, 1);
    abort.abort();
    await given;
    client.failNext.set('listSessions', fails('unavailable'));
    const left = assert.rejects(retrying.listSessions(), { code: 'unavailable' });
    await new Promise(setImmediate);
    await retrying.close();
    await left;
    assert.ok(client.closed);
    assert.equal(desk.of(undefined), undefined);
  });

  describe('a prompt', () => {
    const prompt = { id: 'p', text: 'hi' };
    const failed = { type: 'delivery', promptId: 'p', state: 'failed' } as const;
    const ended = (code: ErrorCode): SessionEvent => ({
      type: 'turnEnd',
      outcome: 'failed',
      error: errorInfo(fails(code)),
    });

    it('that certainly never arrived goes out again; readers see one turn', async () => {
      const { client, retrying, waits } = started();
      let tries = 0;
      client.script = async function* () {
        tries += 1;
        yield { type: 'delivery', promptId: 'p', state: 'sending' };
        if (tries < 3) {
          yield failed;
          yield ended('unavailable');
          return;
        }
        yield { type: 'delivery', promptId: 'p', state: 'delivered' };
        yield { type: 'turnEnd', outcome: 'completed' };
      };
      const events = await all(retrying.stream('s', prompt));
      assert.deepEqual([tries, waits], [3, [1000, 2000]]);
      assert.equal(events.filter(({ type }) => type === 'turnEnd').length, 1);
      assert.ok(!events.includes(failed));
    });

    const mayHave: readonly (readonly [string, readonly SessionEvent[]])[] = [
      ['was handed over', [{ type: 'delivery', promptId: 'p', state: 'sent' }, failed]],
      ['nobody knows of', [{ type: 'delivery', promptId: 'p', state: 'unknown' }]],
      ['was answered', [{ type: 'message', message: message('m', 'thinking', '…') }, failed]],
      ['arrived', [{ type: 'delivery', promptId: 'p', state: 'delivered' }]],
    ];
    for (const [what, events] of mayHave)
      it(`that ${what} never goes out a second time`, async () => {
        const { client, retrying, waits } = started();
        client.script = async function* () {
          yield* events;
          yield ended('unavailable');
        };
        const seen = await all(retrying.stream('s', prompt));
        assert.deepEqual([client.sent, waits], [['hi'], []]);
        assert.deepEqual(seen.at(-1), ended('unavailable'));
        for (const event of events) assert.ok(seen.includes(event));
      });

    it('that a running job keeps out is not hammered: it waits in the queue', async () => {
      const { client, retrying, waits } = started();
      client.script = async function* () {
        yield failed;
        yield ended('rateLimited');
      };
      assert.deepEqual(await all(retrying.stream('s', prompt)), [failed, ended('rateLimited')]);
      assert.deepEqual(waits, []);
    });
  });
});
