import assert from 'node:assert/strict';
import { SecGeminiError } from '../../../../src/core/errors.ts';
import type { CacheGap, CachedSession, SessionCache } from '../../../../src/core/session-cache.ts';
import { CacheWriter, type CacheWriterOptions } from '../../../../src/host/storage/cache-writer.ts';
import { cached, files, folder, removeFolders, text } from './support.ts';

/** A cache in memory whose updates wait until the test lets them go. */
class SlowCache implements Pick<SessionCache, 'update' | 'remove'> {
  readonly kept = new Map<string, CachedSession>();
  readonly waiting: (() => void)[] = [];
  refusal: SecGeminiError | undefined;
  gate = false;
  writes = 0;
  running = 0;
  most = 0;

  async update(
    id: string,
    change: (current: CachedSession | undefined, gap: CacheGap | undefined) => CachedSession | undefined,
  ): Promise<CachedSession | undefined> {
    this.writes += 1;
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    if (this.gate) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running -= 1;
    if (this.refusal !== undefined) throw this.refusal;
    const current = this.kept.get(id);
    const next = change(current, current === undefined ? 'absent' : undefined);
    if (next !== undefined) this.kept.set(id, next);
    return next ?? current;
  }

  async remove(id: string): Promise<void> {
    this.kept.delete(id);
  }
}

/** Timers that fire when the test says so. */
function clockwork(): {
  readonly after: NonNullable<CacheWriterOptions['after']>;
  due: { ms: number; run: () => void }[];
  tick(): void;
} {
  const due: { ms: number; run: () => void }[] = [];
  return {
    due,
    after: (ms, run) => {
      const timer = { ms, run };
      due.push(timer);
      return () => void due.splice(due.indexOf(timer), due.includes(timer) ? 1 : 0);
    },
    tick: () => {
      for (const { run } of due.splice(0)) run();
    },
  };
}

function writerOf(
  cache: SlowCache,
  options: CacheWriterOptions = {},
): { writer: CacheWriter; clock: ReturnType<typeof clockwork> } {
  const clock = clockwork();
  return {
    clock,
    writer: new CacheWriter(cache as unknown as SessionCache, { after: clock.after, monotonic: () => 0, ...options }),
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('cache writer', () => {
  afterEach(removeFolders);

  it('makes one write of many changes, the last one wins', async () => {
    const cache = new SlowCache();
    const { writer, clock } = writerOf(cache);
    for (let n = 0; n < 100; n += 1) writer.save(cached('s1', { draft: String(n) }));
    assert.equal(clock.due.length, 1);
    assert.equal(writer.isClean, false);
    clock.tick();
    await settle();
    assert.deepEqual([cache.writes, cache.kept.get('s1')?.draft, writer.isClean], [1, '99', true]);
    assert.equal(clock.due.length, 0);
  });

  it('has at most one write of a session under way, and flush waits for all', async () => {
    const cache = new SlowCache();
    const { writer, clock } = writerOf(cache);
    cache.gate = true;
    writer.save(cached('s1', { draft: 'a' }));
    clock.tick();
    writer.save(cached('s1', { draft: 'b' }));
    assert.equal(clock.due.length, 0, 'the next one waits for the first');
    const flushed = writer.flush();
    cache.waiting.shift()?.();
    await settle();
    assert.equal(cache.running, 1);
    cache.waiting.shift()?.();
    await flushed;
    assert.deepEqual([cache.most, cache.kept.get('s1')?.draft, writer.isClean], [1, 'b', true]);
    assert.equal(clock.due.length, 0);
  });

  it('writes a session less often when a write takes long', async () => {
    const cache = new SlowCache();
    let now = 0;
    const { writer, clock } = writerOf(cache, { monotonic: () => (now += 500) });
    writer.save(cached('s1', { draft: 'a' }));
    assert.equal(clock.due[0]?.ms, 400);
    clock.tick();
    await settle();
    writer.save(cached('s1', { draft: 'b' }));
    assert.equal(clock.due[0]?.ms, 4500);
    await writer.flush();
    assert.equal(cache.kept.get('s1')?.draft, 'b');
  });

  it('tells a refusal once, tries again ever more slowly, and tells the recovery', async () => {
    const cache = new SlowCache();
    const told: string[] = [];
    const { writer, clock } = writerOf(cache, {
      onProblem: (error) => told.push(error.code),
      onRecovered: () => told.push('recovered'),
    });
    cache.refusal = new SecGeminiError('storage', 'The disk is full.');
    writer.save(cached('s1', { draft: 'kept in memory' }));
    const pauses: (number | undefined)[] = [];
    for (let n = 0; n < 12; n += 1) {
      pauses.push(clock.due[0]?.ms);
      clock.tick();
      await settle();
    }
    assert.deepEqual(pauses, [400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000, 30_000, 30_000]);
    await assert.rejects(writer.flush(), /disk is full/);
    cache.refusal = undefined;
    await writer.flush();
    assert.deepEqual(told, ['storage', 'recovered']);
    assert.equal(cache.kept.get('s1')?.draft, 'kept in memory');
    writer.save(cached('s1', { draft: 'x' }));
    assert.equal(clock.due[0]?.ms, 400);
    writer.dispose();
  });

  it('frightens nobody with one write that waited too long for its turn, but tells the second', async () => {
    const cache = new SlowCache();
    const told: string[] = [];
    const { writer, clock } = writerOf(cache, {
      onProblem: (error) => told.push(error.code),
      onRecovered: () => told.push('recovered'),
    });
    cache.refusal = new SecGeminiError('timeout', 'Another window is busy.');
    writer.save(cached('s1', { draft: 'a' }));
    clock.tick();
    await settle();
    cache.refusal = undefined;
    clock.tick();
    await settle();
    assert.deepEqual([told, cache.kept.get('s1')?.draft], [[], 'a']);
    cache.refusal = new SecGeminiError('timeout', 'Another window is busy.');
    writer.save(cached('s1', { draft: 'b' }));
    for (let n = 0; n < 2; n += 1) {
      clock.tick();
      await settle();
    }
    assert.deepEqual(told, ['timeout']);
    await assert.rejects(writer.flush(), { code: 'timeout' });
    cache.refusal = undefined;
    await writer.flush();
    assert.deepEqual(told, ['timeout', 'recovered']);
  });

  it('brings nothing back that was deleted here or in another window', async () => {
    const cache = new SlowCache();
    const { writer, clock } = writerOf(cache);
    for (const id of ['s1', 's2']) writer.save(cached(id));
    await writer.flush();
    writer.save(cached('s1', { draft: 'late' }));
    await writer.remove('s1');
    writer.save(cached('s1', { draft: 'later' }));
    cache.kept.delete('s2');
    writer.save(cached('s2', { draft: 'late' }));
    await writer.flush();
    writer.save(cached('s2', { draft: 'later' }));
    await writer.flush();
    assert.deepEqual([...cache.kept.keys()], []);
    assert.equal(clock.due.length, 0);
  });

  it('writes nothing after sign-out, and waits for what is under way', async () => {
    const cache = new SlowCache();
    const { writer, clock } = writerOf(cache);
    cache.gate = true;
    writer.save(cached('s1', { draft: 'a' }));
    clock.tick();
    writer.save(cached('s1', { draft: 'b' }));
    writer.save(cached('s2'));
    let done = false;
    const discarded = writer.discard().then(() => (done = true));
    await settle();
    assert.equal(done, false);
    cache.waiting.shift()?.();
    await discarded;
    writer.save(cached('s3'));
    await settle();
    assert.deepEqual([clock.due.length, cache.writes], [0, 1]);
  });

  it('merges two windows on one disk by message id', async function () {
    this.timeout(60_000);
    const root = folder();
    const memory = [cached(), cached()];
    const writers = [new CacheWriter(files(root)), new CacheWriter(files(root))];
    for (let n = 0; n < 20; n += 1) {
      writers.forEach((writer, w) => {
        const mine = memory[w] ?? cached();
        memory[w] = { ...mine, messages: [...mine.messages, text(`${w}-${n}`)] };
        writer.save(memory[w]);
      });
      if (n % 3 === 0) await Promise.all(writers.map((writer) => writer.flush()));
    }
    await Promise.all(writers.map((writer) => writer.flush()));
    const found = await files(root).read('s1');
    assert.equal(new Set(found?.messages.map(({ id }) => id)).size, 40);
    assert.equal(found?.messages.length, 40);
  });

  it('removes what this window removed, once it was read from the cache', async () => {
    const root = folder();
    await files(root).update('s1', () => cached('s1', { messages: [text('a'), text('b')] }));
    const store = files(root);
    const writer = new CacheWriter(store);
    const session = await store.read('s1');
    assert.ok(session);
    writer.remember(session);
    writer.save({ ...session, messages: session.messages.slice(1) });
    await writer.flush();
    assert.deepEqual(
      (await files(root).read('s1'))?.messages.map(({ id }) => id),
      ['b'],
    );
  });
});
