import assert from 'node:assert/strict';
import { SecGeminiError } from '../../../src/core/errors.ts';
import type { PanelStatus, Snapshot } from '../../../src/panel/protocol.ts';
import { FakeModel, message, prompt } from '../../e2e/panel/support/fake-model.ts';
import { OBJECT_NAMES } from '../../fakes/object-names.ts';
import { fuzzController, open } from './support.ts';

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
    // Seen is not gone: the divider stays where it is until something is asked.
    const statuses = (): PanelStatus[] =>
      notes('changes')
        .flatMap(({ params }) => (params as { changes: { status?: PanelStatus }[] }).changes)
        .flatMap(({ status }) => (status === undefined ? [] : [status]));
    model.markSeen('session-1');
    model.apply({ type: 'message', message: message() });
    timer.advance(100);
    assert.ok(statuses().every(({ unreadFrom }) => unreadFrom === 0));
    model.apply({ type: 'message', message: prompt('and now?') });
    timer.advance(100);
    assert.equal(statuses().at(-1)?.unreadFrom, undefined);
    assert.ok(statuses().length > 0);
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
    assert.equal(host.draft, 'half a thought', 'the draft of the next prompt survives this one');
    await ask('saveDraft', { text: 'h' });
    assert.equal((await ask('send', { text: 'hi' })).ok, true);
    assert.equal(host.draft, '');
    assert.deepEqual(model.calls.at(-1), ['send', 'session-1', 'hi', undefined, {}]);
    assert.equal((await ask('openLink', { href: 'command:evil' })).error?.code, 'invalidArgument');
    await ask('openLink', { href: 'https://gооgle.com' });
    assert.deepEqual(host.of('openLink'), [['https://xn--ggle-55da.com/']]);
    const pasted = (base64: string) => ({ files: [{ name: 'a.txt', mimeType: 'text/plain', base64 }] });
    await ask('paste', pasted('aGk='));
    assert.deepEqual(host.of('attachBytes'), [
      ['session-1', [{ name: 'a.txt', bytes: new TextEncoder().encode('hi') }]],
    ]);
    assert.equal((await ask('paste', pasted('***'))).error?.code, 'invalidArgument');
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

  it('takes a click on a request that was answered for no other one, and says how it ended', async () => {
    const { model, host, ask, ready, controller } = open();
    const [first, second, third] = ['a', 'b', 'c'].map((id) => message({ id, kind: 'confirmationRequest', title: id }));
    assert.ok(first && second && third);
    model.apply(
      { type: 'message', message: first },
      { type: 'message', message: message({ kind: 'confirmationResponse', content: 'denied' }) },
      { type: 'message', message: second },
      { type: 'message', message: third },
    );
    host.ends = { c: { how: 'allowed', at: 1 } };
    await ready();
    for (const [rowId, words] of [
      ['a', /This request no longer waits\. Denied\. Not by this window/],
      ['b', /No longer waiting/],
      ['c', /Allowed\. By you in this window/],
    ] as const) {
      for (const name of ['denyApproval', 'reviewApproval']) {
        const { error } = await ask(name, { rowId });
        assert.match(error?.message ?? '', words);
        assert.equal(error?.action, 'Your click changed nothing.');
      }
    }
    assert.deepEqual(host.calls, []);
    controller.dispose();
  });

  it('takes no id for an answer because every object has a part of that name', async () => {
    for (const id of OBJECT_NAMES) {
      const { model, host, ask, ready, controller } = open();
      const request = message({ id, kind: 'confirmationRequest', title: 'run' });
      model.apply({ type: 'message', message: request });
      await ready();
      assert.equal((await ask('denyApproval', { rowId: id })).error, undefined, id);
      await ask('reviewApproval', { rowId: id });
      assert.deepEqual(host.calls, [
        ['denyApproval', 'session-1', request],
        ['reviewApproval', 'session-1', request],
      ]);
      controller.dispose();
    }
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

  it('gives a queued prompt back once, then says that it was sent already', async () => {
    const { model, ask, ready, controller } = open();
    await ready();
    model.apply({ type: 'queue', queue: [{ id: 'q', text: 'later' }] });
    assert.deepEqual((await ask('editQueued', { promptId: 'q' })).result, { text: 'later' });
    assert.equal((await ask('editQueued', { promptId: 'q' })).error?.code, 'notFound');
    controller.dispose();
  });

  it('opens the find bar as soon as the page is there and seen', async () => {
    const { notes, ready, controller } = open();
    controller.showFind();
    assert.equal(notes('showFind').length, 0);
    await ready();
    assert.equal(notes('showFind').length, 1);
    controller.setVisible(false);
    controller.showFind();
    assert.equal(notes('showFind').length, 1);
    controller.setVisible(true);
    assert.equal(notes('showFind').length, 2);
    controller.dispose();
  });

  it('20,000 fuzzed messages: no throw, no effect', async function () {
    this.timeout(60_000);
    await fuzzController(20_000, 5);
  });
});
