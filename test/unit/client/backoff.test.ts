import assert from 'node:assert/strict';
import { Backoff } from '../../../src/client/backoff.ts';
import { FakeClock } from '../../fakes/v1-drive.ts';

/** A small deterministic generator (mulberry32), so that the simulation is the same every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('backoff', function () {
  // Busy machines: a guard, not an expectation.
  this.timeout(20_000);
  it('doubles from 0.5 s to 30 s, with full jitter below', () => {
    const backoff = new Backoff(new FakeClock(), () => 1);
    const waits = Array.from({ length: 10 }, () => backoff.down());
    assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
    assert.equal(new Backoff(new FakeClock(), () => 0).down(), 0);
  });

  it('starts over only after a connection that lived 5 s, or when told', () => {
    const clock = new FakeClock();
    const backoff = new Backoff(clock, () => 1);
    backoff.down();
    backoff.down();
    backoff.up();
    clock.advance(4_999);
    assert.equal(backoff.down(), 2000);
    backoff.up();
    clock.advance(5_000);
    assert.equal(backoff.down(), 500);
    backoff.down();
    backoff.reset();
    assert.equal(backoff.down(), 500);
  });

  it('honours what the service asked for', () => {
    assert.equal(new Backoff(new FakeClock(), () => 0).down(7_000), 7_000);
  });

  it('F08: flapping a hundred times a minute gets at most 20 connects in any minute', () => {
    const clock = new FakeClock();
    const backoff = new Backoff(clock, () => 0);
    const connects: number[] = [];
    while (clock.now() < 600_000) {
      backoff.started();
      connects.push(clock.now());
      backoff.up();
      clock.advance(100);
      clock.advance(backoff.down());
    }
    for (const at of connects) {
      const within = connects.filter((other) => other >= at && other < at + 60_000).length;
      assert.ok(within <= 20, `${within} connects`);
    }
    assert.ok(connects.length > 100, 'and it never stops');
  });

  it('T08: a thousand clients over ten minutes of outage do not march in step', () => {
    const random = numbers(42);
    const bins = new Map<number, Map<number, number>>();
    let most = 0;
    for (let client = 0; client < 1000; client += 1) {
      const clock = new FakeClock();
      const backoff = new Backoff(clock, random);
      let attempts = 0;
      while (clock.now() < 600_000) {
        backoff.started();
        attempts += 1;
        const second = Math.floor(clock.now() / 1000);
        const bin = bins.get(attempts) ?? new Map<number, number>();
        bin.set(second, (bin.get(second) ?? 0) + 1);
        bins.set(attempts, bin);
        clock.advance(backoff.down());
      }
      most = Math.max(most, attempts);
    }
    for (const [attempt, bin] of bins) {
      const all = [...bin.values()].reduce((sum, count) => sum + count, 0);
      // 0.5 s doubling (trust.md, Settled) spreads the 5th attempt over 7.5 s with a peak of a quarter a second; from the 6th on it holds.
      if (attempt >= 6 && all >= 900) assert.ok(Math.max(...bin.values()) / all <= 0.2, `attempt ${attempt}`);
    }
    assert.ok(most <= 80, `${most} attempts`);
  });
});
