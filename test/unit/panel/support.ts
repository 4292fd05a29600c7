/** The controller without an editor: what the page would post goes in, what the host posts is kept. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type Disposable, toDisposable } from '../../../src/core/disposable.ts';
import { ChatController, type Timer } from '../../../src/panel/chat-controller.ts';
import type { Snapshot } from '../../../src/panel/protocol.ts';
import { requestNames } from '../../../src/panel/requests.ts';
import { FakeHost, serviceEnvironment } from '../../e2e/panel/support/fake-host.ts';
import { FakeModel, message } from '../../e2e/panel/support/fake-model.ts';

/** Time that moves only when told to. */
class FakeTimer implements Timer {
  #now = 0;
  readonly #due: { at: number; run: () => void }[] = [];

  after(ms: number, run: () => void): Disposable {
    const entry = { at: this.#now + ms, run };
    this.#due.push(entry);
    return toDisposable(() => {
      const index = this.#due.indexOf(entry);
      if (index >= 0) this.#due.splice(index, 1);
    });
  }

  get pending(): number {
    return this.#due.length;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}

interface Sent {
  readonly t: string;
  readonly id?: number;
  readonly name?: string;
  readonly params?: unknown;
  readonly ok?: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly action: string };
}

/** A controller with a fake page, host and clock. */
export function open(model = new FakeModel()) {
  const host = new FakeHost();
  const timer = new FakeTimer();
  const sent: Sent[] = [];
  const broken: string[] = [];
  const problems: unknown[] = [];
  let hear: (message: unknown) => void = () => undefined;
  const controller = new ChatController({
    model,
    sessionId: 'session-1',
    port: {
      post: (posted) => sent.push(structuredClone(posted) as Sent),
      onMessage: (listener) => {
        hear = listener;
        return toDisposable(() => (hear = () => undefined));
      },
    },
    host,
    environment: serviceEnvironment,
    timer,
    onBroken: (reason) => broken.push(reason),
    onError: (error) => problems.push(error),
  });
  let id = 0;
  const ask = async (name: string, params: unknown = {}): Promise<Sent> => {
    id += 1;
    const mine = id;
    hear({ t: 'request', id: mine, name, params });
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    const reply = sent.find((entry) => entry.t === 'reply' && entry.id === mine);
    assert.ok(reply, `no reply to ${name}`);
    return reply;
  };
  const notes = (name: string): Sent[] => sent.filter((entry) => entry.t === 'note' && entry.name === name);
  const ready = (): Promise<Sent> => ask('ready', { version: 1 });
  /** The snapshot that was sent as the nth (from the end when negative). */
  const snapshotAt = (at: number): Snapshot => {
    const note = notes('snapshot').at(at);
    assert.ok(note);
    return note.params as Snapshot;
  };
  return {
    model,
    host,
    timer,
    sent,
    broken,
    problems,
    controller,
    ask,
    notes,
    snapshotAt,
    ready,
    hear: (data: unknown) => hear(data),
  };
}

/** Fuzzed messages of a page that was taken over: nothing may throw, nothing may have an effect (trust.md S06). */
export async function fuzzController(count: number, seed: number): Promise<void> {
  const { model, host, hear, problems, controller, ready } = open();
  model.apply({ type: 'message', message: message() });
  await ready();
  const calls = model.calls.length;
  const params = fc.oneof(
    fc.anything(),
    fc.dictionary(fc.constantFrom('text', 'rowId', 'href', 'from', '__proto__', 'uris'), fc.anything()),
  );
  const fuzzed = fc.oneof(
    fc.anything(),
    fc.record(
      {
        t: fc.constantFrom('request', 'cancel', 'reply', 'note'),
        id: fc.oneof(fc.integer(), fc.anything()),
        name: fc.constantFrom(...requestNames.filter((name) => name !== 'send')),
        params: params.filter((value) => JSON.stringify(value) !== '{}'),
      },
      { requiredKeys: [] },
    ),
  );
  const effects = new Set([
    'attach',
    'stop',
    'pause',
    'continue',
    'retryNow',
    'reloadHistory',
    'openTranscript',
    'setApiKey',
    'seen',
    'resync',
  ]);
  for (let done = 0; done < count; done += 10_000)
    for (const data of fc.sample(fuzzed, { seed: seed + done, numRuns: Math.min(count - done, 10_000) })) {
      // Requests without parameters have nothing to be wrong about: they are gestures by themselves.
      if (effects.has(String((data as { name?: unknown } | null)?.name))) continue;
      hear(data);
    }
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  assert.deepEqual(
    host.calls.filter(([name]) => name !== 'saveDraft'),
    [],
  );
  assert.equal(model.calls.length, calls);
  assert.deepEqual(problems, []);
  assert.ok(controller.ignored.refused + controller.ignored.malformed > count / 4, JSON.stringify(controller.ignored));
  controller.dispose();
}
