import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { toDisposable } from '../../../src/core/disposable.ts';
import { SecGeminiError, isSecGeminiError } from '../../../src/core/errors.ts';
import { type Port, Rpc, fits } from '../../../src/panel/rpc.ts';

type Local = { add: { params: { a: number; b: number }; result: number }; wait: { params: null; result: string } };
type Notes = { said: string };

/** Two ports that hand a structured copy to each other in a microtask, as postMessage does. */
function pair(): [Port & { heard: unknown[] }, Port & { heard: unknown[] }] {
  const make = (): Port & {
    heard: unknown[];
    listeners: Set<(message: unknown) => void>;
    other?: { deliver(m: unknown): void };
  } => ({
    heard: [],
    listeners: new Set(),
    post: () => undefined,
    onMessage: () => toDisposable(() => undefined),
  });
  const left = make();
  const right = make();
  for (const [from, to] of [
    [left, right],
    [right, left],
  ] as const) {
    from.post = (message) => {
      const copy = structuredClone(message);
      queueMicrotask(() => {
        to.heard.push(copy);
        for (const listener of to.listeners) listener(copy);
      });
    };
    to.onMessage = (listener) => {
      to.listeners.add(listener);
      return toDisposable(() => to.listeners.delete(listener));
    };
  }
  return [left, right];
}

function connect(wait: (signal: AbortSignal) => Promise<string> = () => Promise.resolve('done')) {
  const [near, far] = pair();
  const asking = new Rpc<Record<string, never>, Local, Record<string, never>>(near, {
    handlers: {},
    onNotification: (name, params, gap) => notes.push([name, params, gap]),
  });
  const notes: unknown[][] = [];
  const answering = new Rpc<Local, Record<string, never>, Notes>(far, {
    handlers: { add: ({ a, b }) => a + b, wait: (_params, signal) => wait(signal) },
    parse: (name, params) =>
      name === 'add' && typeof (params as { a?: unknown }).a !== 'number' ? undefined : (params as never),
    bounds: { depth: 8, nodes: 100, messageChars: 10_000 },
    maxRunning: 2,
  });
  return { near, far, asking, answering, notes };
}

describe('rpc', () => {
  it('answers, and tells errors with their code', async () => {
    const { asking } = connect(() =>
      Promise.reject(new SecGeminiError('rateLimited', 'Slow down.', { action: 'Wait.' })),
    );
    assert.equal(await asking.request('add', { a: 2, b: 3 }), 5);
    await assert.rejects(asking.request('wait', null), (error: unknown) => {
      assert.ok(isSecGeminiError(error, 'rateLimited'));
      assert.equal(error.message, 'Slow down.');
      assert.equal(error.action, 'Wait.');
      return true;
    });
  });

  it('refuses what does not fit and what does not exist', async () => {
    const { asking, answering } = connect();
    await assert.rejects(asking.request('add', { a: 'x' } as never), (error: unknown) =>
      isSecGeminiError(error, 'invalidArgument'),
    );
    for (const name of ['nothing', 'constructor', '__proto__', 'toString'])
      await assert.rejects(asking.request(name as 'add', { a: 1, b: 2 }), (error: unknown) =>
        isSecGeminiError(error, 'invalidArgument'),
      );
    assert.deepEqual(answering.counts, { malformed: 0, unknown: 4, refused: 1 });
  });

  it('cancels: here at once, there by the signal', async () => {
    let aborted: () => void = () => undefined;
    const seen = new Promise<void>((resolve) => (aborted = resolve));
    const { asking } = connect(
      (signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => (aborted(), reject(new Error('stop')))),
        ),
    );
    const controller = new AbortController();
    const call = asking.request('wait', null, controller.signal);
    queueMicrotask(() => queueMicrotask(() => controller.abort()));
    await assert.rejects(call, (error: unknown) => isSecGeminiError(error, 'cancelled'));
    await seen;
    await assert.rejects(asking.request('wait', null, AbortSignal.abort()), (error: unknown) =>
      isSecGeminiError(error, 'cancelled'),
    );
  });

  it('rejects what waits on disposal, aborts what runs, and is silent afterwards', async () => {
    let signal: AbortSignal | undefined;
    const { asking, answering, far } = connect((given) => {
      signal = given;
      return new Promise(() => undefined);
    });
    const call = asking.request('wait', null);
    await Promise.resolve();
    await Promise.resolve();
    answering.dispose();
    assert.equal(signal?.aborted, true);
    asking.dispose();
    await assert.rejects(call, (error: unknown) => isSecGeminiError(error, 'unavailable'));
    await assert.rejects(asking.request('add', { a: 1, b: 1 }), (error: unknown) =>
      isSecGeminiError(error, 'unavailable'),
    );
    const before = far.heard.length;
    answering.notify('said', 'x');
    await Promise.resolve();
    assert.equal(far.heard.length, before);
  });

  it('keeps notifications in order and tells of a gap', async () => {
    const { answering, near, notes } = connect();
    answering.notify('said', 'one');
    answering.notify('said', 'two');
    await Promise.resolve();
    near.heard.length = 0;
    assert.deepEqual(notes, [
      ['said', 'one', false],
      ['said', 'two', false],
    ]);
    const port = near as unknown as { listeners: Set<(message: unknown) => void> };
    for (const listener of port.listeners) listener({ t: 'note', seq: 5, name: 'said', params: 'late' });
    assert.deepEqual(notes.at(-1), ['said', 'late', true]);
  });

  it('limits what runs at once', async () => {
    const { asking } = connect(() => new Promise(() => undefined));
    void asking.request('wait', null).catch(() => undefined);
    void asking.request('wait', null).catch(() => undefined);
    await assert.rejects(asking.request('wait', null), (error: unknown) => isSecGeminiError(error, 'rateLimited'));
  });

  it('bounds depth, nodes and characters without recursion', () => {
    const bounds = { depth: 64, nodes: 100_000, messageChars: 1_000 };
    let deep: unknown = 1;
    for (let level = 0; level < 200_000; level += 1) deep = [deep];
    assert.equal(fits(deep, bounds), false);
    assert.equal(fits(Array.from({ length: 100_001 }), bounds), false);
    assert.equal(fits({ a: 'x'.repeat(1_001) }, bounds), false);
    assert.equal(fits({ ['k'.repeat(1_001)]: 1 }, bounds), false);
    assert.equal(fits({ a: [1, { b: 'x' }] }, bounds), true);
  });

  it('ignores and counts 20,000 generated messages without throwing', function () {
    this.timeout(60_000);
    const [near] = pair();
    const port = near as unknown as { listeners: Set<(message: unknown) => void> };
    let ran = 0;
    const rpc = new Rpc<Local, Record<string, never>, Notes>(near, {
      handlers: { add: () => (ran += 1), wait: () => (ran += 1).toString() },
      parse: () => undefined,
      bounds: { depth: 8, nodes: 100, messageChars: 10_000 },
    });
    const name = fc.constantFrom<unknown>('add', 'wait', '__proto__', 'constructor', 7, null);
    const shaped = fc.record(
      {
        t: fc.constantFrom<unknown>('request', 'reply', 'cancel', 'note', 'x'),
        id: fc.anything(),
        seq: fc.anything(),
        name,
        params: fc.anything(),
        ok: fc.anything(),
        error: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const total = 20_000;
    for (const message of fc.sample(fc.oneof(fc.anything(), shaped), { seed: 3, numRuns: total }))
      for (const listener of port.listeners) listener(message);
    assert.equal(ran, 0);
    const { malformed, unknown, refused } = rpc.counts;
    assert.ok(malformed + unknown + refused > total / 2, JSON.stringify(rpc.counts));
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    rpc.dispose();
  });
});
