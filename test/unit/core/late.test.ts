import assert from 'node:assert/strict';
import { late } from '../../../src/core/late.ts';

class Counter {
  static made = 0;
  #count = 0;

  constructor() {
    Counter.made += 1;
  }

  get count(): number {
    return this.#count;
  }

  up(by: number): number {
    this.#count += by;
    return this.#count;
  }
}

describe('an object that is made late', () => {
  it('is made by its first use, once, and is that object from then on', () => {
    Counter.made = 0;
    const counter = late(() => new Counter());
    assert.equal(Counter.made, 0);
    assert.equal(counter.up(2), 2);
    const { up } = counter;
    assert.equal(up(1), 3);
    assert.equal(counter.count, 3);
    assert.equal(Counter.made, 1);
  });

  it('throws what its making throws, and the next use tries again', () => {
    let tries = 0;
    const counter = late(() => {
      tries += 1;
      if (tries === 1) throw new Error('no disk');
      return new Counter();
    });
    assert.throws(() => counter.up(1), /no disk/);
    assert.equal(counter.up(1), 1);
  });
});
