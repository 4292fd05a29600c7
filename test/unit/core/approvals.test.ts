import assert from 'node:assert/strict';
import { approvalEndWords } from '../../../src/core/approval-end.ts';
import { APPROVAL_LIFE_MS, ApprovalDesk, type PendingApproval, approvalLifeMs } from '../../../src/core/approvals.ts';
import type { Approvals } from '../../../src/core/client-agent.ts';
import type { SecGeminiError } from '../../../src/core/errors.ts';
import type { Confirmation } from '../../../src/core/model-agent.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { message } from '../../e2e/panel/support/fake-model.ts';
import { FakeClient } from '../../fakes/fake-client.ts';

class AskingClient extends FakeClient {
  waiting: Confirmation | undefined;
  readonly asked: boolean[] = [];
  readonly answered: { id: string; approved: boolean }[] = [];
  readonly approvals: Approvals = {
    pending: async () => this.waiting,
    answer: async (_session, id, approved) => {
      if (this.waiting?.id !== id) return false;
      this.answered.push({ id, approved });
      this.waiting = undefined;
      return true;
    },
    setAlwaysAsk: async (_session, always) => {
      this.asked.push(always);
    },
  };
}
const request = (id: string, args: Record<string, unknown> = { target: 'a' }): Confirmation => ({
  id,
  toolName: 'scan',
  args,
  message: 'May I?',
});

async function world() {
  let count = 0;
  const timers: { ms: number; run: () => void; off: boolean }[] = [];
  const sessions = new SessionManager({ newId: () => `id-${(count += 1)}`, now: () => 0 });
  const client = new AskingClient();
  sessions.setClient(client);
  const desk = new ApprovalDesk({
    sessions,
    now: () => 1000,
    after: (ms, run) => {
      const timer = { ms, run, off: false };
      timers.push(timer);
      return () => (timer.off = true);
    },
  });
  const { id } = await sessions.create();
  /** The service asks; resolves with what a person is shown. */
  const ask = async (confirmation: Confirmation, messageId?: string): Promise<PendingApproval> => {
    client.waiting = confirmation;
    client.script = async function* () {
      if (messageId !== undefined)
        yield { type: 'message', message: message({ id: messageId, sessionId: id, kind: 'confirmationRequest' }) };
      yield { type: 'status', status: 'waitingForConfirmation' };
      yield { type: 'turnEnd', outcome: 'waiting' };
    };
    const asked = new Promise<PendingApproval>((resolve) => {
      const listener = desk.onDidAsk((shown) => {
        listener.dispose();
        resolve(shown);
      });
    });
    await sessions.send(id, 'go');
    return asked;
  };
  return { sessions, client, desk, id, timers, ask };
}
const refused = (error: SecGeminiError): boolean =>
  error.code === 'invalidArgument' && /nothing was allowed/.test(error.message);

describe('approvals', () => {
  it('are answered once, with what was shown', async () => {
    const { client, desk, ask } = await world();
    const shown = await ask(request('c1'));
    await desk.answer(shown, true);
    assert.deepEqual(client.answered, [{ id: 'c1', approved: true }]);
    await assert.rejects(desk.answer(shown, true), refused);
    assert.equal(client.answered.length, 1);
  });

  it('allow nothing when the arguments were swapped after they were shown (S17)', async () => {
    const { client, desk, ask } = await world();
    const shown = await ask(request('c1', { target: 'a', depth: 1 }));
    client.waiting = request('c1', { target: 'everything', depth: 1 });
    await assert.rejects(desk.answer(shown, true), refused);
    assert.deepEqual(client.answered, []);
  });

  it('allow nothing of 1,000 requests that were swapped, whatever part of them (S17, T15)', async () => {
    const { client, desk, ask, id, sessions } = await world();
    for (let round = 0; round < 1_000; round += 1) {
      const args = { target: `host ${round}`, depth: round, list: [round, { deep: round }] };
      const shown = await ask(request(`c${round}`, args));
      const other = request(`c${round}`, args);
      client.waiting = [
        { ...other, toolName: 'delete' },
        { ...other, message: 'Now really?' },
        { ...other, id: `d${round}` },
        { ...other, args: { ...args, extra: true } },
        { ...other, args: { ...args, list: [round, { deep: round + 1 }] } },
      ][round % 5];
      await assert.rejects(desk.answer(shown, true), refused);
      await sessions.stop(id);
    }
    assert.deepEqual(client.answered, []);
  });

  it('for the session end when the user wants to be asked always, and that is remembered', async () => {
    const { client, desk, id, ask, sessions } = await world();
    await desk.answer(await ask(request('c1')), true, true);
    await desk.setAlwaysAsk(id, true);
    assert.equal(sessions.state(id)?.local?.asksAlways, true);
    assert.equal((await ask(request('c2'))).confirmation.id, 'c2');
    assert.deepEqual(
      client.answered.map((other) => other.id),
      ['c1'],
    );
    await desk.setAlwaysAsk(id, false);
    assert.equal(sessions.state(id)?.local?.asksAlways, undefined);
    assert.deepEqual(client.asked, [true, false]);
  });

  it('are not asked again while their answer is on its way, nor when the service told of them before it', async () => {
    const { client, desk, id, ask, sessions } = await world();
    const shown = await ask(request('c1'));
    const asked: string[] = [];
    desk.onDidAsk(({ confirmation }) => asked.push(confirmation.id));
    const { answer, pending } = client.approvals;
    const late = Promise.withResolvers<void>();
    const old = Promise.withResolvers<void>();
    const slow: Approvals = {
      ...client.approvals,
      pending: async (...all) => {
        const now = await pending(...all);
        await old.promise;
        return now;
      },
      answer: async (...all) => {
        await late.promise;
        return answer(...all);
      },
    };
    Object.assign(client.approvals, slow);
    const answering = desk.answer(shown, false);
    // Something is said meanwhile, and the session still waits as far as anybody knows.
    sessions.note(id, { type: 'notice', text: 'meanwhile' });
    late.resolve();
    await answering;
    old.resolve();
    await new Promise(setImmediate);
    assert.deepEqual(asked, []);
    assert.deepEqual(desk.pending(), []);
  });

  it('wait on when their answer did not get through', async () => {
    const { client, desk, ask } = await world();
    const shown = await ask(request('c1'));
    const { answer } = client.approvals;
    Object.assign(client.approvals, { answer: () => Promise.reject(new Error('no link')) });
    await assert.rejects(desk.answer(shown, true), /no link/);
    await new Promise(setImmediate);
    assert.equal(desk.pending()[0]?.confirmation.id, 'c1');
    Object.assign(client.approvals, { answer });
    const [again] = desk.pending();
    assert.ok(again);
    await desk.answer(again, true);
    assert.deepEqual(client.answered, [{ id: 'c1', approved: true }]);
  });

  it('are remembered with how and when this window answered them, by the message that asked', async () => {
    const { desk, ask, id, sessions, timers } = await world();
    await desk.answer(await ask(request('c1'), 'm1'), false);
    await desk.answer(await ask(request('c2'), 'm2'), true);
    await ask(request('c3'), 'm3');
    timers.at(-1)?.run();
    await new Promise(setImmediate);
    await desk.answer(await ask(request('c4'), 'm4'), true, true);
    assert.deepEqual(desk.ends(id), {
      m1: { how: 'denied', at: 1000 },
      m2: { how: 'allowed', at: 1000 },
      m3: { how: 'ranOut', at: 1000 },
      m4: { how: 'allowedForSession', at: 1000 },
    });
    const granted = new Promise<void>((resolve) => {
      desk.onDidChange(() => desk.ends(id)['m5'] !== undefined && resolve());
    });
    void ask(request('c5'), 'm5');
    await granted;
    assert.deepEqual(desk.ends(id)['m5'], { how: 'allowedByGrant', at: 1000 });
    await sessions.delete(id);
    assert.deepEqual(desk.ends(id), {});
  });

  it('say how they ended, and by whom as far as this window knows', () => {
    const words = (how: Parameters<typeof approvalEndWords>[0], content?: string, at = 5): string =>
      approvalEndWords(how, content === undefined ? undefined : { content, at }, (ms) => `at ${ms}`);
    assert.equal(words({ how: 'denied', at: 1 }, 'denied'), 'Denied. By you in this window, at 1.');
    assert.equal(words({ how: 'ranOut', at: 1 }), 'Denied. By itself: nobody answered in time, at 1.');
    assert.equal(words(undefined, 'yes'), 'Allowed. Not by this window since it was loaded, at 5.');
    assert.equal(words(undefined, 'no', 0), 'Denied. Not by this window since it was loaded.');
    assert.equal(
      words(undefined, 'later\u202e'),
      'Answered: later⟦U+202E⟧. Not by this window since it was loaded, at 5.',
    );
    assert.match(words(undefined), /^No longer waiting/);
  });

  it('do not mind the order of the arguments', async () => {
    const { client, desk, ask } = await world();
    const shown = await ask(request('c1', { a: 1, b: { c: 2, d: 3 } }));
    client.waiting = request('c1', { b: { d: 3, c: 2 }, a: 1 });
    await desk.answer(shown, true);
    assert.equal(client.answered.length, 1);
  });

  it('are denied by themselves after five minutes, and the conversation says so (S18)', async () => {
    const { client, desk, ask, timers, sessions, id } = await world();
    await ask(request('c1'));
    const timer = timers.at(-1);
    assert.equal(timer?.ms, APPROVAL_LIFE_MS);
    timer?.run();
    await new Promise(setImmediate);
    assert.deepEqual(client.answered, [{ id: 'c1', approved: false }]);
    assert.equal(desk.pending().length, 0);
    const said = sessions.state(id)?.messages.filter(({ kind }) => kind === 'notice') ?? [];
    assert.deepEqual(
      said.map(({ content }) => content),
      ['Nobody answered within 5 minutes: scan was denied.'],
    );
  });

  it('may live shorter and never longer (S18)', () => {
    assert.equal(approvalLifeMs('12'), 12_000);
    for (const seconds of [undefined, '', '0', '300', '999', '1e9', '-1', '12.5', ' 12', 'Infinity'])
      assert.equal(approvalLifeMs(seconds), APPROVAL_LIFE_MS, String(seconds));
  });

  it('are void when the connection went away, and late answers do nothing (F19)', async () => {
    const { sessions, client, desk, ask, timers } = await world();
    const shown = await ask(request('c1'));
    sessions.setClient(new FakeClient());
    assert.equal(desk.pending().length, 0);
    assert.ok(timers.at(-1)?.off);
    await assert.rejects(desk.answer(shown, true), refused);
    assert.deepEqual(client.answered, []);
  });

  it('are remembered for the tool in this session only, when the user says so', async () => {
    const { sessions, client, desk, id, ask } = await world();
    await desk.answer(await ask(request('c1')), true, true);
    client.waiting = request('c2');
    const settled = new Promise<void>((resolve) => {
      const listener = desk.onDidChange(() => {
        if (desk.pending().length > 0) return;
        listener.dispose();
        resolve();
      });
    });
    await sessions.stop(id);
    await sessions.send(id, 'again');
    await settled;
    await new Promise(setImmediate);
    assert.deepEqual(
      client.answered.map((other) => other.id),
      ['c1', 'c2'],
    );
    // Another tool asks.
    assert.equal((await ask({ ...request('c3'), toolName: 'delete' })).confirmation.id, 'c3');
  });
});
