/**
 * Every scenario of the harness's independent v3 server, driven through src/client/v3 in each of its ways to replay; its own record says what
 * really arrived.
 */

import assert from 'node:assert/strict';
import { createV3Client } from '../../src/client/create-client.ts';
import type { V3Client } from '../../src/client/v3/client.ts';
import { isSecGeminiError } from '../../src/core/errors.ts';
import type { SessionEvent } from '../../src/core/events.ts';
import type { Message } from '../../src/core/model.ts';
import { type Driven, answers, deliveries, drive, outcome } from '../fakes/v1-drive.ts';
import { type ConformanceServer, conformancePython, startConformance } from './conformance-server.ts';
import type { Recorded } from './v3-record.ts';

const python = conformancePython('v3');

for (const replay of python === undefined ? [] : ['after', 'inclusive', 'all'])
  describe(`v3 against the conformance server, replay ${replay}`, function () {
    this.timeout(30_000);
    let server: ConformanceServer;
    let client: V3Client;
    let sessionId: string;

    before(async () => {
      server = await startConformance(python ?? '', 'v3', '--replay', replay);
      client = await createV3Client({ endpoint: server.url, apiKey: server.key, protocol: 'v3', random: () => 0.1 });
    });

    after(async () => {
      await client.close();
      await server.stop();
    });

    beforeEach(async () => {
      sessionId = (await client.createSession({})).id;
    });

    const records = (): Recorded[] => server.records() as unknown as Recorded[];
    const ofSession = (payload: string): Recorded[] =>
      records().filter((record) => record.session_id === sessionId && record.payload === payload);

    /** Runs a prompt to its end; nothing may be sent, shown or lost twice, whatever happened. */
    async function run(text: string): Promise<Driven> {
      const turn = drive(client, sessionId, text);
      await turn.done;
      checkSent(text);
      const ids = turn.state().messages.map((message) => message.id);
      assert.equal(new Set(ids).size, ids.length, 'no message twice');
      assert.equal(turn.events.filter((event) => event.type === 'turnEnd').length, 1);
      return turn;
    }

    function checkSent(text: string): void {
      const prompts = ofSession('prompt_request').filter((record) => record.fields?.prompt === text);
      assert.equal(prompts.length, 1, 'the prompt went out exactly once');
      const repeated = records().filter(
        (record) => record.repeat === true && record.payload !== 'stream_messages_request',
      );
      assert.deepEqual(repeated, [], 'no request went out twice');
    }

    async function sameAsHistory(turn: Driven): Promise<readonly Message[]> {
      const history = await client.history(sessionId);
      assert.deepEqual(
        turn
          .state()
          .messages.map((message) => message.id)
          .filter((id) => !id.startsWith('local:')),
        history.map((message) => message.id),
        'what was streamed is the history',
      );
      return history;
    }

    const until = async (turn: Driven, found: (event: SessionEvent) => boolean): Promise<void> => {
      while (!turn.events.some(found)) await new Promise((resolve) => setImmediate(resolve));
    };

    it('plays the ordinary turn: every everyday type and every render type', async () => {
      const turn = await run('What is this?');
      assert.equal(outcome(turn.events), 'completed');
      assert.deepEqual(deliveries(turn.events), ['sent', 'delivered']);
      assert.deepEqual(answers(turn), ['**Answer** to: What is this?']);
      const { messages } = turn.state();
      for (const kind of [
        'prompt',
        'thinking',
        'toolCall',
        'toolResult',
        'progress',
        'taskList',
        'memory',
        'skillLoaded',
        'notice',
        'sessionName',
      ])
        assert.ok(
          messages.some((message) => message.kind === kind),
          kind,
        );
      assert.deepEqual(
        messages.filter((message) => message.kind === 'agentResponse').map((message) => message.render),
        ['markdown', 'text', 'html', 'graph', 'table', 'timeline', 'json', 'text'],
      );
      const echo = turn.events.find((event) => event.type === 'message' && event.message.kind === 'prompt');
      assert.ok(
        echo?.type === 'message' && echo.replaces === turn.promptId,
        'the echo takes the place of the local prompt',
      );
      assert.ok(turn.events.some((event) => event.type === 'info' && event.info.name === 'What is this?'));
      await sameAsHistory(turn);
      const session = await client.getSession(sessionId);
      assert.equal(session.status, 'completed');
      assert.ok((session.expiresAt ?? 0) > session.createdAt);
      assert.equal(session.usage?.totalTokens, 150);
    });

    it('sends meta as given, without what describes this machine', async () => {
      const events: SessionEvent[] = [];
      const meta = { 'config.harness': 'secgemini-fast', disable_logging: 'true', sys_os: 'linux', sys_cwd: '/srv/x' };
      for await (const event of client.stream(sessionId, { id: 'm', text: '#meta', meta })) events.push(event);
      const response = events.find((event) => event.type === 'message' && event.message.kind === 'response');
      assert.ok(response?.type === 'message');
      assert.deepEqual(JSON.parse(response.message.content), {
        'config.harness': 'secgemini-fast',
        disable_logging: 'true',
      });
      assert.ok(!JSON.stringify(records()).includes('sys_'));
    });

    for (const yes of [true, false])
      it(`hands a confirmation to the user: ${yes ? 'yes' : 'no'}`, async () => {
        const turn = await run('#confirm run_shell');
        assert.equal(outcome(turn.events), 'waiting');
        const request = turn.state().messages.at(-1);
        assert.equal(request?.kind, 'confirmationRequest');
        const waiting = await client.approvals.pending(sessionId);
        assert.equal(waiting?.toolName, 'run_shell');
        assert.deepEqual(waiting?.args, { command: 'id', n: 1, deep: { list: [1, 'two', null, true] } });
        assert.equal(await client.approvals.answer(sessionId, 'no-such-id', true), false);
        assert.equal((await client.approvals.pending(sessionId))?.id, waiting?.id);
        await client.answerConfirmation(sessionId, request?.id ?? '', yes);
        await assert.rejects(client.answerConfirmation(sessionId, request?.id ?? '', yes), (error) =>
          isSecGeminiError(error, 'invalidArgument'),
        );
        const later: SessionEvent[] = [];
        for await (const event of client.listen(sessionId)) later.push(event);
        assert.equal(outcome(later), 'completed');
        const said = later.flatMap((event) => (event.type === 'message' ? [event.message.content] : []));
        assert.ok(said.includes(`The confirmation said: ${yes ? 'yes' : 'no'}`), said.join('\n'));
        assert.equal(await client.approvals.pending(sessionId), undefined);
      });

    it('asks before every tool call once it is told to', async () => {
      await client.approvals.setAlwaysAsk(sessionId, true);
      assert.equal(outcome((await run('hello')).events), 'waiting');
      const waiting = await client.approvals.pending(sessionId);
      assert.equal(waiting?.toolName, 'dns_lookup');
      assert.equal(await client.approvals.answer(sessionId, waiting?.id ?? '', true), true);
      const later: SessionEvent[] = [];
      for await (const event of client.listen(sessionId)) later.push(event);
      assert.equal(outcome(later), 'completed');
    });

    it('answers a clarification by the next prompt', async () => {
      const asked = await run('#clarify');
      assert.equal(outcome(asked.events), 'waiting');
      assert.equal(asked.state().messages.at(-1)?.kind, 'clarificationRequest');
      const answered = await run('the second host');
      assert.equal(outcome(answered.events), 'completed');
      assert.deepEqual(answers(answered), ['You clarified: the second host']);
      assert.deepEqual(deliveries(answered.events), ['sent', 'delivered']);
    });

    it('fails with the service’s words', async () => {
      const failed = await run('#fail');
      const end = failed.events.at(-1);
      assert.ok(end?.type === 'turnEnd' && end.outcome === 'failed');
      assert.equal(end.error?.message, 'The job failed: conformance');
      assert.equal(failed.state().messages.at(-1)?.kind, 'failure');
      const max = await run('#max');
      assert.equal(outcome(max.events), 'failed');
      assert.ok(max.events.some((event) => event.type === 'status' && event.status === 'maxAttemptsExceeded'));
    });

    it('goes on over errors, warnings, logs and debug notes', async () => {
      const turn = await run('#soft');
      assert.equal(outcome(turn.events), 'completed');
      const kinds = turn.state().messages.map((message) => message.kind);
      for (const kind of ['error', 'warning', 'log', 'debug', 'response'] as const)
        assert.ok(kinds.includes(kind), kind);
    });

    it('pauses, resumes and cancels a job, and is refused a second prompt meanwhile', async () => {
      const turn = drive(client, sessionId, '#slow 40 0.05');
      await until(turn, (event) => event.type === 'message' && event.message.kind === 'thinking');
      const second = drive(client, sessionId, 'one more');
      const refused = (await second.done).at(-1);
      assert.ok(refused?.type === 'turnEnd' && refused.outcome === 'failed' && refused.error?.code === 'rateLimited');
      assert.deepEqual(deliveries(second.events), ['sent', 'failed']);
      assert.equal(await client.turns.pause(sessionId), true);
      await until(turn, (event) => event.type === 'status' && event.status === 'paused');
      assert.equal(await client.turns.pause(sessionId), false);
      assert.equal(await client.turns.resume(sessionId), true);
      assert.equal((await client.listSessions()).jobs?.running, 1);
      assert.equal(await client.turns.cancel(sessionId), true);
      assert.equal(outcome(await turn.done), 'stopped');
      checkSent('#slow 40 0.05');
      assert.equal(await client.turns.cancel(sessionId), false);
    });

    it('takes thousands of messages and one huge one', async () => {
      const many = await run('#many 3000');
      assert.equal(many.state().messages.filter((message) => message.kind === 'thinking').length, 3000);
      const huge = await run('#huge');
      assert.equal(answers(huge)[0]?.length, 3_500_000 - (3_500_000 % 16));
    });

    it('skips a message over the limit and stays usable (F11)', async () => {
      const turn = await run('#huge 17000000');
      assert.ok(turn.events.some((event) => event.type === 'notice' && /17 MiB/.test(event.text)));
      assert.deepEqual(answers(turn), []);
      assert.equal(outcome((await run('and now?')).events), 'completed');
    });

    it('stops listening when told to', async () => {
      const turn = drive(client, sessionId, '#nothing 20');
      await until(turn, (event) => event.type === 'delivery' && event.state === 'delivered');
      turn.stop();
      assert.equal(outcome(await turn.done), 'stopped');
      assert.equal(ofSession('cancel_session_request').length, 0, 'listening and cancelling are two things');
      await client.turns.cancel(sessionId);
    });

    it('waits for an answer that comes after the status', async () => {
      const turn = await run('#late 0.3');
      assert.equal(outcome(turn.events), 'completed');
      assert.deepEqual(answers(turn), ['Answer to: #late 0.3']);
      await sameAsHistory(turn);
    });

    it('shows nothing twice and takes the answer that replaces the first', async () => {
      const twice = await run('#dup');
      assert.equal(answers(twice).length, 1);
      const reflected = await run('#reflect');
      assert.equal(outcome(reflected.events), 'completed');
      assert.deepEqual(answers(reflected), ['First draft', 'Answer to: #reflect']);
      assert.equal(reflected.state().messages.at(-1)?.title, 'Self-Reflection: Passed');
    });

    it('survives and shows numbers of the future', async () => {
      const turn = await run('#unknown');
      assert.equal(outcome(turn.events), 'completed');
      const strange = turn.state().messages.find((message) => message.kind === 'unknown');
      assert.deepEqual([strange?.content, strange?.activity], ['message type 99', 'message_type 99']);
      const render = turn.state().messages.find((message) => message.content === 'render type 42');
      assert.deepEqual([render?.render, render?.mimeType], ['unknown', 'application/x-unknown; value=77']);
      assert.ok(turn.events.some((event) => event.type === 'notice' && event.text.includes('(55)')));
    });

    it('routes by req_id, else by session, and drops another session’s', async () => {
      const turn = await run('#route');
      const said = turn.state().messages.map((message) => message.content);
      assert.ok(said.includes('no req_id') && said.includes('no session_id'));
      assert.ok(!said.includes('another session'));
      assert.ok(turn.state().messages.every((message) => message.sessionId === sessionId));
    });

    for (const how of ['#drop', '#drop-finish'])
      it(`comes back after ${how} without loss, repetition or a second prompt`, async () => {
        const turn = await run(how);
        assert.equal(outcome(turn.events), 'completed');
        const connections = turn.events.flatMap((event) => (event.type === 'connection' ? [event.state] : []));
        assert.deepEqual(connections, ['connecting', 'connected', 'reconnecting', 'connected']);
        const before = turn.state().messages.find((message) => message.content === 'Before the drop');
        assert.ok(answers(turn)[0]?.includes(before?.id ?? '?'), 'it came back after the last message that was seen');
        await sameAsHistory(turn);
        const streams = ofSession('stream_messages_request');
        assert.equal(streams[1]?.fields?.last_message_id, before?.id);
        const conn = streams[1]?.conn;
        const order = records().filter((record) => record.conn === conn && record.payload !== undefined);
        assert.deepEqual(
          order.slice(0, 3).map((record) => record.payload),
          ['register_request', 'stream_messages_request', 'list_sessions_request'],
        );
      });

    it('says when the session is gone', async () => {
      const turn = await run('#gone');
      const end = turn.events.at(-1);
      assert.ok(end?.type === 'turnEnd' && end.outcome === 'failed' && end.error?.code === 'notFound');
      assert.ok(turn.events.some((event) => event.type === 'status' && event.status === 'deleted'));
    });

    it('hears what tools without a client say', async () => {
      const turn = await run('#byot conf_add {"a":2}');
      assert.match(answers(turn)[0] ?? '', /no BYOT client is connected/);
      assert.equal(outcome((await run('#byot-resource')).events), 'completed');
    });

    it('picks a running turn up after a reload', async () => {
      const first = drive(client, sessionId, '#slow 12 0.1');
      await until(first, (event) => event.type === 'message' && event.message.content === 'Step 2');
      const reloaded = await createV3Client({ endpoint: server.url, apiKey: server.key, protocol: 'v3' });
      try {
        const known = await reloaded.history(sessionId);
        const later: SessionEvent[] = [];
        const knownIds = new Set(known.map((message) => message.id));
        for await (const event of reloaded.listen(sessionId, { knownIds })) later.push(event);
        assert.equal(outcome(later), 'completed');
        await first.done;
        const picked = later.flatMap((event) => (event.type === 'message' ? [event.message.id] : []));
        const whole = await client.history(sessionId);
        assert.deepEqual(
          [...knownIds, ...picked],
          whole.map((message) => message.id),
        );
      } finally {
        await reloaded.close();
      }
    });

    it('says nothing where nothing ever ran', async () => {
      const events: SessionEvent[] = [];
      for await (const event of client.listen(sessionId)) events.push(event);
      assert.ok(!events.some((event) => event.type === 'turnEnd' || event.type === 'message'));
    });
  });
