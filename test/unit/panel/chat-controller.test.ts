import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type Disposable, toDisposable } from '../../../src/core/disposable.ts';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { ChatController, type Timer } from '../../../src/panel/chat-controller.ts';
import type { PanelStatus, Snapshot } from '../../../src/panel/protocol.ts';
import { requestNames } from '../../../src/panel/requests.ts';
import { FakeHost, serviceEnvironment } from '../../e2e/panel/support/fake-host.ts';
import { FakeModel, message, prompt } from '../../e2e/panel/support/fake-model.ts';

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
  readonly error?: { readonly code: string };
}

function open(model = new FakeModel()) {
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

describe('the host half of the chat', () => {
  it('says nothing before the page is ready, then sends the recent window', async () => {
    const model = new FakeModel();
    for (let index = 0; index < 200; index += 1)
      model.apply({ type: 'message', message: message({ content: `n${index.toString()}` }) });
    const { sent, timer, notes, ready, ask, controller } = open(model);
    timer.advance(1000);
    assert.equal(sent.length, 0);
    await ready();
    const snapshot = notes('snapshot')[0]?.params as Snapshot;
    assert.equal(snapshot.total, 200);
    assert.equal(snapshot.from, 140);
    assert.equal(snapshot.rows.at(-1)?.content, 'n199');
    const rows = (await ask('rows', { from: 10, count: 3 })).result as { rows: { content: string }[] };
    assert.deepEqual(
      rows.rows.map((row) => row.content),
      ['n10', 'n11', 'n12'],
    );
    controller.dispose();
  });

  it('puts a thousand pieces of one frame into one message, at most 60 a second', async () => {
    const { model, timer, notes, ready, controller } = open();
    await ready();
    const answer = message({ status: 'streaming' });
    for (let index = 0; index < 1000; index += 1) model.apply({ type: 'piece', message: answer, text: 'x' });
    assert.equal(notes('changes').length, 0);
    timer.advance(20);
    assert.equal(notes('changes').length, 1);
    for (let ms = 0; ms < 1000; ms += 1) {
      model.apply({ type: 'piece', message: answer, text: 'y' });
      timer.advance(1);
    }
    assert.ok(notes('changes').length <= 61, notes('changes').length.toString());
    assert.ok(notes('changes').length >= 50, notes('changes').length.toString());
    controller.dispose();
    assert.equal(timer.pending, 0);
  });

  it('sends nothing to a hidden page and a snapshot when it is seen again', async () => {
    const { model, timer, sent, notes, ready, controller } = open();
    await ready();
    controller.setVisible(false);
    const before = sent.length;
    for (let index = 0; index < 50; index += 1) model.apply({ type: 'message', message: message() });
    timer.advance(60_000);
    assert.equal(sent.length, before);
    assert.equal(timer.pending, 0);
    controller.setVisible(true);
    const snapshot = notes('snapshot').at(-1)?.params as Snapshot;
    assert.equal(snapshot.total, 50);
    assert.equal(snapshot.status.unreadFrom, 0);
    controller.dispose();
  });

  it('keeps showing a session that the model forgot', async () => {
    const { model, snapshotAt, ready, controller } = open();
    model.apply({ type: 'message', message: message({ content: 'kept' }) });
    model.state = () => undefined;
    await controller.open();
    await ready();
    assert.equal(snapshotAt(0).rows[0]?.content, 'kept');
    controller.dispose();
  });

  it('turns requests into calls, and failures into replies with their code', async () => {
    const { model, host, ask, ready, controller } = open();
    await ready();
    await ask('saveDraft', { text: 'half a thought' });
    model.failures.set('send', new SecGeminiError('unavailable', 'No network.'));
    assert.equal((await ask('send', { text: 'hi' })).error?.code, 'unavailable');
    assert.equal(host.draft, 'half a thought', 'the draft survives a failed send');
    assert.equal((await ask('send', { text: 'hi' })).ok, true);
    assert.equal(host.draft, '');
    assert.deepEqual(model.calls.at(-1), ['send', 'session-1', 'hi']);
    assert.equal((await ask('openLink', { href: 'command:evil' })).error?.code, 'invalidArgument');
    await ask('openLink', { href: 'https://gооgle.com' });
    assert.deepEqual(host.of('openLink'), [['https://xn--ggle-55da.com/']]);
    await ask('paste', { name: 'a.txt', mimeType: 'text/plain', base64: 'aGk=' });
    assert.deepEqual(host.of('attachBytes'), [['session-1', 'a.txt', 'text/plain', new TextEncoder().encode('hi')]]);
    assert.equal((await ask('paste', { name: 'a', mimeType: '', base64: '***' })).error?.code, 'invalidArgument');
    controller.dispose();
  });

  it('copies the Markdown source of a message and of its turn', async () => {
    const { model, host, ask, ready, controller } = open();
    const asked = prompt('first?');
    const answer = message({ content: '**one**' });
    model.apply(
      { type: 'message', message: asked },
      { type: 'message', message: answer },
      { type: 'message', message: prompt('second?') },
    );
    await ready();
    await ask('copyRow', { rowId: answer.id, turn: false });
    await ask('copyRow', { rowId: answer.id, turn: true });
    assert.deepEqual(host.of('copy'), [['**one**'], ['first?\n\n**one**']]);
    assert.equal((await ask('copyRow', { rowId: 'gone', turn: true })).error?.code, 'notFound');
    controller.dispose();
  });

  it('lets the page deny, never approve, and only what asks for approval', async () => {
    const { model, host, ask, ready, controller } = open();
    const request = message({ kind: 'confirmationRequest', title: 'run' });
    const answer = message();
    model.apply({ type: 'message', message: request }, { type: 'message', message: answer });
    await ready();
    for (const name of ['approve', 'approveApproval', 'allow', 'executeCommand', 'openExternal']) {
      assert.equal((await ask(name, { rowId: request.id })).error?.code, 'invalidArgument');
    }
    assert.equal((await ask('denyApproval', { rowId: answer.id })).error?.code, 'invalidArgument');
    await ask('denyApproval', { rowId: request.id });
    assert.deepEqual(host.calls, [['denyApproval', 'session-1', request]]);
    controller.dispose();
  });

  it('asks whether the page lives, and says once when it does not', async () => {
    const { sent, timer, broken, hear, ready, controller } = open();
    await ready();
    timer.advance(15_000);
    const ping = sent.findLast((entry) => entry.t === 'request' && entry.name === 'ping');
    hear({ t: 'reply', id: ping?.id, ok: true, result: {} });
    await Promise.resolve();
    await Promise.resolve();
    timer.advance(14_000);
    assert.deepEqual(broken, []);
    timer.advance(12_000);
    assert.deepEqual(broken, ['silent']);
    timer.advance(120_000);
    assert.deepEqual(broken, ['silent']);
    controller.dispose();
  });

  it('tells a page of another version', async () => {
    const { ask, broken, controller } = open();
    await ask('ready', { version: 2 });
    assert.deepEqual(broken, ['version']);
    controller.dispose();
  });

  it('says the words of the status region', async () => {
    const { model, timer, notes, snapshotAt, ready, controller } = open(
      new FakeModel({ connection: 'offline', history: 'none' }),
    );
    await ready();
    const word = (): string => {
      timer.advance(20);
      const changes = notes('changes').at(-1)?.params as
        { changes: { type: string; status: PanelStatus }[] } | undefined;
      return changes?.changes.findLast(({ type }) => type === 'status')?.status.word ?? '';
    };
    assert.equal(snapshotAt(0).status.word, 'Offline');
    model.apply({ type: 'historyLoading' });
    assert.equal(word(), 'Connecting');
    model.apply({ type: 'history', messages: [] });
    assert.equal(word(), 'Connected');
    model.apply({ type: 'turnStart', prompt: prompt('q') }, { type: 'connection', state: 'connecting' });
    assert.equal(word(), 'Connecting');
    model.apply({ type: 'connection', state: 'connected' });
    assert.equal(word(), 'Working');
    model.apply({ type: 'connection', state: 'reconnecting', retryInMs: 500 });
    assert.equal(word(), 'Reconnecting');
    model.apply({ type: 'connection', state: 'connected' }, { type: 'turnEnd', outcome: 'waiting' });
    assert.equal(word(), 'Waiting for you');
    controller.dispose();
  });

  it('20,000 fuzzed messages: no throw, no effect', async function () {
    this.timeout(60_000);
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
      'retryNow',
      'reloadHistory',
      'openTranscript',
      'setApiKey',
      'seen',
      'resync',
    ]);
    for (const data of fc.sample(fuzzed, { seed: 5, numRuns: 20_000 })) {
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
    assert.ok(controller.ignored.refused + controller.ignored.malformed > 5000, JSON.stringify(controller.ignored));
    controller.dispose();
  });
});
