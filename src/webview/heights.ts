/** Heights of rows with sums in O(log n): a Fenwick tree over pixels (fractions allowed). */

const MANY = 256;

export class Heights {
  #values: number[] = [];
  /** One-based Fenwick tree over #values. */
  #tree: number[] = [0];

  get length(): number {
    return this.#values.length;
  }

  get(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    const old = this.#values[index];
    if (old === undefined || old === value) return;
    this.#values[index] = value;
    for (let at = index + 1; at < this.#tree.length; at += at & -at)
      this.#tree[at] = (this.#tree[at] ?? 0) + value - old;
  }

  /** Adds at the end in O(log n). */
  push(value: number): void {
    this.#values.push(value);
    const at = this.#values.length;
    this.#tree.push(this.offset(at - 1) + value - this.offset(at - (at & -at)));
  }

  /** Any other change of the list: O(n). */
  splice(index: number, remove: number, add: readonly number[]): void {
    // Many at once are built faster than added one by one.
    if (index === this.#values.length && remove === 0 && add.length < MANY) {
      for (const value of add) this.push(value);
      return;
    }
    const values = [...this.#values.slice(0, index), ...add, ...this.#values.slice(index + remove)];
    this.#values = values;
    this.#tree = Array.from<number>({ length: values.length + 1 }).fill(0);
    for (const [at, value] of values.entries()) {
      const one = at + 1;
      this.#tree[one] = (this.#tree[one] ?? 0) + value;
      const parent = one + (one & -one);
      if (parent < this.#tree.length) this.#tree[parent] = (this.#tree[parent] ?? 0) + (this.#tree[one] ?? 0);
    }
  }

  /** Top of row `index`: the sum of all heights before it. */
  offset(index: number): number {
    let sum = 0;
    for (let at = Math.min(index, this.#values.length); at > 0; at -= at & -at) sum += this.#tree[at] ?? 0;
    return sum;
  }

  get total(): number {
    return this.offset(this.#values.length);
  }

  /** The row at that height: the last whose top is at or above it. */
  find(y: number): number {
    let index = 0;
    let left = y;
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.#values.length))); step >= 1; step /= 2) {
      const next = index + step;
      const sum = this.#tree[next];
      if (sum !== undefined && next <= this.#values.length && sum <= left) {
        index = next;
        left -= sum;
      }
    }
    return Math.min(index, Math.max(0, this.#values.length - 1));
  }
}
