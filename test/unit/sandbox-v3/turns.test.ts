import assert from 'node:assert/strict';
import { JobStatus, MessageType, SourceType } from '../../../src/client/v3/gen/api_hub_pb.js';
import { cleanUp, Conductor, engineOf, KEY, says, start, thinking } from '../sandbox/support.ts';
import { closeAll, kindsOf, Peer } from './support.ts';

const OVER = (status: JobStatus): boolean =>
  [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED].includes(status);

/** Asks and waits until both ends of the turn have come; gives what came under the stream's req_id. */
async function turn(peer: Peer, sessionId: string, reqId: string, prompt: string): Promise<string[]> {
  const from = peer.all.length;
  assert.equal(await peer.prompt(sessionId, prompt), true);
  await Promise.all([
    peer.until(
      ({ payload }) =>
        payload.case === 'message' && [MessageType.RESPONSE, MessageType.FAILURE].includes(payload.value.messageType),
      from,
    ),
    peer.until(({ payload }) => payload.case === 'sessionStateChange' && OVER(payload.value.status), from),
  ]);
  return peer.seen(reqId, from);
}

const answering = engineOf(async function* (prompt) {
  yield thinking('hm');
  yield says(`to: ${prompt}`);
});

describe('sandbox, v3 turns', function () {
  this.timeout(30_000);
  afterEach(closeAll);
  afterEach(cleanUp);

  it('echoes the prompt, names the session, and tells the last state after, late after and before the answer', async () => {
    const sandbox = await start({ answer: answering });
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    const stream = peer.follow(id);
    const first = await turn(peer, id, stream, 'one');
    assert.deepEqual(first, [
      '=NOT_INITIALIZED',
      'PROMPT',
      '=PENDING',
      '=RUNNING',
      'SESSION_NAME',
      'THOUGHT',
      'RESPONSE',
      '=COMPLETED',
    ]);
    const late = await turn(peer, id, stream, 'two');
    assert.deepEqual(late.slice(-2), ['RESPONSE', '=COMPLETED']);
    const early = await turn(peer, id, stream, 'three');
    assert.deepEqual(early.slice(-2), ['=COMPLETED', 'RESPONSE']);
    const history = await peer.history(id);
    assert.deepEqual(
      history.filter(({ messageType }) => messageType === MessageType.PROMPT).map(({ content }) => content),
      ['one', 'two', 'three'],
    );
    const { sessions } = await peer.ask({ case: 'listSessionsRequest', value: {} }, 'listSessionsResponse');
    const [session] = sessions;
    assert.deepEqual([session?.name, session?.isCustomName, session?.status], ['one', false, JobStatus.COMPLETED]);
    assert.equal(session?.accounting?.baseModelUsage?.invocations, 3n);
    assert.ok((session?.accounting?.totalTokens ?? 0n) > 0n);
    assert.ok((session?.willBeDeletedAt ?? 0) > (session?.createdAt ?? 0) + 6 * 86_400);
  });

  it('refuses a second prompt while a job is in hand, and counts the jobs', async () => {
    const conductor = new Conductor();
    const peer = await Peer.of(await start({ answer: conductor.answer }));
    const id = await peer.create();
    peer.follow(id);
    const begun = conductor.nextTurn();
    assert.equal(await peer.prompt(id, 'one'), true);
    await begun;
    assert.equal(await peer.prompt(id, 'two'), false);
    const counts = async () => {
      const list = await peer.ask({ case: 'listSessionsRequest', value: { limit: 1 } }, 'listSessionsResponse');
      return [list.runningJobsCount, (list.maxConcurrentJobs ?? 0) > 0];
    };
    assert.deepEqual(await counts(), [1, true]);
    conductor.play(says('done'));
    await peer.status(id, JobStatus.COMPLETED);
    assert.deepEqual(await counts(), [0, true]);
    assert.deepEqual(kindsOf(await peer.history(id)), ['PROMPT', 'SESSION_NAME', 'RESPONSE']);
  });

  it('says FAILURE when cancelled, also while paused, and nothing after it', async () => {
    for (const pause of [false, true]) {
      const conductor = new Conductor();
      const peer = await Peer.of(await start({ answer: conductor.answer }));
      const id = await peer.create();
      const stream = peer.follow(id);
      await peer.prompt(id, 'one');
      conductor.play(thinking('a'));
      await peer.message(MessageType.THOUGHT);
      if (pause) {
        assert.equal(
          (await peer.ask({ case: 'pauseSessionRequest', value: {} }, 'pauseSessionResponse', id)).success,
          true,
        );
        conductor.play(thinking('held'));
      }
      assert.equal(
        (await peer.ask({ case: 'cancelSessionRequest', value: {} }, 'cancelSessionResponse', id)).success,
        true,
      );
      await peer.status(id, JobStatus.CANCELED);
      const tail = peer.seen(stream).slice(-3);
      assert.deepEqual(tail, ['=CANCELING', 'FAILURE', '=CANCELED']);
      assert.equal(
        (await peer.ask({ case: 'cancelSessionRequest', value: {} }, 'cancelSessionResponse', id)).success,
        false,
      );
      conductor.play(says('for the next turn'));
      assert.equal(await peer.prompt(id, 'two'), true);
      await peer.message(MessageType.RESPONSE);
    }
  });

  it('pauses and resumes: no step in between', async () => {
    const conductor = new Conductor();
    const peer = await Peer.of(await start({ answer: conductor.answer }));
    const id = await peer.create();
    const stream = peer.follow(id);
    const resume = async () =>
      (await peer.ask({ case: 'resumeSessionRequest', value: {} }, 'resumeSessionResponse', id)).success;
    assert.equal(await resume(), false);
    await peer.prompt(id, 'one');
    conductor.play(thinking('a'));
    await peer.message(MessageType.THOUGHT);
    await peer.ask({ case: 'pauseSessionRequest', value: {} }, 'pauseSessionResponse', id);
    assert.equal(
      (await peer.ask({ case: 'pauseSessionRequest', value: {} }, 'pauseSessionResponse', id)).success,
      false,
    );
    conductor.play(thinking('b'), says('c'));
    await peer.ask({ case: 'getWhatsNewRequest', value: {} }, 'getWhatsNewResponse');
    assert.deepEqual(peer.seen(stream).slice(-3), ['THOUGHT', '=PAUSING', '=PAUSED']);
    assert.equal(await resume(), true);
    await peer.status(id, JobStatus.COMPLETED);
    assert.deepEqual(peer.seen(stream).slice(-4), ['=RUNNING', 'THOUGHT', 'RESPONSE', '=COMPLETED']);
  });

  it('asks for a confirmation, takes only the right id, and answers a no without failing', async () => {
    for (const yes of [true, false]) {
      const peer = await Peer.of(await start());
      const id = await peer.create();
      const stream = peer.follow(id);
      await peer.prompt(id, '/demo confirm');
      await peer.status(id, JobStatus.WAITING_FOR_TOOL_CONFIRMATION);
      const info = async () =>
        (await peer.ask({ case: 'getConfirmationInfoRequest', value: {} }, 'getConfirmationInfoResponse', id))
          .confirmationInfo;
      const asked = await info();
      assert.equal(asked?.toolName, 'port_scan');
      assert.deepEqual(asked?.toolArgs?.['ports'], [22, 443]);
      const confirm = (confirmationId: string) =>
        peer.ask(
          { case: 'confirmActionRequest', value: { confirmationId, confirmationResponse: yes } },
          'confirmActionResponse',
          id,
        );
      assert.equal((await confirm('no-such-id')).success, false);
      assert.equal((await info())?.id, asked?.id);
      assert.equal(await peer.prompt(id, 'meanwhile'), false);
      assert.equal((await confirm(asked?.id ?? '')).success, true);
      await peer.status(id, JobStatus.COMPLETED);
      assert.equal(await info(), undefined);
      const seen = peer.seen(stream);
      assert.equal(seen.includes('TOOL_CALL'), yes);
      assert.ok(seen.indexOf('TOOL_CONFIRMATION_REQUEST') < seen.indexOf('=WAITING_FOR_TOOL_CONFIRMATION'));
      assert.deepEqual(seen.slice(-2), ['RESPONSE', '=COMPLETED']);
    }
  });

  it('asks before every tool when told to, and calls none that was denied', async () => {
    const peer = await Peer.of(await start());
    const id = await peer.create();
    await peer.upload(id, 'a.txt', 'hello');
    const stream = peer.follow(id);
    await peer.ask(
      { case: 'setConfirmationConfigRequest', value: { alwaysAskForToolConfirmation: true } },
      'setConfirmationConfigResponse',
      id,
    );
    const answer = async (confirmationResponse: boolean, from: number): Promise<void> => {
      await peer.status(id, JobStatus.WAITING_FOR_TOOL_CONFIRMATION, from);
      const info = await peer.ask({ case: 'getConfirmationInfoRequest', value: {} }, 'getConfirmationInfoResponse', id);
      const confirmationId = info.confirmationInfo?.id ?? '';
      await peer.ask(
        { case: 'confirmActionRequest', value: { confirmationId, confirmationResponse } },
        'confirmActionResponse',
        id,
      );
      await peer.status(id, JobStatus.COMPLETED, from);
      await peer.message(MessageType.RESPONSE, from);
    };
    await peer.prompt(id, 'What is in the files?');
    await answer(false, 0);
    assert.ok(!peer.seen(stream).includes('TOOL_CALL'));
    const from = peer.all.length;
    await peer.prompt(id, 'What is in the files?');
    await answer(true, from);
    assert.deepEqual(
      peer.seen(stream, from).filter((kind) => kind.startsWith('TOOL')),
      ['TOOL_CONFIRMATION_REQUEST', 'TOOL_CONFIRMATION_RESPONSE', 'TOOL_CALL', 'TOOL_RESULT'],
    );
  });

  it('asks back, and takes the next prompt as the answer', async () => {
    const peer = await Peer.of(await start());
    const id = await peer.create();
    const stream = peer.follow(id);
    await peer.prompt(id, '/demo clarify');
    await peer.status(id, JobStatus.WAITING_FOR_CLARIFICATION);
    assert.equal(await peer.prompt(id, 'the second host'), true);
    await peer.status(id, JobStatus.COMPLETED);
    const seen = peer.seen(stream);
    assert.deepEqual(seen.slice(seen.indexOf('CLARIFICATION_REQUEST')), [
      'CLARIFICATION_REQUEST',
      '=WAITING_FOR_CLARIFICATION',
      'PROMPT',
      '=RUNNING',
      'RESPONSE',
      '=COMPLETED',
    ]);
    assert.match(peer.messages(stream).at(-1)?.content ?? '', /the second host/);
  });

  it('fails with FAILURE and FAILED: on purpose, at a limit, at a quota, and with a prompt that is too long', async () => {
    const sandbox = await start({ users: [{ key: KEY, options: { rpm: 3 } }] });
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    const stream = peer.follow(id);
    assert.deepEqual((await turn(peer, id, stream, '/demo failure')).slice(-2), ['FAILURE', '=FAILED']);
    assert.deepEqual((await turn(peer, id, stream, '/demo limit')).slice(-2), ['FAILURE', '=FAILED']);
    const long = await turn(peer, id, stream, 'x'.repeat(5_000_000));
    assert.deepEqual(long, ['PROMPT', '=PENDING', 'FAILURE', '=FAILED']);
    assert.match(peer.messages(stream).at(-1)?.content ?? '', /too long/);
    await turn(peer, id, stream, 'hello');
    assert.match(peer.messages(stream).at(-1)?.content ?? '', /quota/i);
  });

  it('sends no message over 4 MiB', async () => {
    const peer = await Peer.of(await start());
    const id = await peer.create();
    const stream = peer.follow(id);
    await turn(peer, id, stream, '/demo big 9000');
    const content = peer.messages(stream).at(-1)?.content ?? '';
    assert.ok(Buffer.byteLength(content) > 3_500_000 && Buffer.byteLength(content) < 4 * 1024 * 1024 - 10_000);
    assert.match(content, /\[Cut here: \d+ of \d+ characters left out/);
    await peer.ask({ case: 'publishSessionPubliclyRequest', value: {} }, 'publishSessionPubliclyResponse', id);
    const shown = await peer.ask(
      { case: 'getPublicSessionRequest', value: { sessionId: id } },
      'getPublicSessionResponse',
    );
    assert.match(shown.errorMessage, /Only the first \d+ of \d+ messages/);
  });

  it('hides the system context from the engine, tells it earlier prompts, and loads skills that are named', async () => {
    const conductor = new Conductor();
    const peer = await Peer.of(await start({ answer: conductor.answer }));
    const id = await peer.create();
    const stream = peer.follow(id);
    await peer.ask(
      { case: 'uploadSkillRequest', value: { name: 'triage.md', content: 'Look.' } },
      'uploadSkillResponse',
    );
    conductor.play(says('a'));
    const text = '<system-context>os: none</system-context>\nfirst';
    await peer.prompt(id, text, { forced_skills: 'triage.md, missing', 'config.harness': 'secgemini' });
    await peer.status(id, JobStatus.COMPLETED);
    await peer.prompt(id, 'second');
    await peer.status(id, JobStatus.COMPLETED, peer.all.length);
    assert.deepEqual(conductor.prompts, ['first', 'second']);
    assert.deepEqual(conductor.contexts[1]?.earlierPrompts, ['first']);
    const kinds = kindsOf(peer.messages(stream));
    assert.deepEqual(kinds.slice(0, 4), ['PROMPT', 'SESSION_NAME', 'SKILL_LOADED', 'WARNING']);
    assert.equal(peer.messages(stream)[0]?.content, text);
  });

  it('gives every kind of step its own message', async () => {
    const peer = await Peer.of(await start());
    const id = await peer.create();
    const stream = peer.follow(id);
    const tasks = await turn(peer, id, stream, '/demo tasks');
    for (const kind of ['TASK_LIST', 'MEMORY_STATE', 'SKILL_LOADED', 'NOTIFICATION', 'SESSION_NAME'])
      assert.ok(tasks.includes(kind), kind);
    await turn(peer, id, stream, '/demo render');
    const blocks = peer.messages(stream).filter(({ messageType }) => messageType === MessageType.AGENT_RESPONSE);
    assert.deepEqual(
      [...new Set(blocks.map(({ renderType }) => renderType))].toSorted((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    assert.ok(
      peer
        .messages(stream)
        .every(({ id: one, timestamp, sessionId }) => one !== '' && timestamp > 1e9 && sessionId === id),
    );
  });

  it('lets the name that a user chose win', async () => {
    const peer = await Peer.of(await start());
    const id = await peer.create();
    const stream = peer.follow(id);
    const rename = (name: string) =>
      peer.ask({ case: 'renameSessionRequest', value: { name } }, 'renameSessionResponse', id);
    assert.equal((await rename('Mine ✓')).success, true);
    assert.match((await rename('  ')).errorMessage ?? '', /empty/);
    await turn(peer, id, stream, '/demo tasks');
    const [session] = (await peer.ask({ case: 'listSessionsRequest', value: {} }, 'listSessionsResponse')).sessions;
    assert.deepEqual([session?.name, session?.isCustomName], ['Mine ✓', true]);
    const named = peer.messages(stream).find(({ messageType }) => messageType === MessageType.SESSION_NAME);
    assert.deepEqual([named?.content, named?.sourceType], ['Mine ✓', SourceType.USER]);
  });

  it('loses the connection when the engine says so, once, and tells the rest to who comes back', async () => {
    const sandbox = await start();
    const peer = await Peer.of(sandbox);
    const id = await peer.create();
    const stream = peer.follow(id);
    await peer.prompt(id, '/demo drop');
    assert.ok((await peer.ended) !== undefined);
    const got = peer.messages(stream);
    const again = await Peer.of(sandbox);
    const next = again.follow(id, got.at(-1)?.id);
    await again.status(id, JobStatus.COMPLETED);
    const rest = again.messages(next);
    const history = (await again.history(id)).map((message) => message.id);
    const known = new Set(got.map((message) => message.id));
    assert.deepEqual([...known, ...rest.map((message) => message.id).filter((one) => !known.has(one))], history);
  });
});
